"""Parses input items into canonical messages, in order.

The assistant's items of one turn (reasoning, message, calls) become one message, as in the other
dialects. A turn ends at any item of the client's, and at a second message with another ``phase``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    Message,
    NativePart,
    Opaque,
    Part,
    RefusalPart,
    ServerTool,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.content_parts import parse_content, part_texts
from proxy_core.dialects.openai_responses.session import compaction_summary
from proxy_core.dialects.openai_responses.session.stored_state import item_not_found
from proxy_core.dialects.openai_responses.tools import client_tools
from proxy_core.dialects.openai_responses.tools.parse_tools import parse_tools
from proxy_core.dialects.openai_responses.tools.vendor_items import describe_vendor_item
from proxy_core.dialects.shared import opaque_envelope
from proxy_core.dialects.shared.json_members import (
    as_object,
    as_text,
    one_of,
    optional_text,
    refuse,
    required_text,
    wrong_type,
)
from proxy_core.dialects.shared.tool_names import issued_call_id

SUMMARY_BREAK = "\n\n"
"""Separates the parts of a reasoning summary in clients that show one text."""


@dataclass(frozen=True, slots=True)
class ParsedInput:
    """``tools`` are those found among the items (``additional_tools``)."""

    messages: tuple[Message, ...]
    tools: tuple[Tool | ServerTool, ...]


def parse_input(value: object) -> ParsedInput:
    """Parse the ``input`` member. Raises BadRequest naming the invalid member."""
    if isinstance(value, str):
        return ParsedInput((UserMessage((TextPart(value),)),), ())
    if not isinstance(value, list):
        wrong_type("input", "a string or an array", value)
    conversation = _Conversation()
    for i, item in enumerate(value):
        path = f"input[{i}]"
        conversation.add(as_object(item, path), path)
    return ParsedInput(conversation.close(), tuple(conversation.tools))


def item_type(item: Mapping[str, Any], path: str) -> str:
    """Return the item's type; a short-form message and an item reference may omit it."""
    stated = item.get("type")
    if stated is not None:
        return as_text(stated, f"{path}.type")
    if "role" not in item and "id" not in item:
        refuse(f"{path}.type", "this member is required")
    return "message" if "role" in item else "item_reference"


class _Conversation:
    def __init__(self) -> None:
        self.tools: list[Tool | ServerTool] = []
        self._messages: list[Message] = []
        self._turn: list[Part] = []
        self._phase: str | None = None

    def add(self, item: dict[str, Any], path: str) -> None:
        kind = item_type(item, path)
        if kind == "message":
            self._add_message(item, path)
        elif kind in schema.CALL_TYPES:
            self._turn.append(_parse_call(item, path, kind))
        elif kind in schema.CALL_OUTPUT_TYPES:
            self._say(_parse_call_output(item, path, kind))
        elif kind == "reasoning":
            self._turn.append(_parse_reasoning(item, path))
        elif kind == "additional_tools":
            self.tools.extend(parse_tools(item.get("tools"), f"{path}.tools"))
        elif kind == "compaction":
            self._add_compaction(item, path)
        elif (call := client_tools.parse_call(item, kind)) is not None:
            self._turn.append(call)
        elif (output := client_tools.parse_output(item, kind)) is not None:
            self._find_tools(item, path, kind)
            self._say(output)
        elif kind == "item_reference":
            raise item_not_found(item.get("id"))
        elif kind.endswith("_output") or kind in schema.USER_SIDE_ITEMS:
            self._find_tools(item, path, kind)
            self._say(UserMessage((_native(item, kind),)))
        else:
            self._turn.append(_native(item, kind))

    def _find_tools(self, item: dict[str, Any], path: str, kind: str) -> None:
        """Offer the tools that a search found, unless they are offered already."""
        offered = {(tool.name, tool.namespace) for tool in self.tools if isinstance(tool, Tool)}
        for tool in parse_tools(client_tools.found_tools(item, kind), f"{path}.tools"):
            if isinstance(tool, Tool) and (tool.name, tool.namespace) not in offered:
                self.tools.append(replace(tool, is_found=True))

    def close(self) -> tuple[Message, ...]:
        self._end_turn()
        return tuple(self._messages)

    def _add_message(self, item: dict[str, Any], path: str) -> None:
        role = one_of(required_text(item, "role", path), schema.ROLES, f"{path}.role")
        content = parse_content(item, "content", path)
        if role == "assistant":
            self._add_assistant(content, _parse_phase(item, path))
        elif role == "user":
            self._say(UserMessage(content))
        else:
            self._say(SystemMessage(content, SystemRole(role)))

    def _add_assistant(self, content: tuple[Part, ...], phase: str | None) -> None:
        has_call = any(isinstance(each, ToolCallPart) for each in self._turn)
        has_text = any(isinstance(each, (TextPart, RefusalPart)) for each in self._turn)
        # A turn with pending calls is not split: no dialect allows another turn in between.
        if has_text and not has_call and phase != self._phase:
            self._end_turn()
            has_text = False
        if not has_text:
            self._phase = phase
        self._turn.extend(content)

    def _add_compaction(self, item: dict[str, Any], path: str) -> None:
        packed = required_text(item, "encrypted_content", path)
        summary = compaction_summary.unpack_summary(packed)
        if summary is None:
            self._turn.append(_native(item, "compaction"))
        else:
            self._say(UserMessage((TextPart(compaction_summary.summary_as_context(summary)),)))

    def _say(self, message: Message) -> None:
        self._end_turn()
        self._messages.append(message)

    def _end_turn(self) -> None:
        if self._turn:
            self._messages.append(AssistantMessage(tuple(self._turn), phase=self._phase))
        self._turn = []
        self._phase = None


