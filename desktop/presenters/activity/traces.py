"""The content of the selected request while tracing is on.

The only presenter with content. It is read from the engine's memory, held for the selected request
only, and dropped when the engine deletes it. Nothing of it is in a :class:`RequestDetails`, so no
report can carry it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from desktop.presenters.activity.request_rows import RUNNING
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.status.request_trace import RequestTrace, TracePart, TracePlace
from proxy_core.status.status import RequestRecord, RequestState

TRACING_SECONDS = 900.0
READ_AGAIN_SECONDS = 1.0
"""Seconds between reads of a running request's trace while it is shown."""
MOST_SHOWN = 20_000
"""In characters: laying out a longer line would block the window's thread."""


@dataclass(frozen=True, slots=True)
class TracePartView:
    """``copied`` is the whole trace, ``shown`` its beginning; ``note`` says what is missing."""

    place: TracePlace
    title: str
    name: str
    copy_name: str
    shown: str
    copied: str
    note: str


@dataclass(frozen=True, slots=True)
class TraceView:
    """``sentence`` says whether content is stored.

    ``offer`` is the button that turns tracing on, empty for none, and ``offer_line`` describes what
    that stores.
    """

    sentence: str
    is_content: bool
    parts: tuple[TracePartView, ...] = ()
    offer: str = ""
    offer_line: str = ""


class TraceReader:
    """``now`` is in seconds since 1970."""

    def __init__(self, commands: ServiceCommands, words: Words, now: Callable[[], float]) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._trace: RequestTrace | None = None
        self._parts: tuple[TracePartView, ...] = ()
        self._read: tuple[str, RequestState] | None = None
        self._read_at = 0.0

    def needs_reading(self, record: RequestRecord | None) -> bool:
        if record is None or record.request_id not in self._commands.status.traced:
            return False
        if self._read != (record.request_id, record.state):
            return True
        return record.state in RUNNING and self._now() - self._read_at >= READ_AGAIN_SECONDS

    async def read(self, record: RequestRecord) -> None:
        """Read the current trace. Raises ProxyError."""
        key = self._read = (record.request_id, record.state)
        self._read_at = self._now()
        trace = await asyncio.wrap_future(
            self._commands.submit(lambda commands: commands.trace_of(record.request_id))
        )
        if self._read == key:  # another row may have been selected meanwhile
            self._take(trace)

    def view(self, record: RequestRecord | None) -> TraceView | None:
        """Return the view of ``record``; content of any other request is dropped."""
        status, tr = self._commands.status, self._words.tr
        traced = record is not None and record.request_id in status.traced
        if record is None or not traced or self._read is None or self._read[0] != record.request_id:
            self._read = None
            self._take(None)
        if record is None:
            return None
        tracing = status.tracing_until is not None and status.tracing_until > self._now()
        again = bool(status.traced)
        if traced:
            return TraceView(
                self._retention_line(status.traces_until),
                is_content=True,
                parts=self._parts,
                offer="" if tracing else tr("Trace for 15 minutes again"),
                offer_line="" if tracing else self._offer_line(again=again),
            )
        if tracing:
            return TraceView(
                tr("This request is not traced: its prompt and answer are not stored."),
                is_content=False,
            )
        return TraceView(
            tr("Prompts and answers are not stored."),
            is_content=False,
            offer=tr("Trace for 15 minutes"),
            offer_line=self._offer_line(again=again),
        )

    def _take(self, trace: RequestTrace | None) -> None:
        if trace != self._trace:
            self._trace = trace
            parts = () if trace is None else trace.parts
            self._parts = tuple(self._part(each) for each in parts)

    def _retention_line(self, until: float | None) -> str:
        tr = self._words.tr
        if until is None:
            return tr("Traced. Prompt and answer are below, kept in memory only.")
        return tr("Traced. Prompt and answer are below, kept in memory only until {time}.").format(
            time=self._words.locale.hours_and_minutes(until)
        )

    def _offer_line(self, *, again: bool) -> str:
        tr = self._words.tr
        line = tr(
            "Keeps the text of new requests and answers for you to read here. In memory only, never in"
            " a file or log; gone ten minutes after tracing ends."
        )
        return f"{line} {tr('What was traced before goes at once.')}" if again else line

    def _part(self, part: TracePart) -> TracePartView:
        tr = self._words.tr
        name, copy_name = {
            TracePlace.CLIENT_REQUEST: (tr("What the tool asked"), tr("Copy what the tool asked")),
            TracePlace.UPSTREAM_REQUEST: (
                tr("What was sent to GitHub"),
                tr("Copy what was sent to GitHub"),
            ),
            TracePlace.UPSTREAM_ANSWER: (
                tr("What GitHub answered"),
                tr("Copy what GitHub answered"),
            ),
            TracePlace.CLIENT_ANSWER: (
                tr("What the tool got back"),
                tr("Copy what the tool got back"),
            ),
        }[part.place]
        text = _readable(part)
        notes = []
        if part.is_cut:
            notes.append(
                tr("Only the first {size} were kept.").format(size=self._size(len(part.text)))
            )
        if len(text) > MOST_SHOWN:
            notes.append(tr("The beginning is shown; Copy takes all that was kept."))
        return TracePartView(
            part.place,
            tr("{part}, {size}").format(part=name, size=self._size(part.size)),
            name,
            copy_name,
            text[:MOST_SHOWN],
            text,
            " ".join(notes),
        )

    def _size(self, count: int) -> str:
        tr, locale = self._words.tr, self._words.locale
        if count < 1024:
            return tr("{count} bytes").format(count=locale.integer(count))
        return tr("{count} kB").format(count=locale.decimal(count / 1024))


def _readable(part: TracePart) -> str:
    """Return a whole JSON body formatted; anything else (a stream, a cut body) unchanged."""
    if part.is_cut or not part.text.startswith(("{", "[")):
        return part.text
    try:
        return msgspec.json.format(part.text, indent=2)
    except msgspec.DecodeError:
        return part.text
