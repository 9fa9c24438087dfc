"""One WebSocket connection: what it remembers, resolves and refuses."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import Done, Start, StopReason, TextDelta, TextEnd
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.session.stored_state import with_stored_items
from proxy_core.dialects.openai_responses.session.websocket_session import (
    MAX_RESPONSES,
    Ask,
    SocketReply,
    SocketSession,
)
from proxy_core.errors import BadRequest, UpstreamBroke
from tests.responses_checkers import check_event

NOW = 1_795_248_000
USER = {"role": "user", "content": "Hello"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
CALL = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "read",
    "arguments": "{}",
}


@pytest.fixture
def session() -> SocketSession:
    numbers = itertools.count()
    return SocketSession(lambda prefix: f"{prefix}{next(numbers)}")


def create(session: SocketSession, **members: Any) -> Ask | SocketReply:
    frame = {"type": "response.create", "model": "gpt-5.4", **members}
    return session.receive(json.dumps(frame), NOW)


def asked(session: SocketSession, **members: Any) -> dict[str, Any]:
    """Return the whole request a frame stands for."""
    turn = create(session, **members)
    assert isinstance(turn, Ask)
    assert all(isinstance(value, msgspec.Raw) for value in turn.body.values())
    return {name: msgspec.json.decode(value) for name, value in turn.body.items()}


def refused(turn: Ask | SocketReply) -> dict[str, Any]:
    assert isinstance(turn, SocketReply)
    (text,) = turn.texts
    event: dict[str, Any] = json.loads(text)
    assert event["type"] == "error"
    return event


def end(session: SocketSession, response_id: str, *output: Any, kind: str = "completed") -> None:
    event = {"type": f"response.{kind}", "response": {"id": response_id, "output": list(output)}}
    session.send(Frame(json.dumps(event).encode(), f"response.{kind}".encode()))


def test_a_first_request_is_whole(session: SocketSession) -> None:
    body = asked(session, input=[USER], initiator="user", tools=[], stream=True, generate=True)
    assert body == {"model": "gpt-5.4", "input": [USER], "tools": []}
    assert session.is_busy


def test_a_request_can_be_inspected_like_any_other(session: SocketSession) -> None:
    turn = create(session, input=[USER])
    assert isinstance(turn, Ask)
    assert OpenAIResponses().inspect_request(turn.body).is_user_turn


def test_the_next_request_goes_on_from_the_last_answer(session: SocketSession) -> None:
    asked(session, input=[USER])
    end(session, "resp_1", CALL)
    assert not session.is_busy
    body = asked(session, previous_response_id="resp_1", input=[OUTPUT])
    assert body == {"model": "gpt-5.4", "input": [USER, CALL, OUTPUT]}
    end(session, "resp_2", {"type": "message", "role": "assistant", "content": "Done"})
    third = asked(session, previous_response_id="resp_2", input="More")
    assert [item.get("type", item.get("role")) for item in third["input"]] == [
        "user",
        "function_call",
        "function_call_output",
        "message",
        "message",
    ]


def test_a_response_says_what_it_goes_on_from_as_over_http(session: SocketSession) -> None:
    asked(session, input="One")
    end(session, "resp_1")
    asked(session, input="Two", previous_response_id="resp_1")
    response = {"id": "resp_2", "previous_response_id": None, "output": []}
    for kind in ("response.created", "response.in_progress", "response.completed"):
        data = msgspec.json.encode({"type": kind, "response": response})
        event = msgspec.json.decode(session.send(Frame(data, kind.encode())))
        assert event["response"] == {**response, "previous_response_id": "resp_1"}
    delta = Frame(b'{"type":"response.output_text.delta"}', b"response.output_text.delta")
    assert session.send(delta) == delta.data.decode()


def test_a_conversation_that_begins_goes_on_from_nothing(session: SocketSession) -> None:
    asked(session, input="One")
    end(session, "resp_1")
    asked(session, input="Two", previous_response_id="resp_1")
    end(session, "resp_2")
    asked(session, input="Anew")
    data = b'{"type":"response.created","response":{"id":"resp_3"}}'
    assert session.send(Frame(data, b"response.created")) == data.decode()


def test_a_prewarmed_response_says_what_it_goes_on_from(session: SocketSession) -> None:
    asked(session, input="One")
    end(session, "resp_1")
    reply = create(session, input=[], previous_response_id="resp_1", generate=False)
    assert isinstance(reply, SocketReply)
    for text in reply.texts:
        assert msgspec.json.decode(text)["response"]["previous_response_id"] == "resp_1"


def test_an_answer_that_was_cut_can_be_gone_on_from_and_a_failed_one_cannot(
    session: SocketSession,
) -> None:
    asked(session, input=[USER])
    end(session, "resp_1", kind="incomplete")
    asked(session, previous_response_id="resp_1", input=[USER])
    end(session, "resp_2", kind="failed")
    assert refused(create(session, previous_response_id="resp_2", input=[]))


def test_an_unknown_response_is_refused(session: SocketSession) -> None:
    event = refused(create(session, previous_response_id="resp_9", input=[USER]))
    assert event["status"] == 400
    assert event["error"]["code"] == "previous_response_not_found"
    assert event["error"]["param"] == "previous_response_id"
    assert event["error"]["type"] == "invalid_request_error"
    assert not session.is_busy


def test_a_response_is_named_by_a_text(session: SocketSession) -> None:
    assert refused(create(session, previous_response_id=[], input=[]))["status"] == 400


def test_a_prewarmed_response_can_be_gone_on_from(session: SocketSession) -> None:
    turn = create(session, input=[USER], generate=False)
    assert isinstance(turn, SocketReply)
    created, completed = (json.loads(text) for text in turn.texts)
    check_event(created)
    check_event(completed)
    assert completed["type"] == "response.completed"
    assert completed["response"]["output"] == []
    assert not session.is_busy
    body = asked(session, previous_response_id=completed["response"]["id"], input=[OUTPUT])
    assert body["input"] == [USER, OUTPUT]


def test_a_prewarm_may_come_without_input(session: SocketSession) -> None:
    turn = create(session, generate=False)
    assert isinstance(turn, SocketReply)
    assert json.loads(turn.texts[1])["response"]["status"] == "completed"


def test_one_response_at_a_time(session: SocketSession) -> None:
    asked(session, input=[USER])
    assert refused(create(session, input=[USER]))["error"]["code"] == "response_in_progress"
    assert session.is_busy


def test_only_so_many_responses_are_remembered(session: SocketSession) -> None:
    for number in range(MAX_RESPONSES + 1):
        asked(session, input=[USER])
        end(session, f"resp_{number}")
    assert refused(create(session, previous_response_id="resp_0", input=[]))
    asked(session, previous_response_id="resp_1", input=[])


def test_references_are_replaced_by_what_was_said(session: SocketSession) -> None:
    asked(session, input=[USER])
    end(session, "resp_1", CALL)
    known = {"type": "item_reference", "id": "fc_1"}
    unknown = {"type": "item_reference", "id": "fc_9"}
    text = {"role": "user", "content": '"item_reference"'}
    body = asked(session, input=[known, unknown, text, 5])
    assert body["input"] == [CALL, unknown, text, 5]


@pytest.mark.parametrize(
    "frame",
    ["{", "[]", '{"type": 5}', '{"type": "response.steer"}', b"\xff", "{}"],
)
def test_a_frame_that_is_no_request_is_refused(session: SocketSession, frame: str | bytes) -> None:
    assert refused(session.receive(frame, NOW))["status"] == 400


def test_input_of_the_wrong_type_is_refused(session: SocketSession) -> None:
    assert refused(create(session, input=5))["error"]["param"] == "input"


def test_events_go_out_without_the_framing_of_a_stream(
    session: SocketSession, context: WriterContext
) -> None:
    asked(session, input=[USER])
    writer = OpenAIResponses().writer(context)
    events = [Start("", "m"), TextDelta(0, "Hi"), TextEnd(0), Done(StopReason.STOP)]
    frames = [frame for event in events for frame in writer.feed(event)]
    texts = [session.send(frame) for frame in frames]
    assert [json.loads(text) for text in texts] == [json.loads(frame.data) for frame in frames]
    assert not session.is_busy


def test_an_error_lies_one_level_deeper_than_in_a_stream(session: SocketSession) -> None:
    asked(session, input=[USER])
    flat = {"type": "error", "sequence_number": 3, "code": "c", "message": "m", "param": None}
    told = json.loads(session.send(Frame(json.dumps(flat).encode(), b"error")))
    assert told == {
        "type": "error",
        "sequence_number": 3,
        "error": {"type": "server_error", "message": "m", "param": None, "code": "c"},
    }


def test_an_answer_that_never_began_ends_the_turn(session: SocketSession) -> None:
    asked(session, input=[USER])
    told = json.loads(session.fail(UpstreamBroke("it broke")))
    assert (told["status"], told["error"]["message"]) == (502, "it broke")
    assert not session.is_busy


def test_a_lane_is_named_in_every_event(session: SocketSession) -> None:
    asked(session, input=[USER], stream_id="lane")
    sent = session.send(Frame(b'{"type":"response.created"}', b"response.created"))
    assert json.loads(sent) == {"type": "response.created", "stream_id": "lane"}


def test_an_end_of_an_unknown_shape_is_sent_and_forgotten(session: SocketSession) -> None:
    asked(session, input=[USER])
    odd = b'{"type":"response.completed","response":[]}'
    assert session.send(Frame(odd, b"response.completed")) == odd.decode()
    assert not session.is_busy
    asked(session, input=[USER])
    session.send(Frame(b'{"type":"response.completed"}', b"response.completed"))
    assert not session.is_busy


@pytest.mark.parametrize(
    ("own", "resolved"),
    [
        ([OUTPUT], [USER, OUTPUT]),
        ("More", [USER, {"type": "message", "role": "user", "content": "More"}]),
        (None, [USER]),
    ],
)
@pytest.mark.parametrize("is_raw", [True, False])
def test_stored_items_stand_in_front(own: object, resolved: list[Any], is_raw: bool) -> None:
    value = msgspec.Raw(json.dumps(own).encode()) if is_raw else own
    body = with_stored_items({"input": value, "previous_response_id": "resp_1"}, [USER])
    assert json.loads(msgspec.json.encode(body)) == {"input": resolved}


def test_stored_items_do_not_mend_a_wrong_input() -> None:
    with pytest.raises(BadRequest):
        with_stored_items({"input": {}}, [])


@pytest.mark.parametrize(
    ("wait", "headers"), [(None, None), (0.2, {"retry-after": "1"}), (86_400.0, None)]
)
def test_a_short_wait_is_told_where_codex_reads_it_and_a_long_one_is_left_to_the_person(
    session: SocketSession, wait: float | None, headers: dict[str, str] | None
) -> None:
    error = UpstreamBroke("Too many requests.", retry_after=wait)
    assert json.loads(session.fail(error)).get("headers") == headers


def test_a_compaction_takes_the_place_of_what_was_said_before_it(session: SocketSession) -> None:
    asked(session, input=[USER])
    end(session, "resp_1", CALL)
    asked(session, input=[{"type": "compaction_trigger"}], previous_response_id="resp_1")
    item = {"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}
    end(session, "resp_2", item)
    assert asked(session, input=[USER], previous_response_id="resp_2")["input"] == [item, USER]


def test_a_frame_nested_too_deeply_is_refused(session: SocketSession) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    turn = session.receive(f'{{"type":"response.create","model":"m","input":{deep}}}', NOW)
    assert refused(turn)["status"] == 400
    assert not session.is_busy


def complete(session: SocketSession, response_id: str, **members: Any) -> None:
    """End the turn in flight with one item of output."""
    item = {"type": "message", "id": f"msg_{response_id}", "content": "Said."}
    response = {"id": response_id, "output": [item], **members}
    data = json.dumps({"type": "response.completed", "response": response}).encode()
    session.send(Frame(data, b"response.completed"))


def test_what_is_remembered_of_a_long_session_are_its_items_not_the_frames_they_came_in(
    session: SocketSession,
) -> None:
    tools = [{"type": "function", "name": "read", "description": "x" * 200_000}]
    previous: dict[str, Any] = {}
    tracemalloc.start()
    try:
        for turn in range(60):
            create(session, input=[USER], tools=tools, **previous)
            complete(session, f"resp_{turn}", tools=tools)
            previous = {"previous_response_id": f"resp_{turn}"}
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000
    whole = asked(session, input=[USER], **previous)
    assert len(whole["input"]) == 121


def test_a_session_remembers_no_more_than_its_bound() -> None:
    session = SocketSession(lambda prefix: prefix, max_stored_bytes=1_000)
    long = {"role": "user", "content": "y" * 400}
    create(session, input=[long])
    complete(session, "resp_old")
    create(session, input=[long])
    complete(session, "resp_middle")
    create(session, input=[long], previous_response_id="resp_middle")
    complete(session, "resp_new")
    error = refused(create(session, input=[USER], previous_response_id="resp_old"))
    assert error["error"]["code"] == "previous_response_not_found"
    assert len(asked(session, input=[USER], previous_response_id="resp_new")["input"]) == 5


def test_a_conversation_over_the_bound_is_asked_for_whole_again() -> None:
    session = SocketSession(lambda prefix: prefix, max_stored_bytes=1_000)
    create(session, input=[{"role": "user", "content": "y" * 2_000}])
    complete(session, "resp_1")
    error = refused(create(session, input=[USER], previous_response_id="resp_1"))
    assert error["error"]["code"] == "previous_response_not_found"
