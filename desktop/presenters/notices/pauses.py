"""For how long the proxy can be paused, the same in the tray and in the window."""

from __future__ import annotations

from desktop.presenters.actions import Action
from desktop.presenters.words import Words


def pause_choices(words: Words) -> tuple[tuple[Action, str], ...]:
    tr = words.tr
    return (
        (Action.PAUSE_5_MINUTES, tr("5 min")),
        (Action.PAUSE_15_MINUTES, tr("15 min")),
        (Action.PAUSE_1_HOUR, tr("1 h")),
        (Action.PAUSE_UNTIL_RESUMED, tr("until I resume")),
    )
