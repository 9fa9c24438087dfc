"""A row of controls that goes on in a further line where one has no room, so that nothing is cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLayout, QLayoutItem, QStyle

_GAP = 8


class FlowLayout(QLayout):
    """``align_end``: lines end where reading ends, as the buttons of a dialog do."""

    def __init__(self, *, gap: int = _GAP, line_gap: int = _GAP, align_end: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._line_gap = line_gap
        self._align_end = align_end
        self.setContentsMargins(0, 0, 0, 0)

    def set_align_end(self, align_end: bool) -> None:
        if align_end != self._align_end:
            self._align_end = align_end
            self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        around = self._around()
        lines = self._lines(width - around.width())
        heights = [max(size.height() for _, size in line) for line in lines]
        return sum(heights) + self._line_gap * max(0, len(lines) - 1) + around.height()

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        if not sizes:
            return self._around()
        width = sum(size.width() for size in sizes) + self._gap * (len(sizes) - 1)
        return QSize(width, max(size.height() for size in sizes)) + self._around()

    def minimumSize(self) -> QSize:
        """The widest alone."""
        size = QSize(0, 0)
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size + self._around()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        parent = self.parentWidget()
        rect = rect.marginsRemoved(self.contentsMargins())
        direction = QApplication.layoutDirection() if parent is None else parent.layoutDirection()
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            width = sum(size.width() for _, size in line) + self._gap * (len(line) - 1)
            left = rect.left() + (max(0, rect.width() - width) if self._align_end else 0)
            for item, size in line:
                corner = QPoint(left, top + (height - size.height()) // 2)
                item.setGeometry(QStyle.visualRect(direction, rect, QRect(corner, size)))
                left += size.width() + self._gap
            top += height + self._line_gap

    def _around(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._shown():
            size = item.sizeHint().expandedTo(item.minimumSize())
            size.setWidth(min(size.width(), max(width, item.minimumSize().width())))
            if not lines or used + self._gap + size.width() > width:
                lines.append([])
                used = -self._gap
            lines[-1].append((item, size))
            used += self._gap + size.width()
        return lines
