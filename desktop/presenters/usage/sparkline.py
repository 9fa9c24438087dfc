"""How many requests began lately, in steps of half a minute. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from desktop.presenters.usage.credits import requests_today
from desktop.presenters.words import Words
from proxy_core.status.status import HALF_MINUTE, Status

STEP = HALF_MINUTE
SPAN = 15 * 60


@dataclass(frozen=True, slots=True)
class SparklineView:
    """``values`` run from 15 minutes ago to now; ``labels`` are the values with their times.

    ``sentence`` is the whole for a screen reader.
    """

    values: tuple[int, ...]
    labels: tuple[str, ...]
    today: str
    busiest: str
    sentence: str


def sparkline(status: Status, now: float, words: Words) -> SparklineView:
    tr = words.tr
    values = [0] * (SPAN // STEP)
    current = int(now // STEP)
    for half_minute, number in status.started_lately:
        age = current - half_minute
        if 0 <= age < len(values):
            values[-1 - age] = number
    # Each two neighbours: by pairs that begin anew with the half minute, the figure would jump.
    per_minute = [a + b for a, b in pairwise(values)]
    count = words.locale.integer(requests_today(status, now, words))
    busiest = tr("busiest minute: {count}").format(count=max(per_minute))
    labels = tuple(
        tr("{time}: {count} requests").format(
            time=words.locale.hours_and_minutes(now - (len(values) - number) * STEP), count=value
        )
        for number, value in enumerate(values)
    )
    return SparklineView(
        tuple(values),
        labels,
        tr("{count} today").format(count=count),
        busiest,
        tr("Requests of the last 15 minutes: {count}, {busiest}").format(
            count=sum(values), busiest=busiest
        ),
    )
