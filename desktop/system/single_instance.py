"""One app for each user and home folder: a second start opens the first one's window.

``g-copilot-proxy open`` and ``quit`` use the same socket, for desktops without a tray.
"""

from __future__ import annotations

import getpass
import hashlib
import time
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_SHOW = b"show\n"
_QUIT = b"quit\n"
_CONNECT_MILLISECONDS = 200
_LOCK_MILLISECONDS = 3000
_LONGEST_MESSAGE = 64
_QUIT_SECONDS = 15.0
_LOOK_SECONDS = 0.05


class SingleInstance(QObject):
    """Call ``claim`` once at the start. ``show_requested``: another start was refused."""

    show_requested = Signal()
    quit_requested = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Return whether this is the first instance; if not, the first was asked to show its window.

        Raises ``OSError`` if the place for the socket cannot be used.
        """
        # Of two simultaneous starts only one may succeed.
        lock = QLockFile(str(Path(QDir.tempPath()) / f"{self._name}.lock"))
        lock.tryLock(_LOCK_MILLISECONDS)
        try:
            return not self._wake_first() and self._listen()
        finally:
            lock.unlock()

    def release(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _wake_first(self) -> bool:
        return _tell(self._name, _SHOW)

    def _listen(self) -> bool:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(self._name):
            QLocalServer.removeServer(self._name)  # left by a crash: nothing answered on it
            if not server.listen(self._name):
                raise OSError(f"cannot listen at {self._name}: {server.errorString()}")
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def _on_connection(self) -> None:
        if self._server is None:
            return
        socket = self._server.nextPendingConnection()
        # A client writes at once, so this does not wait; signals of a socket that deletes itself in
        # one of them crash PySide6.
        if socket.bytesAvailable() or socket.waitForReadyRead(_CONNECT_MILLISECONDS):
            message = socket.read(_LONGEST_MESSAGE).data()
        else:
            message = b""
        socket.abort()
        socket.deleteLater()
        if message == _SHOW:
            self.show_requested.emit()
        elif message == _QUIT:
            self.quit_requested.emit()


def ask_to_show(name: str) -> bool:
    """Ask the running app to open its window; return whether one runs."""
    return _tell(name, _SHOW)


def ask_to_quit(name: str, seconds: float = _QUIT_SECONDS) -> bool | None:
    """Ask the running app to end. Return None if none runs, else whether it ended in time."""
    if not _tell(name, _QUIT):
        return None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _tell(name, b""):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _tell(name: str, message: bytes) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MILLISECONDS):
        return False
    if message:
        socket.write(QByteArray(message))
        socket.waitForBytesWritten(_CONNECT_MILLISECONDS)
    socket.disconnectFromServer()
    return True


def instance_name(home: Path, *, demo: bool) -> str:
    """Return a name unique to this user and this state folder."""
    place = f"{getpass.getuser()}\n{home}\n{'demo' if demo else ''}"
    return f"g-copilot-proxy-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
