"""One app for each user and home folder: a second start opens the first one's window.

``g-copilot-proxy open`` and ``quit`` use the same socket, for desktops without a tray.
"""

from __future__ import annotations

import getpass
import hashlib
import time
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QLockFile, QObject, Qt, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_SHOW = b"show\n"
_QUIT = b"quit\n"
_CONNECT_MILLISECONDS = 2000
"""Where nobody listens it fails at once; a busy app takes its time."""
_SILENT_MILLISECONDS = 5000
"""A connection that says nothing is closed after this time."""
_LOCK_MILLISECONDS = 3000
_LONGEST_MESSAGE = 64
_QUIT_SECONDS = 15.0
_ENDING_MILLISECONDS = 20_000
"""How long a start waits for the instance before it to end its streams and its process."""
_LOOK_SECONDS = 0.05


class SingleInstance(QObject):
    """Call ``claim`` once at the start, ``stop_listening`` when the app begins to end, ``release``
    last.

    ``show_requested``: another start was refused. An instance that ends takes no more wishes and
    keeps its place until ``release``, so a start meanwhile waits and then runs itself.
    """

    show_requested = Signal()
    quit_requested = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server: QLocalServer | None = None
        self._connected: list[QLocalSocket] = []
        self._running = _running_lock(name)

    def claim(self) -> bool:
        """Return whether this is the first instance; if not, the first was asked to show its window.

        Raises ``OSError`` if the place for the socket cannot be used, or if an instance that began
        to end has not ended in time.
        """
        # Of two simultaneous starts only one may succeed.
        lock = QLockFile(str(Path(QDir.tempPath()) / f"{self._name}.lock"))
        lock.tryLock(_LOCK_MILLISECONDS)
        try:
            if self._wake_first():
                return False
            if not _take(self._running, _ENDING_MILLISECONDS):
                raise OSError("the app that ran before has not ended yet")
            return self._listen()
        finally:
            lock.unlock()

    def stop_listening(self) -> None:
        """Take no more wishes: the app ends."""
        for socket in self._connected:
            _close(socket)
        self._connected.clear()
        if self._server is not None:
            self._server.close()
            self._server = None

    def release(self) -> None:
        """Let another instance run."""
        self.stop_listening()
        self._running.unlock()

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
        # Queued: a socket that is deleted in one of its own signals crashes PySide6.
        socket.readyRead.connect(self._read_wishes, Qt.ConnectionType.QueuedConnection)
        socket.disconnected.connect(self._read_wishes, Qt.ConnectionType.QueuedConnection)
        silent = QTimer(socket)
        silent.setSingleShot(True)
        silent.timeout.connect(socket.abort)
        silent.start(_SILENT_MILLISECONDS)
        self._connected.append(socket)
        self._read_wishes()  # what was sent before the signals were connected

    def _read_wishes(self) -> None:
        wishes = []
        for socket in tuple(self._connected):
            has_left = socket.state() is QLocalSocket.LocalSocketState.UnconnectedState
            if not (socket.bytesAvailable() or has_left):
                continue
            wishes.append(socket.read(_LONGEST_MESSAGE).data())
            self._connected.remove(socket)
            _close(socket)
        # Told behind the loop: what they start may wait for events, and so come back here.
        for message in wishes:
            if message == _SHOW:
                self.show_requested.emit()
            elif message == _QUIT:
                self.quit_requested.emit()


def ask_to_show(name: str) -> bool:
    """Ask the running app to open its window; return whether one runs."""
    return _tell(name, _SHOW)


def ask_to_quit(name: str, seconds: float = _QUIT_SECONDS) -> bool | None:
    """Ask the running app to end. Return None if none runs, else whether its process ended in time."""
    if not _tell(name, _QUIT):
        return None
    deadline = time.monotonic() + seconds
    running = _running_lock(name)
    while time.monotonic() < deadline:
        if not _tell(name, b"") and _take(running, 0):
            running.unlock()
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _running_lock(name: str) -> QLockFile:
    """Held from a start to the end of the process; free at once if its process crashed."""
    lock = QLockFile(str(Path(QDir.tempPath()) / f"{name}.running.lock"))
    lock.setStaleLockTime(0)  # only the end of its process makes it stale, not its age
    return lock


def _take(lock: QLockFile, milliseconds: int) -> bool:
    """Take the lock; a place where no lock can be made has none to wait for."""
    return lock.tryLock(milliseconds) or lock.error() in (
        QLockFile.LockError.PermissionError,
        QLockFile.LockError.UnknownError,
    )


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


def _close(socket: QLocalSocket) -> None:
    socket.abort()
    socket.deleteLater()


def instance_name(home: Path, *, demo: bool) -> str:
    """Return a name unique to this user and this state folder."""
    place = f"{getpass.getuser()}\n{home}\n{'demo' if demo else ''}"
    return f"g-copilot-proxy-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
