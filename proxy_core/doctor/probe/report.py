"""A run's result as one JSON file without anything of the person's, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import msgspec

from proxy_core.doctor.probe.account_probes import figures
from proxy_core.doctor.probe.entries import ENTRIES, UNSETTLED
from proxy_core.doctor.probe.list_probes import LIST, entries_in, shareable
from proxy_core.doctor.probe.question import ProbeAnswer
from proxy_core.doctor.probe.runner import ProbeReport
from proxy_core.errors import BadRequest, translatable
from proxy_core.status.redaction import redact
from proxy_core.status.totals import NANO_PER_CREDIT

FORMAT = "g-copilot-proxy probe"
VERSION = 1
LARGEST_FILE = 4_000_000
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
PACES = ((0.2, "at once"), (1.0, "within a second"), (5.0, "within five seconds"))


@dataclass(frozen=True, slots=True)
class MeasuredAccount:
    """What a file says, as far as it is acted upon."""

    verdicts: Mapping[str, str]
    is_complete: bool
    measured_at: str = ""
    models: tuple[Mapping[str, Any], ...] = field(default=())


def pace(first_events: tuple[float, ...]) -> str:
    """Return how soon answers begin, by their median, in words that a busy minute does not change."""
    if not first_events:
        return "not seen"
    median = sorted(first_events)[len(first_events) // 2]
    return next((word for bound, word in PACES if median < bound), "later")


def verdicts_of(report: ProbeReport) -> dict[str, str]:
    """Return every verdict, those about the whole run included."""
    return {
        **report.verdicts,
        "pace": pace(report.first_events),
        "reliability": "some calls fail" if report.faults else "no call failed",
    }


def to_json(report: ProbeReport, *, measured_at: str, program: str) -> bytes:
    """Return the file's content. ``measured_at`` is a date and time, ``program`` name and version."""
    verdicts = verdicts_of(report)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "program": program,
        "measured_at": measured_at,
        "complete": report.is_complete,
        "ended": redact(report.ended),
        "requests": report.requests,
        "credits": round(report.nano_credits / NANO_PER_CREDIT, 4),
        "verdicts": verdicts,
        "probes": [
            {
                "id": entry.id,
                "question": entry.question,
                "settles": entry.settles,
                "verdict": verdicts[entry.id],
                "answers": [
                    _answer_entry(each.name, report.answers[each.name])
                    for each in entry.requests
                    if each.name in report.answers
                ],
            }
            for entry in ENTRIES
        ],
        "left_open": [
            {"question": each.question, "source": each.source, "reason": each.reason}
            for each in UNSETTLED
        ],
        "measured": {
            **figures(report.answers),
            "first_event_seconds": _spread(report.first_events),
            "fault_share": _fault_share(report),
            "calls": report.calls if report.faults else (),
        },
        "models": shareable(entries_in(report.answers.get(LIST.name))),
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _answer_entry(name: str, answer: ProbeAnswer) -> dict[str, Any]:
    """Status and code alone: sentences may name the account."""
    entry: dict[str, Any] = {"request": name, "status": answer.status}
    code = redact(answer.code)
    if _WORD.fullmatch(code):
        entry["code"] = code
    if answer.broke:
        entry["broke"] = True
    return entry


def _spread(first_events: tuple[float, ...]) -> list[float]:
    """Return between which seconds the middle half of the answers began."""
    if len(first_events) < 2:
        return [round(each, 3) for each in first_events * 2]
    low, _, high = quantiles(first_events, n=4)
    return [round(max(0.0, low), 3), round(high, 3)]


def _fault_share(report: ProbeReport) -> float:
    return round(report.faults / len(report.calls), 2) if report.calls else 0.0


def read_report(content: bytes) -> MeasuredAccount:
    """Return what a file says. Raises BadRequest for anything but a file of ``doctor --probe``."""
    if len(content) > LARGEST_FILE:
        raise _unreadable(f"it is larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _unreadable("it is no JSON") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _unreadable("it was not written by “g-copilot-proxy doctor --probe”")
    if found.get("version") != VERSION:
        raise _unreadable(
            f"its version is {found.get('version')!r}, and this program reads version {VERSION}"
        )
    verdicts, models = found.get("verdicts"), found.get("models")
    if not isinstance(verdicts, dict) or not all(isinstance(v, str) for v in verdicts.values()):
        raise _unreadable("its verdicts are missing or no texts")
    if not isinstance(models, list) or not all(isinstance(each, dict) for each in models):
        raise _unreadable("its list of models is missing or damaged")
    measured_at = found.get("measured_at")
    return MeasuredAccount(
        verdicts=verdicts,
        is_complete=found.get("complete") is True,
        measured_at=measured_at if isinstance(measured_at, str) else "",
        models=tuple(models),
    )


def _unreadable(why: str) -> BadRequest:
    return BadRequest(
        translatable("The file cannot be used as measured facts: {why}.", why=why),
        title=translatable("The measured facts cannot be used"),
        code="probe_file",
    )
