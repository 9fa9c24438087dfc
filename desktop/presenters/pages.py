"""The window's pages by name, in the order of the sidebar."""

from __future__ import annotations

from enum import StrEnum

from desktop.presenters.actions import Action


class PageKey(StrEnum):
    HOME = "home"
    MODELS = "models"
    USAGE = "usage"
    ACTIVITY = "activity"
    CONNECT = "connect"
    DOCTOR = "doctor"
    SETTINGS = "settings"


OPENS = {
    Action.OPEN_HOME: PageKey.HOME,
    Action.OPEN_MODELS: PageKey.MODELS,
    Action.OPEN_USAGE: PageKey.USAGE,
    Action.OPEN_ACTIVITY: PageKey.ACTIVITY,
    Action.OPEN_CONNECT: PageKey.CONNECT,
    Action.OPEN_DOCTOR: PageKey.DOCTOR,
    Action.OPEN_SETTINGS: PageKey.SETTINGS,
}
"""The actions that open a page."""
