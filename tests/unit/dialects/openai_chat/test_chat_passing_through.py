"""Chat streams from upstream to a chat client: forwarded, mended only where upstream is odd."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import StopReason, Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.errors import ErrorKind, StreamFormatError, UpstreamBroke
from tests.stream_checkers import check_chat_stream

CHAT = OpenAIChat()
DONE = Frame(b"[DONE]")


def context(model: str = "told", *, include_usage: bool = True) -> WriterContext:
    return WriterContext(model, lambda prefix: prefix + "0", 7, include_usage)


def chunk(
    delta: dict[str, Any] | None = None, finish: str | None = None, index: int = 0, **members: Any
) -> Frame:
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 3,
        "model": "up",
        "choices": [choice],
        **members,
    }
    return Frame(json.dumps(body, separators=(",", ":")).encode())


def without_object(frame: Frame) -> Frame:
    body = json.loads(frame.data)
    del body["object"]
    return Frame(json.dumps(body).encode())


def passed(*frames: Frame, told: WriterContext | None = None) -> list[Frame]:
    passing = CHAT.pass_through(told or context())
    return [out for frame in frames for out in passing.feed(frame)] + passing.close()


def bodies(frames: list[Frame]) -> list[dict[str, Any]]:
    return [json.loads(frame.data) for frame in frames if frame.data != b"[DONE]"]


def usage(prompt: int, completion: int, **members: Any) -> dict[str, Any]:
    total = prompt + completion
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
        **members,
    }


def test_a_clean_chunk_leaves_byte_for_byte() -> None:
    first, second = (
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": 'say "model":"up"'}),
    )
    passing = CHAT.pass_through(context("up", include_usage=False))
    assert json.loads(passing.feed(first)[0].data) == json.loads(first.data)
    assert passing.feed(second) == [second]
    assert passing.feed(chunk(None, "stop"))[0].data
    assert passing.feed(DONE) == [DONE]


def test_usage_stands_in_a_chunk_of_its_own_behind_the_last_choice() -> None:
    """Claude's comes with the finish reason; OpenAI's clients read it where ``choices`` is empty."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    frames = passed(
        chunk({"role": "assistant", "content": "Hi"}),
        chunk({"content": " there"}),
        chunk({}, "stop", usage=usage),
        DONE,
    )
    told = bodies(frames)
    assert [body["usage"] for body in told[:-1]] == [None] * 3
    assert told[-1]["choices"] == []
    assert told[-1]["usage"]["total_tokens"] == 5
    assert (told[-1]["id"], told[-1]["created"]) == (told[0]["id"], told[0]["created"])


def test_a_run_of_chunks_says_too_that_usage_is_still_to_come() -> None:
    passing = CHAT.pass_through(context("up"))
    passing.feed(chunk({"role": "assistant", "content": ""}))
    run = b"".join(b"data: " + chunk({"content": each}).data + b"\n\n" for each in "}ab")
    first, begin = passing.forward(run)
    rest, end = passing.forward(run, begin)
    assert end == len(run)
    forwarded = first + rest
    told = [json.loads(line[6:]) for line in forwarded.decode().split("\n\n") if line]
    assert [body["usage"] for body in told] == [None] * 3
    assert [body["choices"][0]["delta"]["content"] for body in told] == ["}", "a", "b"]


def test_nobody_who_did_not_ask_is_told_of_usage() -> None:
    passing = CHAT.pass_through(context(include_usage=False))
    frames = [
        out
        for frame in (
            chunk({"role": "assistant", "content": "Hi"}),
            chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 2}),
            DONE,
        )
        for out in passing.feed(frame)
    ]
    assert not any("usage" in body for body in bodies(frames))


def test_calls_of_one_answer_have_ids_of_their_own() -> None:
    def call(index: int, name: str) -> dict[str, Any]:
        function = {"name": name, "arguments": "{}"}
        return {
            "tool_calls": [{"index": index, "id": "c", "type": "function", "function": function}]
        }

    more = {"tool_calls": [{"index": 1, "function": {"arguments": ""}}]}
    frames = passed(
        chunk({"role": "assistant", "content": ""}),
        chunk(call(0, "f")),
        chunk(call(1, "g")),
        chunk(more),
        chunk({}, "tool_calls"),
        DONE,
    )
    calls = [
        each
        for body in bodies(frames)
        for choice in body["choices"]
        for each in choice["delta"].get("tool_calls", ())
    ]
    assert [each["id"] for each in calls if "id" in each] == ["c", "c_2"]


def test_the_client_is_told_the_name_it_asked_for_and_text_that_looks_like_it_stays() -> None:
    text = 'the member "model":"up" of a body'
    frames = passed(chunk({"content": "a"}), chunk({"content": text}), chunk(None, "stop"), DONE)
    assert {body["model"] for body in bodies(frames)} == {"told"}
    assert check_chat_stream(frames, include_usage=False)["content"] == "a" + text


