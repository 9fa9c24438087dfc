"""The window: sidebar, banner, pages, keyboard shortcuts. After closing it the tray remains."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QIcon,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.presenters.actions import Action
from desktop.presenters.frame import FrameView
from desktop.presenters.notices.toast import Toast
from desktop.presenters.pages import PageKey
from desktop.views.application import QUIT_KEY
from desktop.views.calm_focus import CalmFocus, operates_something
from desktop.views.components.announcement import announce
from desktop.views.components.banner_place import BannerPlace
from desktop.views.components.toast import ToastBar
from desktop.views.pages.page import Page, PagePlace
from desktop.views.sidebar import Sidebar
from desktop.views.theme.theme import Theme

_GEOMETRY = "window/geometry"
_PAGE = "window/page"


class MainWindow(CalmFocus, QWidget):
    """Shows the frame's view and one page at a time; emits what the user asks for.

    A page is built when it is first opened. The page shown when the window closed is shown when it
    opens again.
    """

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""
    closed = Signal()
    shown = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: QIcon,
        places: Sequence[PagePlace],
        memory: QSettings | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._memory = memory
        self._view: FrameView | None = None
        self._focused_once = False
        self._places = {place.key: place for place in places}
        self._built: dict[PageKey, Page] = {}
        self._begun: dict[PageKey, Page] = {}
        """Built, but without its style sheet and not yet in the window."""
        self._current: PageKey | None = None
        self.setWindowTitle("g-copilot-proxy")
        self.setWindowIcon(icon)
        self.may_close: Callable[[], bool] = lambda: True
        """Asked when the user closes the window; False leaves it open."""
        self.setMinimumSize(*theme.tokens.window_minimum)
        self.resize(*theme.tokens.window)
        self.sidebar = Sidebar(theme, self)
        self.pages = QStackedWidget(self)
        self.above = BannerPlace(theme, self.pages, self)
        self.banner = self.above.banner
        self._lay_out()
        self.toast = ToastBar(theme, self)
        for part in (self.sidebar, self.above, self.toast):
            theme.dress(part)
        for place in places:
            self.sidebar.add_page(place.key, place.title, place.icon, at_foot=place.at_foot)
            if place.keys:
                self._bind(place.keys, self.sidebar.pages[place.key].click)
        self.sidebar.page_chosen.connect(self._on_page_chosen)
        self.sidebar.switch_clicked.connect(self._on_switch_clicked)
        self.banner.chosen.connect(self.chosen)
        self._bind_keys()
        theme.changed.connect(self._fit_sidebar)
        self._restore_geometry()
        remembered = memory.value(_PAGE) if memory is not None else None
        known = {str(key): key for key in self._places}
        self._first = known.get(str(remembered), next(iter(self._places)))

    @property
    def page_keys(self) -> frozenset[PageKey]:
        """The pages this window has."""
        return frozenset(self._places)

    @property
    def current_key(self) -> PageKey:
        return self._current or self._first

    @property
    def current_page(self) -> Page:
        """The visible page; built now if the window was never shown."""
        if self._current is None:
            self.show_page(self._first)
        return self._built[self.current_key]

    def page(self, key: PageKey) -> Page | None:
        """Return the page if it was opened before."""
        return self._built.get(key)

    def show_page(self, key: PageKey) -> bool:
        """Show a page; return whether this window has it."""
        if key not in self._places:
            return False
        if key != self._current:
            before = self._built.get(self._current) if self._current is not None else None
            page = self._page(key)
            focused = self.focusWidget()
            was_inside = (
                before is not None and focused is not None and before.widget.isAncestorOf(focused)
            )
            self._current = key
            page.refresh()
            self.pages.setCurrentWidget(page.widget)
            self.sidebar.choose(key)
            self.above.settle()
            if was_inside:
                self._focus_page(page)
            if self.isVisible():
                if before is not None:
                    before.left()
                page.opened()
        return True

    def _focus_page(self, page: Page) -> None:
        """Take the keyboard from the page before to a place of this one that operates nothing.

        Left to itself Qt's stack would choose what had the focus there last, or its first control.
        """
        target = page.first_focus()
        if operates_something(target):
            self.rest_focus(target)
        else:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_preparing(self, key: PageKey | None = None) -> None:
        """The first half of :meth:`prepare`, for a turn of the loop of its own."""
        key = key or self.current_key
        if key not in self._built and key not in self._begun:
            self._begun[key] = self._places[key].build()

    def prepare(self, key: PageKey | None = None) -> None:
        """Build the first visible page (or ``key``), so that showing the window is fast."""
        self._page(key or self.current_key)

    def _page(self, key: PageKey) -> Page:
        if key not in self._built:
            page = self._begun.pop(key, None) or self._places[key].build()
            self._built[key] = page
            self.pages.addWidget(page.widget)
            self._theme.dress(page.widget)
        return self._built[key]

    def show_frame(self, view: FrameView) -> None:
        before, self._view = self._view, view
        if view == before:
            return
        self.sidebar.foot.show_view(view)
        if (doctor := self.sidebar.pages.get(PageKey.DOCTOR)) is not None:
            mark = view.doctor_mark
            doctor.set_mark(*((mark.shape, mark.words) if mark is not None else (None, "")))
        self.above.show_notice(view.notice)
        if before is not None and before.state_word != view.state_word and self.isVisible():
            announce(self, f"{view.state_word}. {view.state_line}")

    def show_state_again(self) -> None:
        """Put the switches back to the server's state: the user withdrew what they asked for."""
        if self._view is not None:
            self.sidebar.foot.show_view(self._view)
        if self._current is not None:
            self._built[self._current].refresh()

    def show_toast(self, toast: Toast) -> None:
        self.toast.show_toast(toast)

    def bring_to_front(self) -> None:
        if self.isMinimized():
            self.showNormal()
        else:
            self.show()
        self.raise_()
        self.activateWindow()

    def first_focus(self) -> QWidget:
        """The page's first control, or what the banner asks for while serving is not possible."""
        blocked = self._view is not None and not self._view.switch_enabled
        if blocked and self.banner.buttons:
            return self.banner.buttons[0]
        return self.current_page.first_focus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._current is None:
            self.show_page(self._first)
        else:
            self._built[self._current].opened()
        self.shown.emit()
        if not self._focused_once:
            self._focused_once = True
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._current is not None:
            self._built[self._current].left()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        if self.may_close():
            self.leave()

    def leave(self) -> None:
        """Hide it as if the user had closed it."""
        self._remember()
        self.hide()
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sidebar()

    def _fit_sidebar(self) -> None:
        narrow = self._theme.scaled(self._theme.tokens.sidebar_icons_below)
        self.sidebar.set_icons_only(self.width() < narrow)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and not self.isMinimized():
            self.shown.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.above.room)
        column.addWidget(self.pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(column, 1)

    def _bind(self, keys: str | QKeySequence.StandardKey, call: object) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(call)

    def _bind_keys(self) -> None:
        for keys, call in (
            ("Ctrl+R", self._on_read_again_key),
            ("Ctrl+Shift+C", self._on_copy_key),
            ("Ctrl+F", self._on_search_key),
            ("F5", self._on_read_again_key),
            ("Esc", self._on_back_key),
            ("F6", self._on_next_region_key),
            ("Shift+F6", self._on_region_before_key),
            (QKeySequence.StandardKey.Close, self.close),
            (QUIT_KEY, self._on_quit_key),
        ):
            self._bind(keys, call)

    def _on_page_chosen(self, key: str) -> None:
        self.show_page(PageKey(key))

    def _on_switch_clicked(self, on: bool) -> None:
        self.chosen.emit(Action.START if on else Action.STOP)

    def _on_copy_key(self) -> None:
        self.chosen.emit(Action.COPY_OPENAI_URL)
        self.show_toast(Toast(self.tr("Base URL copied")))

    def _on_quit_key(self) -> None:
        self.chosen.emit(Action.QUIT)

    def _on_search_key(self) -> None:
        field = self.current_page.search_field()
        if field is not None:
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_read_again_key(self) -> None:
        self.current_page.read_again()

    def _on_back_key(self) -> None:
        self.current_page.go_back()

    def _on_next_region_key(self) -> None:
        self._move_region(1)

    def _on_region_before_key(self) -> None:
        self._move_region(-1)

    def _move_region(self, step: int) -> None:
        """Move the focus between sidebar, page, details and state."""
        page = self.current_page
        details = page.details()
        if details is not None and not details.isVisible():
            details = None
        switch = self.sidebar.foot.switch
        stops: list[tuple[QWidget | None, QWidget | None]] = [
            (self.sidebar, self.sidebar.chosen),
            (page.widget, page.first_focus()),
            (details, _first_inside(details)),
            (switch, switch if switch.isEnabled() else None),
        ]
        regions = [(region, target) for region, target in stops if region and target]
        focus = self.focusWidget()
        # The innermost region counts: details lie inside the page, the switch inside the sidebar.
        inside = [
            number
            for number, (region, _) in enumerate(regions)
            if focus is not None and (region is focus or region.isAncestorOf(focus))
        ]
        at = inside[-1] if inside else -step
        regions[(at + step) % len(regions)][1].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _restore_geometry(self) -> None:
        stored = self._memory.value(_GEOMETRY) if self._memory is not None else None
        if isinstance(stored, QByteArray):
            self.restoreGeometry(stored)
        elif (screen := QGuiApplication.primaryScreen()) is not None:
            # On a small screen the usual size would put the foot out of sight.
            room = screen.availableGeometry().size()
            self.resize(self.size().boundedTo(room))

    def _remember(self) -> None:
        if self._memory is not None:
            self._memory.setValue(_GEOMETRY, self.saveGeometry())
            self._memory.setValue(_PAGE, str(self.current_key))


def _first_inside(region: QWidget | None) -> QWidget | None:
    """The first control of a region that takes the keyboard."""
    if region is None:
        return None
    each: QWidget | None = region.nextInFocusChain()
    while each is not None and each is not region:
        takes_keys = bool(each.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if region.isAncestorOf(each) and takes_keys and each.isVisible() and each.isEnabled():
            return each
        each = each.nextInFocusChain()
    return None
