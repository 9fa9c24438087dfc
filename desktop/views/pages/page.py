"""The interface between the window and a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.presenters.pages import PageKey


class Page:
    """One built page. Only the page in sight is refreshed, at most four times a second.

    ``widget`` is what the window shows; the page keeps its own connections to its presenter.
    """

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget

    def refresh(self) -> None:
        """Show the newest status. Called on opening, on status changes, and once a second for clocks."""

    def news(self) -> None:
        """Show what a presenter reports; nothing once the window was replaced (by another language's).

        A command that was on its way then still ends, and reports.
        """
        if isValid(self.widget):
            self.refresh()

    def opened(self) -> None:
        """Called when the page becomes visible: load expensive data."""

    def left(self) -> None:
        """Called when the page is hidden: stop work that only updates the view."""

    def read_again(self) -> None:
        """F5."""

    def go_back(self) -> bool:
        """Esc. Return whether there was something to go back from."""
        return False

    def first_focus(self) -> QWidget:
        """The widget that gets the initial focus on this page."""
        return self.widget

    def search_field(self) -> QWidget | None:
        """The target of Ctrl+F; None if there is no search."""
        return None

    def details(self) -> QWidget | None:
        """A region of its own for F6, beside the page's main part."""
        return None


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A page's place in the window. ``build`` is called when it is first opened.

    ``at_foot``: below the others, above the state. ``keys`` are as ``QKeySequence`` reads them.
    """

    key: PageKey
    title: str
    icon: str
    keys: str
    build: Callable[[], Page]
    at_foot: bool = False
