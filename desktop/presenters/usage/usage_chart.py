"""Credits by day as bars: series, heights and axis labels. Plain data, no drawing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from desktop.presenters.words import Words
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.ledger.queries import DayUsage, Share

SERIES_TOKENS = ("chart1", "chart2", "chart3", "chart4")
OTHER = "\0other"
"""The key of the series for the remaining tools."""
LEAST_SHOWN = 0.05
"""In credits: the smallest amount shown with one decimal."""
_HEADROOM = 1.05
_LEAST_HIGHEST = 0.03
"""In credits: the axis of less would have labels that two decimals cannot tell apart."""
_MOST_STEPS = 5
_FEWEST_STEPS = 4
_LABEL_EVERY = 5
_CLOSE_TO_TODAY = 2
_CLOSE_TO_LAST = 1
_FEW_DAYS = 10
_MANY_DAYS = 45


@dataclass(frozen=True, slots=True)
class Series:
    key: str
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day.

    ``parts`` are in the order of the series, from the axis up, in credits. ``axis`` is the label
    below, empty for most; ``rows`` are name and figure of each part.
    """

    title: str
    parts: tuple[float, ...]
    total: str
    rows: tuple[tuple[str, str, str], ...]
    """Colour token, name and figure."""
    axis: str = ""
    is_today: bool = False
    is_forecast: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class ChartView:
    """``steps`` are the values of the axis from 0 up; ``budget`` is a line across, in credits."""

    heading: str
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    steps: tuple[float, ...]
    step_words: tuple[str, ...]
    budget: float | None
    budget_words: str
    forecast_words: str
    """The legend of the grey bars; empty if there are none."""
    summary: str
    empty_words: str


def series_of(shares: Sequence[Share], words: Words) -> tuple[Series, ...]:
    """Return the most expensive tools by rank, at most four, and one series for the rest."""
    used = [share for share in shares if share.totals.nano_credits > 0]
    named = used if len(used) <= len(SERIES_TOKENS) else used[: len(SERIES_TOKENS) - 1]
    found = [
        Series(share.name, words.client(share.name), token)
        for share, token in zip(named, SERIES_TOKENS, strict=False)
    ]
    if len(named) < len(used):
        found.append(Series(OTHER, words.tr("Other"), SERIES_TOKENS[-1]))
    return tuple(found)


def axis_steps(highest: float) -> tuple[float, ...]:
    """Return four or five round steps from 0 to slightly above ``highest``."""
    if highest <= 0 or not math.isfinite(highest):
        return (0.0, 1.0, 2.0, 3.0, 4.0)
    wanted = max(highest, _LEAST_HIGHEST) * _HEADROOM
    scale = 10.0 ** (math.floor(math.log10(wanted)) - 1)
    while True:
        for factor in (1, 2, 5):
            step = factor * scale
            count = math.ceil(wanted / step - 1e-9)
            if count <= _MOST_STEPS:
                count = max(count, min(_FEWEST_STEPS, count + 1))
                return tuple(each * step for each in range(count + 1))
        scale *= 10


def make_chart(
    days: Sequence[DayUsage],
    shares: Sequence[Share],
    today: date,
    words: Words,
    *,
    heading: str,
    budget: float | None = None,
    forecast: Mapping[date, float] | None = None,
) -> ChartView:
    """``forecast`` holds days after the last of ``days``, in credits; ``budget`` counts credits."""
    series = series_of(shares, words)
    bars = [_bar(day, series, today, words) for day in days]
    ahead = dict(sorted((forecast or {}).items()))
    bars += [_forecast_bar(day, amount, words) for day, amount in ahead.items()]
    all_days = [each.day for each in days] + list(ahead)
    labels = axis_labels(all_days, today, words)
    bars = [_with_axis(bar, label) for bar, label in zip(bars, labels, strict=True)]
    highest = max((sum(bar.parts) for bar in bars), default=0.0)
    steps = axis_steps(max(highest, budget or 0.0))
    used = any(sum(bar.parts) > 0 for bar in bars if not bar.is_forecast)
    return ChartView(
        heading=heading,
        series=series,
        bars=tuple(bars),
        steps=steps,
        step_words=_step_words(steps, words),
        budget=budget,
        budget_words=""
        if budget is None
        else words.tr("Daily budget {credits}").format(credits=words.plain_number(budget)),
        forecast_words=words.tr("Forecast") if ahead else "",
        summary=_summary(heading, days, words),
        empty_words="" if used else words.tr("Figures start with the first request."),
    )


