"""Long conversations with tools in each dialect, and what is done with one before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS
from proxy_core.routing.call_plan import plan_call
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.request_fitting import RequestFitter
from proxy_core.server.http.request_body import decode_members

SENTENCE = 'Read "src/main.py", then run it. \u00fc\u4e2d '
TEXT = SENTENCE * 20
CHAT, MESSAGES, RESPONSES = (
    DialectName.OPENAI_CHAT,
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_RESPONSES,
)
_SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
_MESSAGES_A_TURN = 4


def _chat(number: int, text: str) -> list[dict[str, Any]]:
    call = {"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return [
        {"role": "user", "content": text},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"c{number}", "content": text},
        {"role": "assistant", "content": text},
    ]


def _messages(number: int, text: str) -> list[dict[str, Any]]:
    block = {"type": "text", "text": text}
    return [
        {"role": "user", "content": [block]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": f"c{number}", "name": "f", "input": {}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": f"c{number}", "content": text}],
        },
        {"role": "assistant", "content": [block]},
    ]


def _responses(number: int, text: str) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": [{"type": "input_text", "text": text}]},
        {"type": "function_call", "call_id": f"c{number}", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": f"c{number}", "output": text},
        {"role": "assistant", "content": [{"type": "output_text", "text": text}]},
    ]


_SPOKEN = {CHAT: _chat, MESSAGES: _messages, RESPONSES: _responses}
_TOOLS: dict[DialectName, dict[str, Any]] = {
    CHAT: {"type": "function", "function": {"name": "f", "parameters": _SCHEMA}},
    MESSAGES: {"name": "f", "input_schema": _SCHEMA},
    RESPONSES: {"type": "function", "name": "f", "parameters": _SCHEMA, "strict": False},
}
_UPSTREAM = {
    CHAT: ("OpenAI", Endpoint.CHAT_COMPLETIONS),
    MESSAGES: ("Anthropic", Endpoint.MESSAGES),
    RESPONSES: ("OpenAI", Endpoint.RESPONSES),
}


def conversation(client: DialectName, messages: int, text: str = TEXT) -> bytes:
    """Return a body whose last message is the user's, about ``messages`` of them in all."""
    turns = messages // _MESSAGES_A_TURN
    said = [each for number in range(turns) for each in _SPOKEN[client](number, text)]
    said += _SPOKEN[client](turns, text)[:1]
    body: dict[str, Any] = {"model": "m", "tools": [_TOOLS[client]]}
    body["input" if client is RESPONSES else "messages"] = said
    if client is MESSAGES:
        body["max_tokens"] = 9
    return msgspec.json.encode(body)


def planning(client: DialectName, spoken: DialectName, sent: bytes) -> Callable[[], object]:
    """Return what is done with a body, from its bytes to what is sent to a model that speaks
    ``spoken``."""
    vendor, endpoint = _UPSTREAM[spoken]
    supports = Supports(tool_calls=True, vision=True)
    model = Model(
        "m", "M", vendor, endpoints=(endpoint,), supports=supports, limits=Limits(output=9_000)
    )
    fitter = RequestFitter(ThinkingCache())

    def plan() -> object:
        members = decode_members(sent)
        planned = plan_call(members, {}, DIALECTS[client], DIALECTS, (model,), "r")
        return fitter.fit(planned)

    return plan
