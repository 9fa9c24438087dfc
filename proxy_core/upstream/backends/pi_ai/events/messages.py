"""``/v1/messages`` as Copilot streams it (copilot-protocol.md 7). Pure."""

from __future__ import annotations

from typing import Any

from proxy_core.upstream.backends.pi_ai.events.wire import Wire, encode, frame
from proxy_core.upstream.backends.pi_ai.lines import Line


class MessagesWire(Wire):
    def __init__(self) -> None:
        super().__init__()
        self._ends: list[bytes] = []
        self._redacted: set[int] = set()
        self._citations: dict[int, list[bytes]] = {}
        """What a text cites, which the library does not read; sent before the text's end."""

    def note(self, raw: str, event: dict[str, Any]) -> bytes:
        kind = event.get("type")
        if kind == "message_start":
            return frame(raw.encode(), b"message_start")
        if kind == "message_delta":
            self._ends.append(frame(raw.encode(), b"message_delta"))
            self.is_finished = self.is_finished or bool(
                (event.get("delta") or {}).get("stop_reason")
            )
        elif kind == "content_block_delta":
            self._citations.setdefault(event.get("index", 0), []).append(
                frame(raw.encode(), b"content_block_delta")
            )
        elif kind == "error" or event.get("error"):
            self.failure = frame(raw.encode(), b"error")
        return b""

    def event(self, line: Line) -> bytes:
        # Most frequent first: this runs once per event.
        match line.e:
            case "text_delta":
                return self._delta(line.i, b'"text_delta","text":', line.d)
            case "toolcall_delta":
                return self._delta(line.i, b'"input_json_delta","partial_json":', line.d)
            case "thinking_delta":
                return self._delta(line.i, b'"thinking_delta","thinking":', line.d)
            case "text_start":
                return self._start(line.i, {"type": "text", "text": ""})
            case "text_end":
                return b"".join(self._citations.pop(line.i, ())) + self._stop(line.i)
            case "thinking_start" if line.redacted:
                self._redacted.add(line.i)
                return self._start(line.i, {"type": "redacted_thinking", "data": line.sig or ""})
            case "thinking_start":
                return self._start(line.i, {"type": "thinking", "thinking": "", "signature": ""})
            case "thinking_end":
                if line.i in self._redacted or not line.sig:
                    return self._stop(line.i)
                signed = self._delta(line.i, b'"signature_delta","signature":', line.sig)
                return signed + self._stop(line.i)
            case "toolcall_start" if line.call is not None:
                call = {"id": line.call.id, "name": line.call.name}
                return self._start(line.i, {"type": "tool_use", **call, "input": {}})
            case "toolcall_end":
                whole = line.d if line.d not in (None, "{}") else None
                arguments = self._delta(line.i, b'"input_json_delta","partial_json":', whole)
                return arguments + self._stop(line.i)
        return b""

    def finish(self) -> bytes:
        return b"".join(self._ends) + frame(b'{"type":"message_stop"}', b"message_stop")

    def _start(self, index: int, block: dict[str, Any]) -> bytes:
        data = {"type": "content_block_start", "index": index, "content_block": block}
        return frame(encode(data), b"content_block_start")

    def _delta(self, index: int, head: bytes, text: str | None) -> bytes:
        if not text:
            return b""
        data = b'{"type":"content_block_delta","index":%d,"delta":{"type":%b%b}}' % (
            index,
            head,
            encode(text),
        )
        return frame(data, b"content_block_delta")

    def _stop(self, index: int) -> bytes:
        return frame(b'{"type":"content_block_stop","index":%d}' % index, b"content_block_stop")
