"""No key press operates a control the user did not choose, whatever happens to the one they used."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget
from shiboken6 import isValid

import desktop.pages.connect
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.views.components.inputs.switch import Switch
from desktop.views.pages.settings_page import SectionButton
from desktop.views.theme.theme import Theme
from tests.desktop.screen.seen import accessible_name, focusable
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    opened_dialog,
    opened_page,
)
from tests.desktop.views.sizes.every_size import states_of

USUAL = (1040, 720)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("focus"))
    yield service
    service.shutdown()


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)


def buttons(window: QWidget) -> list[QAbstractButton]:
    return [each for each in focusable(window) if isinstance(each, QAbstractButton)]


def fallen(window: QWidget, used: QWidget) -> list[str]:
    """What now has the focus though nobody chose it: nothing is good."""
    now = window.focusWidget()
    if now is None or now is used or not isinstance(now, QAbstractButton):
        return []
    return [f"from “{accessible_name(used)}” to “{accessible_name(now)}”"]


def vanishing(window: QWidget) -> list[str]:
    """Each control is used, disabled or hidden, and comes back."""
    wrong = []
    for control in buttons(window):
        for vanish, back in (
            (lambda each: each.setEnabled(False), lambda each: each.setEnabled(True)),
            (lambda each: each.hide(), lambda each: each.show()),
        ):
            control.setFocus(Qt.FocusReason.MouseFocusReason)
            vanish(control)
            wrong += fallen(window, control)
            back(control)
            if window.focusWidget() is not control:
                wrong.append(f"“{accessible_name(control)}” came back without the focus")
    return wrong


@pytest.mark.parametrize("key", BUILT)
def test_a_control_of_a_page_that_vanishes_hands_its_keys_to_none(
    key: PageKey, qapp: QApplication, theme: Theme, demo: DemoService
) -> None:
    with opened_page(key, qapp, theme, Words(), demo, USUAL) as window:
        assert vanishing(window) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_a_control_of_a_dialog_that_vanishes_hands_its_keys_to_none(
    name: str, qapp: QApplication, theme: Theme
) -> None:
    with opened_dialog(name, theme, Words()) as dialog:
        assert vanishing(dialog) == []


@pytest.mark.parametrize("key", BUILT)
def test_every_action_of_a_page_leaves_the_keys_where_they_do_nothing_else(
    key: PageKey, qapp: QApplication, theme: Theme, demo: DemoService
) -> None:
    used: list[str] = []
    with opened_page(key, qapp, theme, Words(), demo, USUAL) as window:
        for state in states_of(window):
            wrong = []
            for control in buttons(window.current_page.widget):
                usable = isValid(control) and control.isVisible() and control.isEnabled()
                if not usable or isinstance(control, Switch | SectionButton):
                    continue
                used.append(accessible_name(control))
                wrong += pressed_and_fallen(window, control)
            assert wrong == [], state
    assert used


@pytest.mark.parametrize("name", DIALOGS)
def test_every_action_of_a_dialog_leaves_the_keys_where_they_do_nothing_else(
    name: str, qapp: QApplication, theme: Theme
) -> None:
    number, wrong = 0, []
    while True:
        with opened_dialog(name, theme, Words()) as dialog:  # anew: an action may close it
            found = buttons(dialog)
            if number == len(found):
                break
            wrong += pressed_and_fallen(dialog, found[number])
        number += 1
    assert wrong == []
    assert number > 0


def pressed_and_fallen(window: QWidget, control: QAbstractButton) -> list[str]:
    """Press by key and by mouse; close what opens."""
    wrong = []
    for press in (
        lambda: QTest.keyClick(control, Qt.Key.Key_Space),
        lambda: QTest.mouseClick(control, Qt.MouseButton.LeftButton),
    ):
        if not isValid(control) or not control.isVisible() or not control.isEnabled():
            break
        control.setFocus(Qt.FocusReason.MouseFocusReason)
        name = accessible_name(control)
        press()
        QApplication.processEvents()
        if not isValid(window):
            break
        now = window.focusWidget()
        if window.isVisible() and isinstance(now, QAbstractButton) and now is not control:
            wrong.append(f"from “{name}” to “{accessible_name(now)}”")
        for other in QApplication.topLevelWidgets():
            if other is not window and other.isVisible():
                other.reject() if isinstance(other, QDialog) else other.close()
        QApplication.processEvents()
    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_with_keys_through_pages_never_lands_on_the_servers_switch(
    seed: int, qapp: QApplication, theme: Theme, demo: DemoService
) -> None:
    """Pages are opened by their keys and controls used and taken away, in any order."""
    chance = random.Random(seed)  # a walk, not a secret
    chosen: list[str] = []
    keys = [Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_Comma]
    with opened_page(PageKey.HOME, qapp, theme, Words(), demo, USUAL) as window:
        window.chosen.connect(chosen.append)
        for _ in range(25):
            key = chance.choice(keys)
            QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
            if isinstance(window.focusWidget(), Switch):
                chosen.append(f"the switch has the focus after {key}")
            here = [each for each in buttons(window) if not isinstance(each, Switch)]
            control = chance.choice(here)
            control.setFocus(Qt.FocusReason.MouseFocusReason)
            control.setEnabled(False)
            QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Space)
            control.setEnabled(True)
    assert chosen == []
