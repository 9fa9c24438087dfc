"""What opening a page does, by counts that are the same on every machine."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from desktop.presenters.pages import PageKey
from desktop.presenters.settings.settings import SettingsPresenter
from desktop.presenters.words import Words
from desktop.views.components.inputs.search_field import SearchField
from desktop.views.main_window import MainWindow
from desktop.views.theme.icons import render_svg
from desktop.views.theme.theme import Theme
from tests.desktop import surfaces
from tests.desktop.fake_service import FakeService
from tests.desktop.responsive.live_traffic import BusyService
from tests.desktop.surfaces import opened_page


@pytest.fixture
def window(
    qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(surfaces, "SETTLED_SECONDS", 0.0)  # the fake answers nothing
    with opened_page(PageKey.HOME, qapp, theme, Words(), BusyService(), (1040, 720)) as opened:
        yield opened


def counted(work: Callable[[], object]) -> Counter[str]:
    """How often ``work`` calls each function, Qt's too, by name."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            calls[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            calls[getattr(argument, "__name__", "")] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


class _Restyled(QObject):
    """Counts how often a widget was told that its style is another one."""

    def __init__(self) -> None:
        super().__init__()
        self.times: Counter[int] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() == QEvent.Type.StyleChange:
            self.times[id(watched)] += 1
        return False


@pytest.mark.parametrize("key", [PageKey.ACTIVITY, PageKey.SETTINGS])
def test_words_are_measured_once_for_the_many_questions_of_a_layout(
    key: PageKey, window: MainWindow, qapp: QApplication
) -> None:
    def open_it() -> None:
        window.show_page(key)
        qapp.processEvents()

    calls = counted(open_it)
    assert 0 < calls["horizontalAdvance"] <= 250, "the words in sight, and the samples of columns"


def test_a_page_is_styled_once_when_it_is_built(window: MainWindow, qapp: QApplication) -> None:
    watch = _Restyled()
    built: list[QWidget] = []
    place = window._places[PageKey.MODELS]

    def build_watched() -> object:
        page = place.build()
        for each in (page.widget, *page.widget.findChildren(QWidget)):
            each.installEventFilter(watch)
            built.append(each)
        return page

    window._places[PageKey.MODELS] = type(place)(
        place.key, place.title, place.icon, place.keys, build_watched, place.at_foot
    )
    window.show_page(PageKey.MODELS)
    assert built
    assert max(watch.times.values()) == 1


def test_an_icon_is_drawn_for_the_screen_it_is_on_and_no_other(theme: Theme, qapp) -> None:
    theme.apply()
    parent = QWidget()
    calls = counted(lambda: SearchField(theme, "Search", parent))
    assert calls[render_svg.__qualname__] <= 2, "as it is, and disabled"


def test_the_words_of_all_settings_are_translated_once_for_the_page() -> None:
    translated: Counter[str] = Counter()
    words = Words()

    def tr(text: str) -> str:
        translated[text] += 1
        return text

    words.tr = tr
    SettingsPresenter(FakeService(), words, changed=lambda: None)
    assert translated["Appearance"] == 1
