"""The Settings page offscreen: controls, keys, names, what is typed and what is meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.presenters.settings.client_keys import KeyRow, KeysView
from desktop.presenters.settings.settings import (
    HISTORY,
    Control,
    RowChoice,
    SettingRow,
    SettingsPresenter,
    SettingsView,
)
from desktop.presenters.words import Words
from desktop.views.components.inputs.choice_or_text import ChoiceOrText
from desktop.views.components.inputs.file_field import FileField
from desktop.views.components.inputs.switch import Switch
from desktop.views.components.inputs.value_field import LinesField, ValueField
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.theme.theme import Theme
from tests.desktop.fake_service import FakeService
from tests.desktop.screen.seen import accessible_name, contains, focusable, picture

NO_KEYS = KeysView((), "", "", "")


@pytest.fixture
def presenter(service: FakeService) -> SettingsPresenter:
    return SettingsPresenter(service, Words(), changed=lambda: None)


@pytest.fixture
def page(theme: Theme, presenter: SettingsPresenter, qtbot) -> Iterator[SettingsPage]:
    presenter.choose_section("server")
    page = SettingsPage(theme, presenter.view().placeholder)
    qtbot.addWidget(page)
    page.resize(844, 688)
    page.show_view(presenter.view())
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    yield page
    page.hide()


def one_row(**parts: object) -> SettingsView:
    values: dict[str, object] = {
        "key": "server.port",
        "name": "Port",
        "why": "Why.",
        "control": Control.FIELD,
        "value": "4141",
    }
    row = SettingRow(**{**values, **parts})  # type: ignore[arg-type]
    return SettingsView((("server", "Server"),), "server", "", "Search", (row,), "")


def test_every_control_of_every_section_has_a_name(
    page: SettingsPage, presenter: SettingsPresenter
) -> None:
    for section, _ in presenter.view().sections:
        presenter.choose_section(section)
        page.show_view(presenter.view())
        controls = focusable(page)
        unnamed = [each for each in controls if not accessible_name(each)]
        assert not unnamed, (section, unnamed)


def test_sections_are_one_stop_and_arrows_move_inside(page: SettingsPage, qtbot) -> None:
    buttons = page.sections.buttons
    assert buttons["server"].isChecked()
    buttons["server"].setFocus()
    with qtbot.waitSignal(page.section_chosen) as chosen:
        qtbot.keyClick(buttons["server"], Qt.Key.Key_Down)
        if not chosen.signal_triggered:
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert chosen.args == ["account"]


def test_a_field_tells_what_is_typed_and_what_is_meant(page: SettingsPage, qtbot) -> None:
    field = page.rows["server.port"].control
    assert isinstance(field, ValueField)
    field.setFocus()
    field.selectAll()
    typed: list[tuple[str, str]] = []
    meant: list[tuple[str, str]] = []
    page.typed.connect(lambda key, text: typed.append((key, text)))
    page.applied.connect(lambda key, text: meant.append((key, text)))
    qtbot.keyClicks(field, "80")
    assert typed == [("server.port", "8"), ("server.port", "80")]
    assert meant == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert meant == [("server.port", "80")]
    page.search.setFocus()
    assert len(meant) == 1, "leaving the field says nothing new"


def test_a_problem_is_told_beneath_with_its_ways_out(
    page: SettingsPage, theme: Theme, qtbot
) -> None:
    ways = (RowChoice("Use 8081", "8081"), RowChoice("Keep 4141", "4141"))
    page.show_view(one_row(value="8080", problem="Port 8080 is used.", ways_out=ways))
    row = page.rows["server.port"]
    qtbot.waitUntil(row.problem.isVisible)
    assert row.control is not None
    assert row.control.accessibleDescription() == "Port 8080 is used."
    assert contains(picture(row), theme.colour("attentionSoft"))
    with qtbot.waitSignal(page.applied) as applied:
        qtbot.mouseClick(row.problem.buttons[1], Qt.MouseButton.LeftButton)
    assert applied.args == ["server.port", "4141"]
    page.show_view(one_row())
    assert not row.problem.isVisible()


def test_news_do_not_rebuild_the_field_that_is_typed_in(page: SettingsPage) -> None:
    page.show_view(one_row(value="41"))
    field = page.rows["server.port"].control
    page.show_view(one_row(value="414", problem="Something."))
    assert page.rows["server.port"].control is field


def test_switches_and_resets_ask(page: SettingsPage, qtbot) -> None:
    view = one_row(
        key="server.require_key", control=Control.SWITCH, value="false", reset="Reset to on"
    )
    page.show_view(view)
    row = page.rows["server.require_key"]
    assert isinstance(row.control, Switch)
    assert not row.control.isChecked()
    with qtbot.waitSignal(page.applied) as applied:
        qtbot.keyClick(row.control, Qt.Key.Key_Space)
    assert applied.args == ["server.require_key", "true"]
    with qtbot.waitSignal(page.reset_asked) as reset:
        qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert reset.args == ["server.require_key"]
    assert accessible_name(row.reset) == "Reset to on: Port"


def test_several_lines_are_meant_when_the_field_is_left(page: SettingsPage, qtbot) -> None:
    page.show_view(one_row(key="upstream.model_aliases", control=Control.LINES, value="a = b"))
    field = page.rows["upstream.model_aliases"].control
    assert isinstance(field, LinesField)
    meant: list[str] = []
    page.applied.connect(lambda _, text: meant.append(text))
    field.setFocus()
    field.moveCursor(field.textCursor().MoveOperation.End)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClicks(field, "c = d")
    assert meant == []
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert meant == ["a = b\nc = d"]
    assert QApplication.focusWidget() is not field, "Tab leaves it"


def test_search_is_told_and_an_empty_result_can_be_cleared(
    page: SettingsPage, presenter: SettingsPresenter, qtbot
) -> None:
    page.search.setFocus()
    with qtbot.waitSignal(page.searched) as searched:
        qtbot.keyClicks(page.search, "z")
    assert searched.args == ["z"]
    presenter.search("zebra")
    page.show_view(presenter.view())
    assert page.nothing.isVisible()
    assert not any(button.isChecked() for button in page.sections.buttons.values())
    with qtbot.waitSignal(page.searched) as searched:
        page.nothing.clear.click()
    assert searched.args == [""]


def test_what_cannot_be_undone_is_a_red_button(page: SettingsPage, qtbot) -> None:
    view = one_row(key=HISTORY, control=Control.BUTTON, button="Forget everything", is_danger=True)
    page.show_view(view)
    with qtbot.waitSignal(page.pressed) as pressed:
        page.rows[HISTORY].control.click()  # type: ignore[union-attr]  # a button
    assert pressed.args == [HISTORY]


def test_keys_are_made_shown_once_and_revoked(page: SettingsPage, qtbot) -> None:
    keys = page.keys
    assert keys is not None
    row = KeyRow("k1", "aider", "••••5be8", "2 min ago", sentence="aider, key")
    page.show_keys(KeysView((row,), "", "", ""))
    assert not keys.new_key.isVisible()
    keys.new.click()
    assert QApplication.focusWidget() is keys.name
    with qtbot.waitSignal(keys.make_asked) as made:
        qtbot.keyClicks(keys.name, "Zed")
        keys.make.click()
    assert made.args == ["Zed"]
    page.show_keys(KeysView((row,), "sk-local-fresh", "Copy it now.", ""))
    assert keys.new_key.isVisible()
    assert keys.new_key.key.value.text() == "sk-local-fresh"
    with qtbot.waitSignal(keys.dismissed):
        keys.new_key.done.click()
    replace, revoke = keys.changes["k1"]
    assert accessible_name(revoke) == "Revoke the key of aider"
    with qtbot.waitSignal(keys.revoke_asked) as revoked:
        revoke.click()
    assert revoked.args == ["k1"]
    with qtbot.waitSignal(keys.replace_asked):
        replace.click()
    main = KeyRow("", "Everything", "••••3f9a", "never", "Everything", can_revoke=False)
    page.show_keys(KeysView((main, row), "", "", ""))
    (replace_main,) = keys.changes[""]
    with qtbot.waitSignal(keys.replace_asked) as replaced:
        replace_main.click()
    assert replaced.args == [""]
    page.show_keys(KeysView((row,), "", "", "No more than 100 keys."))
    assert keys.problem.isVisible()


def test_the_layout_mirrors_and_grows(page: SettingsPage, qtbot) -> None:
    page.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.waitUntil(lambda: page.sections.x() > page.area.x())
    page.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


PROXIES = (("system", "System"), ("", "Custom"), ("direct", "Direct"))


def proxy_row(value: str, problem: str = "") -> SettingsView:
    return one_row(
        key="upstream.proxy",
        name="Network proxy",
        control=Control.CHOICE_OR_TEXT,
        choices=PROXIES,
        value=value,
        problem=problem,
    )


def choose(control: ChoiceOrText, value: str) -> None:
    control.choice.setCurrentIndex(control.choice.findData(value))
    control.choice.activated.emit(control.choice.currentIndex())


def test_a_custom_proxy_asks_for_its_address_and_changes_nothing_until_it_is_there(
    page: SettingsPage, qtbot
) -> None:
    page.show_view(proxy_row("system"))
    control = page.rows["upstream.proxy"].control
    assert isinstance(control, ChoiceOrText)
    meant: list[str] = []
    page.applied.connect(lambda _key, text: meant.append(text))
    assert control.field.isHidden()
    choose(control, "")
    page.show_view(proxy_row("system"))  # whatever else is told meanwhile
    assert (meant, control.field.isHidden(), control.field.hasFocus()) == ([], False, True)
    qtbot.keyClicks(control.field, "http://proxy:80")
    page.show_view(proxy_row("http://proxy:80"))
    qtbot.keyClick(control.field, Qt.Key.Key_Return)
    assert meant == ["http://proxy:80"]
    assert control.choice.currentText() == "Custom"
    choose(control, "direct")
    page.show_view(proxy_row("direct"))
    assert meant == ["http://proxy:80", "direct"]
    assert control.field.isHidden()


def test_a_custom_proxy_left_without_an_address_shows_what_is_in_force(
    page: SettingsPage,
) -> None:
    page.show_view(proxy_row("direct"))
    control = page.rows["upstream.proxy"].control
    assert isinstance(control, ChoiceOrText)
    choose(control, "")
    page.search.setFocus()
    assert (control.choice.currentText(), control.field.isHidden()) == ("Direct", True)


def test_a_file_is_typed_or_chosen(page: SettingsPage, qtbot) -> None:
    page.show_view(one_row(key="upstream.ca_file", control=Control.FILE, value="/a.pem"))
    control = page.rows["upstream.ca_file"].control
    assert isinstance(control, FileField)
    with qtbot.waitSignal(page.pressed) as pressed:
        qtbot.mouseClick(control.choose, Qt.MouseButton.LeftButton)
    assert pressed.args == ["upstream.ca_file"]
    control.field.selectAll()
    qtbot.keyClicks(control.field, "/b.pem")
    with qtbot.waitSignal(page.applied) as applied:
        qtbot.keyClick(control.field, Qt.Key.Key_Return)
    assert applied.args == ["upstream.ca_file", "/b.pem"]
