"""Repairs leaked tool calls in a passed-through Messages stream."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame
from proxy_core.dialects.leaked_tool_calls.candidate import LeakedCall
from proxy_core.dialects.leaked_tool_calls.detector import LeakDetector
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.leaked_tool_calls.repair_events import CALL_ID_PREFIX, MakeId
from proxy_core.dialects.leaked_tool_calls.repair_frames import may_hold_markup

_encode = msgspec.json.Encoder().encode
_DELTA = b"content_block_delta"


class MessagesFrameRepair:
    """One stream.

    A block's first frame is held until its first text, so that a block consisting only of calls is
    never started: clients would send the empty block back and the vendor refuses it.
    """

    def __init__(self, tools: OfferedTools, make_id: MakeId) -> None:
        self._tools = tools
        self._make_id = make_id
        self._detector: LeakDetector | None = None
        self._index = -1
        self._start: Frame | None = None
        self._stop: Frame | None = None
        self._next_index = 0
        self.repaired = 0

    @property
    def is_holding(self) -> bool:
        detector = self._detector
        return self._start is not None or (detector is not None and detector.is_holding)

    def note(self, data: bytes) -> None:
        if self._detector is not None:
            self._detector.note(functools.partial(_text_of_frames, data))

    def feed(self, frame: Frame) -> list[Frame]:
        name = frame.event
        if name == b"ping":
            return [frame]
        if name == _DELTA:
            return self._delta(frame)
        if name == b"content_block_start":
            return [*self.release(), *self._begin(frame)]
        detector = self._detector
        if detector is not None and detector.is_holding:
            if name == b"content_block_stop" and detector.is_complete and self._stop is None:
                self._stop = frame
                return []
            if name == b"message_delta" and self._stop is not None:
                return self._finish(frame, detector)
        released = self.release()
        if name == b"content_block_stop":
            self._detector = None
        return [*released, frame]

    def release(self) -> list[Frame]:
        detector, start, stop = self._detector, self._start, self._stop
        self._start = self._stop = None
        text = detector.release() if detector is not None else ""
        frames = [start] if start is not None else []
        if text:
            frames.append(self._text_frame(text))
        if stop is not None:
            frames.append(stop)
            self._detector = None
        return frames

    def _begin(self, frame: Frame) -> list[Frame]:
        event = _decoded(frame)
        block, index = event.get("content_block"), event.get("index")
        self._detector = None
        if not isinstance(index, int):
            return [frame]
        self._next_index = max(self._next_index, index + 1)
        if not isinstance(block, dict) or block.get("type") != "text" or block.get("text"):
            return [frame]
        self._index, self._start = index, frame
        self._detector = LeakDetector(self._tools)
        return []

    def _delta(self, frame: Frame) -> list[Frame]:
        detector = self._detector
        if detector is None:
            return [frame]
        if not detector.is_holding and not may_hold_markup(frame.data):
            detector.note(functools.partial(_text_of_data, frame.data))
            return [*self._begun(), frame]
        event = _decoded(frame)
        delta = event.get("delta")
        text = delta.get("text") if isinstance(delta, dict) else None
        if event.get("index") != self._index or not isinstance(text, str):
            return [*self.release(), frame]
        text_to_send = detector.feed(text)
        if text_to_send == text:
            return [*self._begun(), frame]
        return [*self._begun(), self._text_frame(text_to_send)] if text_to_send else []

    def _begun(self) -> list[Frame]:
        start, self._start = self._start, None
        return [start] if start is not None else []

    def _finish(self, frame: Frame, detector: LeakDetector) -> list[Frame]:
        event = _decoded(frame)
        delta = event.get("delta")
        calls: tuple[LeakedCall, ...] = ()
        if isinstance(delta, dict) and delta.get("stop_reason") == "end_turn":
            calls = detector.take_calls()
        if not calls:
            return [*self.release(), frame]
        frames: list[Frame] = []
        index = self._next_index
        if self._start is None and self._stop is not None:
            frames.append(self._stop)
        else:
            index = self._index
        self._start = self._stop = self._detector = None
        for call in calls:
            block = {
                "type": "tool_use",
                "id": self._make_id(CALL_ID_PREFIX),
                "name": call.name,
                "input": {},
            }
            piece = {"type": "input_json_delta", "partial_json": call.arguments}
            frames.append(_frame("content_block_start", index=index, content_block=block))
            frames.append(_frame("content_block_delta", index=index, delta=piece))
            frames.append(_frame("content_block_stop", index=index))
            index += 1
        self.repaired += len(calls)
        assert isinstance(delta, dict)
        event["delta"] = {**delta, "stop_reason": "tool_use"}
        return [*frames, Frame(_encode(event), b"message_delta")]

    def _text_frame(self, text: str) -> Frame:
        delta = {"type": "text_delta", "text": text}
        return _frame("content_block_delta", index=self._index, delta=delta)


def _frame(kind: str, **members: Any) -> Frame:
    return Frame(_encode({"type": kind, **members}), kind.encode())


def _decoded(frame: Frame) -> dict[str, Any]:
    """Return the frame's event; empty if the pass-through will refuse or forward it."""
    try:
        event = msgspec.json.decode(frame.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _text_of_data(data: bytes) -> str:
    delta = _decoded(Frame(data)).get("delta")
    text = delta.get("text") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


def _text_of_frames(data: bytes) -> str:
    return "".join(
        _text_of_data(line.removeprefix(b"data: "))
        for line in data.split(b"\n")
        if line.startswith(b"data: ")
    )
