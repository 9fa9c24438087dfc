"""The one list of pages. A page that is not built yet has no ``build`` and is not shown.

To add a page: write a presenter (``desktop/presenters/<page>.py``, no Qt), a view
(``desktop/views/<page>_page.py``, widgets only) and a :class:`~desktop.views.pages.page.Page` that
connects them (``desktop/pages/<page>.py``); then add a function that imports it to its entry below:
but for the first, a page is imported when it is opened, or a while after the window was (``load_all``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication

from desktop.pages.context import PageContext
from desktop.pages.home import Home
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Translate
from desktop.system.memory import give_memory_back_soon
from desktop.views.pages.page import Page, PagePlace

BuildPage = Callable[[PageContext], Page]


@dataclass(frozen=True, slots=True)
class DeclaredPage:
    key: PageKey
    title: Callable[[Translate], str]
    icon: str
    keys: str
    build: Callable[[], BuildPage] | None = None
    """Imports the page and returns what builds it."""
    at_foot: bool = False


def _models() -> BuildPage:
    from desktop.pages.models import Models

    return Models


def _usage() -> BuildPage:
    from desktop.pages.usage import Usage

    return Usage


def _activity() -> BuildPage:
    from desktop.pages.activity import Activity

    return Activity


def _connect() -> BuildPage:
    from desktop.pages.connect import Connect

    return Connect


def _doctor() -> BuildPage:
    from desktop.pages.doctor import Doctor

    return Doctor


def _settings() -> BuildPage:
    from desktop.pages.settings import SettingsJoined

    return SettingsJoined


PAGES = (
    DeclaredPage(
        PageKey.HOME,
        lambda tr: tr("Home"),
        icon="home",
        build=lambda: Home,
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
            partial(_built, each.build, context),
            each.at_foot,
        )
        for each in pages
        if each.build is not None
    )


async def load_all(pause: float) -> None:
    """Import every page, one each ``pause`` seconds, so that opening one need not."""
    for each in PAGES:
        if each.build is not None:
            await asyncio.sleep(pause)
            each.build()
    give_memory_back_soon()


def _built(build: Callable[[], BuildPage], context: PageContext) -> Page:
    return build()(context)
