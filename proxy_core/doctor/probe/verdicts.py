"""Ways to read answers that several probes share. Pure."""

from __future__ import annotations

from collections.abc import Callable

from proxy_core.copilot_facts.measured import REFUSED, TAKEN
from proxy_core.doctor.probe.question import (
    NO_MODEL,
    NOT_ASKED,
    UNCLEAR,
    Answers,
    PlannedRequest,
    ProbeAnswer,
    Subject,
)

_ABOUT_THE_REQUEST = (400, 403, 404, 405, 415, 422)


def outcome(answer: ProbeAnswer | None) -> str:
    """Whether a request was taken, as a word."""
    if answer is None:
        return NOT_ASKED
    if answer.is_taken:
        return TAKEN
    if not answer.is_passing and answer.status in _ABOUT_THE_REQUEST:
        return REFUSED
    return UNCLEAR


def taken_or_refused(
    probe: PlannedRequest, baseline: PlannedRequest | None = None
) -> Callable[[Answers, Subject], str]:
    """Judge ``probe``; a refusal counts only where ``baseline``, the same without it, was taken."""

    def judge(answers: Answers, subject: Subject) -> str:
        if probe.name not in answers:
            return NO_MODEL if probe.build(subject) is None else NOT_ASKED
        verdict = outcome(answers[probe.name])
        if verdict == REFUSED and baseline is not None:
            plain = answers.get(baseline.name)
            return REFUSED if plain is not None and plain.is_taken else UNCLEAR
        return verdict

    return judge
