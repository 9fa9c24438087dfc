"""OpenAI's own client reads our streams, whole answers and errors, and sends what we understand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest
from msgspec.structs import replace

from proxy_core.canonical.events import (
    Done,
    Error,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import AssistantMessage, ToolCallPart, ToolResultMessage
from proxy_core.canonical.sse import encode
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.errors import ErrorKind, UpstreamBroke, UpstreamRefused

DIALECT = OpenAIResponses()
TURN: list[StreamEvent] = [
    Start("msg_1", "claude-sonnet-4.6"),
    ThinkingDelta(0, "Look first."),
    ThinkingEnd(0),
    TextDelta(1, "Reading "),
    TextDelta(1, "it."),
    TextEnd(1),
    ToolCallStart(2, "toolu_1", "read_file"),
    ToolCallDelta(2, '{"path": '),
    ToolCallDelta(2, '"a.py"}'),
    ToolCallEnd(2),
    Done(StopReason.TOOL_USE, Usage(10, 5)),
]
TOOLS: Any = [
    {
        "type": "function",
        "name": "read_file",
        "strict": True,
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
    }
]


class Served:
    """A server of our dialect without a network: keeps the bodies it was sent."""

    def __init__(self, context: WriterContext) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.events = TURN
        self.refusal: UpstreamRefused | None = None
        self._context = context

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.bodies.append(body)
        if self.refusal is not None:
            status = DIALECT.error_status(self.refusal)
            return httpx2.Response(status, json=DIALECT.write_error(self.refusal, "req_1"))
        asked = DIALECT.parse_request(body)
        context = replace(self._context, request=asked, members=body)
        if not body.get("stream"):
            return httpx2.Response(200, json=DIALECT.write_whole(self.events, context))
        writer = DIALECT.writer(context)
        frames = [frame for event in self.events for frame in writer.feed(event)]
        content = DIALECT.keep_alive() + b"".join(encode(frame) for frame in frames)
        assert asked.stream
        return httpx2.Response(200, content=content, headers={"content-type": "text/event-stream"})


@pytest.fixture
def served(make_context: Callable[..., WriterContext]) -> Served:
    return Served(make_context())


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with httpx2.Client(transport=httpx2.MockTransport(served.answer)) as http:
        yield openai.OpenAI(
            api_key="k", base_url="http://127.0.0.1/v1", http_client=http, max_retries=0
        )


def test_a_stream_is_put_together_by_the_client(client: openai.OpenAI) -> None:
    with client.responses.stream(model="gpt-5.4", input="Read a.py", tools=TOOLS) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert final.output_text == "Reading it."
    reasoning, message, call = final.output
    assert (reasoning.type, message.type, call.type) == ("reasoning", "message", "function_call")
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"path": "a.py"}
    assert final.usage is not None
    assert final.usage.total_tokens == 15


def test_a_whole_answer_and_its_replay(client: openai.OpenAI, served: Served) -> None:
    first = client.responses.create(model="gpt-5.4", input="Read a.py", tools=TOOLS)
    assert first.output_text == "Reading it."
    replay: Any = [
        {"role": "user", "content": "Read a.py"},
        *(item.model_dump(exclude_none=True) for item in first.output),
        {"type": "function_call_output", "call_id": "toolu_1", "output": "print(1)"},
    ]
    client.responses.create(model="gpt-5.4", input=replay, tools=TOOLS)
    request = DIALECT.parse_request(served.bodies[-1])
    _, turn, result = request.context.messages
    assert isinstance(turn, AssistantMessage)
    assert turn.content[-1] == ToolCallPart("toolu_1", "read_file", '{"path": "a.py"}')
    assert isinstance(result, ToolResultMessage)


def test_a_stream_that_breaks_is_a_failed_response(client: openai.OpenAI, served: Served) -> None:
    served.events = [*TURN[:4], Error(UpstreamBroke("it broke"))]
    events = list(client.responses.create(model="gpt-5.4", input="x", stream=True))
    error, failed = events[-2:]
    assert error.type == "error"
    assert failed.type == "response.failed"
    assert failed.response.error is not None
    assert failed.response.error.message == "it broke"


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (ErrorKind.INVALID_REQUEST, openai.BadRequestError),
        (ErrorKind.CONTEXT_OVERFLOW, openai.BadRequestError),
        (ErrorKind.AUTHENTICATION, openai.AuthenticationError),
        (ErrorKind.PERMISSION, openai.PermissionDeniedError),
        (ErrorKind.MODEL_NOT_FOUND, openai.NotFoundError),
        (ErrorKind.RATE_LIMIT, openai.RateLimitError),
        (ErrorKind.UPSTREAM, openai.InternalServerError),
    ],
)
def test_an_error_is_the_clients_own_exception(
    client: openai.OpenAI, served: Served, kind: ErrorKind, raised: type[openai.APIStatusError]
) -> None:
    served.refusal = UpstreamRefused("what happened", kind=kind)
    with pytest.raises(raised, match="what happened"):
        client.responses.create(model="gpt-5.4", input="x")
