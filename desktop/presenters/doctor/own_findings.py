"""The doctor's checks that need the window: the tray, and start at login."""

from __future__ import annotations

from desktop.presenters.words import Words
from proxy_core.doctor.finding import DoctorAction, Finding, FindingState

TRAY_HELP_PAGE = "https://extensions.gnome.org/extension/615/appindicator-support/"
TRAY, LOGIN = "tray", "start_at_login"
TRAY_NAME, LOGIN_NAME = "Tray", "Start at login"
"""As the core names its checks: in English, said in the window's language where it is shown."""


def tray_finding(words: Words, *, is_available: bool) -> Finding:
    tr = words.tr
    if is_available:
        return Finding(TRAY, TRAY_NAME, FindingState.OK, tr("This desktop shows our icon."))
    return Finding(
        TRAY,
        TRAY_NAME,
        FindingState.ATTENTION,
        tr("This desktop shows no tray icons; the window works without."),
        tr("Add an extension that shows them, or use: g-copilot-proxy open"),
        DoctorAction.SHOW_TRAY_HELP,
    )


def login_finding(words: Words, state: str, place: str) -> Finding:
    """``state`` is a value of ``desktop.system.start_at_login.LoginState``."""
    tr = words.tr
    match state:
        case "on":
            return Finding(LOGIN, LOGIN_NAME, FindingState.OK, tr("On, and it points at this app."))
        case "points_elsewhere":
            return Finding(
                LOGIN,
                LOGIN_NAME,
                FindingState.ATTENTION,
                tr("It starts another copy of this app than the one that runs."),
                tr("Switch it off and on again in the settings."),
                DoctorAction.OPEN_SETTINGS,
            )
        case "switched_off":
            return Finding(
                LOGIN, LOGIN_NAME, FindingState.OK, tr("Off, by your system's own settings.")
            )
        case "foreign":
            return Finding(
                LOGIN,
                LOGIN_NAME,
                FindingState.ATTENTION,
                tr("{place} has our name but is not ours.").format(place=place),
                tr("It is left as it is. Remove it if you do not need it."),
            )
    return Finding(LOGIN, LOGIN_NAME, FindingState.OK, tr("Off."))
