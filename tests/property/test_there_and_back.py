"""A conversation carried through another dialect and back keeps all that both can say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    ImagePart,
    RefusalPart,
    Request,
    SystemMessage,
    TextPart,
    Tool,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.registry import dialect
from tests.property.request_strategies import ABLE_MODEL, chat_requests, messages_requests
from tests.property.test_responses_request import requests as responses_requests

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
REQUESTS = {
    CHAT: chat_requests(),
    MESSAGES: messages_requests(),
    RESPONSES: responses_requests(),
}
DIRECTIONS = [(source, through) for source in REQUESTS for through in REQUESTS if source != through]


def carried(request: Request, into: DialectName) -> Request:
    """The request as a server of the other dialect would understand it."""
    body = dialect(into).render_request(request, ABLE_MODEL).body
    return dialect(into).parse_request(json.loads(json.dumps(body)))


def texts(request: Request) -> Iterator[tuple[str, str]]:
    """Who said what, in order; instructions keep no place that all dialects have."""
    for part in request.context.system_prompt:
        yield "instruction", part.text
    for message in request.context.messages:
        match message:
            case AssistantMessage():
                who = "assistant"
            case ToolResultMessage(tool_call_id):
                who = f"result {tool_call_id}"
            case SystemMessage():
                who = "instruction"
            case UserMessage():
                who = "user"
        for part in message.content:
            if isinstance(part, TextPart | RefusalPart):
                yield who, part.text


def calls(request: Request) -> list[tuple[str, str, Any]]:
    """Every function call. A custom one becomes a function where there is nothing else."""
    return [
        (part.id, part.name, json.loads(part.arguments or "{}"))
        for message in request.context.messages
        for part in message.content
        if isinstance(part, ToolCallPart)
        and part.kind is ToolKind.FUNCTION
        and part.namespace is None
    ]


def images(request: Request) -> Counter[tuple[str | None, ...]]:
    return Counter(
        (part.media_type, part.data, part.url)
        for message in request.context.messages
        for part in message.content
        if isinstance(part, ImagePart)
    )


def functions(request: Request) -> dict[str, tuple[str | None, Any]]:
    return {
        tool.name: (tool.description, tool.parameters)
        for tool in request.context.tools
        if isinstance(tool, Tool) and tool.kind is ToolKind.FUNCTION and tool.namespace is None
    }


@pytest.mark.parametrize(("source", "through"), DIRECTIONS)
@given(data=st.data())
def test_nothing_both_can_say_is_lost(
    source: DialectName, through: DialectName, data: st.DataObject
) -> None:
    request = data.draw(REQUESTS[source])
    back = carried(carried(request, through), source)
    received: dict[str, str] = {}
    for who, text in texts(back):
        received[who] = received.get(who, "") + "\n" + text
    everything = "\n".join(received.values())
    for who, text in texts(request):
        # Where a dialect has no instructions between the turns, they are told beside the user's words.
        assert text in (everything if who == "instruction" else received.get(who, "")), (who, text)
    after = calls(back)
    assert [call for call in after if call in calls(request)] == calls(request), after
    assert images(request) <= images(back)
    assert functions(request).items() <= functions(back).items()
    limit = request.sampling.max_output_tokens
    if limit is not None:
        least = 16 if through is RESPONSES else 1  # Upstream refuses less there.
        assert back.sampling.max_output_tokens == max(limit, least)
    if request.tool_choice is not None and request.tool_choice.names == ():
        assert back.tool_choice == request.tool_choice


@pytest.mark.parametrize(("source", "through"), DIRECTIONS)
@given(data=st.data())
def test_what_the_assistant_said_stays_in_order(
    source: DialectName, through: DialectName, data: st.DataObject
) -> None:
    request = data.draw(REQUESTS[source])
    there = carried(request, through)
    asked = [
        part.text
        for message in request.context.messages
        if isinstance(message, AssistantMessage)
        for part in message.content
        if isinstance(part, TextPart)  # Chat keeps a refusal in a place of its own.
    ]
    told = "\n".join(text for who, text in texts(there) if who == "assistant")
    position = 0
    for text in asked:
        position = told.find(text, position)
        assert position >= 0, f"{text!r} is not in its place"
        position += len(text)
