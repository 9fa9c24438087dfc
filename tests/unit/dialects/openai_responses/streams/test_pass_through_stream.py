"""Same dialect on both sides: ids made one, Copilot's own members taken out, the rest untouched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import StopReason, Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.pass_through_stream import ResponsesPassThrough
from proxy_core.errors import ErrorKind, StreamFormatError, UpstreamBroke

MakeFrame = Callable[..., Frame]
MakeContext = Callable[..., WriterContext]
Raw = Callable[..., dict[str, msgspec.Raw]]
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "background": False,
    "completed_at": None,
    "model": "gpt-5.4",
    "output": [],
    "error": None,
    "frequency_penalty": 0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": False,
    "presence_penalty": 0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1,
    "text": {"format": {"type": "text"}},
    "tool_choice": "none",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1,
    "truncation": "disabled",
    "usage": None,
}
DONE = {**RESPONSE, "status": "completed"}


def forward(context: WriterContext, *frames: Frame) -> list[Frame]:
    passing = ResponsesPassThrough(context)
    return [each for frame in frames for each in passing.feed(frame)] + passing.close()


def data(frames: Iterable[Frame]) -> list[Any]:
    return [json.loads(frame.data) for frame in frames]


@pytest.fixture
def numbered(frame: MakeFrame) -> MakeFrame:
    """Make an event with a sequence number, which only the tests of its absence leave out."""

    def make(kind: str, **members: Any) -> Frame:
        return frame(kind, **{"sequence_number": 1, **members})

    return make


def test_a_stream_without_quirks_leaves_byte_by_byte_as_it_came(
    context: WriterContext, numbered: MakeFrame
) -> None:
    item = {"id": "msg_1", "type": "message", "content": []}
    stream = [
        numbered("response.created", response=RESPONSE),
        numbered("response.in_progress", response=RESPONSE),
        numbered("response.output_item.added", output_index=0, item=item),
        numbered(
            "response.output_text.delta",
            output_index=0,
            item_id="msg_1",
            delta="Hi",
            logprobs=[],
        ),
        numbered("response.something_new", anything={"at": "all"}),
        numbered("response.output_item.done", output_index=0, item=item),
        numbered("response.completed", response={**DONE, "output": [item]}),
    ]
    assert forward(context, *stream) == stream


@pytest.mark.parametrize("kind", ["response.created", "response.completed"])
@pytest.mark.parametrize("left_out", sorted(RESPONSE.keys() - {"id", "model"}))
def test_what_a_response_object_must_have_is_filled_in(
    context: WriterContext, numbered: MakeFrame, kind: str, left_out: str
) -> None:
    stated = {name: value for name, value in RESPONSE.items() if name != left_out}
    told = data(forward(context, numbered(kind, response={**stated, "status": "x"})))[0]["response"]
    filled = {**RESPONSE, "parallel_tool_calls": True, "tool_choice": "auto"}
    assert told == {**stated, "status": "x", left_out: filled[left_out]}


@pytest.mark.parametrize(
    "kind",
    [
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ],
)
def test_what_upstream_does_not_repeat_of_the_request_is_filled_in(
    make_context: MakeContext, raw: Raw, numbered: MakeFrame, kind: str
) -> None:
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}
    asked = {
        "instructions": "Be brief",
        "tools": [tool],
        "tool_choice": "required",
        "temperature": 0.25,
        "top_p": 0.5,
        "max_output_tokens": 77,
        "metadata": {"run": "1"},
        "parallel_tool_calls": False,
        "truncation": "auto",
        "user": "me",
        "text": {"format": {"type": "json_object"}},
    }
    context = make_context(members=raw(model="x", input="Hi", stream=True, **asked))
    bare = {"id": "resp_1", "model": "gpt-5.4", "output": [], "status": "x"}
    told = data(forward(context, numbered(kind, response=bare)))[0]["response"]
    assert {name: told[name] for name in asked} == {
        **asked,
        "tools": [{**tool, "description": None}],
    }


def test_an_empty_word_of_upstream_gives_way_to_the_request_and_a_stated_one_does_not(
    make_context: MakeContext, raw: Raw, numbered: MakeFrame
) -> None:
    context = make_context(
        members=raw(instructions="Be brief", metadata={"a": "b"}, max_output_tokens=5)
    )
    stated = {**RESPONSE, "max_output_tokens": 16, "metadata": {}}
    told = data(forward(context, numbered("response.completed", response={**stated})))[0]
    assert told["response"]["instructions"] == "Be brief"
    assert told["response"]["metadata"] == {"a": "b"}
    assert told["response"]["max_output_tokens"] == 16


def test_a_stream_that_broke_before_it_began_repeats_the_request_too(
    make_context: MakeContext, raw: Raw
) -> None:
    context = make_context(members=raw(instructions="Be brief"))
    failed = data(forward(context))[-1]["response"]
    assert (failed["status"], failed["instructions"]) == ("failed", "Be brief")


@pytest.mark.parametrize("kind", ["response.output_text.delta", "response.output_text.done"])
def test_a_text_without_log_probabilities_says_so(
    context: WriterContext, numbered: MakeFrame, kind: str
) -> None:
    event = {"output_index": 0, "item_id": "m", "delta": 'its "logprobs":[]'}
    told = data(forward(context, numbered(kind, **event)))[0]
    assert told == {"type": kind, "sequence_number": 1, **event, "logprobs": []}


def test_usage_counts_what_clients_demand_and_keeps_what_was_counted(
    context: WriterContext, numbered: MakeFrame
) -> None:
    usage = {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 3},
        "output_tokens": 2,
        "output_tokens_details": None,
    }
    told = data(forward(context, numbered("response.completed", response={**DONE, "usage": usage})))
    assert told[0]["response"]["usage"] == {
        **usage,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }


def test_an_item_keeps_the_id_it_was_announced_with(
    context: WriterContext, numbered: MakeFrame
) -> None:
    def item(item_id: str, **members: Any) -> dict[str, Any]:
        return {"id": item_id, "type": "message", "content": [], **members}

    out = data(
        forward(
            context,
            numbered("response.created", response=RESPONSE),
            numbered("response.in_progress", response={**RESPONSE, "id": "resp_2"}),
            numbered("response.output_item.added", output_index=0, item=item("a0")),
            numbered("response.content_part.added", output_index=0, item_id="a1", part={}),
            numbered("response.output_text.delta", output_index=0, item_id="a2", delta='"a2"'),
            numbered("response.output_item.added", output_index=1, item=item("b0")),
            numbered("response.output_text.delta", output_index=1, item_id="b1", delta="x"),
            numbered(
                "response.output_item.done", output_index=0, item=item("a3", status="completed")
            ),
            numbered("response.output_item.done", output_index=1, item=item("b2")),
            numbered(
                "response.completed",
                response={**DONE, "id": "resp_3", "output": [item("a4"), item("b3"), item("c")]},
            ),
        )
    )
    assert [event["response"]["id"] for event in (out[0], out[1], out[-1])] == ["resp_1"] * 3
    assert [event["item_id"] for event in out if "item_id" in event] == ["a0", "a0", "b0"]
    assert [event["item"]["id"] for event in out if "item" in event] == ["a0", "b0", "a0", "b0"]
    assert [item["id"] for item in out[-1]["response"]["output"]] == ["a0", "b0", "c"]
    assert out[4]["delta"] == '"a2"'


def test_ids_are_replaced_where_they_stand_and_nowhere_else(
    context: WriterContext, frame: MakeFrame
) -> None:
    # Bytes that no encoder of ours would write: what is not replaced must come out alike.
    added = b'{"type":"a","sequence_number":0,"output_index":0,"item_id":"x"}'
    spaced = (
        b'{ "type":"t", "sequence_number":1, "item_id": "y\\/1", "output_index":0, '
        b'"delta":"\\u00e9" }'
    )
    plain = spaced.replace(b"y\\/1", b"z")
    twice = (
        b'{"type":"response.output_item.done","sequence_number":3,"output_index":0,'
        b'"item":{"id":"w","content":[{"id":"w"}]}}'
    )
    out = forward(
        context,
        Frame(added, b"a"),
        Frame(spaced, b"t"),
        Frame(plain, b"t"),
        Frame(twice, b"response.output_item.done"),
    )
    assert json.loads(out[1].data) == {
        "type": "t",
        "sequence_number": 1,
        "item_id": "x",
        "output_index": 0,
        "delta": "é",
    }
    assert out[2].data == plain.replace(b'"z"', b'"x"')
    assert json.loads(out[3].data)["item"] == {"id": "x", "content": [{"id": "w"}]}


def test_an_item_named_before_it_was_announced(context: WriterContext, numbered: MakeFrame) -> None:
    out = data(
        forward(
            context,
            numbered("response.output_text.delta", output_index=0, item_id="first", delta="Hi"),
            numbered("response.output_text.delta", output_index=0, item_id="second", delta="!"),
            numbered("response.output_item.added", output_index=1, item={"type": "message"}),
            numbered("response.output_item.done", output_index=2),
        )
    )
    assert [event.get("item_id") for event in out[:2]] == ["first", "first"]


BILL = {"total_nano_aiu": 5, "token_details": []}
USAGE = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 3,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 13,
}


def test_the_bill_is_recorded_and_not_shown(context: WriterContext, numbered: MakeFrame) -> None:
    passing = ResponsesPassThrough(context)
    passing.feed(numbered("response.created", response=RESPONSE))
    response = {**DONE, "usage": USAGE, "copilot_references": []}
    (frame,) = passing.feed(
        numbered(
            "response.completed",
            response=response,
            copilot_usage=BILL,
            copilot_quota_snapshots={},
        )
    )
    assert json.loads(frame.data) == {
        "type": "response.completed",
        "sequence_number": 1,
        "response": {**DONE, "usage": USAGE},
    }
    outcome = passing.outcome()
    assert outcome.finished
    assert outcome.usage == Usage(10, 3)
    assert outcome.bill is not None
    assert outcome.bill.total_nano_credits == 5
    assert (outcome.response_id, outcome.model) == ("resp_1", "gpt-5.4")
    assert outcome.stop_reason is StopReason.STOP
    assert passing.close() == []


def test_the_client_is_told_the_model_it_asked_for(
    make_context: Callable[..., WriterContext], numbered: MakeFrame
) -> None:
    passing = ResponsesPassThrough(make_context(model="alias"))
    first = passing.feed(numbered("response.created", response=RESPONSE))
    last = passing.feed(numbered("response.completed", response=DONE))
    assert [event["response"]["model"] for event in data([*first, *last])] == ["alias", "alias"]
    assert passing.outcome().model == "gpt-5.4"


def test_a_call_is_why_the_answer_stopped(context: WriterContext, numbered: MakeFrame) -> None:
    passing = ResponsesPassThrough(context)
    call = {"type": "custom_tool_call", "id": "ctc_1"}
    passing.feed(numbered("response.output_item.added", output_index=0, item=call))
    passing.feed(numbered("response.completed", response=DONE))
    assert passing.outcome().stop_reason is StopReason.TOOL_USE


def test_an_incomplete_answer(context: WriterContext, numbered: MakeFrame) -> None:
    passing = ResponsesPassThrough(context)
    details = {"reason": "max_output_tokens"}
    passing.feed(
        numbered("response.incomplete", response={**RESPONSE, "incomplete_details": details})
    )
    assert passing.outcome().finished
    assert passing.outcome().stop_reason is StopReason.LENGTH


def test_a_failed_answer(context: WriterContext, numbered: MakeFrame) -> None:
    passing = ResponsesPassThrough(context)
    error = {"code": "rate_limit_exceeded", "message": "slow down"}
    failed = numbered("response.failed", response={**RESPONSE, "status": "failed", "error": error})
    assert passing.feed(failed) == [failed]
    assert not passing.outcome().finished
    outcome = passing.outcome()
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.RATE_LIMIT


def test_usage_of_an_unknown_shape_costs_the_client_nothing(
    context: WriterContext, numbered: MakeFrame
) -> None:
    passing = ResponsesPassThrough(context)
    odd = numbered("response.completed", response={**DONE, "usage": "plenty"})
    assert passing.feed(odd) == [odd]
    assert passing.outcome().finished
    assert passing.outcome().usage is None


def test_missing_numbers_and_names_are_filled_in(context: WriterContext) -> None:
    # As upstream's WebSocket sends it, and a stream that names its events only outside the data.
    out = forward(
        context,
        Frame(b'{"type":"response.created","response":{"id":"resp_1"}}'),
        Frame(b'{"output_index":0,"item_id":"a","delta":"Hi"}', b"response.output_text.delta"),
        Frame(b'{"type":"response.completed","response":{"id":"resp_1","output":null}}'),
    )
    assert [event["sequence_number"] for event in data(out)] == [0, 1, 2]
    assert [frame.event for frame in out] == [
        b"response.created",
        b"response.output_text.delta",
        b"response.completed",
    ]
    assert data(out)[1]["type"] == "response.output_text.delta"


def test_a_response_without_an_id_gets_one(context: WriterContext, numbered: MakeFrame) -> None:
    out = data(
        forward(
            context,
            numbered("response.created", response={"model": "gpt-5.4"}),
            numbered("response.in_progress"),
            numbered("response.completed", response=DONE),
        )
    )
    assert out[0]["response"]["id"] == out[2]["response"]["id"] == "resp_0"


def test_nothing_follows_the_end(context: WriterContext, numbered: MakeFrame) -> None:
    end = numbered("response.completed", response=DONE)
    assert forward(context, end, end, Frame(b"[DONE]")) == [end]
    assert forward(context, Frame(b"[DONE]"), Frame(b""), end) == [end]


@pytest.mark.parametrize(
    "members",
    [
        {"code": "server_error", "message": "oops", "param": None},
        {"error": {"code": "server_error", "message": "oops"}, "copilot_quota_snapshots": {}},
    ],
)
def test_an_error_event_leaves_in_the_dialects_own_shape(
    context: WriterContext, numbered: MakeFrame, members: dict[str, Any]
) -> None:
    passing = ResponsesPassThrough(context)
    passing.feed(numbered("response.created", sequence_number=4, response=RESPONSE))
    (error,) = passing.feed(numbered("error", sequence_number=5, **members))
    assert json.loads(error.data) == {
        "type": "error",
        "sequence_number": 5,
        "code": "server_error",
        "message": "oops",
        "param": None,
    }
    (failed,) = passing.close()
    assert json.loads(failed.data)["sequence_number"] == 6
    assert json.loads(failed.data)["response"]["error"]["message"] == "oops"
    assert passing.outcome().error is not None


def test_an_error_event_may_be_followed_by_the_failed_response(
    context: WriterContext, numbered: MakeFrame
) -> None:
    failed = numbered("response.failed", response={**RESPONSE, "status": "failed", "error": None})
    out = forward(context, numbered("error", message="oops"), failed)
    assert [frame.event for frame in out] == [b"error", b"response.failed"]


def test_an_error_object_without_a_type_is_an_error(context: WriterContext) -> None:
    out = forward(context, Frame(b'{"error": {"message": "oops", "code": "x"}}'))
    assert [frame.event for frame in out] == [b"error", b"response.failed"]
    assert forward(context, Frame(b"{}"))[0].event == b"error"


def test_a_stream_that_ends_early_says_so(context: WriterContext, numbered: MakeFrame) -> None:
    passing = ResponsesPassThrough(context)
    passing.feed(numbered("response.created", sequence_number=0, response=RESPONSE))
    assert not passing.outcome().finished
    assert passing.outcome().error is None
    error, failed = passing.close()
    assert json.loads(error.data)["sequence_number"] == 1
    told = json.loads(failed.data)
    assert told["sequence_number"] == 2
    assert told["response"] == {
        **RESPONSE,
        "status": "failed",
        "error": {
            "code": "server_error",
            "message": "Connection error: GitHub Copilot ended the answer before it was complete.",
        },
    }
    assert not passing.outcome().finished
    assert isinstance(passing.outcome().error, UpstreamBroke)
    assert passing.close() == []


def test_a_better_reason_than_silence_is_told(context: WriterContext) -> None:
    passing = ResponsesPassThrough(context)
    error, failed = passing.close(UpstreamBroke("no bytes for 300 s", kind=ErrorKind.TIMEOUT))
    assert json.loads(error.data)["message"] == "no bytes for 300 s"
    assert json.loads(failed.data)["response"]["model"] == "gpt-5.4"


@pytest.mark.parametrize(
    "frame",
    [
        Frame(b"{"),
        Frame(b"[]"),
        Frame(b"\xff"),
        Frame(b'{"type": 5}'),
        Frame(b"[" * 10_000),
        Frame(b'{"type":"response.completed"}'),
        Frame(b'{"type":"response.completed","response":null}'),
        Frame(b'{"type":"response.completed","response":[]}'),
        Frame(b'{"type":"response.created","response":[]}'),
        Frame(b'{"type":"response.output_item.added","sequence_number":1,"item":5}'),
    ],
)
def test_what_is_no_event_breaks_the_stream_off(context: WriterContext, frame: Frame) -> None:
    passing = ResponsesPassThrough(context)
    out = passing.feed(frame)
    assert [each.event for each in out] == [b"error", b"response.failed"]
    assert isinstance(passing.outcome().error, StreamFormatError)
    assert passing.close() == []
