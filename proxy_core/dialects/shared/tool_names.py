"""Makes tools' names and ids valid for a wire dialect, and maps them back in the response.

Every mapping is a pure function of the name or id, so a call and its result agree without any
state, and a writer restores the client's names from the request's tools. Names are the same for all
dialects: letters, digits, ``_`` and ``-``, at most 64 characters.

A custom tool (free text) becomes, in a dialect without such tools, a function with one member,
``input``, which is the text; its namespace becomes part of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from proxy_core.canonical.request import Opaque, Request, ServerTool, Tool, ToolKind
from proxy_core.copilot_facts.limits import TOOL_NAME_LENGTH

MAX_NAME_LENGTH = TOOL_NAME_LENGTH.value
_HASH_LENGTH = 10
_ILLEGAL = re.compile(r"[^a-zA-Z0-9_-]")

FREE_TEXT_SCHEMA = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The tool's whole input as text."}},
    "required": ["input"],
    "additionalProperties": False,
}
"""Parameters of a custom tool in a dialect that has only functions."""


UNPARSED_ARGUMENTS = "_unparsed_arguments"
"""The one member of ``input`` when a model's arguments are not a JSON object.

The dialect can express only objects. An empty one would be acted on wrongly; with this member a
client that validates the tool's schema reports the error, including the text, to the model. When
sent back, the member is converted to the same text.
"""


def free_text_description(tool: Tool) -> str | None:
    """Return a custom tool's description including its grammar, which the dialect cannot enforce."""
    grammar = tool.grammar
    if grammar is not None and "definition" not in grammar:
        grammar = grammar.get("grammar")  # Chat nests the two one level deeper.
    if not isinstance(grammar, Mapping) or not grammar.get("definition"):
        return tool.description
    syntax, definition = grammar.get("syntax") or "", grammar["definition"]
    grammar_intro = f"The input is no JSON: it is plain text that must match this {syntax} grammar:"
    text = f"{grammar_intro}\n{definition}"
    return f"{tool.description}\n\n{text}" if tool.description else text


class _FreeText(msgspec.Struct):
    input: str


_free_text_decoder = msgspec.json.Decoder(_FreeText)
_members_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def wire_name(name: str, namespace: str | None = None) -> str:
    """Return a name every dialect accepts: the same one, unless it must change."""
    whole = f"{namespace}__{name}" if namespace else name
    return _legal(whole, MAX_NAME_LENGTH)


def wire_call_id(call_id: str, max_length: int = MAX_NAME_LENGTH) -> str:
    """Return a call id of letters, digits, ``_`` and ``-``: the same one, unless it must change.

    Anthropic's pattern is ``^[a-zA-Z0-9_-]+$`` and OpenAI's limit 40 to 64 characters; ids of other
    issuers (``functions.read:0``, ``call_1|fc_2``) hold anything.
    """
    return _legal(call_id, max_length)


_VIA = "via_"
_ANTHROPICS = "toolu_"
_OPENAIS = ("call_", "chatcmpl-tool")
_SHOWN = (_ANTHROPICS + _VIA, _OPENAIS[0] + _VIA)


def anthropic_call_id(call_id: str) -> str:
    """Return another vendor's call id in the form for a Messages client: clients recognise
    ``toolu_`` ids by their prefix. ``issued_call_id`` undoes it.
    """
    legal = wire_call_id(call_id)
    return legal if legal.startswith(_ANTHROPICS) else f"{_ANTHROPICS}{_VIA}{legal}"


def openai_call_id(call_id: str) -> str:
    """The same for clients of OpenAI's dialects, whose ids begin with ``call_``."""
    return call_id if call_id.startswith(_OPENAIS) else f"{_OPENAIS[0]}{_VIA}{call_id}"


def issued_call_id(call_id: str) -> str:
    """Return the id as the model issued it, from what a client sends back."""
    for shown in _SHOWN:
        if call_id.startswith(shown):
            return call_id[len(shown) :]
    return call_id


def _legal(text: str, max_length: int) -> str:
    # re's $ would allow a trailing line end, so search for any invalid character instead.
    if text and len(text) <= max_length and not _ILLEGAL.search(text):
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    head = _ILLEGAL.sub("_", text)[: max_length - _HASH_LENGTH - 1]
    return f"{head}_{digest}"


@dataclass(frozen=True, slots=True)
class ToolIdentity:
    """What the client calls a tool."""

    name: str
    namespace: str | None = None
    kind: ToolKind = ToolKind.FUNCTION
    native: Opaque | None = None
    """The tool in the client's dialect, if it is not a function there."""


class ToolNames:
    """Finds a request's tools by their wire names."""

    __slots__ = ("_by_wire_name",)

    def __init__(self, tools: Iterable[Tool | ServerTool] = ()) -> None:
        self._by_wire_name = {
            wire_name(tool.name, tool.namespace): ToolIdentity(
                tool.name, tool.namespace, tool.kind, tool.native
            )
            for tool in tools
            if isinstance(tool, Tool)
        }

    @classmethod
    def of(cls, request: Request | None) -> ToolNames:
        return cls(request.context.tools if request is not None else ())

    def original(self, name: str) -> ToolIdentity | None:
        """Return the client's tool, or None for a name the client never offered."""
        return self._by_wire_name.get(name)


def wrap_free_text(text: str) -> str:
    """Return a custom tool's input as the arguments of the function that represents it."""
    return msgspec.json.encode({"input": text}).decode()


def unwrap_free_text(arguments: str) -> str:
    """Undo ``wrap_free_text``; arguments of any other form are returned as the text."""
    try:
        return _free_text_decoder.decode(arguments).input
    except msgspec.DecodeError:
        return arguments


def object_arguments(arguments: str) -> Any:
    """Return a call's arguments as raw JSON, in the model's own spelling, for clients that have them as
    an object; None if the text is none. No text at all is an empty object.
    """
    if not arguments.strip():
        return {}
    try:
        _members_decoder.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        return None
    return msgspec.Raw(arguments.encode())


def unparsed_arguments(arguments: str) -> dict[str, str]:
    """Return the object that stands for a text that is none (``UNPARSED_ARGUMENTS``)."""
    return {UNPARSED_ARGUMENTS: arguments}
