"""The window's thread is never kept long from its events: opening pages and dialogs, news, clocks.

Held against the time the thread computed, the best of three, so that other work on the machine does not
count. The longest events of the whole run are printed at its end (``event_watch.py``).
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

import desktop.pages.connect
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from tests.desktop.responsive.dialog_cycles import grown
from tests.desktop.responsive.event_watch import LIMIT_SECONDS, WATCH, EventWatch
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    opened_dialog,
    opened_page,
)

pytestmark = pytest.mark.alone

REFRESH_SECONDS = 0.010
"""Four times a second at most, so that it takes no more than a twentieth of the thread."""
TRIES = 3
SHORT_CYCLES = 50


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("free"))
    yield service
    service.shutdown()


def computed(work: Callable[[], object]) -> float:
    """Seconds this thread computed for ``work``, at the pace it has when nobody disturbs."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) / WATCH.slowness()


@pytest.mark.parametrize("key", [key for key in BUILT if key is not PageKey.HOME])
def test_opening_a_page_and_its_news_do_not_block(
    qapp: QApplication, theme: Theme, demo: DemoService, monkeypatch, key: PageKey
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    opened, shown, refreshed = [], [], []
    for _ in range(TRIES):
        with opened_page(PageKey.HOME, qapp, theme, Words(), demo, (1040, 720)) as window:
            opened.append(computed(lambda: window.show_page(key)))  # called at once
            shown.append(computed(QApplication.processEvents))
            refreshed.append(computed(window.current_page.refresh))
    assert min(opened) <= LIMIT_SECONDS
    assert min(shown) <= LIMIT_SECONDS
    assert min(refreshed) <= REFRESH_SECONDS


@pytest.mark.parametrize("name", list(DIALOGS))
def test_opening_a_dialog_does_not_block(qapp: QApplication, theme: Theme, name: str) -> None:
    taken = []
    for _ in range(TRIES):
        with ExitStack() as opened:
            dialog = opened_dialog(name, theme, Words())
            taken.append(computed(lambda: opened.enter_context(dialog)))  # noqa: B023  # at once
    assert min(taken) <= LIMIT_SECONDS


def test_another_theme_does_not_block_with_every_page_opened(
    qapp: QApplication, theme: Theme, demo: DemoService, monkeypatch
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    with opened_page(PageKey.HOME, qapp, theme, Words(), demo, (1040, 720)) as window:
        for key in BUILT:
            window.show_page(key)
        schemes = (Scheme.DARK, Scheme.LIGHT, Scheme.DARK)
        taken, drawn, opened = [], [], []
        for scheme in schemes:
            taken.append(computed(lambda: theme.choose(scheme)))  # noqa: B023  # called at once
            drawn.append(computed(QApplication.processEvents))
            for key in BUILT:  # a page out of sight takes its new sheet when it is opened
                opened.append(computed(lambda: window.show_page(key)))  # noqa: B023  # at once
                QApplication.processEvents()
    assert min(taken) <= LIMIT_SECONDS
    assert min(drawn) <= LIMIT_SECONDS
    assert statistics.median(opened) <= LIMIT_SECONDS


@pytest.mark.parametrize("name", list(DIALOGS))
def test_a_dialog_opened_again_and_again_leaves_nothing(
    qapp: QApplication, theme: Theme, name: str
) -> None:
    """The long form is ``python -m tests.desktop.responsive.dialog_cycles`` (500)."""
    assert grown(name, theme, SHORT_CYCLES) == {}


def busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_the_watch_times_the_outermost_event_only() -> None:
    watch = EventWatch()
    outer = watch.begin()
    inner = watch.begin()
    assert inner is None
    watch.end(inner, QWidget, "Inner")  # type: ignore[arg-type]  # only its type's name is read
    busy(0.02)
    watch.end(outer, Path(), "Outer")  # type: ignore[arg-type]  # only its type's name is read
    assert watch.longest is not None
    assert watch.longest.event == "Outer"
    assert watch.longest.computed >= 0.02
    assert watch.too_long == []


def test_the_watch_tells_of_a_block_of_the_app_and_leaves_out_what_a_test_does(monkeypatch) -> None:
    async def of_this_test() -> None:
        busy(0.3)

    async def main(watch: EventWatch) -> None:
        loop = asyncio.get_running_loop()
        handle = loop.call_soon(lambda: None)
        outer = watch.begin()
        with watch.step(handle):
            await of_this_test()
        watch.end(outer, Path(), "Timer")  # type: ignore[arg-type]  # only its type's name is read

    ours, theirs = EventWatch(), EventWatch()
    asyncio.run(main(ours))
    assert ours.too_long == []
    monkeypatch.setattr("tests.desktop.responsive.event_watch._TESTS", "/somewhere/else")
    asyncio.run(main(theirs))
    assert [block.event for block in theirs.too_long] == ["Timer"]
    assert "main.<locals>.<lambda>" in theirs.too_long[0].receiver
