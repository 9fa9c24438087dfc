"""One request as a row of a table and as a sentence, the same on Home and in Activity."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words, prompt_tokens
from proxy_core.status.status import RequestRecord, RequestState

RUNNING = (RequestState.WAITING, RequestState.STREAMING)
_SHAPES = {
    RequestState.WAITING: Shape.STREAMING,
    RequestState.STREAMING: Shape.STREAMING,
    RequestState.DONE: Shape.DONE,
    RequestState.FAILED: Shape.FAILED,
    RequestState.CANCELLED: Shape.CANCELLED,
    RequestState.NOT_SENT: Shape.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``sentence`` is the whole row for a screen reader.

    ``traced``: the label of a traced request; empty if it is not traced.
    """

    request_id: str
    shape: Shape
    state: str
    time: str
    tool: str
    model: str
    tokens: str
    cached: str
    credits: str
    took: str
    sentence: str
    traced: str = ""


def request_shape(record: RequestRecord) -> Shape:
    sent_again = record.state is RequestState.DONE and record.attempts > 1
    return Shape.ATTENTION if sent_again else _SHAPES[record.state]


def request_row(
    record: RequestRecord, now: float, words: Words, *, traced: bool = False
) -> RequestRow:
    """``now`` is in seconds since 1970, for the time a running request took so far."""
    tr = words.tr
    running = record.state in RUNNING
    prompt = prompt_tokens(record)
    seconds = now - record.started if running else record.duration
    took = "–" if seconds is None else words.took(max(0.0, seconds))
    model = model_words(record, words)
    state = words.request_state(record)
    sentence = tr("{state}, {tool}, {model}, {took}").format(
        state=state, tool=words.tool(record), model=model, took=took
    )
    mark = tr("Traced") if traced else ""
    why = "" if record.error is None else words.failure(record.error)
    if mark:
        sentence = f"{sentence}, {mark}"
    return RequestRow(
        request_id=record.request_id,
        shape=request_shape(record),
        state=state,
        time=_time(record, now, words),
        tool=words.tool(record),
        model=model,
        tokens=_tokens(record, running=running, words=words),
        cached=f"{round(100 * record.cache_read_tokens / prompt)} %" if prompt else "–",
        credits="…" if running else words.credits(record.nano_credits),
        took=took,
        sentence=sentence if why in ("", state) else f"{sentence}. {why}",
        traced=mark,
    )


def model_words(record: RequestRecord, words: Words) -> str:
    """Return the model's name, or why none is known."""
    if name := record.model or record.model_asked:
        return name
    return words.tr("Name not stored") if record.is_from_ledger else words.tr("Unknown model")


class RequestRowCache:
    """Rows of requests; that of an ended one is made once, and is the same object while it is shown."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._ended: dict[str, tuple[RequestRecord, RequestRow]] = {}
        self._day = ""

    def rows(
        self, records: Iterable[RequestRecord], now: float, traced: Container[str]
    ) -> tuple[RequestRow, ...]:
        """``traced``: ids of requests whose content is kept; ``now`` is in seconds since 1970."""
        today = self._words.locale.day(now)
        before, self._ended = (self._ended if today == self._day else {}), {}
        self._day = today
        made = []
        for record in records:
            is_traced = record.request_id in traced
            known = before.get(record.request_id)
            if known is not None and known[0] == record and bool(known[1].traced) is is_traced:
                row = known[1]
            else:
                row = request_row(record, now, self._words, traced=is_traced)
            if record.state not in RUNNING:
                self._ended[record.request_id] = record, row
            made.append(row)
        return tuple(made)


def _time(record: RequestRecord, now: float, words: Words) -> str:
    """Return the time of day, or the day if it was another one."""
    day = words.locale.day(record.started)
    return words.locale.time_of_day(record.started) if day == words.locale.day(now) else day


def _tokens(record: RequestRecord, *, running: bool, words: Words) -> str:
    prompt = prompt_tokens(record)
    if running and not prompt:
        return "…"
    if not prompt and not record.output_tokens:
        return "–"
    out = "…" if running else words.tokens(record.output_tokens)
    return f"{words.tokens(prompt)} → {out}"
