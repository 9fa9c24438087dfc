"""Finds leaked calls at the end of one block of text, as it streams. Pure.

Text is held back only from a possible start of a call at the beginning of a line, and only while
everything after it can be part of calls to the request's tools.
"""

from __future__ import annotations

from collections.abc import Callable

from proxy_core.dialects.leaked_tool_calls.candidate import OPENINGS, Candidate, LeakedCall
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.leaked_tool_calls.surroundings import may_begin_line, stands_as_call

LESSER_THAN = "<"
_SECOND = frozenset({"", *(each[1] for each in OPENINGS)})
LONGEST_STRAY = 40
"""Maximum characters before the markup in its line that still count as a line's beginning."""


class LeakDetector:
    """One block of text."""

    def __init__(self, tools: OfferedTools) -> None:
        self._tools = tools
        self._before: list[Callable[[], str] | str] = []
        """Released text; pieces may still have to be decoded."""
        self._held: list[str] = []
        self._candidate: Candidate | None = None
        self._gave_up = False

    @property
    def is_holding(self) -> bool:
        return bool(self._held)

    @property
    def is_complete(self) -> bool:
        """Whether the held text is only complete calls, if the text ended here."""
        return self._candidate is not None and self._candidate.is_complete

    def note(self, read: Callable[[], str]) -> None:
        """Note sent text without any ``<``; ``read`` decodes it if needed."""
        if not self._gave_up:
            self._before.append(read)

    def feed(self, text: str) -> str:
        """Return the text that can be sent now."""
        if self._gave_up:
            return text
        if not self._held and LESSER_THAN not in text:
            self._before.append(text)
            return text
        if self._candidate is not None:
            self._held.append(text)
            if self._candidate.feed(text):
                return ""
            return self._give_up()
        return self._search("".join(self._held) + text)

    def release(self) -> str:
        """Return the held text: it is not a call."""
        return self._give_up() if self._held else ""

    def take_calls(self) -> tuple[LeakedCall, ...]:
        """Return the held calls and remove them from the text."""
        if self._candidate is None or not self._candidate.is_complete:
            return ()
        self._held = []
        return tuple(self._candidate.calls)

    def _search(self, text: str) -> str:
        self._held = []
        at = -1
        while (at := text.find(LESSER_THAN, at + 1)) >= 0:
            if text[at + 1 : at + 2] not in _SECOND:
                continue
            rest = text[at : at + 40]
            if not any(each.startswith(rest) or rest.startswith(each) for each in OPENINGS):
                continue
            if not self._begins_line(text[:at]):
                continue
            if not any(rest.startswith(each) for each in OPENINGS):
                # The end of the received text; the next piece decides.
                self._held = [text[at:]]
                return self._released(text[:at])
            self._released(text[:at])
            self._held = [text[at:]]
            self._candidate = Candidate(self._tools)
            if stands_as_call(self._text_before()) and self._candidate.feed(text[at:]):
                return text[:at]
            return text[:at] + self._give_up()
        return self._released(text)

    def _released(self, text: str) -> str:
        if text:
            self._before.append(text)
        return text

    def _begins_line(self, piece: str) -> bool:
        start = piece.rfind("\n")
        line = piece[start + 1 :]
        position = len(self._before)
        while start < 0 and position > 0 and len(line) <= LONGEST_STRAY:
            position -= 1
            each = self._before[position]
            if not isinstance(each, str):
                self._before[position] = each = each()
            start = each.rfind("\n")
            line = each[start + 1 :] + line
        return may_begin_line(line)

    def _text_before(self) -> str:
        text = "".join(each if isinstance(each, str) else each() for each in self._before)
        self._before = [text] if text else []
        return text

    def _give_up(self) -> str:
        """Stop detection after markup that is not a call: the text is about such markup."""
        held, self._held = "".join(self._held), []
        self._candidate = None
        self._gave_up = True
        self._before = []
        return held
