"""Merges the choices into which upstream's Claude models split one answer (copilot-protocol.md 5.2).

Text is choice 0 and every tool call a separate choice, each with a finish reason: a client stops
reading at the first one. Such chunks are recognised by their missing ``object`` member; OpenAI's
own models send it, and their choices are real ones (``n``).
"""

from __future__ import annotations

from typing import Any


class ChoiceMerger:
    """One stream. Delays the finish reason until the end."""

    __slots__ = ("_held", "_numbers", "_reason", "has_tool_calls")

    def __init__(self) -> None:
        self.has_tool_calls = False
        self._numbers: dict[tuple[int, object], int] = {}
        self._held: dict[str, Any] | None = None
        self._reason: str | None = None

    def feed(self, chunk: dict[str, Any], *, is_split: bool) -> list[dict[str, Any]]:
        """Return the chunks to send; ``is_split``: the chunk may be such a piece."""
        choices = chunk["choices"]
        for choice in choices:
            self._number_tool_calls(choice, own_choice=is_split)
        if not is_split:
            return [chunk]
        chunks = []
        for choice in choices:
            choice["index"] = 0
            reason = choice["finish_reason"]
            if reason is None:
                chunks.append({**chunk, "choices": [choice]})
                continue
            self._hold(chunk, reason)
            if _says_something(choice["delta"]):
                piece = {name: value for name, value in chunk.items() if name != "usage"}
                chunks.append({**piece, "choices": [{**choice, "finish_reason": None}]})
        return chunks

    def close(self) -> dict[str, Any] | None:
        """Return the single last chunk, or None for a stream that was not split."""
        if self._held is None:
            return None
        reason = "tool_calls" if self.has_tool_calls and self._reason == "stop" else self._reason
        choice = {"index": 0, "delta": {}, "finish_reason": reason}
        return {**self._held, "choices": [choice]}

    def _hold(self, chunk: dict[str, Any], reason: str) -> None:
        before = self._held or {}
        self._held = {**before, **chunk}
        if self._reason not in ("length", "content_filter"):
            self._reason = reason

    def _number_tool_calls(self, choice: dict[str, Any], *, own_choice: bool) -> None:
        """Give every tool call its own index, as strict clients require."""
        calls = choice["delta"].get("tool_calls")
        if not isinstance(calls, list):
            return
        self.has_tool_calls = self.has_tool_calls or bool(calls)
        for call in calls:
            if not isinstance(call, dict):
                continue
            if not own_choice and isinstance(call.get("index"), int):
                continue
            index = call.get("index")
            if index is None and not call.get("id") and self._numbers:
                call["index"] = max(self._numbers.values())
                continue
            key = (choice["index"], call.get("id") if index is None else index)
            call["index"] = self._numbers.setdefault(key, len(self._numbers))


def _says_something(delta: dict[str, Any]) -> bool:
    return any(value for name, value in delta.items() if name != "role")
