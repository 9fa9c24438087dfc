"""Shared by the desktop tests: a scripted service, a clock by hand, one Qt application."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.desktop.fake_service import Clock, FakeService

# Before any test imports Qt: a run without a screen must not abort.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")


if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.views.theme.theme import Theme

PATIENCE_MILLISECONDS = 60_000
"""Longest wait for what must come about; pytest-qt's own five seconds are too few on a busy machine."""


def pytest_collection_finish() -> None:
    """Put aside what is there for good, so that the collections below look at little."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Destroy a test's widgets in this thread and before the next test, as the app does.

    Left to itself Python would do it in an engine's thread sooner or later, and that deadlocks: see
    ``desktop/system/garbage_collection.py``.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        if "qapp" in getattr(item, "fixturenames", ()):
            gc.collect()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "qapp" in getattr(item, "fixturenames", ()):
        from tests.desktop.responsive.event_watch import WATCH

        WATCH.test = item.nodeid.rpartition("/")[2]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in which the app kept its thread far too long from its events is not a good one.

    One event is one measurement, and beside other work the same event was seen to take 1.6 times its
    time: the limit itself is held by the tests in ``responsive``, which take the best of several.
    """
    from tests.desktop.responsive.event_watch import LIMIT_SECONDS, WATCH

    gross = any(block.weighed > 2 * LIMIT_SECONDS for block in WATCH.too_long)
    if gross and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long the window's thread was kept from its events at most, in this run."""
    from tests.desktop.responsive.event_watch import WATCH

    if WATCH.events:
        terminalreporter.section("longest events of the window's thread")
        terminalreporter.line(f"{WATCH.events} events")
        for block in WATCH.blocks:
            terminalreporter.line(str(block))
        for block in WATCH.too_long:
            terminalreporter.line(f"TOO LONG: {block}", red=True)


@pytest.fixture(scope="session")
def qapp_cls() -> Iterator[type]:
    """pytest-qt builds our own application class, and times each of its events."""
    from desktop.pages.declared import PAGES
    from tests.desktop.responsive.event_watch import WATCH, WatchedApplication

    for page in PAGES:  # imported, as some seconds after a window was opened
        if page.build is not None:
            page.build()
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        with WATCH.step(handle):
            run(handle)

    asyncio.Handle._run = timed  # type: ignore[method-assign]  # all loops of the run, and undone
    yield WatchedApplication
    asyncio.Handle._run = run  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def session_theme(qapp) -> Theme:
    from desktop.views.theme.theme import Theme

    return Theme(qapp, reduced_motion=True)


@pytest.fixture
def theme(session_theme: Theme) -> Iterator[Theme]:
    """The light theme without motion; whatever a test chooses is undone."""
    from desktop.views.theme.tokens import Scheme

    session_theme.choose(Scheme.LIGHT)
    yield session_theme
    session_theme.choose(None)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """pytest-qt's, with more patience where a test names no limit of its own."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitActive", "waitExposed"):
        patient = partial(getattr(qtbot, name), timeout=PATIENCE_MILLISECONDS)
        monkeypatch.setattr(qtbot, name, patient)
    return qtbot
