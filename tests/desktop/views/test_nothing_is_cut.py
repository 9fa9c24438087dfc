"""No part of a page is wider than the room it scrolls in, at every width the window allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

import desktop.pages.connect
from desktop.presenters.pages import PageKey
from desktop.presenters.settings.client_keys import KeyRow, KeysView
from desktop.presenters.words import Words
from desktop.views.components.inputs.buttons import Button
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.theme.theme import Theme
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    opened_dialog,
    opened_page,
)

WIDTHS = (720, 860, 1040, 2000)
NEW_KEY = KeysView(
    rows=(
        KeyRow("", "All tools", "sk-local-••••••••3f9a", "just now", False, "the main key"),
        KeyRow("k1", "Claude Code", "sk-local-••••••••3f9a", "12 min ago", True, "its key"),
        KeyRow(
            "k2", "A tool with a rather long name", "sk-local-••••••••77aa", "never", True, "its"
        ),
    ),
    new_key="sk-local-" + "Xy7" * 15,
    new_key_words="The key of Claude Code is shown this once.",
    problem="",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("widths"))
    yield service
    service.shutdown()


def wider_than_their_room(window: QWidget) -> list[str]:
    """Whatever sticks out of the scroll area it is in; nothing is good."""
    wrong = []
    for area in window.findChildren(QScrollArea):
        body = area.widget()
        if not area.isVisible() or body is None:
            continue
        room = area.viewport().width()
        for each in body.findChildren(QWidget):
            if not each.isVisible() or each.width() == 0 or isinstance(each, QScrollArea):
                continue
            inner = each.parentWidget()
            while inner is not None and not isinstance(inner, QScrollArea):
                inner = inner.parentWidget()
            right = each.mapTo(body, QPoint(each.width(), 0)).x()
            if inner is area and right > room + 1:
                name = each.accessibleName() or each.property("text") or ""
                wrong.append(f"{type(each).__name__} “{name}” ends at {right} of {room}")
    return wrong


@pytest.mark.parametrize("key", BUILT)
def test_no_part_is_wider_than_the_page(
    key: PageKey,
    qapp: QApplication,
    theme: Theme,
    demo: DemoService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    wrong = []
    with opened_page(key, qapp, theme, Words(), demo, (1040, 720)) as window:
        for width in WIDTHS:
            window.resize(width, 720)
            for _ in range(3):
                QApplication.processEvents()
            page = window.current_page.widget
            if not isinstance(page, SettingsPage):
                wrong += [f"{width}: {each}" for each in wider_than_their_room(window)]
            else:
                for button in page.sections.buttons.values():
                    button.click()
                    if page.keys is not None:
                        page.keys.show_view(NEW_KEY)
                    for _ in range(3):
                        QApplication.processEvents()
                    named = f"{width}, {button.text()}"
                    wrong += [f"{named}: {each}" for each in wider_than_their_room(window)]
    assert not wrong, "\n".join(wrong)


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
