"""The details of one request: ending, route, time, tokens and price. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.presenters.activity.next_steps import next_step
from desktop.presenters.activity.request_rows import RUNNING, request_shape
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.config.settings import BackendName
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import ParameterRefusal, RequestRecord, RequestState
from proxy_core.usage.prompt_cache.health import MISS_WORDS

_DIALECTS = (
    ("/v1/messages", "Messages"),
    ("/responses", "Responses"),
    ("/chat/completions", "Chat"),
    ("/embeddings", "Embeddings"),
    ("/messages", "Messages"),
)
"""Names of interfaces by a part of the path; not translated."""
_UNANSWERED = (RequestState.FAILED, RequestState.NOT_SENT)
_MISSES = {str(reason): words for reason, words in MISS_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """``mono``: an id. ``refusal``: the user can have it forgotten. ``may_quote``: it may quote the
    request, so no report carries it.
    """

    label: str
    value: str
    mono: bool = False
    refusal: ParameterRefusal | None = None
    may_quote: bool = False


@dataclass(frozen=True, slots=True)
class TimePart:
    """``colour`` is a token of the chart's colours; ``seconds`` set the length."""

    label: str
    figure: str
    seconds: float
    colour: str


@dataclass(frozen=True, slots=True)
class Amount:
    label: str
    figure: str


@dataclass(frozen=True, slots=True)
class RequestDetails:
    """``sentence`` describes the time bar for a screen reader."""

    request_id: str
    tool: str
    shape: Shape
    heading: str
    line: str
    facts: tuple[Fact, ...]
    time: str
    time_parts: tuple[TimePart, ...]
    sentence: str
    credits: str
    amounts: tuple[Amount, ...]
    credit_note: str
    can_cancel: bool
    tool_is_paused: bool


def request_details(
    record: RequestRecord,
    now: float,
    words: Words,
    *,
    refusals: tuple[ParameterRefusal, ...] = (),
    paused: bool = False,
) -> RequestDetails:
    """``now`` is in seconds since 1970."""
    tr = words.tr
    seconds = now - record.started if record.state in RUNNING else record.duration
    took = words.took(max(0.0, seconds)) if seconds is not None else "–"
    parts = _time_parts(record, now, words)
    return RequestDetails(
        request_id=record.request_id,
        tool="" if record.client == OWN_CLIENT else record.client,
        shape=request_shape(record),
        heading=_heading(record, words),
        line=tr("{tool}, {day} {time}").format(
            tool=words.tool(record),
            day=words.day_of(record.started, now),
            time=words.locale.time_of_day(record.started),
        ),
        facts=_facts(record, words, refusals),
        time=took,
        time_parts=parts,
        sentence=", ".join(f"{part.label} {part.figure}" for part in parts) or took,
        credits="…" if record.state in RUNNING else words.credits(record.nano_credits),
        amounts=_amounts(record, words),
        credit_note=_credit_note(record, words),
        can_cancel=record.state in RUNNING,
        tool_is_paused=paused,
    )


def report_of(record: RequestRecord, details: RequestDetails) -> str:
    """Return a text for a bug report: counts and names, never content."""
    rows = [
        ("Request", record.request_id),
        ("Outcome", details.heading),
        ("Tool", details.line),
        ("Path", record.path),
        ("Model asked for", record.model_asked),
        *((fact.label, fact.value) for fact in details.facts if not fact.may_quote),
        *([("Why", record.reason)] if record.reason else []),
        ("Upstream", record.upstream_endpoint or "–"),
        ("Status", "–" if record.http_status is None else str(record.http_status)),
        ("Attempts", str(record.attempts)),
        ("Ended by", record.stop_reason or record.error or "–"),
        ("Time", details.time),
        *((part.label, part.figure) for part in details.time_parts),
        *((amount.label, amount.figure) for amount in details.amounts),
        ("Credits", details.credits),
    ]
    return "\n".join(f"{label}: {value}" for label, value in rows)


def _heading(record: RequestRecord, words: Words) -> str:
    tr = words.tr
    match record.state:
        case RequestState.WAITING if record.waits_for_approval:
            return tr("Waits for your answer")
        case RequestState.WAITING:
            return tr("Waiting for the first word")
        case RequestState.STREAMING:
            return tr("Streaming")
        case RequestState.DONE if record.attempts > 1:
            return tr("Done after sending again")
        case RequestState.DONE:
            return tr("Done")
        case RequestState.CANCELLED:
            return tr("Cancelled")
    return words.failure(record.error)


