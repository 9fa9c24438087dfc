"""Repairs leaked tool calls in a passed-through chat stream."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame
from proxy_core.dialects.leaked_tool_calls.detector import LeakDetector
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.leaked_tool_calls.repair_events import CALL_ID_PREFIX, MakeId
from proxy_core.dialects.leaked_tool_calls.repair_frames import may_hold_markup

_encode = msgspec.json.Encoder().encode


class ChatFrameRepair:
    """One stream; only its first choice, because Claude's models return only one."""

    def __init__(self, tools: OfferedTools, make_id: MakeId) -> None:
        self._make_id = make_id
        self._detector = LeakDetector(tools)
        self._chunk: dict[str, Any] = {}
        """The last chunk whose text was held: a template for text released later."""
        self._has_calls = False
        self.repaired = 0

    @property
    def is_holding(self) -> bool:
        return self._detector.is_holding

    def note(self, data: bytes) -> None:
        self._has_calls = self._has_calls or b'"tool_calls":[{' in data
        self._detector.note(functools.partial(_text_of_frames, data))

    def feed(self, frame: Frame) -> list[Frame]:
        if not self._detector.is_holding and not may_hold_markup(frame.data):
            self._has_calls = self._has_calls or b'"tool_calls":[{' in frame.data
            self._detector.note(functools.partial(_text_of_data, frame.data))
            return [frame]
        chunk = _decoded(frame.data)
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            # Usage, or something unknown; held text is decided only at the stream's end.
            return [*self.release(), frame] if frame.data.strip() == b"[DONE]" else [frame]
        choice = choices[0]
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if len(choices) > 1 or not isinstance(delta, dict) or choice.get("index"):
            return [*self.release(), frame]
        return self._choice(frame, chunk, choice, delta)

    def release(self) -> list[Frame]:
        text = self._detector.release()
        return [self._frame({"content": text})] if text else []

    def _choice(
        self, frame: Frame, chunk: dict[str, Any], choice: dict[str, Any], delta: dict[str, Any]
    ) -> list[Frame]:
        if delta.get("tool_calls"):
            self._has_calls = True
            return [*self.release(), frame]
        text, finish = delta.get("content"), choice.get("finish_reason")
        released = self._detector.feed(text) if isinstance(text, str) and text else text
        if self._detector.is_holding or released != text:
            self._chunk = {name: value for name, value in chunk.items() if name not in _ENDING}
        if finish is not None and self._detector.is_holding:
            calls = self._detector.take_calls() if finish == "stop" and not self._has_calls else ()
            if not calls:
                released = (released or "") + self._detector.release()
            else:
                first = [self._frame({"content": released})] if released else []
                return [*first, *self._finish(chunk, choice, calls)]
        if released == text:
            return [frame]
        remaining = {name: value for name, value in delta.items() if name != "content"}
        if released:
            remaining["content"] = released
        elif finish is None and not any(
            value for name, value in remaining.items() if name != "role"
        ):
            if "role" not in remaining:
                return []
            remaining["content"] = ""
        choice["delta"] = remaining
        return [Frame(_encode(chunk), frame.event)]

    def _finish(
        self, chunk: dict[str, Any], choice: dict[str, Any], calls: tuple[Any, ...]
    ) -> list[Frame]:
        released = [
            {
                "index": index,
                "id": self._make_id(CALL_ID_PREFIX),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(calls)
        ]
        self.repaired += len(calls)
        choice["delta"], choice["finish_reason"] = {}, "tool_calls"
        return [self._frame({"tool_calls": released}), Frame(_encode(chunk))]

    def _frame(self, delta: dict[str, Any]) -> Frame:
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        return Frame(_encode({**self._chunk, "choices": [choice]}))


_ENDING = frozenset({"choices", "usage", "copilot_usage"})


def _decoded(data: bytes) -> dict[str, Any]:
    """Return the chunk; empty if the pass-through must handle it."""
    try:
        chunk = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return chunk if isinstance(chunk, dict) else {}


def _text_of_data(data: bytes) -> str:
    choices = _decoded(data).get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = choice.get("delta") if isinstance(choice, dict) else None
    text = delta.get("content") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


def _text_of_frames(data: bytes) -> str:
    return "".join(
        _text_of_data(line.removeprefix(b"data: "))
        for line in data.split(b"\n")
        if line.startswith(b"data: ")
    )
