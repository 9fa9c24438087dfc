"""``/responses`` as Copilot streams it (copilot-protocol.md 6). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.upstream.backends.pi_ai.events.wire import Wire, encode, frame
from proxy_core.upstream.backends.pi_ai.lines import Line

_ENDS = ("response.completed", "response.incomplete")
_FAILURES = ("error", "response.failed", "response.cancelled")
PART_BREAK = "\n\n"
"""What the library puts after each part of a summary, the last one too."""


class _Item:
    def __init__(self, item: dict[str, Any]) -> None:
        self.item = item
        self.pieces: list[str] = []
        self.has_break = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class ResponsesWire(Wire):
    def __init__(self) -> None:
        super().__init__()
        self._sequence = 0
        self._response_id = ""
        self._items: dict[int, _Item] = {}
        self._end: dict[str, Any] = {}
        self._done: dict[int, dict[str, Any]] = {}
        """Upstream's finished items: their parts hold citations and refusals."""
        self._handlers: dict[str, Callable[[Line], bytes]] = {
            "text_start": self._text_start,
            "text_delta": self._text_delta,
            "text_end": self._text_end,
            "thinking_start": self._thinking_start,
            "thinking_delta": self._thinking_delta,
            "thinking_end": self._thinking_end,
            "toolcall_start": self._call_start,
            "toolcall_delta": self._call_delta,
            "toolcall_end": self._call_end,
        }

    def note(self, raw: str, event: dict[str, Any]) -> bytes:
        kind = event.get("type", "")
        response = event.get("response")
        if kind == "response.created" and isinstance(response, dict):
            self._response_id = str(response.get("id", ""))
            created = {name: each for name, each in event.items() if name != "type"}
            return self._emit("response.created", **created) + self._emit(
                "response.in_progress", **created
            )
        if kind == "response.output_item.done":
            place, item = event.get("output_index"), event.get("item")
            if isinstance(place, int) and isinstance(item, dict):
                self._done[place] = item
        elif kind in _ENDS and isinstance(response, dict):
            self.is_finished = True
            self._end = event
        elif kind in _FAILURES or (not kind and event.get("error")):
            self.failure = frame(raw.encode(), (kind or "error").encode())
        return b""

    def event(self, line: Line) -> bytes:
        handler = self._handlers.get(line.e)
        return b"" if handler is None else handler(line)

    def finish(self) -> bytes:
        """Return upstream's own last event, with the items as they were sent on."""
        response = self._end["response"]
        output = [self._items[index].item for index in sorted(self._items)]
        last = (response.get("output") or [{}])[-1]
        if output and "status" in output[-1] and last.get("status"):
            output[-1] = {**output[-1], "status": last["status"]}  # incomplete, where it was cut
        end = {**self._end, "response": {**response, "output": output}}
        kind = end.pop("type")
        return self._emit(kind, **end)

    def _emit(self, kind: str, **members: Any) -> bytes:
        data = {**members, "type": kind, "sequence_number": self._sequence}
        self._sequence += 1
        return frame(encode(data), kind.encode())

    def _open(self, line: Line, item: dict[str, Any]) -> bytes:
        self._items[line.i] = _Item(item)
        return self._emit("response.output_item.added", output_index=line.i, item=item)

    def _close(self, line: Line, item: dict[str, Any]) -> bytes:
        self._items[line.i].item = item
        return self._emit("response.output_item.done", output_index=line.i, item=item)

    def _id(self, line: Line, prefix: str) -> str:
        """An id for what has none yet: upstream's own are other ones in every event too."""
        return f"{prefix}{self._response_id.removeprefix('resp_')}_{line.i}"

    # Texts

    def _text_start(self, line: Line) -> bytes:
        item = {
            "type": "message",
            "id": self._id(line, "msg_"),
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        added = self._open(line, item)
        part = {"type": "output_text", "text": "", "annotations": []}
        return added + self._emit(
            "response.content_part.added", **self._place(line), content_index=0, part=part
        )

    def _place(self, line: Line) -> dict[str, Any]:
        return {"item_id": self._items[line.i].item["id"], "output_index": line.i}

    def _text_delta(self, line: Line) -> bytes:
        self._items[line.i].pieces.append(line.d or "")
        return self._emit(
            "response.output_text.delta", **self._place(line), content_index=0, delta=line.d
        )

    def _text_end(self, line: Line) -> bytes:
        open_item = self._items[line.i]
        text = open_item.text
        part = {"type": "output_text", "text": text, "annotations": []}
        done = self._emit(
            "response.output_text.done", **self._place(line), content_index=0, text=text
        )
        done += self._emit(
            "response.content_part.done", **self._place(line), content_index=0, part=part
        )
        signed = msgspec.json.decode(line.sig) if line.sig else {}
        item = {**open_item.item, **{k: signed[k] for k in ("id", "phase") if k in signed}}
        content = self._whole_content(line.i, text) or [part]
        return done + self._close(line, {**item, "status": "completed", "content": content})

    def _whole_content(self, index: int, text: str) -> list[Any] | None:
        """Return the parts as upstream sent them, if they are those of this very text."""
        parts = self._done.get(index, {}).get("content")
        if not isinstance(parts, list) or not all(isinstance(each, dict) for each in parts):
            return None
        whole = "".join(str(each.get("text", each.get("refusal", ""))) for each in parts)
        return parts if whole == text else None

    # Thinking

    def _thinking_start(self, line: Line) -> bytes:
        item = {"type": "reasoning", "id": self._id(line, "rs_"), "summary": []}
        return self._open(line, item)

    def _thinking_delta(self, line: Line) -> bytes:
        open_item = self._items[line.i]
        if line.d == PART_BREAK and not open_item.has_break:
            open_item.has_break = True
            return b""
        text = (PART_BREAK if open_item.has_break else "") + (line.d or "")
        open_item.has_break = False
        out = b""
        if not open_item.pieces:
            part = {"type": "summary_text", "text": ""}
            out = self._emit(
                "response.reasoning_summary_part.added",
                **self._place(line),
                summary_index=0,
                part=part,
            )
        open_item.pieces.append(text)
        return out + self._emit(
            "response.reasoning_summary_text.delta",
            **self._place(line),
            summary_index=0,
            delta=text,
        )

    def _thinking_end(self, line: Line) -> bytes:
        open_item = self._items[line.i]
        out = b""
        if open_item.pieces:
            part = {"type": "summary_text", "text": open_item.text}
            place = {**self._place(line), "summary_index": 0}
            out = self._emit("response.reasoning_summary_text.done", **place, text=open_item.text)
            out += self._emit("response.reasoning_summary_part.done", **place, part=part)
        item = msgspec.json.decode(line.sig) if line.sig else open_item.item
        return out + self._close(line, item)

    # Calls

    def _call_start(self, line: Line) -> bytes:
        call_id, _, item_id = ("", "", "") if line.call is None else line.call.id.partition("|")
        item = {
            "type": "function_call",
            "id": item_id or self._id(line, "fc_"),
            "call_id": call_id,
            "name": "" if line.call is None else line.call.name,
            "arguments": "",
            "status": "in_progress",
        }
        return self._open(line, item)

    def _call_delta(self, line: Line) -> bytes:
        self._items[line.i].pieces.append(line.d or "")
        return self._emit(
            "response.function_call_arguments.delta", **self._place(line), delta=line.d
        )

    def _call_end(self, line: Line) -> bytes:
        open_item = self._items[line.i]
        arguments = open_item.text or line.d or "{}"
        done = self._emit(
            "response.function_call_arguments.done", **self._place(line), arguments=arguments
        )
        item = {**open_item.item, "arguments": arguments, "status": "completed"}
        return done + self._close(line, item)