def _step_words(steps: tuple[float, ...], words: Words) -> tuple[str, ...]:
    """Return the labels with as few decimals as keep them apart."""
    if all(float(step).is_integer() for step in steps):
        return tuple(words.locale.integer(round(step)) for step in steps)
    step = steps[1]
    one_is_enough = abs(step * 10 - round(step * 10)) < 1e-6
    form = words.locale.decimal if one_is_enough else words.locale.two_decimals
    return tuple(form(step) for step in steps)


def axis_labels(days: Sequence[date], today: date, words: Words) -> list[str]:
    """Return the labels that fit: every day of a week, every fifth of a month, halves of longer
    times.
    """
    labels: list[str] = []
    for day in days:
        near_today = today in days and 0 < abs((day - today).days) <= _CLOSE_TO_TODAY
        if day == today:
            label = words.tr("Today")
        elif len(days) <= _FEW_DAYS:
            label = words.locale.weekday(day).rpartition(" ")[0] or words.locale.weekday(day)
        elif near_today and len(days) <= _MANY_DAYS:
            label = ""
        elif len(days) <= _MANY_DAYS:
            label = _month_label(day, days, words)
        else:
            close = (today - day).days if today >= day else 99
            label = (
                words.locale.calendar_day(day)
                if day.day in (1, 15) and close > _LABEL_EVERY
                else ""
            )
        labels.append(label)
    return labels


def _month_label(day: date, days: Sequence[date], words: Words) -> str:
    """``5``, with its month where another one has begun: no label stands there twice."""
    if day in (days[0], days[-1]):
        return words.locale.calendar_day(day)
    ends_month = (day + timedelta(days=1)).month != day.month
    is_close = ends_month or (days[-1] - day).days <= _CLOSE_TO_LAST
    if day.day % _LABEL_EVERY or is_close:
        return ""
    return str(day.day) if day.month == days[0].month else words.locale.calendar_day(day)


def _bar(day: DayUsage, series: tuple[Series, ...], today: date, words: Words) -> Bar:
    spent = {share.name: share.totals.nano_credits / NANO_PER_CREDIT for share in day.clients}
    named = {each.key for each in series if each.key != OTHER}
    other = sum(amount for name, amount in spent.items() if name not in named)
    parts = tuple(other if each.key == OTHER else spent.get(each.key, 0.0) for each in series)
    rows = tuple(
        (each.token, each.name, _amount(part, words))
        for each, part in zip(series, parts, strict=True)
    )
    total = words.tr("{credits} credits").format(credits=_amount(day.totals.credits, words))
    title = words.locale.weekday(day.day)
    figures = ", ".join(f"{name} {figure}" for _, name, figure in rows)
    return Bar(
        title,
        parts,
        total,
        rows,
        is_today=day.day == today,
        sentence=f"{title}, {total}: {figures}" if figures else f"{title}, {total}",
    )


def _forecast_bar(day: date, amount: float, words: Words) -> Bar:
    title = words.locale.weekday(day)
    total = words.tr("about {credits} credits").format(credits=_amount(amount, words))
    row = ("track", words.tr("Forecast"), _amount(amount, words))
    sentence = words.tr("{day}, forecast {credits}").format(day=title, credits=total)
    return Bar(title, (amount,), total, (row,), is_forecast=True, sentence=sentence)


def _with_axis(bar: Bar, axis: str) -> Bar:
    return Bar(
        bar.title,
        bar.parts,
        bar.total,
        bar.rows,
        axis,
        bar.is_today,
        bar.is_forecast,
        bar.sentence,
    )


def _summary(heading: str, days: Sequence[DayUsage], words: Words) -> str:
    """``Credits by day, November: 412.6, highest 31.4 on Wed 18 Nov``."""
    tr = words.tr
    total = sum(day.totals.credits for day in days)
    top = max(days, key=lambda day: day.totals.credits, default=None)
    if top is None or total <= 0:
        return tr("{heading}: nothing used yet").format(heading=heading)
    return tr("{heading}: {total}, highest {most} on {day}").format(
        heading=heading,
        total=_amount(total, words),
        most=_amount(top.totals.credits, words),
        day=words.locale.weekday(top.day),
    )


def _amount(credits_used: float, words: Words) -> str:
    return words.amount(credits_used)
