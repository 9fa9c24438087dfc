"""The window in Chinese: no text whose translation exists is shown in English, whatever its context."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QTableView, QWidget

import desktop.pages.connect
from desktop.composition import locale_of
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.system.translation import Translations, translate_in
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.perceivable import said_texts
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    opened_dialog,
    opened_page,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("chinese"))
    yield service
    service.shutdown()


@pytest.fixture(scope="module")
def sources() -> frozenset[str]:
    """The English texts that are something else in Chinese."""
    path = ROOT / "packaging" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations_of_the_app", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    known = module.read_ts(module.ts_path("zh_CN"))
    return frozenset(each.source for each, texts in known.items() if each.source not in texts)


@pytest.fixture
def chinese(qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Words]:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    translations = Translations(qapp)
    translations.use(Language.CHINESE_SIMPLIFIED)
    words = Words(locale=locale_of(translations.locale))
    words.tr, words.numbered = translate_in("Presenters")
    yield words
    translations.use(Language.ENGLISH)


def in_english(window: QWidget, sources: frozenset[str]) -> list[str]:
    texts = {text for _, text in said_texts(window)}
    for table in window.findChildren(QTableView):
        model = table.model()
        for column in range(model.columnCount()):
            head = model.headerData(column, Qt.Orientation.Horizontal)
            texts.add(str(head or ""))
            for row in range(min(model.rowCount(), 20)):
                texts.add(str(model.data(model.index(row, column)) or ""))
    parts = {part for text in texts for part in (text, *text.split(", "), *text.split(": "))}
    return sorted(parts & sources)


@pytest.mark.parametrize("key", BUILT)
def test_a_page_in_chinese_shows_no_english(
    key: PageKey,
    qapp: QApplication,
    theme: Theme,
    demo: DemoService,
    chinese: Words,
    sources: frozenset[str],
) -> None:
    with opened_page(key, qapp, theme, chinese, demo, (1200, 900)) as window:
        assert in_english(window, sources) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_in_chinese_shows_no_english(
    name: str, qapp: QApplication, theme: Theme, chinese: Words, sources: frozenset[str]
) -> None:
    with opened_dialog(name, theme, chinese) as dialog:
        assert in_english(dialog, sources) == []


def test_days_and_months_are_written_as_the_language_does() -> None:
    day = date(2026, 11, 18)
    english, chinese = (
        locale_of(QLocale(code)) for code in (Language.ENGLISH, Language.CHINESE_SIMPLIFIED)
    )
    assert (english.month(day), english.weekday(day)) == ("November", "Wed 18 Nov")
    assert (chinese.month(day), chinese.calendar_day(day)) == ("十一月", "11月18日")
    assert chinese.weekday(day) == "11月18日 周三"