def test_side_data_is_taken_away_and_what_is_missing_filled_in() -> None:
    frames = passed(
        Frame(b'{"choices":[],"prompt_filter_results":[]}'),
        Frame(b'{"choices":null,"copilot_references":[]}'),
        Frame(
            b'{"id":null,"created":0,"choices":[{"delta":{"content":"a","copilot_annotations":{}},'
            b'"content_filter_results":{}}]}'
        ),
        Frame(b'{"choices":[{"finish_reason":"stop"}]}'),
        DONE,
    )
    assert len(frames) == 3
    seen = check_chat_stream(frames, include_usage=False)
    assert (seen["content"], seen["finish_reason"]) == ("a", "stop")
    first = bodies(frames)[0]
    assert (first["id"], first["created"]) == ("chatcmpl-0", 7)


def test_thinking_is_shown_under_the_name_clients_know() -> None:
    frames = passed(
        chunk({"reasoning_text": "hm", "reasoning_opaque": "QQ"}),
        chunk({"cot_summary": "so"}),
        chunk(None, "stop"),
        DONE,
    )
    deltas = [body["choices"][0]["delta"] for body in bodies(frames)]
    assert deltas[0]["reasoning_content"] == "hm"
    assert deltas[0]["reasoning_opaque"] == "QQ"
    assert deltas[1]["reasoning_content"] == "so"


def test_usage_reaches_only_who_asked_and_is_recorded_for_all() -> None:
    end = [
        chunk({"content": "a"}, usage=usage(0, 0)),
        chunk(None, "stop"),
        chunk(choices=[], usage=usage(9, 4, prompt_tokens_details={"cached_tokens": 3})),
        DONE,
    ]
    for include_usage in (True, False):
        passing = CHAT.pass_through(context(include_usage=include_usage))
        frames = [out for frame in end for out in passing.feed(frame)]
        seen = check_chat_stream(frames, include_usage=include_usage)
        assert (seen["usage"] is not None) is include_usage
        assert passing.outcome().usage == Usage(6, 4, 3)


def test_usage_has_openais_members_only() -> None:
    own = usage(9, 4, reasoning_tokens=5, prompt_tokens_details=None)
    own["completion_tokens_details"] = {"accepted_prediction_tokens": 2}
    frames = passed(chunk({"content": "a"}), chunk(None, "stop", usage=own), DONE)
    shown = bodies(frames)[-1]["usage"]
    assert shown["completion_tokens_details"] == {"accepted_prediction_tokens": 2}
    assert shown["prompt_tokens_details"]["cached_tokens"] == 0
    assert "reasoning_tokens" not in shown


def test_the_outcome_of_a_finished_stream() -> None:
    passing = CHAT.pass_through(context())
    bill = {"total_nano_aiu": 5, "token_details": [{"token_type": "cache_write", "token_count": 2}]}
    for frame in (
        chunk({"content": "a"}),
        chunk(None, "length", usage=usage(9, 4), copilot_usage=bill),
        DONE,
        chunk({"content": "too late"}),
    ):
        passing.feed(frame)
    assert passing.close() == []
    outcome = passing.outcome()
    assert outcome.finished
    assert outcome.stop_reason is StopReason.LENGTH
    assert outcome.usage == Usage(7, 4, 0, 2)
    assert outcome.bill is not None
    assert outcome.bill.total_nano_credits == 5
    assert (outcome.response_id, outcome.model) == ("chatcmpl-1", "up")


def test_an_unknown_finish_reason_is_a_stop_for_strict_clients() -> None:
    frames = passed(chunk({"content": "a"}), chunk(None, "brand_new"), DONE)
    assert check_chat_stream(frames, include_usage=False)["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "broken",
    [
        b'{"error":{"code":"rate_limited","message":"slow down"}}',
        b"<html>",
        b"[1]",
        b'{"choices":[7]}',
        b'{"choices":{"a":1}}',
    ],
)
def test_a_stream_that_breaks_ends_in_an_error_and_says_so(broken: bytes) -> None:
    passing = CHAT.pass_through(context())
    frames = passing.feed(chunk({"content": "a"})) + passing.feed(Frame(broken))
    assert passing.close() == []
    assert check_chat_stream(frames)["error"] is not None
    outcome = passing.outcome()
    assert not outcome.finished
    assert outcome.error is not None
    if broken.startswith(b'{"error"'):
        assert outcome.error.kind is ErrorKind.RATE_LIMIT
    else:
        assert isinstance(outcome.error, StreamFormatError)


def test_a_stream_that_ends_early_never_ends_normally() -> None:
    frames = passed(chunk({"content": "a"}), chunk({"content": "b"}))
    assert check_chat_stream(frames)["error"] is not None
    for datas in ([], [DONE], [Frame(b"")]):
        passing = CHAT.pass_through(context())
        frames = [out for frame in datas for out in passing.feed(frame)] + passing.close()
        assert check_chat_stream(frames)["error"] is not None
        assert isinstance(passing.outcome().error, UpstreamBroke)


