"""A row of controls that goes on in a further line where one has no room, so that nothing is cut.

A widget that places its children itself, not a ``QLayout`` written in Python: PySide6 (6.11.3) declared
the items of such a layout deleted while C++ still asked the layout for its height; the error raised in
the override then crashed the process. Seen in rows of settings under a window that was being closed.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from desktop.views.replaced import delete_soon

_GAP = 8
_PLACED_ANEW = frozenset(
    (
        QEvent.Type.ChildRemoved,
        QEvent.Type.ContentsRectChange,
        QEvent.Type.LayoutDirectionChange,
        QEvent.Type.LayoutRequest,
        QEvent.Type.Show,
    )
)


class FlowRow(QWidget):
    """``align_end``: lines end where reading ends, as the buttons of a dialog do.

    The parts are the child widgets, in the order in which they were added; one that is deleted or
    given to another parent leaves by itself.
    """

    def __init__(
        self,
        parent: QWidget,
        *,
        gap: int = _GAP,
        line_gap: int = _GAP,
        align_end: bool = False,
    ) -> None:
        super().__init__(parent)
        self._gap = gap
        self._line_gap = line_gap
        self._align_end = align_end
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def add(self, part: QWidget) -> None:
        """Take ``part`` as the last one; shown with the row unless it was hidden on purpose."""
        chosen = part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        hidden = part.isHidden() and chosen
        part.setParent(self)
        if self.isVisible() and not hidden:
            part.show()
        self._change()

    def clear(self) -> None:
        """Take every part away."""
        for part in self._parts():
            delete_soon(part)

    def is_empty(self) -> bool:
        """Whether no part is shown."""
        return not self._shown()

    def set_align_end(self, align_end: bool) -> None:
        if align_end != self._align_end:
            self._align_end = align_end
            self._place()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        around = self._around()
        lines = self._lines(width - around.width())
        heights = [max(size.height() for _, size in line) for line in lines]
        return sum(heights) + self._line_gap * max(0, len(lines) - 1) + around.height()

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [_measured(part)[0] for part in self._shown()]
        if not sizes:
            return self._around()
        width = sum(size.width() for size in sizes) + self._gap * (len(sizes) - 1)
        return QSize(width, max(size.height() for size in sizes)) + self._around()

    def minimumSizeHint(self) -> QSize:
        """The widest alone."""
        size = QSize(0, 0)
        for part in self._shown():
            size = size.expandedTo(_measured(part)[1])
        return size + self._around()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.Resize:
            self._place()
        elif event.type() in _PLACED_ANEW:
            self._change()
        return done

    def _change(self) -> None:
        """A row out of sight is placed when it is shown, not with each part it gets before."""
        self.updateGeometry()
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        rect, direction = self.contentsRect(), self.layoutDirection()
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            width = sum(size.width() for _, size in line) + self._gap * (len(line) - 1)
            left = rect.left() + (max(0, rect.width() - width) if self._align_end else 0)
            for part, size in line:
                corner = QPoint(left, top + (height - size.height()) // 2)
                part.setGeometry(QStyle.visualRect(direction, rect, QRect(corner, size)))
                left += size.width() + self._gap
            top += height + self._line_gap

    def _around(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _parts(self) -> list[QWidget]:
        return [each for each in self.children() if isinstance(each, QWidget)]

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts() if not part.isHidden() and not part.isWindow()]

    def _lines(self, width: int) -> list[list[tuple[QWidget, QSize]]]:
        lines: list[list[tuple[QWidget, QSize]]] = []
        used = 0
        for part in self._shown():
            size, least = _measured(part)
            size.setWidth(min(size.width(), max(width, least.width())))
            if not lines or used + self._gap + size.width() > width:
                lines.append([])
                used = -self._gap
            lines[-1].append((part, size))
            used += self._gap + size.width()
        return lines


def _measured(part: QWidget) -> tuple[QSize, QSize]:
    """The size that a Qt layout would ask for ``part``, and that below which it would not press it.

    Each part is asked once: an answer may take the measure of words.
    """
    hint, least_hint = part.sizeHint(), part.minimumSizeHint()
    smallest, largest = part.minimumSize(), part.maximumSize()
    wanted = hint.expandedTo(least_hint).boundedTo(largest).expandedTo(smallest)
    policy, shrinks = part.sizePolicy(), QSizePolicy.PolicyFlag.ShrinkFlag
    width, height = least_hint.width(), least_hint.height()
    if not policy.horizontalPolicy().value & shrinks.value:
        width = max(width, hint.width())
    if not policy.verticalPolicy().value & shrinks.value:
        height = max(height, hint.height())
    size = QSize(width, height).boundedTo(largest).expandedTo(QSize(0, 0))
    least = QSize(smallest.width() or size.width(), smallest.height() or size.height())
    return wanted, least