def _facts(
    record: RequestRecord, words: Words, refusals: tuple[ParameterRefusal, ...]
) -> tuple[Fact, ...]:
    tr = words.tr
    model = record.model or record.model_asked
    facts = [Fact(tr("Model"), model, mono=True)]
    if not model and record.is_from_ledger:
        facts = [Fact(tr("Model"), tr("The name that was asked for was in memory only."))]
    if record.model_asked and record.model_asked != model:
        facts.append(Fact(tr("Asked for"), record.model_asked, mono=True))
    route = _route(record, words)
    if route:
        facts.append(Fact(tr("Route"), route))
    if record.backend and record.backend != BackendName.COPILOT:
        facts.append(Fact(tr("Backend"), record.backend, mono=True))
    asked_by = _asked_by(record, words)
    if asked_by:
        facts.append(Fact(tr("Counted by GitHub as"), asked_by))
    if record.dropped:
        facts.append(Fact(tr("Dropped"), ", ".join(record.dropped), mono=True))
    facts.extend(
        Fact(
            tr("Learned"),
            tr("“{member}” was refused by this model; left out until {day}.").format(
                member=each.member, day=words.locale.day(each.until)
            ),
            refusal=each,
        )
        for each in refusals
        if each.model == model and each.endpoint == record.upstream_endpoint
    )
    facts.extend(Fact(tr("Note"), note) for note in record.notes)
    miss = _MISSES.get(record.cache_miss or "")
    if miss:
        facts.append(Fact(tr("Cache"), words.declared(miss)))
    if record.state in _UNANSWERED and record.http_status is not None:
        facts.append(Fact(tr("Answered"), tr("status {n}").format(n=record.http_status)))
    return tuple(each for each in (*_told(record, words), *facts) if each.value)


def _told(record: RequestRecord, words: Words) -> tuple[Fact, ...]:
    """Return what the tool was told, and what to do; empty where nothing went wrong."""
    tr = words.tr
    if record.state not in _UNANSWERED:
        return ()
    return (*_message(record, words), Fact(tr("What to do"), next_step(record, words)))


def _message(record: RequestRecord, words: Words) -> tuple[Fact, ...]:
    """Return the message as the tool got it, or what is left of it and why it is not all."""
    tr = words.tr
    if record.message:
        return (Fact(tr("Message"), record.message, may_quote=True),)
    if record.reason:
        not_stored = tr(
            "Word for word it was in memory only, until the app ended: it may quote the request."
        )
        return (
            Fact(tr("In short"), words.declared(record.reason), may_quote=True),
            Fact(tr("Message"), not_stored),
        )
    return (Fact(tr("Message"), tr("None was recorded.")),)


def _route(record: RequestRecord, words: Words) -> str:
    """``Responses → Responses, unchanged``; empty before it is known."""
    tr = words.tr
    if not record.upstream_endpoint:
        return ""
    how = tr("translated") if record.translated else tr("unchanged")
    return tr("{asked} → {sent}, {how}").format(
        asked=_dialect(record.path), sent=_dialect(record.upstream_endpoint), how=how
    )


def _asked_by(record: RequestRecord, words: Words) -> str:
    """Return whom GitHub counts the request for: plans that count requests bill only a person's."""
    tr = words.tr
    match record.initiator:
        case "user":
            return tr("yours")
        case "agent" if record.initiator_reason:
            return tr("an agent's: {why}").format(why=record.initiator_reason)
        case "agent":
            return tr("an agent's")
    return ""


def _dialect(path: str) -> str:
    return next((name for part, name in _DIALECTS if part in path), path)


def _time_parts(record: RequestRecord, now: float, words: Words) -> tuple[TimePart, ...]:
    """Return the parts of the total time that are known separately."""
    tr = words.tr
    running = record.state in RUNNING
    whole = now - record.started if running else record.duration
    if whole is None:
        return ()
    asked = whole if record.waits_for_approval else record.approval_seconds or 0.0
    first = record.first_byte if record.first_byte is not None else whole
    found = (
        (tr("Waiting for you"), asked, "chart4"),
        (_until_first_byte(record, words), max(0.0, first - asked), "chart2"),
        (tr("Streaming"), max(0.0, whole - first), "chart1"),
    )
    return tuple(
        TimePart(label, words.took(seconds), seconds, colour)
        for label, seconds, colour in found
        if seconds > 0
    )


def _until_first_byte(record: RequestRecord, words: Words) -> str:
    """Return the time to the first byte; the record does not separate attempts."""
    tr = words.tr
    if record.first_byte is None:
        if record.state is RequestState.DONE:
            return tr("Whole answer")
        return tr("Waiting for GitHub") if record.state in RUNNING else tr("No answer")
    if record.attempts > 1:
        return tr("First word, in {count} tries").format(count=record.attempts)
    return tr("First word")


def _amounts(record: RequestRecord, words: Words) -> tuple[Amount, ...]:
    tr, number = words.tr, words.locale.integer
    if not record.prompt_tokens and not record.output_tokens:
        return ()
    found = [
        (tr("New input"), record.input_tokens, True),
        (tr("From cache"), record.cache_read_tokens, True),
        (tr("Written to cache"), record.cache_write_tokens, False),
        (tr("Output"), record.output_tokens, True),
        (tr("of it thinking"), record.reasoning_tokens, False),
    ]
    return tuple(Amount(label, number(count)) for label, count, always in found if count or always)


def _credit_note(record: RequestRecord, words: Words) -> str:
    tr = words.tr
    parts = []
    if record.estimated and record.nano_credits is not None:
        parts.append(tr("Estimated here: GitHub sent no bill."))
    if record.saved_nano_credits:
        saved = words.small_credits(abs(record.saved_nano_credits))
        if record.saved_nano_credits > 0:
            parts.append(tr("The cache saved {credits} credits.").format(credits=saved))
        else:
            parts.append(tr("Writing the cache cost {credits} more.").format(credits=saved))
    return " ".join(parts)
