"""Nothing is cut at any width the window allows, at any size of text.

The short form of ``python -m tests.desktop.views.sizes.every_size``, which takes each width, size,
font and language, and dialogs too.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QVBoxLayout, QWidget

import desktop.pages.connect
from desktop.composition import locale_of
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.system.translation import Translations, locale_for, translate_in
from desktop.views.components.code_block import CodeBlock
from desktop.views.components.flow import FlowRow
from desktop.views.components.fold import Fold
from desktop.views.components.inputs.buttons import Button
from desktop.views.dialogs.first_run_dialog import FirstRunDialog
from desktop.views.dialogs.fitted_dialog import FittedDialog
from desktop.views.replaced import delete_soon
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.surfaces import BUILT, DIALOGS, FOUND, DemoService, opened_dialog, opened_page
from tests.desktop.views.sizes.every_size import FONTS, LANGUAGES, settle, states_of, text_at
from tests.desktop.views.sizes.room import (
    lines_out_of_sight,
    narrower_than_their_words,
    problems,
    told,
)

SIZES = {"en": {100: (720, 860, 1040), 200: (720, 1040)}, "zh": {100: (720, 860, 1040)}}
"""Widths of the window by language and by size of text, in percent."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("widths"))
    yield service
    service.shutdown()


@pytest.fixture(params=FONTS)
def font(request: pytest.FixtureRequest, qapp: QApplication) -> str:
    if request.param not in QFontDatabase.families():
        pytest.skip(f"the font {request.param} is not installed")
    return str(request.param)


@pytest.fixture(params=SIZES)
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    translations = Translations(qapp)
    translations.use(LANGUAGES[request.param])
    yield request.param
    translations.use(Language.ENGLISH)


