"""How much work a long conversation is: calls of functions, the same on every machine.

A message that needs nothing costs a few calls; a further rule that looks at each of them is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS
from proxy_core.routing.call_plan import plan_call
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.request_fitting import RequestFitter
from proxy_core.server.http.request_body import decode_members
from tests.benchmarks.test_call_counts import calls_of

TEXT = 'Read "src/main.py", then run it. \u00fc\u4e2d ' * 20
CHAT, MESSAGES, RESPONSES = (
    DialectName.OPENAI_CHAT,
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_RESPONSES,
)


def chat(number: int) -> list[dict[str, Any]]:
    call = {"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return [
        {"role": "user", "content": TEXT},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"c{number}", "content": TEXT},
        {"role": "assistant", "content": TEXT},
    ]


def messages(number: int) -> list[dict[str, Any]]:
    text = {"type": "text", "text": TEXT}
    return [
        {"role": "user", "content": [text]},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": f"c{number}", "name": "f", "input": {}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": f"c{number}", "content": TEXT}],
        },
        {"role": "assistant", "content": [text]},
    ]


def responses(number: int) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": [{"type": "input_text", "text": TEXT}]},
        {"type": "function_call", "call_id": f"c{number}", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": f"c{number}", "output": TEXT},
        {"role": "assistant", "content": [{"type": "output_text", "text": TEXT}]},
    ]


SPOKEN = {CHAT: chat, MESSAGES: messages, RESPONSES: responses}
UPSTREAM = {
    CHAT: ("OpenAI", Endpoint.CHAT_COMPLETIONS),
    MESSAGES: ("Anthropic", Endpoint.MESSAGES),
    RESPONSES: ("OpenAI", Endpoint.RESPONSES),
}


def planning(client: DialectName, spoken: DialectName, turns: int) -> Callable[[], object]:
    """Return what is done with a body of four messages a turn, from its bytes to what is sent."""
    vendor, endpoint = UPSTREAM[spoken]
    supports = Supports(tool_calls=True, vision=True)
    model = Model(
        "m", "M", vendor, endpoints=(endpoint,), supports=supports, limits=Limits(output=9_000)
    )
    said: list[dict[str, Any]] = []
    for number in range(turns):
        said += SPOKEN[client](number)
    said += SPOKEN[client](turns)[:1]
    body = {"model": "m", "max_tokens": 9, ("input" if client is RESPONSES else "messages"): said}
    if client is not MESSAGES:
        del body["max_tokens"]
    sent = msgspec.json.encode(body)
    fitter = RequestFitter(ThinkingCache())

    def plan() -> object:
        members = decode_members(sent)
        planned = plan_call(members, {}, DIALECTS[client], DIALECTS, (model,), "r")
        return fitter.fit(planned)

    return plan


@pytest.mark.parametrize(
    ("client", "spoken", "most"),
    [
        pytest.param(CHAT, CHAT, 7, id="chat"),
        pytest.param(MESSAGES, MESSAGES, 21, id="messages"),
        pytest.param(RESPONSES, RESPONSES, 7, id="responses"),
        pytest.param(MESSAGES, CHAT, 140, id="messages to chat"),
        pytest.param(CHAT, MESSAGES, 138, id="chat to messages"),
        pytest.param(RESPONSES, CHAT, 121, id="responses to chat"),
    ],
)
def test_a_message_of_a_long_conversation_costs_no_more_calls_than_it_did(
    client: DialectName, spoken: DialectName, most: int
) -> None:
    few, many = planning(client, spoken, 100), planning(client, spoken, 200)
    few()
    a_message = (calls_of(many) - calls_of(few)) / 400
    assert a_message <= most, f"{a_message:.1f} calls a message"
