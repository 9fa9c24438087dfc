"""The library's events in an endpoint's words, with what only upstream's own events hold."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.sse import Decoder
from proxy_core.dialects.registry import DIALECTS
from proxy_core.upstream.backends.pi_ai.events.registry import wire_for
from proxy_core.upstream.backends.pi_ai.events.wire import Wire
from proxy_core.upstream.backends.pi_ai.lines import CallHead, Line


def noted(wire: Wire, event: dict[str, Any]) -> bytes:
    return wire.note(msgspec.json.encode(event).decode(), event)


def frames(sent: bytes) -> list[Any]:
    found = [frame.data for frame in Decoder().feed(sent)]
    return [msgspec.json.decode(each) for each in found if each != b"[DONE]"]


def test_a_chat_answer_keeps_id_refusal_opaque_data_and_bill() -> None:
    wire = wire_for(Endpoint.CHAT_COMPLETIONS)
    head = {"id": "chatcmpl-1", "created": 5, "model": "m"}
    sent = noted(wire, {**head, "choices": [{"index": 0, "delta": {"role": "assistant"}}]})
    sent += wire.event(Line(e="thinking_start", i=0, sig="reasoning_text"))
    sent += wire.event(Line(e="thinking_delta", i=0, d="hm"))
    opaque = {"reasoning_opaque": "abc", "content": "hel"}
    sent += noted(wire, {**head, "choices": [{"index": 0, "delta": opaque}]})
    sent += wire.event(Line(e="text_delta", i=1, d="hel"))
    sent += noted(wire, {**head, "choices": [{"index": 0, "delta": {"refusal": "no"}}]})
    last = {"index": 0, "delta": {"content": "lo"}, "finish_reason": "stop"}
    sent += noted(wire, {**head, "choices": [last], "copilot_usage": {"total_nano_aiu": 7}})
    sent += wire.event(Line(e="text_delta", i=1, d="lo"))
    assert wire.is_finished
    sent += wire.finish()
    said = frames(sent)
    assert {each["id"] for each in said} == {"chatcmpl-1"}
    deltas = [choice["delta"] for each in said for choice in each["choices"]]
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"reasoning_text": "hm"},
        {"reasoning_opaque": "abc"},
        {"content": "hel"},
        {"refusal": "no"},
        {"content": "lo"},
        {},
    ]
    assert said[-1]["copilot_usage"] == {"total_nano_aiu": 7}
    assert sent.endswith(b"data: [DONE]\n\n")


def test_a_call_whose_name_comes_late_waits_for_it() -> None:
    wire = wire_for(Endpoint.CHAT_COMPLETIONS)
    noted(wire, {"id": "c", "choices": [{"index": 0, "delta": {}}]})
    assert wire.event(Line(e="toolcall_start", i=0)) == b""
    assert wire.event(Line(e="toolcall_delta", i=0, d="{")) == b""
    named = Line(e="toolcall_delta", i=0, d="}", call=CallHead("c1", "f"))
    calls = [each["choices"][0]["delta"]["tool_calls"][0] for each in frames(wire.event(named))[1:]]
    assert calls[0]["id"] == "c1"
    assert calls[1]["function"] == {"arguments": "{}"}


def test_a_message_keeps_its_citations_its_signature_and_its_stop_sequence() -> None:
    wire = wire_for(Endpoint.MESSAGES)
    start = {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 3}}}
    sent = noted(wire, start)
    sent += wire.event(Line(e="thinking_start", i=0, sig=""))
    sent += wire.event(Line(e="thinking_delta", i=0, d="hm"))
    sent += wire.event(Line(e="thinking_end", i=0, sig="proof"))
    citation = {"type": "citations_delta", "citation": {"cited_text": "x"}}
    sent += noted(wire, {"type": "content_block_delta", "index": 1, "delta": citation})
    sent += wire.event(Line(e="text_start", i=1))
    sent += wire.event(Line(e="text_delta", i=1, d="hi"))
    sent += wire.event(Line(e="text_end", i=1))
    end = {"stop_reason": "stop_sequence", "stop_sequence": "X"}
    sent += noted(wire, {"type": "message_delta", "delta": end, "usage": {"output_tokens": 2}})
    sent += wire.finish()
    said = frames(sent)
    assert [each["type"] for each in said] == [
        *("message_start", "content_block_start", "content_block_delta", "content_block_delta"),
        *("content_block_stop", "content_block_start", "content_block_delta"),
        *("content_block_delta", "content_block_stop", "message_delta", "message_stop"),
    ]
    assert said[3]["delta"] == {"type": "signature_delta", "signature": "proof"}
    assert said[7]["delta"] == citation
    assert said[-2]["delta"] == end


def test_a_response_ends_with_upstream_s_own_parts_status_and_bill() -> None:
    wire = wire_for(Endpoint.RESPONSES)
    sent = noted(wire, {"type": "response.created", "response": {"id": "resp_1", "model": "m"}})
    part = {"type": "output_text", "text": "hi", "annotations": [{"type": "url_citation"}]}
    message = {"type": "message", "id": "msg_9", "status": "incomplete", "content": [part]}
    noted(wire, {"type": "response.output_item.done", "output_index": 0, "item": message})
    sent += wire.event(Line(e="text_start", i=0))
    sent += wire.event(Line(e="text_delta", i=0, d="hi"))
    signature = msgspec.json.encode({"v": 1, "id": "msg_9", "phase": "final_answer"}).decode()
    sent += wire.event(Line(e="text_end", i=0, sig=signature))
    end = {"id": "resp_1", "status": "incomplete", "output": [message]}
    noted(wire, {"type": "response.incomplete", "response": end, "copilot_usage": {"a": 1}})
    sent += wire.finish()
    said = frames(sent)
    assert [each["sequence_number"] for each in said] == list(range(len(said)))
    assert said[-1]["copilot_usage"] == {"a": 1}
    (item,) = said[-1]["response"]["output"]
    assert (item["id"], item["phase"], item["status"]) == ("msg_9", "final_answer", "incomplete")
    assert item["content"] == [part]


def test_without_upstream_s_last_event_no_dialect_reads_an_end() -> None:
    for dialect in DIALECTS.values():
        wire = wire_for(dialect.endpoint)
        noted(
            wire, {"type": "response.created", "response": {"id": "r"}, "choices": [{"delta": {}}]}
        )
        assert not wire.is_finished
    wire = wire_for(Endpoint.MESSAGES)
    noted(wire, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}})
    assert wire.failure is not None
    assert not wire.is_finished
