"""Where the banner stands: above the pages, without moving what the pointer is about to press."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.presenters.notices.notices import Notice
from desktop.views.components.banner import Banner
from desktop.views.theme.theme import Theme

_FRESH_MILLISECONDS = 800
"""How long a banner that appeared under the pointer lets a press through to the page."""


class BannerPlace(QWidget):
    """Floats over the top of ``pages`` while the pointer is on them, else has ``room`` above them.

    ``room`` is an empty part of the window's layout. It grows and shrinks only while the pointer is
    elsewhere, so a press never hits something that just moved there.
    """

    def __init__(self, theme: Theme, pages: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pages = pages
        self._window = parent
        self.room = QWidget(parent)
        self.room.setFixedHeight(0)
        self.banner = Banner(theme, self)
        across, down = theme.tokens.page_margin
        column = QVBoxLayout(self)
        column.setContentsMargins(across, down, across, 0)
        column.addWidget(self.banner)
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(_FRESH_MILLISECONDS)
        self._fresh.timeout.connect(self._take_presses)
        self.hide()
        for watched in (pages, self.room, parent):
            watched.installEventFilter(self)
        theme.changed.connect(self._place)

    def show_notice(self, notice: Notice | None) -> None:
        if notice == self.banner.notice:
            return
        self.banner.show_notice(notice)
        self.setVisible(notice is not None)
        self._place()
        if self._pages.underMouse():
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._fresh.start()
        else:
            self.settle()

    def settle(self) -> None:
        """Give the banner its room now: the page is new, or the pointer is elsewhere."""
        self._take_presses()
        needed = 0 if self.isHidden() else self._height()
        if needed != self.room.height():
            self.room.setFixedHeight(needed)
            layout = self._window.layout()
            if layout is not None:
                layout.activate()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._pages and kind == QEvent.Type.Leave:
            self._settle_if_left()
        elif watched is self._pages and kind in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        elif watched is self._window and kind in (
            QEvent.Type.Resize,
            QEvent.Type.WindowDeactivate,
        ):
            self.settle()
        return False

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._settle_if_left()

    def _settle_if_left(self) -> None:
        """From the pages onto the floating banner is not away: the pointer may come back."""
        at = self._window.mapFromGlobal(QCursor.pos())
        over_banner = self.isVisible() and self.geometry().contains(at)
        if not over_banner and not self._pages.geometry().contains(at):
            self.settle()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("window"))
        painter.end()

    def _height(self) -> int:
        layout = self.layout()
        assert layout is not None
        width = self._pages.width()
        return (
            layout.heightForWidth(width) if layout.hasHeightForWidth() else self.sizeHint().height()
        )

    def _place(self) -> None:
        if not self.isHidden():
            left, width = self._pages.x(), self._pages.width()
            self.setGeometry(QRect(left, self.room.y(), width, self._height()))
            self.raise_()

    def _take_presses(self) -> None:
        self._fresh.stop()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
