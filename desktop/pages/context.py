"""The services of a page, passed to the function that builds it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSettings

from desktop.presenters.actions import Action
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.notices.toast import Toast
from desktop.presenters.pages import PageKey
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.settings.about import About
from desktop.presenters.words import Words
from desktop.system.start_at_login import LoginEntry
from desktop.views.theme.theme import Theme


@dataclass(frozen=True, slots=True)
class PageContext:
    """``now`` is in seconds since 1970, ``monotonic`` in seconds.

    ``spawn`` runs a coroutine on the window's loop and refreshes the page when it ends. ``refresh``
    does that now, from the window's thread; ``post`` calls a function there from any thread.
    ``memory`` stores the window's state (columns, filters); None: nothing is stored. ``has_page``:
    whether the window has that page.
    """

    service: ServiceCommands
    theme: Theme
    words: Words
    now: Callable[[], float]
    monotonic: Callable[[], float]
    act: Callable[[Action], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    post: Callable[[Callable[[], None]], object]
    refresh: Callable[[], None]
    copy: Callable[[str], None]
    toast: Callable[[Toast], None]
    memory: QSettings | None
    has_page: Callable[[PageKey], bool] = lambda _: False
    use_model: Callable[[str], None] = lambda _: None
    """Opens the steps that set up a tool with the model of that id."""
    login: LoginEntry | None = None
    """The app's login item; None if not offered (in a demo)."""
    connect_tools: ToolChanges | None = None
    """Changes tools' settings; None where only steps are shown."""
    open_page: Callable[[str], bool] = lambda _: False
    """Opens an address, or a folder as one, outside the app; whether the system accepted it."""
    about: About | None = None
    tray_is_available: Callable[[], bool] = lambda: True