@pytest.mark.parametrize("key", BUILT)
def test_no_part_is_wider_than_its_room_and_no_text_is_cut(
    key: PageKey,
    font: str,
    language: str,
    qapp: QApplication,
    theme: Theme,
    demo: DemoService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    wrong = []
    words = Words(locale=locale_of(locale_for(LANGUAGES[language])))
    words.tr, words.numbered = translate_in("Presenters")
    for percent, widths in SIZES[language].items():
        with (
            text_at(percent, qapp, theme, font),
            opened_page(key, qapp, theme, words, demo, (1040, 720)) as window,
        ):
            for width in widths:
                window.resize(width, 720)
                settle()
                for state in states_of(window):
                    wrong += [f"{width}, {percent} %, {state}: {e}" for e in problems(window)]
    assert not wrong, "\n".join(wrong)


def test_a_code_block_and_a_folds_line_are_as_high_as_their_words(
    qapp: QApplication, theme: Theme, qtbot
) -> None:
    """The block's height was compared with the one before the next layout, the line did not wrap."""
    ground = QWidget()
    qtbot.addWidget(ground)
    column = QVBoxLayout(ground)
    block = CodeBlock(theme, "lines", "Copy the lines", ground)
    fold = Fold(theme, "18 more tools, not found here", QWidget(ground), ground)
    column.addWidget(block)
    column.addWidget(fold)
    column.addStretch(1)
    lines = "export ANTHROPIC_BASE_URL=http://127.0.0.1:43935"
    block.show_lines(lines, lines)
    ground.show()
    for width in (600, 180, 240, 150):
        ground.resize(width, 600)
        settle()
        assert [*lines_out_of_sight(ground), *narrower_than_their_words(ground)] == []
        assert fold.line.height() >= fold.line.heightForWidth(fold.line.width())
    assert fold.line.heightForWidth(150) > fold.line.heightForWidth(600)


@pytest.mark.parametrize("step", ["what this is", "sign in", "connect"])
def test_the_first_run_fits_a_small_screen_with_its_buttons_in_sight(
    step: str, qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1920 x 1080 at 200 % are 960 x 540, of which frame and panel take their part."""
    room = QSize(960, 492)
    monkeypatch.setattr(FittedDialog, "_room", lambda _: room)
    with opened_dialog(f"first run, {step}", theme, Words()) as dialog:
        assert isinstance(dialog, FirstRunDialog)
        assert dialog.width() <= room.width()
        assert dialog.height() <= room.height()
        for button in (dialog.skip, dialog.second, dialog.primary):
            if button.isVisibleTo(dialog):
                bottom = button.mapTo(dialog, button.rect().bottomRight())
                assert dialog.rect().contains(bottom), told(button)
        area = dialog.findChild(QScrollArea)
        assert area is not None
        hidden = area.widget().height() - area.viewport().height()
        assert area.verticalScrollBar().maximum() >= hidden, "what has no room scrolls"


def test_controls_go_on_in_another_line_where_one_has_no_room(qapp: QApplication, qtbot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    row = FlowRow(ground)
    column = QVBoxLayout(ground)
    column.addWidget(row)
    buttons = [QPushButton("a button with some words", ground) for _ in range(3)]
    for button in buttons:
        row.add(button)
    column.setContentsMargins(0, 0, 0, 0)
    wide = row.sizeHint().width()
    ground.resize(wide, 200)
    ground.show()
    assert len({button.y() for button in buttons}) == 1
    ground.resize(wide - 1, 200)
    settle()
    assert len({button.y() for button in buttons}) == 2
    assert row.heightForWidth(wide - 1) > row.heightForWidth(wide)


def test_a_row_outlives_its_parts_and_parts_their_row(qapp: QApplication, qtbot) -> None:
    """A row that kept wrappers of layout items crashed once C++ had deleted what they stood for."""
    ground = QWidget()
    qtbot.addWidget(ground)
    column = QVBoxLayout(ground)
    row = FlowRow(ground)
    column.addWidget(row)
    row.add(QPushButton("stays", row))
    ground.show()
    for _ in range(10):
        hidden, deleted, moved = (QPushButton(name, ground) for name in ("hidden", "gone", "moved"))
        for button in (hidden, deleted, moved):
            row.add(button)
        settle()
        full = row.sizeHint().width()
        assert all(button.isVisible() for button in (hidden, deleted, moved))
        hidden.hide()
        gc.collect()
        assert row.sizeHint().width() < full
        deleted.deleteLater()
        moved.setParent(None)
        del deleted, moved
        gc.collect()
        deleted_now()
        assert [button.text() for button in shown_in(row)] == ["stays"]
        hidden.show()
        settle()
        first, second = shown_in(row)
        assert second is hidden
        assert second.x() > first.geometry().right()
        delete_soon(hidden)
        deleted_now()
        gc.collect()
    row.clear()
    assert row.is_empty()
    deleted_now()
    assert row.heightForWidth(100) == 0
    row.add(QPushButton("anew", ground))
    delete_soon(ground)
    del row, column
    deleted_now()
    gc.collect()


def test_a_part_hidden_before_it_joins_a_row_stays_hidden_until_it_is_shown(
    qapp: QApplication, qtbot
) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    column = QVBoxLayout(ground)
    row = FlowRow(ground)
    column.addWidget(row)
    ground.show()
    button = QPushButton("later", ground)
    button.hide()
    row.add(button)
    settle()
    assert row.is_empty()
    button.show()
    settle()
    assert button.geometry().size() == button.sizeHint()
    assert ground.sizeHint().height() >= button.height()


def deleted_now() -> None:
    """What was to be deleted in the next turn of the loop is."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    settle()


def shown_in(row: FlowRow) -> list[QPushButton]:
    buttons = [each for each in row.findChildren(QPushButton) if each.isVisible()]
    return sorted(buttons, key=lambda button: button.x())


def test_what_is_cut_is_noticed(theme: Theme, qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    area = QScrollArea(window)
    area.resize(200, 100)
    body = QWidget()
    body.setMinimumSize(400, 80)
    beyond = QPushButton("beyond the edge", body)
    beyond.setGeometry(150, 0, 140, 30)
    squeezed = QPushButton("a button narrower than its words", body)
    squeezed.setGeometry(0, 40, 60, 30)
    area.setWidget(body)
    window.show()
    found = problems(window)
    assert any("beyond the edge" in each and "ends at" in each for each in found)
    assert any("narrower than its words" in each and "wide" in each for each in found)


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_scrolls_nothing_where_the_screen_has_room_and_its_buttons_keep_their_distance(
    name: str, qapp: QApplication, theme: Theme
) -> None:
    with opened_dialog(name, theme, Words()) as dialog:
        for area in dialog.findChildren(QScrollArea):
            assert area.verticalScrollBar().maximum() == 0
        for button in dialog.findChildren(Button):
            if button.isVisible():
                place = QRect(button.mapTo(dialog, QPoint(0, 0)), button.size())
                assert dialog.rect().adjusted(8, 8, -8, -8).contains(place), button.text()
