"""Stands in for KDE's or GNOME's tray on the session bus; prints each item that registers."""

from __future__ import annotations

import sys

from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection

NAME = "org.kde.StatusNotifierWatcher"


@ClassInfo({"D-Bus Interface": NAME})
class Watcher(QObject):
    """The few members of the interface that Qt asks for; their names are the protocol's."""

    @Slot(str)
    def RegisterStatusNotifierItem(self, service: str) -> None:  # noqa: N802
        print(service, flush=True)

    @Slot(str)
    def RegisterStatusNotifierHost(self, service: str) -> None:  # noqa: N802
        print(service, flush=True)

    def _is_host_registered(self) -> bool:
        return True

    def _version(self) -> int:
        return 0

    IsStatusNotifierHostRegistered = Property(bool, _is_host_registered)
    ProtocolVersion = Property(int, _version)


def main() -> int:
    app = QCoreApplication([])
    bus = QDBusConnection.sessionBus()
    watcher = Watcher()
    option = QDBusConnection.RegisterOption
    if not bus.registerObject(
        "/StatusNotifierWatcher", watcher, option.ExportAllSlots | option.ExportAllProperties
    ):
        return 1
    if not bus.registerService(NAME):
        return 1
    print("ready", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
