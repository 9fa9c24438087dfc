"""How much work a long conversation is: calls of functions, the same on every machine, and CPU beside
that of its decoding and encoding.

A message that needs nothing costs a few calls; a further rule that looks at each of them is seen.
"""

from __future__ import annotations

import pytest

from proxy_core.canonical.request import DialectName
from tests.benchmarks.bodies import PAIRS, coding_seconds, least_seconds
from tests.benchmarks.conversations import (
    CHAT,
    MESSAGES,
    RESPONSES,
    conversation,
    planning,
)
from tests.benchmarks.test_call_counts import calls_of

RECORDED = {
    "chat": 1.9,
    "messages": 2.0,
    "responses": 1.7,
    "messages to chat": 7.8,
    "chat to messages": 7.8,
    "responses to chat": 7.9,
}
"""CPU beside that of decoding and encoding the same body, of 29 November 2026."""
GROSS = 3.0
ROUNDS = 6


@pytest.mark.parametrize(
    ("client", "spoken", "most"),
    [
        pytest.param(CHAT, CHAT, 7, id="chat"),
        pytest.param(MESSAGES, MESSAGES, 10, id="messages"),
        pytest.param(RESPONSES, RESPONSES, 7, id="responses"),
        pytest.param(MESSAGES, CHAT, 100, id="messages to chat"),
        pytest.param(CHAT, MESSAGES, 84, id="chat to messages"),
        pytest.param(RESPONSES, CHAT, 91, id="responses to chat"),
    ],
)
def test_a_message_of_a_long_conversation_costs_no_more_calls_than_it_did(
    client: DialectName, spoken: DialectName, most: int
) -> None:
    few, many = (planning(client, spoken, conversation(client, n)) for n in (400, 800))
    few()
    a_message = (calls_of(many) - calls_of(few)) / 400
    assert a_message <= most, f"{a_message:.1f} calls a message"


@pytest.mark.parametrize("name", RECORDED)
def test_a_large_body_takes_no_multiple_of_its_coding_that_it_did_not(name: str) -> None:
    client, spoken = PAIRS[name]
    sent = conversation(client, 600)
    plan = planning(client, spoken, sent)
    plan()  # modules are loaded
    ratio = least_seconds(plan, ROUNDS) / coding_seconds(sent, ROUNDS)
    assert ratio <= GROSS * RECORDED[name], f"{ratio:.1f} times, recorded {RECORDED[name]}"
