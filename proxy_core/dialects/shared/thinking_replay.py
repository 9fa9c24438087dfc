"""Collects thinking that upstream requires back with the next turn from a stream of events.

Gemini 3 refuses a tool loop whose assistant turn returns without its ``reasoning_text`` and
``reasoning_opaque`` (opencode #4468), and most chat clients return neither. The server caches them
by the ids of the turn's tool calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.canonical.events import StreamEvent, ThinkingDelta, ThinkingEnd, ToolCallStart
from proxy_core.canonical.request import DialectName


@dataclass(frozen=True, slots=True)
class TurnThinking:
    """The thinking of one turn that called tools; ``opaque`` is its opaque data, joined from its
    pieces.
    """

    call_ids: tuple[str, ...]
    text: str
    opaque: str


class ThinkingWatch:
    """Watches one response for opaque data that its tool calls need."""

    __slots__ = ("_call_ids", "_opaque", "_text")

    def __init__(self) -> None:
        self._text: list[str] = []
        self._opaque: list[str] = []
        self._call_ids: list[str] = []

    def feed(self, event: StreamEvent) -> None:
        if isinstance(event, ThinkingDelta):
            self.add_text(event.text)
        elif isinstance(event, ToolCallStart):
            self.add_call(event.id)
        elif isinstance(event, ThinkingEnd) and event.opaque is not None:
            opaque = event.opaque
            if opaque.dialect is DialectName.OPENAI_CHAT and opaque.kind == "reasoning_opaque":
                self.add_opaque(opaque.data)

    def add_text(self, text: str) -> None:
        self._text.append(text)

    def add_opaque(self, data: str) -> None:
        self._opaque.append(data)

    def add_call(self, call_id: str) -> None:
        if call_id not in self._call_ids:
            self._call_ids.append(call_id)

    @property
    def has_opaque(self) -> bool:
        return bool(self._opaque)

    @property
    def turn(self) -> TurnThinking | None:
        """Return the thinking so far; None without opaque data.

        Without a call it cannot be found again, but its issuer is still useful.
        """
        if not self._opaque:
            return None
        return TurnThinking(tuple(self._call_ids), "".join(self._text), "".join(self._opaque))
