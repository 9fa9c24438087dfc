"""``/metrics``: the counts that are there anyway, in Prometheus' text format 0.0.4. Pure.

Nothing is counted for it: it reads the totals by model and the status when it is asked. Labels are
models' ids, allowances' names and our own words; no client's name, no path, no content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from proxy_core.server.admin.usage_totals import ModelTotals
from proxy_core.status.status import AccountState, RequestState, Status, UpstreamState
from proxy_core.status.totals import NANO_PER_CREDIT

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "g_copilot_proxy_"

_TOKEN_KINDS = ("input", "output", "cache_read", "cache_write", "reasoning")

Sample = tuple[Mapping[str, str], float]
"""Labels, and the value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """``kind`` is ``counter`` or ``gauge``; a counter's name ends in ``_total``."""

    name: str
    kind: str
    text: str
    samples: tuple[Sample, ...]


def render_metrics(
    status: Status,
    totals: Mapping[str, ModelTotals],
    *,
    version: str,
    since: float,
    is_ready: bool,
    now: float,
) -> str:
    """Return the whole answer. ``since`` (start of the counts) and ``now`` are seconds since 1970."""
    metrics = (
        _gauge("build_info", "The version that runs.", [({"version": version}, 1)]),
        _gauge("start_time_seconds", "When the counts began, since 1970.", [({}, since)]),
        _gauge("ready", "Whether a model call would be served.", [({}, is_ready)]),
        *_of_models(totals),
        *_of_now(status, now),
        *_of_allowances(status),
    )
    return "".join(line for each in metrics if each.samples for line in _lines(each))


def _of_models(totals: Mapping[str, ModelTotals]) -> Iterator[Metric]:
    ordered = sorted(totals.items())
    counted = (
        ("requests", "Model calls that ended, failed ones included.", "requests"),
        ("requests_failed", "Model calls that failed.", "failed"),
        (
            "requests_by_user",
            "Model calls a person made; the others are an agent's.",
            "asked_by_user",
        ),
    )
    for name, text, member in counted:
        samples = [({"model": model}, getattr(each, member)) for model, each in ordered]
        yield _counter(name, text, samples)
    tokens = [
        ({"model": model, "kind": kind}, getattr(each, f"{kind}_tokens"))
        for model, each in ordered
        for kind in _TOKEN_KINDS
    ]
    yield _counter("tokens", "Tokens; reasoning is part of output.", tokens)
    costs = [({"model": model}, each.nano_credits / NANO_PER_CREDIT) for model, each in ordered]
    yield _counter("credits", "AI credits; one is 0.01 USD.", costs)


def _of_now(status: Status, now: float) -> Iterator[Metric]:
    running = Counter(
        "waiting_for_approval" if each.waits_for_approval else each.state.value
        for each in status.active
    )
    states = (RequestState.WAITING.value, RequestState.STREAMING.value, "waiting_for_approval")
    yield _gauge(
        "requests_running",
        "Model calls that run.",
        [({"state": each}, running[each]) for each in states],
    )
    yield _gauge(
        "upstream_queue", "Calls that wait for a place upstream.", [({}, status.upstream.waiting)]
    )
    yield _gauge(
        "upstream_state",
        "The connection to GitHub: 1 for the state it is in.",
        _one_of(UpstreamState, status.upstream.state),
    )
    yield _gauge(
        "account_state",
        "The sign-in: 1 for the state it is in.",
        _one_of(AccountState, status.account.state),
    )
    is_paused = status.paused_until is not None and status.paused_until > now
    yield _gauge("paused", "Whether all requests are refused.", [({}, is_paused)])
    problems = {
        "settings": status.settings_problem,
        "background": status.background_problem,
        "ledger": status.ledger_problem,
    }
    yield _gauge(
        "problem",
        "Whether there is such a problem; `status` and the log tell it.",
        [({"in": name}, each is not None) for name, each in problems.items()],
    )


def _of_allowances(status: Status) -> Iterator[Metric]:
    limited = [each for each in status.quotas if not each.unlimited]
    for member, text in (
        ("entitlement", "What GitHub allows in all."),
        ("remaining", "What is left of it, negative once overdrawn."),
    ):
        found = [({"quota": each.name}, getattr(each, member)) for each in limited]
        yield _gauge(f"quota_{member}", text, [each for each in found if each[1] is not None])
    budget = status.budget
    if budget is None:
        return
    spent = {"day": budget.day_spent, "month": budget.month_spent}
    limits = {"day": budget.day_limit, "month": budget.month_limit}
    yield _gauge(
        "budget_spent_credits",
        "AI credits spent of the budget.",
        [({"period": name}, each / NANO_PER_CREDIT) for name, each in spent.items()],
    )
    yield _gauge(
        "budget_limit_credits",
        "The budget, where one is set.",
        [
            ({"period": name}, each / NANO_PER_CREDIT)
            for name, each in limits.items()
            if each is not None
        ],
    )


def _one_of(states: Iterable[str], current: str) -> list[Sample]:
    return [({"state": str(each)}, each == current) for each in states]


def _gauge(name: str, text: str, samples: Iterable[Sample]) -> Metric:
    return Metric(PREFIX + name, "gauge", text, tuple(samples))


def _counter(name: str, text: str, samples: Iterable[Sample]) -> Metric:
    return Metric(f"{PREFIX}{name}_total", "counter", text, tuple(samples))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.text}\n"
    yield f"# TYPE {metric.name} {metric.kind}\n"
    for labels, value in metric.samples:
        inner = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield (
            f"{metric.name}{{{inner}}} {_number(value)}\n"
            if inner
            else (f"{metric.name} {_number(value)}\n")
        )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    """Return ``value`` so that no digit is lost; a whole number without a point."""
    return str(int(value)) if value == int(value) else repr(float(value))
