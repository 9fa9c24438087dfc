"""One request as the line that starts it in the Node process. Pure.

The library writes the conversation and the tools; every other member of the body goes to upstream as
the proxy made it, so what it adds unasked (``store``, ``max_tokens``, cache marks) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.upstream.backends.pi_ai.context import chat, messages, responses
from proxy_core.upstream.backends.pi_ai.context.members import is_text
from proxy_core.upstream.backends.pi_ai.context.raws import Raws
from proxy_core.upstream.backends.pi_ai.context.turns import library_messages
from proxy_core.upstream.backends.pi_ai.failures import cannot_carry

LIBRARY = -1
"""In a job's ``members``: the library's own value of this member."""
APIS: Mapping[Endpoint, str] = {
    Endpoint.CHAT_COMPLETIONS: "openai-completions",
    Endpoint.RESPONSES: "openai-responses",
    Endpoint.MESSAGES: "anthropic-messages",
}
_BASE_SUFFIX: Mapping[Endpoint, str] = {
    Endpoint.CHAT_COMPLETIONS: "/chat/completions",
    Endpoint.RESPONSES: "/responses",
    Endpoint.MESSAGES: "/v1/messages",
}
_DIALECTS = {
    Endpoint.CHAT_COMPLETIONS: chat,
    Endpoint.RESPONSES: responses,
    Endpoint.MESSAGES: messages,
}
_CLIENT_RUN: Mapping[Endpoint, tuple[str, ...]] = {
    Endpoint.CHAT_COMPLETIONS: ("function",),
    Endpoint.RESPONSES: ("function",),
    Endpoint.MESSAGES: ("custom", "bash_", "text_editor_", "computer_", "memory_"),
}
"""Beginnings of tool types whose calls come back in a form that the library reads."""
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Outbound:
    """What is sent: address, headers (the token among them) and body."""

    endpoint: Endpoint
    url: str
    headers: Mapping[str, str]
    body: bytes


def endpoint_of(url: str) -> Endpoint:
    """Return the endpoint that ``url`` names. Raises BadRequest for any other path."""
    path = url.partition("?")[0]
    for endpoint, suffix in _BASE_SUFFIX.items():
        if path.endswith(suffix):
            return endpoint
    raise cannot_carry("this path")


def job_line(number: int, sent: Outbound, mark: str) -> bytes:
    """Return the line of a request. Raises BadRequest for what the library cannot carry."""
    members = _read_members(sent.body)
    raws = Raws(mark)
    _check(members, sent.endpoint)
    context, own, developer = _context(members, sent.endpoint, raws)
    job = {
        "op": "stream",
        "id": number,
        "api": APIS[sent.endpoint],
        "model": msgspec.json.decode(members["model"]),
        "url": sent.url,
        "baseUrl": sent.url.partition("?")[0].removesuffix(_BASE_SUFFIX[sent.endpoint]),
        "headers": dict(sent.headers),
        "key": _key(sent.headers),
        "developer": developer,
        "context": context,
        "members": [
            (name, LIBRARY if name in own else raws.number(bytes(raw).decode()))
            for name, raw in members.items()
        ],
        "mark": raws.mark,
        "raws": raws.texts,
        "hasGrafts": raws.has_grafts,
    }
    return msgspec.json.encode(job) + b"\n"


def _key(headers: Mapping[str, str]) -> str:
    """Return the bearer: the library wants a key of its own, though the headers are ours."""
    value = next((v for name, v in headers.items() if name.lower() == "authorization"), "")
    return value.partition(" ")[2]


def _context(
    members: Mapping[str, msgspec.Raw], endpoint: Endpoint, raws: Raws
) -> tuple[dict[str, Any], set[str], bool]:
    """Return the context, the members the library writes, and whether it instructs as developer."""
    dialect = _DIALECTS[endpoint]
    name = "input" if endpoint is Endpoint.RESPONSES else "messages"
    context: dict[str, Any] = {"messages": []}
    own: set[str] = set()
    developer = False
    if bytes(members.get(name, b"")).startswith(b"["):
        own.add(name)
        turns = [bytes(each).decode() for each in _read_list(members[name])]
        read = [msgspec.json.decode(each) for each in turns]
        start = 0
        if endpoint is not Endpoint.MESSAGES and read:
            leading = (chat if endpoint is Endpoint.CHAT_COMPLETIONS else responses).instruction(
                read[0]
            )
            if leading is not None:
                start = 1
                developer = leading[0] == "developer"
                context["systemPrompt"] = leading[1]
        context["messages"] = library_messages(
            [
                dialect.turn_of(raw, turn, raws)
                for raw, turn in zip(turns[start:], read[start:], strict=True)
            ],
            raws,
            joins_results=endpoint is Endpoint.MESSAGES,
            joins_turns=endpoint is Endpoint.RESPONSES,
        )
    if endpoint is Endpoint.MESSAGES and "system" in members:
        system = msgspec.json.decode(members["system"])
        if is_text(system):
            own.add("system")
            context["systemPrompt"] = system
    if "tools" in members:
        said = [dialect.tool_of(each) for each in _tools(members)]
        if said and None not in said:
            own.add("tools")
            context["tools"] = said
    return context, own, developer


def _check(members: Mapping[str, msgspec.Raw], endpoint: Endpoint) -> None:
    """Raise BadRequest for what would come back incomplete: the library reads one answer, of texts,
    thinking and calls of functions.
    """
    if endpoint is Endpoint.CHAT_COMPLETIONS:
        if _value(members, "n") not in (None, 1):
            raise cannot_carry("several answers at once (n)")
        if _value(members, "audio") is not None:
            raise cannot_carry("audio")
    if _value(members, "logprobs") or _value(members, "top_logprobs"):
        raise cannot_carry("logprobs")
    for tool in _tools(members):
        kind = str(tool.get("type", "custom")) if isinstance(tool, dict) else "?"
        if not kind.startswith(_CLIENT_RUN[endpoint]):
            raise cannot_carry(f"a tool of type {kind}")


def _tools(members: Mapping[str, msgspec.Raw]) -> list[Any]:
    """Return the tools; none where the member is something else, which upstream refuses."""
    tools = _value(members, "tools")
    return tools if isinstance(tools, list) else []


def _value(members: Mapping[str, msgspec.Raw], name: str) -> Any:
    return msgspec.json.decode(members[name]) if name in members else None
