"""One app for each user and home folder: a second start opens the first one's window."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_SHOW = b"show\n"
_CONNECT_MILLISECONDS = 200
_LOCK_MILLISECONDS = 3000
_LONGEST_MESSAGE = 64


class SingleInstance(QObject):
    """``claim`` once at the start. ``show_requested`` comes when another start was turned away."""

    show_requested = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Return whether we are the first; if not, the first was asked to show its window.

        Raises ``OSError`` if the place for the socket cannot be used.
        """
        # Two starts at the same moment must not both find nobody.
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
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_CONNECT_MILLISECONDS):
            return False
        socket.write(QByteArray(_SHOW))
        socket.waitForBytesWritten(_CONNECT_MILLISECONDS)
        socket.disconnectFromServer()
        return True

    def _listen(self) -> bool:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(self._name):
            QLocalServer.removeServer(self._name)  # left by a crash: nobody answered on it
            if not server.listen(self._name):
                raise OSError(f"cannot listen at {self._name}: {server.errorString()}")
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def _on_connection(self) -> None:
        if self._server is None:
            return
        socket = self._server.nextPendingConnection()
        # Who connects writes at once, so this waits for nothing; signals of a socket that deletes
        # itself in one of them crash PySide6.
        if socket.bytesAvailable() or socket.waitForReadyRead(_CONNECT_MILLISECONDS):
            is_request = socket.read(_LONGEST_MESSAGE).data() == _SHOW
        else:
            is_request = False
        socket.abort()
        socket.deleteLater()
        if is_request:
            self.show_requested.emit()


def instance_name(home: Path, *, demo: bool) -> str:
    """A name that is the same for every start of this user on this state, and only for those."""
    place = f"{getpass.getuser()}\n{home}\n{'demo' if demo else ''}"
    return f"g-copilot-proxy-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
