"""The one list of pages. A page that is not built yet has no ``build`` and is not shown.

To add a page: write a presenter (``desktop/presenters/<page>.py``, no Qt), a view
(``desktop/views/<page>_page.py``, widgets only) and a :class:`~desktop.views.pages.page.Page` that
connects them (``desktop/pages/<page>.py``); then add a function that builds it to its entry below.
Each imports its page when it is first opened: the window is there sooner, and most are never opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication

from desktop.pages.context import PageContext
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Translate
from desktop.views.pages.page import Page, PagePlace


@dataclass(frozen=True, slots=True)
class DeclaredPage:
    key: PageKey
    title: Callable[[Translate], str]
    icon: str
    keys: str
    build: Callable[[PageContext], Page] | None = None
    at_foot: bool = False


def _home(context: PageContext) -> Page:
    from desktop.pages.home import Home

    return Home(context)


def _models(context: PageContext) -> Page:
    from desktop.pages.models import Models

    return Models(context)


def _usage(context: PageContext) -> Page:
    from desktop.pages.usage import Usage

    return Usage(context)


def _activity(context: PageContext) -> Page:
    from desktop.pages.activity import Activity

    return Activity(context)


def _connect(context: PageContext) -> Page:
    from desktop.pages.connect import Connect

    return Connect(context)


def _doctor(context: PageContext) -> Page:
    from desktop.pages.doctor import Doctor

    return Doctor(context)


def _settings(context: PageContext) -> Page:
    from desktop.pages.settings import SettingsJoined

    return SettingsJoined(context)


PAGES = (
    DeclaredPage(
        PageKey.HOME,
        lambda tr: tr("Home"),
        icon="home",
        build=_home,
        keys="Ctrl+1",
    ),
    DeclaredPage(
        PageKey.MODELS,
        lambda tr: tr("Models"),
        icon="layers",
        build=_models,
        keys="Ctrl+2",
    ),
    DeclaredPage(
        PageKey.USAGE,
        lambda tr: tr("Usage"),
        icon="chart",
        build=_usage,
        keys="Ctrl+3",
    ),
    DeclaredPage(
        PageKey.ACTIVITY,
        lambda tr: tr("Activity"),
        icon="pulse",
        build=_activity,
        keys="Ctrl+4",
    ),
    DeclaredPage(
        PageKey.CONNECT,
        lambda tr: tr("Connect"),
        icon="plug",
        build=_connect,
        keys="Ctrl+5",
    ),
    DeclaredPage(
        PageKey.DOCTOR,
        lambda tr: tr("Doctor"),
        icon="stethoscope",
        build=_doctor,
        keys="",
        at_foot=True,
    ),
    DeclaredPage(
        PageKey.SETTINGS,
        lambda tr: tr("Settings"),
        icon="gear",
        build=_settings,
        keys="Ctrl+,",
        at_foot=True,
    ),
)


def is_built(key: PageKey) -> bool:
    """Return whether the window has that page."""
    return any(each.key is key and each.build is not None for each in PAGES)


def page_places(
    context: PageContext, pages: tuple[DeclaredPage, ...] = PAGES
) -> tuple[PagePlace, ...]:
    """Return the places of all pages that are built, in the order of the sidebar."""
    tr = partial(QCoreApplication.translate, "Pages")
    return tuple(
        PagePlace(
            each.key,
            each.title(tr),
            each.icon,
            each.keys,
            partial(each.build, context),
            each.at_foot,
        )
        for each in pages
        if each.build is not None
    )
