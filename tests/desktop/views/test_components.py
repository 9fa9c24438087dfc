"""The parts every page is built from: keys, names, roles, focus, sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

import desktop.views
from desktop.presenters.actions import Action
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.views.components.banner import Banner
from desktop.views.components.charts.time_bar import TimeBar
from desktop.views.components.focus_ring import FocusRing
from desktop.views.components.fold import Fold
from desktop.views.components.inputs.address_field import AddressField, SecretField
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.copy_button import CopyButton
from desktop.views.components.inputs.switch import SMALLEST_HIT, Switch
from desktop.views.components.text import Text
from desktop.views.replaced import empty, take_away
from desktop.views.theme.theme import Theme
from tests.desktop.screen.seen import accessible_name, accessible_role, colours_in, picture

Show = Callable[..., QWidget]


@pytest.fixture
def show(qtbot) -> Show:
    """Put widgets into one window and wait until it is active."""
    kept: list[QWidget] = []  # qtbot holds weak references only

    def together(*widgets: QWidget) -> QWidget:
        window = QWidget()
        column = QVBoxLayout(window)
        for widget in widgets:
            column.addWidget(widget)
        qtbot.addWidget(window)
        kept.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return together


def ring_of(window: QWidget) -> FocusRing | None:
    ring = window.findChild(FocusRing)
    return ring if isinstance(ring, FocusRing) and ring.isVisible() else None


def test_the_switch_asks_by_click_space_and_enter(theme: Theme, show: Show, qtbot) -> None:
    switch = Switch(theme)
    asked: list[bool] = []
    switch.clicked.connect(lambda on: asked.append(on))
    show(switch)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    qtbot.keyClick(switch, Qt.Key.Key_Return)
    assert asked == [True, False, True]


def test_the_switch_has_a_role_a_name_and_a_state(theme: Theme, show: Show) -> None:
    switch = Switch(theme)
    switch.setAccessibleName("Serve tools")
    show(switch)
    assert accessible_name(switch) == "Serve tools"
    assert accessible_role(switch) == QAccessible.Role.CheckBox
    switch.set_on(True)
    assert QAccessible.queryAccessibleInterface(switch).state().checked


@pytest.mark.parametrize("large", [False, True])
def test_on_and_off_differ_in_place_fill_and_size_of_the_knob(
    theme: Theme, show: Show, large: bool
) -> None:
    switch = Switch(theme, large=large)
    show(switch)
    off = picture(switch)
    switch.set_on(True)
    on = picture(switch)
    accent = theme.colour("accent").name()
    assert accent in colours_in(on)
    assert accent not in colours_in(off)
    assert switch.height() >= SMALLEST_HIT
    middle = off.height() // 2
    start, end = off.height() // 2, off.width() - off.height() // 2
    assert off.pixelColor(start, middle).name() == theme.colour("border").name()
    assert off.pixelColor(end, middle).name() == theme.colour("surface").name()
    assert on.pixelColor(end, middle).name() == theme.colour("onAccent").name()
    assert on.pixelColor(start, middle).name() == accent


def test_the_switch_is_mirrored_in_a_right_to_left_language(theme: Theme, show: Show) -> None:
    switch = Switch(theme, large=True)
    switch.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    show(switch)
    switch.set_on(True)
    image = picture(switch)
    assert image.pixelColor(16, 16).name() == theme.colour("onAccent").name()


def test_the_knob_moves_in_120_ms_unless_less_motion_is_wanted(
    theme: Theme, show: Show, qtbot
) -> None:
    theme.reduced_motion = False
    try:
        switch = Switch(theme, large=True)
        show(switch)
        switch.set_on(True)
        assert switch._position < 1, "on its way"
        qtbot.waitUntil(lambda: switch._position == 1.0)
    finally:
        theme.reduced_motion = True
    switch.set_on(False)
    assert switch._position == 0.0, "at once"


def test_a_ring_shows_focus_by_key_and_not_by_mouse(theme: Theme, show: Show, qtbot) -> None:
    first, second = Button(theme, "First"), Button(theme, "Second")
    window = show(first, second)
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert first.hasFocus() or QApplication.focusWidget() is not second
    assert ring_of(window) is None
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    ring = ring_of(window)
    assert ring is not None
    assert ring.target is second
    assert ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4)
    assert theme.colour("focus").name() in colours_in(picture(ring))
    qtbot.keyClick(second, Qt.Key.Key_Backtab)
    assert ring_of(window).target is first


def test_the_ring_follows_its_control_and_goes_with_it(theme: Theme, show: Show, qtbot) -> None:
    first, second = Button(theme, "First"), Button(theme, "Second")
    window = show(first, second)
    second.setFocus()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    before = ring_of(window).geometry()
    window.resize(window.width() + 60, window.height() + 80)
    qtbot.waitUntil(lambda: ring_of(window).geometry() != before)
    assert ring_of(window).geometry() == first.geometry().adjusted(-4, -4, 4, 4)
    first.hide()
    assert ring_of(window) is None or ring_of(window).target is second


def test_the_ring_takes_no_clicks(theme: Theme, show: Show, qtbot) -> None:
    button, other = Button(theme, "Connect a tool"), Button(theme, "Later")
    window = show(button, other)
    other.setFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring_of(window) is not None
    centre = button.mapTo(window, button.rect().center())
    assert window.childAt(centre) is button


@pytest.mark.parametrize("kind", list(ButtonKind))
def test_buttons_are_pressed_by_enter_and_space(
    theme: Theme, show: Show, qtbot, kind: ButtonKind
) -> None:
    button = Button(theme, "New code", kind, icon="refresh")
    show(button)
    presses: list[bool] = []
    button.clicked.connect(lambda: presses.append(True))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        qtbot.keyClick(button, key)
    assert len(presses) == 3
    assert accessible_role(button) == QAccessible.Role.Button
    assert accessible_name(button) == "New code"
    assert button.height() >= 26


def test_a_disabled_button_does_nothing_and_looks_it(theme: Theme, show: Show, qtbot) -> None:
    button = Button(theme, "Open", ButtonKind.PRIMARY)
    show(button)
    assert theme.colour("accent").name() in colours_in(picture(button))
    button.setEnabled(False)
    with qtbot.assertNotEmitted(button.clicked):
        button.click()
    assert theme.colour("accent").name() not in colours_in(picture(button))


def test_a_button_grows_with_its_words_and_its_font(theme: Theme, qtbot) -> None:
    short, long = Button(theme, "Stop"), Button(theme, "Ein Werkzeug verbinden")
    qtbot.addWidget(short)
    qtbot.addWidget(long)
    assert long.sizeHint().width() > short.sizeHint().width() + 60
    font = short.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    short.setFont(font)
    assert short.sizeHint().height() > 30


def test_copy_puts_the_value_into_the_clipboard_and_says_so_for_1600_ms(
    theme: Theme, show: Show, qtbot
) -> None:
    button = CopyButton(theme, lambda: "http://127.0.0.1:4141/v1", "Copy OpenAI base URL")
    show(button)
    width = button.width()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4141/v1"
    assert (button.text(), button.shows_copied) == ("Copied", True)
    assert button._timer.interval() == 1600
    assert button.width() == width, "the place is kept for the wider word"
    button._timer.timeout.emit()
    assert button.text() == "Copy"
    assert accessible_name(button) == "Copy OpenAI base URL", "verb and object, in both states"


def test_copying_is_announced(theme: Theme, show: Show, qtbot, monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        staticmethod(lambda event: said.append(event.message())),
    )
    button = CopyButton(theme, lambda: "x", "Copy the code")
    show(button)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert said == ["Copied"]


def test_an_address_is_read_only_selectable_and_left_to_right(
    theme: Theme, show: Show, qtbot
) -> None:
    field = AddressField(theme, "OpenAI base URL")
    field.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    field.set_value("http://127.0.0.1:4141/v1")
    show(field)
    assert field.value.isReadOnly()
    assert field.value.layoutDirection() == Qt.LayoutDirection.LeftToRight
    assert accessible_name(field.value) == "OpenAI base URL"
    assert accessible_name(field.copy_button) == "Copy OpenAI base URL"
    field.copy_button.setFocus()
    field.value.setFocus(Qt.FocusReason.TabFocusReason)
    assert field.value.selectedText() == "http://127.0.0.1:4141/v1"
    qtbot.keyClick(field.value, Qt.Key.Key_X)
    assert field.value.text() == "http://127.0.0.1:4141/v1"


def test_an_address_is_never_cut_short(theme: Theme, qtbot) -> None:
    field = AddressField(theme, "OpenAI base URL")
    qtbot.addWidget(field)
    field.set_value("http://127.0.0.1:4141/v1")
    needed = field.value.fontMetrics().horizontalAdvance("http://127.0.0.1:4141/v1")
    assert field.value.minimumSizeHint().width() > needed
    assert field.layout().minimumSize().width() > needed + field.copy_button.width()


def test_a_secret_is_masked_until_show_and_again_after_30_s(
    theme: Theme, show: Show, qtbot
) -> None:
    field = SecretField(theme, "Local key")
    field.set_secret("sk-local-abcdefghijklmnop3f9a", "sk-local-••••3f9a")
    window = show(field)
    width = window.minimumSizeHint().width()
    assert field.value.text() == "sk-local-••••3f9a"
    qtbot.mouseClick(field.show_button, Qt.MouseButton.LeftButton)
    assert field.value.text() == "sk-local-abcdefghijklmnop3f9a"
    assert 29_000 < field.milliseconds_left < 31_500, "Qt's usual timers are coarse by 5 %"
    assert accessible_name(field.show_button) == "Hide Local key"
    assert window.minimumSizeHint().width() == width, "revealing moves nothing"
    field._timer.timeout.emit()
    assert field.value.text() == "sk-local-••••3f9a"
    assert not field.is_revealed


def test_copy_copies_the_whole_secret_though_it_is_masked(theme: Theme, show: Show, qtbot) -> None:
    field = SecretField(theme, "Local key")
    field.set_secret("sk-local-abcdefghijklmnop3f9a", "sk-local-••••3f9a")
    show(field)
    qtbot.mouseClick(field.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "sk-local-abcdefghijklmnop3f9a"
    assert field.value.text() == "sk-local-••••3f9a"


def test_a_new_secret_while_revealed_is_shown(theme: Theme, show: Show) -> None:
    field = SecretField(theme, "Local key")
    field.set_secret("sk-local-old", "sk-local-••••")
    show(field)
    field.reveal()
    field.set_secret("sk-local-new", "sk-local-••••")
    assert field.value.text() == "sk-local-new"


NOTICE = Notice(
    Severity.FAILURE,
    "The proxy could not start: port 4141 is in use",
    "“node” (process 4312) has it. Your settings are unchanged.",
    (Choice("Use 4142", Action.USE_NEXT_PORT), Choice("Try again", Action.START)),
)


def test_a_banner_shows_one_notice_with_its_buttons(theme: Theme, show: Show, qtbot) -> None:
    banner = Banner(theme)
    show(banner)
    assert not banner.isVisible()
    banner.show_notice(NOTICE)
    assert banner.isVisible()
    assert [button.text() for button in banner.buttons] == ["Use 4142", "Try again"]
    assert accessible_name(banner) == NOTICE.title
    with qtbot.waitSignal(banner.chosen) as chosen:
        qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert chosen.args == [Action.USE_NEXT_PORT]
    assert theme.colour("errorSoft").name() in colours_in(picture(banner))
    banner.show_notice(None)
    assert not banner.isVisible()


def test_a_banner_announces_what_is_new_and_only_that(
    theme: Theme, show: Show, monkeypatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        staticmethod(lambda event: said.append(event.message())),
    )
    banner = Banner(theme)
    show(banner)
    banner.show_notice(NOTICE)
    banner.show_notice(Notice(Severity.FAILURE, NOTICE.title, NOTICE.line, NOTICE.choices))
    assert said == [f"{NOTICE.title}. {NOTICE.line}"]


def test_a_banners_buttons_stay_the_same_while_its_words_change(theme: Theme, show: Show) -> None:
    banner = Banner(theme)
    show(banner)
    banner.show_notice(NOTICE)
    buttons = banner.buttons
    banner.show_notice(Notice(Severity.FAILURE, NOTICE.title, "Another owner.", NOTICE.choices))
    assert banner.buttons is buttons, "a button with focus must not vanish under the finger"
    assert banner.line.text() == "Another owner."


def test_long_words_wrap_and_make_the_banner_taller(theme: Theme, show: Show) -> None:
    banner = Banner(theme)
    window = show(banner)
    banner.show_notice(Notice(Severity.INFO, "Short"))
    window.resize(420, 100)
    short = banner.heightForWidth(400)
    banner.show_notice(Notice(Severity.INFO, "Short", "word " * 60))
    assert banner.heightForWidth(400) > short + 30


def test_what_arrives_from_outside_never_becomes_markup(theme: Theme, qtbot) -> None:
    label = Text(theme, "<b>bold</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_closed_fold_is_out_of_the_tab_order(theme: Theme, show: Show, qtbot) -> None:
    inside = QLineEdit()
    fold = Fold(theme, "My company uses its own GitHub address", inside)
    after = Button(theme, "Cancel")
    show(fold, after)
    fold.line.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(fold.line, Qt.Key.Key_Tab)
    assert after.hasFocus()
    fold.line.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(fold.line, Qt.Key.Key_Return)
    assert fold.is_open
    QTest.keyClick(fold.line, Qt.Key.Key_Tab)
    assert inside.hasFocus()


def test_a_fold_moves_in_140_ms(theme: Theme, show: Show, qtbot) -> None:
    theme.reduced_motion = False
    try:
        body = Text(theme, "inside")
        fold = Fold(theme, "More", body)
        show(fold)
        fold.set_open(True)
        assert body.maximumHeight() < body.sizeHint().height()
        qtbot.waitUntil(lambda: body.maximumHeight() > 10_000)
        assert body.isVisible()
        fold.set_open(False)
        qtbot.waitUntil(lambda: not body.isVisible())
    finally:
        theme.reduced_motion = True


@pytest.mark.parametrize(
    ("fraction", "value"), [(1.0, 1000), (0.5, 500), (-1, 0), (7, 1000), (0.0, 0)]
)
def test_a_time_bar_stays_within_its_bounds(
    theme: Theme, qtbot, fraction: float, value: int
) -> None:
    bar = TimeBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 4)
    bar.set_fraction(fraction)
    assert bar.value() == value
    filled = picture(bar).pixelColor(30, 2).name() == theme.colour("accent").name()
    assert filled is (value >= 500)


def test_every_icon_button_names_verb_and_object(theme: Theme, qtbot) -> None:
    makers = (
        partial(AddressField, theme, "Anthropic base URL"),
        partial(SecretField, theme, "Local key"),
    )
    for make in makers:
        field = make()
        qtbot.addWidget(field)
        for button in field.findChildren(CopyButton):
            assert len(accessible_name(button).split()) >= 2


def test_what_is_replaced_is_taken_away_by_the_one_piece_for_it() -> None:
    """Each place of its own forgot something once: to hide, to leave the layout, or the spaces."""
    views = Path(desktop.views.__file__).parent
    one_piece, menus = views / "replaced.py", views / "tray"
    by_hand = [
        str(each.relative_to(views))
        for each in views.rglob("*.py")
        if ".deleteLater()" in each.read_text(encoding="utf-8")
        and each != one_piece
        and menus not in each.parents
    ]
    assert by_hand == []


def test_widgets_taken_away_are_hidden_at_once_and_gone_with_the_next_turn(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    row = QHBoxLayout(box)
    gone, stays = QWidget(box), QWidget(box)
    row.addWidget(gone)
    row.addStretch(1)
    row.addWidget(stays)
    box.show()
    take_away(row, (gone,))
    assert not gone.isVisible()
    assert row.count() == 2
    empty(row)
    assert row.count() == 0
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [each for each in box.children() if isinstance(each, QWidget)] == []
