"""The window: sidebar, pages, keys. Closing it leaves the tray."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QIcon,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop.presenters.actions import Action
from desktop.presenters.home import HomeView
from desktop.views.components.announcement import announce
from desktop.views.home_page import HomePage
from desktop.views.sidebar import Sidebar
from desktop.views.theme.theme import Theme

_GEOMETRY = "window/geometry"


class MainWindow(QWidget):
    """Shows views of presenters and emits what the user asks for."""

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""
    closed = Signal()
    shown = Signal()

    def __init__(self, theme: Theme, icon: QIcon, memory: QSettings | None = None) -> None:
        super().__init__()
        self._theme = theme
        self._memory = memory
        self._view: HomeView | None = None
        self._focused_once = False
        self.setWindowTitle("g-copilot-proxy")
        self.setWindowIcon(icon)
        self.setMinimumSize(*theme.tokens.window_minimum)
        self.resize(*theme.tokens.window)
        self.sidebar = Sidebar(theme, self)
        self.pages = QStackedWidget(self)
        self.home = HomePage(theme, self.pages)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(self.pages, 1)
        self._add_page("home", self.tr("Home"), "home", self.home)
        self.sidebar.page_chosen.connect(self._on_page_chosen)
        self.sidebar.switch_clicked.connect(self._on_switch_clicked)
        self.home.chosen.connect(self.chosen)
        self._bind_keys()
        self._restore_geometry()

    def show_view(self, view: HomeView) -> None:
        before, self._view = self._view, view
        if view == before:
            return
        self.home.show_view(view)
        self.sidebar.foot.show_view(view)
        if before is not None and before.state_word != view.state_word and self.isVisible():
            announce(self, f"{view.state_word}. {view.state_line}")

    def bring_to_front(self) -> None:
        if self.isMinimized():
            self.showNormal()
        else:
            self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()
        if not self._focused_once:
            self._focused_once = True
            self.home.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._save_geometry()
        event.ignore()
        self.hide()
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sidebar.set_icons_only(self.width() < self._theme.tokens.sidebar_icons_below)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and not self.isMinimized():
            self.shown.emit()

    def _add_page(self, key: str, text: str, icon: str, page: QWidget) -> None:
        page.setObjectName(key)
        self.pages.addWidget(page)
        self.sidebar.add_page(key, text, icon)
        number = self.pages.count()
        shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
        shortcut.activated.connect(lambda: self.sidebar.pages[key].click())

    def _bind_keys(self) -> None:
        for keys, call in (
            ("Ctrl+R", self._on_toggle_key),
            ("Ctrl+Shift+C", self._on_copy_key),
            ("F6", self._on_next_region_key),
            ("Shift+F6", self._on_next_region_key),
            (QKeySequence.StandardKey.Close, self.close),
            ("Ctrl+Q", self._on_quit_key),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(call)

    def _on_page_chosen(self, key: str) -> None:
        for number in range(self.pages.count()):
            page = self.pages.widget(number)
            if page is not None and page.objectName() == key:
                self.pages.setCurrentWidget(page)

    def _on_switch_clicked(self, on: bool) -> None:
        self.chosen.emit(Action.START if on else Action.STOP)

    def _on_toggle_key(self) -> None:
        if self._view is not None and self._view.switch_enabled:
            self.chosen.emit(Action.STOP if self._view.switch_on else Action.START)

    def _on_copy_key(self) -> None:
        self.home.state.openai.copy_button.click()

    def _on_quit_key(self) -> None:
        self.chosen.emit(Action.QUIT)

    def _on_next_region_key(self) -> None:
        """Sidebar, page and state take turns."""
        regions: tuple[QWidget, ...] = (
            next(button for button in self.sidebar.pages.values() if button.isChecked()),
            self.home.first_focus(),
            self.sidebar.foot.switch,
        )
        focus = self.focusWidget()
        inside_page = focus is not None and self.pages.isAncestorOf(focus)
        if inside_page:
            target = regions[2] if regions[2].isEnabled() else regions[0]
        elif focus is regions[0]:
            target = regions[1]
        else:
            target = regions[0]
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _restore_geometry(self) -> None:
        stored = self._memory.value(_GEOMETRY) if self._memory is not None else None
        if isinstance(stored, QByteArray):
            self.restoreGeometry(stored)
        elif (screen := QGuiApplication.primaryScreen()) is not None:
            # On a small screen the usual size would put the foot out of sight.
            room = screen.availableGeometry().size()
            self.resize(self.size().boundedTo(room))

    def _save_geometry(self) -> None:
        if self._memory is not None:
            self._memory.setValue(_GEOMETRY, self.saveGeometry())
