"""A caret blinks while it is used, and stands still after that: a blink paints, twice a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.views.resting_caret import RestingCaret

STILL = 0
FIELDS: list[Callable[[QWidget], QWidget]] = [QLineEdit, QPlainTextEdit]


@pytest.fixture
def blinking(qapp: QApplication) -> Iterator[int]:
    """The system's flash time, in milliseconds: that of a caret nobody made stand still."""
    qapp.setCursorFlashTime(-1)
    yield qapp.cursorFlashTime()
    qapp.setCursorFlashTime(-1)


@pytest.fixture
def rest(qapp: QApplication, blinking: int) -> Iterator[QTimer]:
    """The timer of the application's own watch, due at once."""
    assert blinking > STILL
    watch = qapp.findChild(RestingCaret)
    assert isinstance(watch, RestingCaret)
    timer = watch.findChild(QTimer)
    assert isinstance(timer, QTimer)
    usual = timer.interval()
    timer.setInterval(0)
    yield timer
    timer.stop()
    timer.setInterval(usual)


@pytest.mark.parametrize("make", FIELDS)
def test_the_caret_stands_still_after_a_while_and_blinks_again_with_the_next_key(
    make: Callable[[QWidget], QWidget], qapp: QApplication, blinking: int, rest: QTimer, qtbot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field, other = make(window), QLineEdit(window)
    column = QVBoxLayout(window)
    column.addWidget(field)
    column.addWidget(other)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: qapp.cursorFlashTime() == STILL, timeout=30_000)
    rest.setInterval(1_000_000)
    QTest.keyClick(field, Qt.Key.Key_A)
    assert qapp.cursorFlashTime() == blinking
    rest.timeout.emit()
    assert qapp.cursorFlashTime() == STILL
    other.setFocus()
    assert qapp.cursorFlashTime() == blinking, "a field the person goes to next"


def test_nothing_is_waited_for_while_no_field_has_the_keys(rest: QTimer, qtbot) -> None:
    rest.setInterval(1_000_000)
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(rest.isActive, timeout=30_000)
    field.clearFocus()
    assert not rest.isActive()
