"""``/chat/completions`` as Copilot streams it (copilot-protocol.md 5.2). Pure."""

from __future__ import annotations

from typing import Any

from proxy_core.upstream.backends.pi_ai.events.wire import Wire, encode, frame
from proxy_core.upstream.backends.pi_ai.lines import Line

THINKING = "reasoning_text"
_AFTER = b"}]}"
_DROPPED = ("reasoning_opaque", "refusal", "annotations")
"""Members of a piece that the library does not read."""


class _Call:
    """A call whose pieces wait until it has a name."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_open = False
        self.held: list[str] = []


class ChatWire(Wire):
    def __init__(self) -> None:
        super().__init__()
        self._head = b""
        self._has_role = False
        self._thinking = encode(THINKING)
        self._calls: dict[int, _Call] = {}
        self._ends: list[bytes] = []

    def note(self, raw: str, event: dict[str, Any]) -> bytes:
        if event.get("error"):
            self.failure = frame(raw.encode())
            return b""
        choices = event.get("choices") or ()
        if not self._head and choices:
            known: dict[str, Any] = {"object": "chat.completion.chunk"}
            known |= {name: event[name] for name in ("id", "created", "model") if name in event}
            self._head = encode(known)[:-1] + b',"choices":[{"index":0,"delta":'
        has_end = any(choice.get("finish_reason") for choice in choices)
        if has_end or event.get("usage"):
            self.is_finished = self.is_finished or has_end
            emptied = [{**choice, "delta": {}} for choice in choices]
            self._ends.append(frame(encode({**event, "choices": emptied})))
        out = b""
        for choice in choices:
            delta = choice.get("delta") or {}
            dropped = {name: delta[name] for name in _DROPPED if delta.get(name)}
            if dropped:
                out += self._chunk(encode(dropped))
        return out

    def event(self, line: Line) -> bytes:
        # Most frequent first: this runs once per event.
        match line.e:
            case "text_delta":
                return self._chunk(b'{"content":' + encode(line.d) + b"}")
            case "thinking_delta":
                return self._chunk(b"{" + self._thinking + b":" + encode(line.d) + b"}")
            case "toolcall_delta" | "toolcall_start" | "toolcall_end":
                return self._call(line)
            case "thinking_start":
                if line.sig and line.sig.isidentifier():
                    self._thinking = encode(line.sig)
        return b""

    def finish(self) -> bytes:
        return b"".join(self._ends) + frame(b"[DONE]")

    def _call(self, line: Line) -> bytes:
        call = self._calls.setdefault(line.i, _Call(len(self._calls)))
        out = b""
        if line.call is not None and not call.is_open:
            call.is_open = True
            opening = {
                "index": call.number,
                "id": line.call.id,
                "type": "function",
                "function": {"name": line.call.name, "arguments": ""},
            }
            out = self._chunk(encode({"tool_calls": [opening]}))
        if line.d:
            call.held.append(line.d)
        if call.is_open and call.held:
            piece = {"index": call.number, "function": {"arguments": "".join(call.held)}}
            call.held.clear()
            out += self._chunk(encode({"tool_calls": [piece]}))
        return out

    def _chunk(self, delta: bytes) -> bytes:
        role = b""
        if not self._has_role:
            self._has_role = True
            role = b"data: " + self._head + b'{"role":"assistant","content":""}' + _AFTER + b"\n\n"
        return role + b"data: " + self._head + delta + _AFTER + b"\n\n"
