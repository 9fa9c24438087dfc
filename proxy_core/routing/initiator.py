"""Decides whether a person or a program made a call (``X-Initiator``). Pure.

GitHub counts a person's calls. A header may turn a user's call into an agent's, never the reverse:
a call inside a tool loop stays an agent's. A client's statement comes first; background requests of
clients that state nothing are recognised by their form, declared in a table. An unknown client's
request is a person's if a user's text is its last turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.errors import BadRequest
from proxy_core.routing.upstream_api import Initiator
from proxy_core.status.plain_text import one_line

SYSTEM_NOTIFICATION = "[SYSTEM NOTIFICATION - NOT USER INPUT]"
"""Beginning of Claude Code 2.1.332's message to its model about a finished background agent."""

_SUBAGENT_HEADERS = ("x-claude-code-agent-id", "x-openai-subagent")
"""Claude Code and Codex send these only with requests of their subagents."""

_CODEX_METADATA = "x-codex-turn-metadata"
_NOTHING_STATED: Mapping[str, Any] = MappingProxyType({})
_CODEX_ASKED_BY_A_PERSON = {"request_kind": "turn", "thread_source": "user"}
_CLAUDE_CLASS = "x-claude-code-request-class"
_CLAUDE_MAIN = "main"
_CLASSIFIER_STOP = "</block>"
"""Stop sequence of Claude Code's auto mode, which asks a model whether a command is safe."""


@dataclass(frozen=True, slots=True)
class InitiatorVerdict:
    """``why`` is for the activity record; empty where the last turn alone decides."""

    initiator: Initiator
    why: str = ""


Sign = Callable[[Mapping[str, str], Mapping[str, Any]], str]
"""Returns why the call is not a person's, or an empty text if it gives no such sign."""


def decide_initiator(
    headers: Mapping[str, str], members: Mapping[str, Any], *, is_user_turn: bool
) -> InitiatorVerdict:
    """Return who made the call.

    ``headers`` are case-insensitive, ``members`` may be raw JSON. ``is_user_turn``: a user's text
    is the last turn, as read by the dialect.
    """
    if not is_user_turn:
        return InitiatorVerdict(Initiator.AGENT)
    for sign in _signs_of(headers.get("User-Agent", "")):
        why = sign(headers, members)
        if why:
            return InitiatorVerdict(Initiator.AGENT, why)
    return InitiatorVerdict(Initiator.USER)


def _says_agent(headers: Mapping[str, str], _: Mapping[str, Any]) -> str:
    """The Copilot CLI sends upstream's own header."""
    is_agent = headers.get("x-initiator", "").strip().lower() == "agent"
    return "the client says so (x-initiator)" if is_agent else ""


def _is_a_subagents(headers: Mapping[str, str], _: Mapping[str, Any]) -> str:
    for name in _SUBAGENT_HEADERS:
        if name in headers:
            return "a subagent asks"
    return ""


def _codex_states_otherwise(headers: Mapping[str, str], members: Mapping[str, Any]) -> str:
    """Over a WebSocket the headers are the handshake's; each frame carries its own in the body."""
    stated = _codex_metadata(headers, members)
    for name, of_a_person in _CODEX_ASKED_BY_A_PERSON.items():
        value = stated.get(name)
        if isinstance(value, str) and value and value != of_a_person:
            return f"Codex's {name.replace('_', ' ')} is {_word(value)}"
    return ""


def codex_turn(headers: Mapping[str, str], members: Mapping[str, Any]) -> str:
    """Return the id of Codex's turn that a request belongs to, empty if it states none."""
    stated = _codex_metadata(headers, members)
    turn = stated.get("turn_id")
    return turn if isinstance(turn, str) else ""


def _claude_code_states_otherwise(headers: Mapping[str, str], _: Mapping[str, Any]) -> str:
    stated = headers.get(_CLAUDE_CLASS, "").strip().lower()
    if not stated or stated == _CLAUDE_MAIN:
        return ""
    return f"Claude Code's request class is {_word(stated)}"


