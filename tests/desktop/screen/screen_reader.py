"""Reads the running app's windows as Orca does, over AT-SPI: what is there, how it is called, where.

A test finds the place to click by the name a person is told, so that layouts may change and names that a
screen reader would miss fail at once. Only a bus is needed: the app is told its address by the variable
that desktops use (``AT_SPI_BUS_ADDRESS``), and no registry stands between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from jeepney import DBusAddress, MessageType, message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection

Name = str | re.Pattern[str]
"""The whole name, or a pattern that is searched in it."""
_ROOT = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_TEXT = "org.a11y.atspi.Text"
_CHECKED, _ENABLED, _FOCUSED, _SHOWING = 4, 8, 12, 25
_SCREEN_COORDINATES = 0
_SECONDS = 60


class Gone(Exception):
    """It was closed while it was being looked at."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in a window. ``role`` as AT-SPI calls it; ``box``: left, top, width, height."""

    path: str
    window: str
    role: str
    name: str
    box: tuple[int, int, int, int]
    is_enabled: bool
    is_checked: bool
    has_focus: bool

    @property
    def middle(self) -> tuple[int, int]:
        left, top, width, height = self.box
        return left + width // 2, top + height // 2


class ScreenReader:
    """``with ScreenReader(address, process.pid) as reader:``, with the address of the app's bus."""

    def __init__(self, address: str, pid: int) -> None:
        self._connection = open_dbus_connection(address)
        self._pid = pid
        self._app: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def everything(self) -> list[Thing]:
        """What is shown in all windows of the app, from the top; empty while it has none."""
        try:
            if self._app is None:
                self._app = self._find_app()
            if self._app is None:
                return []
            return [
                thing
                for window in self._children(_ROOT)
                for thing in self._walk(window, self._name(window))
            ]
        except Gone:
            return []

    def find(self, name: Name, *, role: str = "", window: Name = "") -> Thing | None:
        """The first thing of that name and role, in the windows of that title."""
        return next(
            (
                each
                for each in self.everything()
                if _fits(name, each.name)
                and role in ("", each.role)
                and (window == "" or _fits(window, each.window))
            ),
            None,
        )

    def text_in(self, thing: Thing) -> str:
        """What stands in a field."""
        return str(self._call(thing.path, _TEXT, "GetText", "ii", 0, -1)[0])

    def _walk(self, path: str, window: str) -> Iterator[Thing]:
        low, _high = self._call(path, _ACCESSIBLE, "GetState")[0]
        if not low >> _SHOWING & 1:
            return
        yield Thing(
            path,
            window,
            role=self._call(path, _ACCESSIBLE, "GetRoleName")[0],
            name=self._name(path),
            box=self._call(path, _COMPONENT, "GetExtents", "u", _SCREEN_COORDINATES)[0],
            is_enabled=bool(low >> _ENABLED & 1),
            is_checked=bool(low >> _CHECKED & 1),
            has_focus=bool(low >> _FOCUSED & 1),
        )
        for child in self._children(path):
            yield from self._walk(child, window)

    def _children(self, path: str) -> list[str]:
        return [child for _, child in self._call(path, _ACCESSIBLE, "GetChildren")[0]]

    def _name(self, path: str) -> str:
        answer = self._call(
            path, "org.freedesktop.DBus.Properties", "Get", "ss", _ACCESSIBLE, "Name"
        )
        return str(answer[0][1])

    def _find_app(self) -> str | None:
        """The app's own connection that shows its windows; it has others."""
        names = self._connection.send_and_get_reply(message_bus.ListNames()).body[0]
        for name in names:
            if not name.startswith(":") or name == self._connection.unique_name:
                continue
            answer = self._connection.send_and_get_reply(
                message_bus.GetConnectionUnixProcessID(name)
            )
            if answer.body[0] != self._pid:
                continue
            self._app = name
            try:
                self._children(_ROOT)
            except Gone:
                self._app = None
                continue
            return str(name)
        return None

    def _call(self, path: str, interface: str, member: str, *arguments: Any) -> tuple[Any, ...]:
        assert self._app is not None
        signature, *values = arguments or (None,)
        message = new_method_call(
            DBusAddress(path, self._app, interface), member, signature, tuple(values)
        )
        reply = self._connection.send_and_get_reply(message, timeout=_SECONDS)
        if reply.header.message_type is MessageType.error:
            raise Gone(reply.body)
        return tuple(reply.body)


def _fits(wanted: Name, found: str) -> bool:
    if isinstance(wanted, str):
        return wanted == found
    return wanted.search(found) is not None