def test_a_finished_stream_without_done_gets_one() -> None:
    frames = passed(chunk({"content": "a"}, "stop"))
    assert frames[-1] == DONE


@pytest.mark.parametrize("delta", [{"content": "a"}, {"tool_calls": [{"index": 0, "id": "x"}]}])
def test_done_without_a_finish_reason_is_no_proof_of_a_whole_answer(delta: dict[str, Any]) -> None:
    passing = CHAT.pass_through(context())
    frames = [out for frame in (chunk(delta), chunk(delta), DONE) for out in passing.feed(frame)]
    assert "error" in bodies(frames)[-1]
    assert DONE not in frames
    assert not passing.outcome().finished
    assert passing.error is not None


def test_several_choices_of_openais_own_are_real_ones() -> None:
    frames = passed(
        chunk({"content": "a"}),
        chunk({"content": "b"}, index=1),
        chunk(None, "stop", index=1),
        DONE,
    )
    assert [body["choices"][0]["index"] for body in bodies(frames)] == [0, 1, 1]


def test_split_choices_become_one_answer_with_numbered_calls() -> None:
    def tool(name: str) -> dict[str, Any]:
        function = {"name": name, "arguments": "{}"}
        return {"role": "assistant", "tool_calls": [{"index": 0, "id": name, "function": function}]}

    split = [
        chunk({"role": "assistant", "content": "Two."}, "stop"),
        chunk(tool("a"), "tool_calls", index=1),
        chunk(tool("b"), index=2),
        chunk(None, "tool_calls", index=2, usage=usage(9, 4)),
    ]
    frames = passed(*map(without_object, split), DONE)
    seen = check_chat_stream(frames)
    assert seen["content"] == "Two."
    assert [call["name"] for call in seen["calls"]] == ["a", "b"]
    assert seen["finish_reason"] == "tool_calls"


def test_the_reason_that_cut_a_split_answer_short_is_kept() -> None:
    split = [chunk({"content": "a"}, "length"), chunk({"content": "b"}, "stop", index=1)]
    frames = passed(*map(without_object, split), DONE)
    assert check_chat_stream(frames, include_usage=False)["finish_reason"] == "length"


def test_tool_calls_of_odd_forms_do_not_stop_the_stream() -> None:
    odd = [{"tool_calls": "x"}, {"tool_calls": [7]}, {"tool_calls": []}]
    frames = passed(*(chunk(delta) for delta in odd), chunk(None, "stop"), DONE)
    assert frames[-1] == DONE


def test_a_native_answer_becomes_a_chat_stream() -> None:
    body = {
        "type": "message",
        "content": [{"type": "text", "text": "hi"}],
        "usage": {"output_tokens": 2},
    }
    passing = CHAT.pass_through(context())
    frames = passing.feed(Frame(json.dumps(body).encode()))
    assert check_chat_stream(frames)["content"] == "hi"
    outcome = passing.outcome()
    assert outcome.finished
    assert outcome.usage == Usage(0, 2)
    body["content"] = [{}]
    frames = CHAT.pass_through(context()).feed(Frame(json.dumps(body).encode()))
    assert check_chat_stream(frames)["error"] is not None


def test_a_stream_whose_first_chunk_names_no_model_reaches_the_client_whole() -> None:
    first = chunk({"role": "assistant", "content": ""})
    body = json.loads(first.data)
    del body["model"]
    frames = passed(
        Frame(json.dumps(body).encode()), chunk({"content": "Hi"}), chunk({"content": "!"})
    )
    shown = bodies(frames[:3])
    assert [each["choices"][0]["delta"]["content"] for each in shown] == ["", "Hi", "!"]
    assert {each["model"] for each in shown} == {"told"}


@pytest.mark.parametrize("damage", [b"\x00\x00", b"}", b'"'])
def test_a_call_s_chunk_that_only_looks_clean_breaks_the_stream_off(damage: bytes) -> None:
    """Found by fuzzing: its bytes pass the search for odd members, and it is no JSON."""
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "go", "arguments": ""}}
    data = chunk({"tool_calls": [call]}).data
    frames = passed(chunk({"content": "Hi"}), Frame(data.replace(b'"up"', b'"up"' + damage)))
    assert json.loads(frames[-1].data)["error"]["message"]


@pytest.mark.parametrize("calls", [5, "x", {"a": 1}, [7], [{"id": 5}]])
def test_calls_of_an_unknown_form_raise_nothing(calls: object) -> None:
    passing = CHAT.pass_through(context())
    passing.feed(chunk({"content": "Hi"}))
    passing.feed(chunk({"tool_calls": calls}))
    passing.close()