def _parse_phase(item: dict[str, Any], path: str) -> str | None:
    phase = optional_text(item, "phase", path)
    return phase and one_of(phase, schema.PHASES, f"{path}.phase")


def _parse_call(item: dict[str, Any], path: str, kind: str) -> ToolCallPart:
    is_custom = kind == "custom_tool_call"
    return ToolCallPart(
        id=issued_call_id(required_text(item, "call_id", path)),
        name=required_text(item, "name", path),
        arguments=_arguments(item, "input" if is_custom else "arguments", path),
        kind=ToolKind.CUSTOM if is_custom else ToolKind.FUNCTION,
        namespace=optional_text(item, "namespace", path),
    )


def _parse_call_output(item: dict[str, Any], path: str, kind: str) -> ToolResultMessage:
    return ToolResultMessage(
        tool_call_id=issued_call_id(required_text(item, "call_id", path)),
        content=parse_content(item, "output", path) if item.get("output", "") is not None else (),
        kind=ToolKind.CUSTOM if kind == "custom_tool_call_output" else ToolKind.FUNCTION,
        tool_name=optional_text(item, "name", path),
    )


def _parse_reasoning(item: dict[str, Any], path: str) -> ThinkingPart:
    summary = part_texts(item.get("summary"), f"{path}.summary")
    content = part_texts(item.get("content"), f"{path}.content")
    shown = SUMMARY_BREAK.join(summary or content)
    encrypted = optional_text(item, "encrypted_content", path)
    if encrypted is None:
        return ThinkingPart(shown)
    return ThinkingPart(shown, reasoning_opaque(item, encrypted))


def reasoning_opaque(item: Mapping[str, Any], encrypted: str, model: str | None = None) -> Opaque:
    """Return the opaque data of a reasoning item, with the members that must be returned with it.

    ``model`` is the model that has just issued it, or None for an item sent back by a client.
    ``extra`` holds the id of this content, and the item's parts if the joined text could not be
    split again.
    """
    opaque = opaque_envelope.unpack(
        encrypted, DialectName.OPENAI_RESPONSES, schema.KIND_ENCRYPTED_CONTENT
    )
    if encrypted.startswith(opaque_envelope.PREFIX):
        return opaque
    extra = []
    item_id = item.get("id")
    # A client may send back the id of Copilot's first event with the content of its last.
    is_issued_now = model is not None
    if isinstance(item_id, str) and (
        is_issued_now or schema.is_replayable_id("reasoning", item_id)
    ):
        extra.append(("id", item_id))
    summary = item.get("summary")
    if isinstance(summary, list) and len(summary) > 1:
        extra.append(("summary", msgspec.json.encode(summary).decode()))
    if item.get("content"):
        extra.append(("content", msgspec.json.encode(item["content"]).decode()))
    return replace(opaque, model=model, extra=tuple(extra))


def _native(item: dict[str, Any], kind: str) -> NativePart:
    return NativePart(
        Opaque(DialectName.OPENAI_RESPONSES, kind, msgspec.json.encode(item).decode()),
        describe_vendor_item(item, kind),
    )


def _arguments(item: dict[str, Any], member: str, path: str) -> str:
    """Return a call's arguments; some clients store null for a call without any."""
    return "" if member in item and item[member] is None else required_text(item, member, path)
