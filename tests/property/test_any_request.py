"""Requests keep all they say through their own dialect, and through another what both can say."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given

from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    ImagePart,
    Request,
    TextPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.registry import dialect
from tests.property.request_strategies import ABLE_MODEL, chat_requests, messages_requests

CHAT = dialect(DialectName.OPENAI_CHAT)
MESSAGES = dialect(DialectName.ANTHROPIC_MESSAGES)


def sent(body: dict[str, Any]) -> dict[str, Any]:
    """The body as it arrives: nothing survives that JSON does not carry."""
    result: dict[str, Any] = json.loads(json.dumps(body))
    return result


@given(chat_requests())
def test_a_chat_request_survives_its_own_dialect(request: Request) -> None:
    rendered = CHAT.render_request(request, ABLE_MODEL)
    assert rendered.dropped == ()
    assert CHAT.parse_request(sent(rendered.body)) == request


@given(messages_requests())
def test_a_messages_request_survives_its_own_dialect(request: Request) -> None:
    rendered = MESSAGES.render_request(request, ABLE_MODEL)
    assert rendered.dropped == ()
    assert MESSAGES.parse_request(sent(rendered.body)) == request


@given(chat_requests())
def test_a_chat_body_that_was_rendered_is_rendered_again_the_same(request: Request) -> None:
    body = sent(CHAT.render_request(request, ABLE_MODEL).body)
    assert sent(CHAT.render_request(CHAT.parse_request(body), ABLE_MODEL).body) == body


@given(messages_requests())
def test_a_messages_body_that_was_rendered_is_rendered_again_the_same(request: Request) -> None:
    body = sent(MESSAGES.render_request(request, ABLE_MODEL).body)
    assert sent(MESSAGES.render_request(MESSAGES.parse_request(body), ABLE_MODEL).body) == body


def both_can_say(request: Request) -> list[tuple[Any, ...]]:
    """The conversation, turn by turn, in what either dialect can carry."""
    told: list[tuple[Any, ...]] = []
    for message in request.context.messages:
        if isinstance(message, AssistantMessage):
            text = "".join(p.text for p in message.content if isinstance(p, TextPart))
            calls = [
                (p.id, p.name, json.loads(p.arguments))
                for p in message.content
                if isinstance(p, ToolCallPart) and p.kind is ToolKind.FUNCTION
            ]
            told.append(("assistant", text, calls))
        elif isinstance(message, ToolResultMessage):
            text = "".join(p.text for p in message.content if isinstance(p, TextPart))
            told.append(("result", message.tool_call_id, text))
        elif isinstance(message, UserMessage):
            texts = [p.text for p in message.content if isinstance(p, TextPart)]
            told.append(("user", texts, _images(message)))
    return told


def _images(message: UserMessage) -> list[tuple[Any, ...]]:
    return [(p.media_type, p.data, p.url) for p in message.content if isinstance(p, ImagePart)]


def is_in(turn: tuple[Any, ...], others: list[tuple[Any, ...]]) -> bool:
    """Whether what a user said stands in one of ``others``, perhaps beside notes of ours."""
    return any(
        other[0] == "user"
        and all(any(text in each for each in other[1]) for text in turn[1])
        and all(image in other[2] for image in turn[2])
        for other in others
    )


@given(chat_requests())
def test_a_chat_conversation_comes_back_from_messages(request: Request) -> None:
    there = MESSAGES.render_request(request, ABLE_MODEL)
    back = MESSAGES.parse_request(sent(there.body))
    before, after = both_can_say(request), both_can_say(back)
    for turn in before:
        if turn[0] == "assistant":
            # A refusal comes back as text, a custom tool as the function it was turned into.
            assert any(
                other[0] == "assistant"
                and turn[1] in other[1]
                and all(call in other[2] for call in turn[2])
                for other in after
            )
        elif turn[0] == "result":
            assert turn in after
        else:
            assert is_in(turn, after)
    assert back.sampling.stop == request.sampling.stop
    assert [tool.name for tool in back.context.tools] == [t.name for t in request.context.tools]
    told = {part.text for part in back.context.system_prompt}
    assert {part.text for part in request.context.system_prompt} <= told


@given(messages_requests())
def test_a_messages_conversation_comes_back_from_chat(request: Request) -> None:
    there = CHAT.render_request(request, ABLE_MODEL)
    back = CHAT.parse_request(sent(there.body))
    before, after = both_can_say(request), both_can_say(back)
    for turn in before:
        if turn[0] == "assistant":
            assert turn in after
        elif turn[0] == "result":
            # Errors are said in words, and an image moves to the message after the results.
            assert any(other[1] == turn[1] and turn[2] in other[2] for other in after)
        else:
            assert is_in(turn, after)
    assert back.sampling.max_output_tokens == request.sampling.max_output_tokens
    assert len(back.context.tools) == len(request.context.tools)


@given(messages_requests())
def test_chat_gets_its_tool_messages_without_gaps(request: Request) -> None:
    messages = CHAT.render_request(request, ABLE_MODEL).body["messages"]
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] in waiting
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting, "somebody spoke before all calls had their results"
        waiting = [call["id"] for call in message.get("tool_calls", ())]


@given(chat_requests())
def test_messages_gets_turns_that_alternate(request: Request) -> None:
    turns = MESSAGES.render_request(request, ABLE_MODEL).body["messages"]
    assert turns[0]["role"] == "user"
    assert turns[-1]["role"] == "user"
    for before, after in pairwise(turns):
        assert before["role"] != after["role"]
        called = [b["id"] for b in before["content"] if b["type"] == "tool_use"]
        answered = [b["tool_use_id"] for b in after["content"] if b["type"] == "tool_result"]
        assert called == answered
    for turn in turns:
        kinds = [block["type"] for block in turn["content"]]
        assert kinds == sorted(kinds, key=lambda kind: kind != "tool_result")