def _claude_code_in_the_background(headers: Mapping[str, str], members: Mapping[str, Any]) -> str:
    """Without the hint header: titles ask for a schema, the classifier has a stop; neither has tools."""
    if _CLAUDE_CLASS in headers or _has_tools(members):
        return ""
    config = _value(members, "output_config")
    if isinstance(config, dict) and config.get("format"):
        return "Claude Code's own title or summary"
    stops = _value(members, "stop_sequences")
    is_classifier = isinstance(stops, list) and _CLASSIFIER_STOP in stops
    return "Claude Code's safety check" if is_classifier else ""


def _claude_code_was_notified(_: Mapping[str, str], members: Mapping[str, Any]) -> str:
    """Also in the class ``main``: Claude Code continues by itself when a background agent ends."""
    raw = members.get("messages")
    if isinstance(raw, msgspec.Raw) and SYSTEM_NOTIFICATION.encode() not in bytes(raw):
        return ""
    words = _last_words(_value(members, "messages"))
    is_notice = words is not None and words.lstrip().startswith(SYSTEM_NOTIFICATION)
    return "a background agent of Claude Code's ended" if is_notice else ""


def _without_tools(headers: Mapping[str, str], members: Mapping[str, Any]) -> str:
    """For agents whose main requests always have tools: one without is a title or a suggestion."""
    agent = headers.get("User-Agent", "").strip().lower()
    for start, why in _AGENTS_WITH_TOOLS.items():
        if agent.startswith(start) and not _has_tools(members):
            return why
    return ""


_AGENTS_WITH_TOOLS = {
    "opencode/": "opencode's own title",
    "qwencode/": "Qwen Code's own suggestion",
}
_OF_ANY_PROGRAM: tuple[Sign, ...] = (
    _says_agent,
    _is_a_subagents,
    _codex_states_otherwise,
    _claude_code_states_otherwise,
)
_OF_CLAUDE_CODE: tuple[Sign, ...] = (_claude_code_in_the_background, _claude_code_was_notified)


@lru_cache(maxsize=64)
def _signs_of(user_agent: str) -> tuple[Sign, ...]:
    """Return what is looked for in the requests of a program, in order."""
    agent = user_agent.strip().lower()
    if agent.startswith("claude-cli/"):
        return _OF_ANY_PROGRAM + _OF_CLAUDE_CODE
    if agent.startswith(tuple(_AGENTS_WITH_TOOLS)):
        return (*_OF_ANY_PROGRAM, _without_tools)
    return _OF_ANY_PROGRAM


def _value(members: Mapping[str, Any], name: str) -> Any:
    try:
        return decode_raw(members, name)
    except BadRequest:
        return None  # the request's parser reports the error


def _has_tools(members: Mapping[str, Any]) -> bool:
    value = members.get("tools")
    if isinstance(value, msgspec.Raw):
        return bytes(value).strip() not in (b"", b"[]", b"null")
    return bool(value)


def _codex_metadata(headers: Mapping[str, str], members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what Codex states of its turn, in the body or in a header; nothing for other clients."""
    if "client_metadata" in members:
        stated = _value(members, "client_metadata")
        own = stated.get(_CODEX_METADATA) if isinstance(stated, dict) else None
        if isinstance(own, str) and (found := _json_object(own)):
            return found
    text = headers.get(_CODEX_METADATA)
    return _json_object(text) if text else _NOTHING_STATED


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _last_words(messages: object) -> str | None:
    """Return the text a conversation ends with, without the client's reminders before it."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    if isinstance(content, str):
        return content
    texts = (
        [each.get("text") for each in content if isinstance(each, dict)]
        if isinstance(content, list)
        else []
    )
    return next((each for each in reversed(texts) if isinstance(each, str)), None)


def _word(value: str) -> str:
    return one_line(value[:40])
