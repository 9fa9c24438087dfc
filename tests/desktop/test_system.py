"""The machine around the app: screen, instance, signals, browser, motion."""

from __future__ import annotations

import gc
import os
import plistlib
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Thread, Timer, current_thread, main_thread
from weakref import finalize

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtNetwork import QLocalSocket

from desktop.system.browser import open_page, own_libraries_put_aside
from desktop.system.motion_preference import prefers_reduced_motion
from desktop.system.screen_check import Obstacle, find_screen_problem
from desktop.system.single_instance import SingleInstance, ask_to_quit, instance_name
from desktop.system.status_feed import StatusFeed
from proxy_core.status.status import ServerState, ServerStatus, Status
from proxy_core.status.status_board import StatusBoard

ROOT = Path(__file__).resolve().parents[2]


def everything(_: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("environ", "obstacle"),
    [
        ({}, Obstacle.NO_SCREEN),
        ({"QT_QPA_PLATFORM": "xcb"}, Obstacle.NO_SCREEN),
        ({"DISPLAY": ":0"}, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"QT_QPA_PLATFORM": "offscreen"}, None),
        ({"QT_QPA_PLATFORM": "offscreen:size=800x600"}, None),
    ],
)
def test_without_a_screen_it_says_so(environ: dict[str, str], obstacle: Obstacle | None) -> None:
    problem = find_screen_problem(environ, platform="linux", can_load=everything)
    assert (problem.obstacle if problem else None) is obstacle


def test_missing_libraries_are_named_by_their_packages() -> None:
    missing = {"libxcb-cursor.so.0", "libEGL.so.1"}
    problem = find_screen_problem(
        {"DISPLAY": ":0"}, platform="linux", can_load=lambda name: name not in missing
    )
    assert problem is not None
    assert problem.obstacle is Obstacle.MISSING_LIBRARIES
    assert set(problem.packages) == {"libxcb-cursor0", "libegl1"}
    assert "sudo apt-get install libegl1 libxcb-cursor0" in problem.message


def test_only_the_libraries_of_the_platform_in_use_are_asked_for() -> None:
    def no_x11(name: str) -> bool:
        return "xcb" not in name and "x11" not in name

    for environ in ({"QT_QPA_PLATFORM": "offscreen"}, {"WAYLAND_DISPLAY": "wayland-0"}):
        assert find_screen_problem(environ, platform="linux", can_load=no_x11) is None


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_always_have_a_screen(platform: str) -> None:
    assert find_screen_problem({}, platform=platform) is None


