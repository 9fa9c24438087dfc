"""The month's forecast in words, from the one calculation, for Home and Usage. Pure."""

from __future__ import annotations

import math

from desktop.presenters.words import Words
from proxy_core.usage.quota.forecast import Forecast, Outlook


def forecast_sentence(found: Forecast | None, words: Words, *, used: float) -> str:
    """``At this pace: about 380 by the reset``; empty where nothing can be foretold.

    ``used`` is the figure shown beside it, which may be newer than the forecast.
    """
    tr = words.tr
    if found is None or found.outlook is Outlook.OVER:
        return ""
    if found.outlook is Outlook.RUNS_OUT and found.runs_out_on is not None:
        return tr("At this pace used up on {day}").format(
            day=words.locale.calendar_day(found.runs_out_on)
        )
    if found.by_reset is None:
        return ""
    return tr("At this pace: about {credits} by the reset").format(
        credits=foretold(found.by_reset, used, words)
    )


def foretold(amount: float, used: float, words: Words) -> str:
    """Format a forecast of ``amount``, never below what is used already."""
    amount = max(amount, used)
    if amount >= 10 and _rounded(amount) < used:
        return words.locale.integer(math.ceil(amount))
    return rounded(amount, words)


def rounded(amount: float, words: Words) -> str:
    """Format an estimate: two significant digits from ten on."""
    if amount < 10:
        return words.amount(amount)
    return words.locale.integer(_rounded(amount))


def _rounded(amount: float) -> int:
    digits = max(0, len(str(int(amount))) - 2)
    return int(round(amount, -digits))