def test_the_check_itself_loads_no_qt() -> None:
    code = (
        "import os, sys; from desktop.system.screen_check import find_screen_problem;"
        "find_screen_problem(os.environ);"
        "assert not any(name.startswith('PySide6') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_second_start_opens_the_first_ones_window(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-test-{os.getpid()}"
    first, second, third = (SingleInstance(name) for _ in range(3))
    assert first.claim()
    with qtbot.waitSignal(first.show_requested, timeout=10_000):
        assert not second.claim()
    first.release()
    assert third.claim(), "who comes after the first has gone is first"
    third.release()


def test_a_start_while_the_first_ends_waits_and_then_runs(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-test-{os.getpid()}-ending"
    first, second = SingleInstance(name), SingleInstance(name)
    assert first.claim()
    first.stop_listening()  # it ends its streams now
    has_ended = Timer(0.2, first.release)
    has_ended.start()
    with qtbot.assertNotEmitted(first.show_requested):
        assert second.claim()
    assert has_ended.finished.is_set(), "it waited for the end"
    second.release()


def test_quitting_is_done_when_the_instance_has_let_go(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-test-{os.getpid()}-quit"
    first = SingleInstance(name)
    assert first.claim()
    answers: list[bool | None] = []

    def ask(seconds: float) -> None:
        answers.append(ask_to_quit(name, seconds))

    with qtbot.waitSignal(first.quit_requested):
        asking = Thread(target=ask, args=(3.0,))  # a busy machine takes a while to look
        asking.start()
    first.stop_listening()
    asking.join(60)
    assert answers == [False], "it listens no more, and still runs"
    first.release()
    assert ask_to_quit(name) is None


def test_wishes_that_come_together_are_heard_once_each_though_the_first_waits_for_events(
    qapp, qtbot
) -> None:
    name = f"g-copilot-proxy-test-{os.getpid()}-together"
    first = SingleInstance(name)
    assert first.claim()
    heard: list[int] = []

    def show() -> None:
        heard.append(len(heard))
        qapp.processEvents()  # as opening a window or a question does

    first.show_requested.connect(show)
    sockets = [QLocalSocket() for _ in range(3)]
    for socket in sockets:
        socket.connectToServer(name)
        assert socket.waitForConnected(5000)
    qtbot.waitUntil(lambda: len(first._connected) == 3, timeout=10_000)
    for socket in sockets:
        socket.write(b"show\n")
        assert socket.waitForBytesWritten(5000)
    qtbot.waitUntil(lambda: not first._connected, timeout=10_000)
    first.release()
    assert heard == [0, 1, 2]


def test_a_wish_that_comes_long_after_the_connection_is_heard(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-slow-{os.getpid()}"
    first = SingleInstance(name)
    assert first.claim()
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(5000)
    with qtbot.assertNotEmitted(first.quit_requested):
        qapp.processEvents()  # the instance takes the connection; a busy client has not written yet
    with qtbot.waitSignal(first.quit_requested):
        socket.write(b"quit\n")
        socket.flush()
    qtbot.waitUntil(lambda: not first.findChildren(QLocalSocket))
    first.release()


def test_connections_that_say_nothing_are_let_go_with_their_client_or_the_app(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-silent-{os.getpid()}"
    first = SingleInstance(name)
    assert first.claim()
    silent = [QLocalSocket() for _ in range(3)]
    for each in silent:
        each.connectToServer(name)
        assert each.waitForConnected(5000)
    qtbot.waitUntil(lambda: len(first.findChildren(QLocalSocket)) == 3)
    silent[0].abort()
    qtbot.waitUntil(lambda: len(first.findChildren(QLocalSocket)) == 2)
    first.stop_listening()
    qtbot.waitUntil(lambda: not first.findChildren(QLocalSocket))
    first.release()


def test_a_socket_left_by_a_crash_is_no_obstacle(qapp, tmp_path: Path) -> None:
    name = f"g-copilot-proxy-crash-{os.getpid()}"
    code = f"""
        import os, sys
        from PySide6.QtCore import QCoreApplication
        from desktop.system.single_instance import SingleInstance
        app = QCoreApplication([])
        assert SingleInstance({name!r}).claim()
        print("claimed", flush=True)
        os.kill(os.getpid(), 9)
    """
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, check=False
    )
    assert died.stdout.strip() == b"claimed", died.stderr
    survivor = SingleInstance(name)
    assert survivor.claim()
    survivor.release()


def test_strange_bytes_at_the_socket_open_nothing(qapp, qtbot) -> None:
    name = f"g-copilot-proxy-noise-{os.getpid()}"
    first = SingleInstance(name)
    assert first.claim()
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(10_000)
    with qtbot.assertNotEmitted(first.show_requested, wait=50):
        socket.write(b"x" * 4096)
        socket.waitForBytesWritten(10_000)
    socket.disconnectFromServer()
    first.release()


def test_each_home_and_the_demo_have_their_own_instance(tmp_path: Path) -> None:
    names = {
        instance_name(tmp_path / "a", demo=False),
        instance_name(tmp_path / "b", demo=False),
        instance_name(tmp_path / "a", demo=True),
    }
    assert len(names) == 3
    assert instance_name(tmp_path / "a", demo=False) in names


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_idle_qt_loop(number: signal.Signals) -> None:
    code = """
        import sys
        from PySide6.QtCore import QCoreApplication, QTimer
        from desktop.system.quit_signals import QuitSignals
        app = QCoreApplication([])
        signals = QuitSignals(app.quit)
        QTimer.singleShot(0, lambda: print("ready", flush=True))
        app.exec()
        signals.restore()
        print("orderly", flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        output, _ = process.communicate(timeout=90)
    finally:
        process.kill()
        process.wait()
    assert (output, process.returncode) == ("orderly\n", 0)


def test_pages_open_through_the_system(qapp, monkeypatch) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", staticmethod(open_url))
    assert open_page("https://github.com/login/device") is False
    assert opened == ["https://github.com/login/device"]


def test_a_bundles_libraries_are_put_aside_for_the_browser() -> None:
    environ = {"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/mine"}
    with own_libraries_put_aside(environ):
        assert environ["LD_LIBRARY_PATH"] == "/mine"
    assert environ["LD_LIBRARY_PATH"] == "/bundle"
    plain = {"LD_LIBRARY_PATH": "/mine"}
    with own_libraries_put_aside(plain):
        assert plain == {"LD_LIBRARY_PATH": "/mine"}


@pytest.mark.parametrize(
    ("file", "text", "reduced"),
    [
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=true\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0.7\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=fast\n", False),
        ("kdeglobals", "no section\n", False),
    ],
)
def test_less_motion_as_the_linux_desktops_write_it(
    tmp_path: Path, file: str, text: str, reduced: bool
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert prefers_reduced_motion(environ, tmp_path, "linux") is reduced


def test_less_motion_as_macos_writes_it(tmp_path: Path) -> None:
    assert not prefers_reduced_motion({}, tmp_path, "darwin")
    path = tmp_path / "Library/Preferences/com.apple.universalaccess.plist"
    path.parent.mkdir(parents=True)
    path.write_bytes(plistlib.dumps({"reduceMotion": True}))
    assert prefers_reduced_motion({}, tmp_path, "darwin")
    path.write_bytes(b"not a plist")
    assert not prefers_reduced_motion({}, tmp_path, "darwin")


def running(status: Status, port: int) -> Status:
    from msgspec.structs import replace

    return replace(status, server=ServerStatus(ServerState.RUNNING, port=port))


def test_news_of_the_engine_arrive_in_batches(qapp, qtbot) -> None:
    board = StatusBoard()
    feed = StatusFeed(board.subscribe)
    received: list[int] = []
    feed.changed.connect(lambda: received.append(board.current.server.port))

    def publish() -> None:
        for port in range(1, 501):
            board.change(lambda status, port=port: running(status, port))

    engine = Thread(target=publish)
    engine.start()
    engine.join()
    qtbot.waitUntil(lambda: bool(received) and received[-1] == 500)
    assert len(received) <= 2, "five hundred changes are two pieces of news"
    feed.close()


def test_a_closed_feed_is_silent(qapp, qtbot) -> None:
    board = StatusBoard()
    feed = StatusFeed(board.subscribe)
    feed.close()
    with qtbot.assertNotEmitted(feed.changed, wait=30):
        board.change(lambda status: running(status, 1))


def test_no_other_thread_collects_qt_objects(qapp, qtbot) -> None:
    """Python collects in whatever thread allocates; a widget destroyed there deadlocks Qt."""
    from PySide6.QtCore import QObject

    from desktop.system.garbage_collection import GarbageCollection

    died_in: list[str] = []

    class Cycle(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.itself = self
            self.end = finalize(self, lambda: died_in.append(current_thread().name))

    kept: list[list[int]] = []

    def allocate() -> None:
        kept.extend([number] for number in range(200_000))

    gc.enable()  # as in a process that knows nothing of the app
    garbage = GarbageCollection()
    Cycle()
    engine = Thread(target=allocate, name="engine")
    engine.start()
    engine.join()
    assert died_in == []
    garbage.collect_if_due()
    assert died_in == [main_thread().name]
    garbage.stop()
    assert not gc.isenabled(), "what is left of Qt is destroyed until the process ends"


def test_signals_do_not_wear_out_the_references_of_true_and_none() -> None:
    """PySide6 6.12 on Python 3.11 loses one reference of ``True`` with each emit and aborts."""
    code = """
        from PySide6.QtCore import QCoreApplication, QObject, Signal
        class Source(QObject):
            counted = Signal(int)
        app = QCoreApplication([])
        source = Source()
        source.counted.connect(lambda number: None)
        for number in range(200_000):
            source.counted.emit(number)
        print("survived")
    """
    outcome = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert outcome.stdout == "survived\n", outcome.stderr[-400:]
