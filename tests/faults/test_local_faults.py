"""What the local machine does to us: full disk, files that cannot be written, damage, clocks, twins.

Real processes with real limits wherever the fault is one of the system's.
"""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxy_core.app.engine import Engine
from proxy_core.clock import Clock
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import Paths, find_paths
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status_board import StatusBoard
from tests.faults import processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")

LIMITED = (
    "import resource, signal, sys\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))\n"
    "from desktop.__main__ import main\n"
    "sys.exit(main())"
)
QUESTION = "Repeat exactly the following text and nothing else: still here"


@dataclass
class Home:
    folder: Path
    environ: dict[str, str]

    @property
    def paths(self) -> Paths:
        return find_paths(self.environ)

    @property
    def ledger(self) -> Path:
        """A demo has a ledger of its own."""
        return self.paths.of_the_demo().usage_file

    def entries(self) -> int:
        with closing(sqlite3.connect(self.ledger)) as connection:
            (state,) = connection.execute("PRAGMA integrity_check").fetchone()
            assert state == "ok"
            (rows,) = connection.execute("SELECT COUNT(*) FROM requests").fetchone()
            return int(rows)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    folder.mkdir()
    yield Home(folder, processes.environment(folder))
    for each in (folder, *folder.rglob("*")):
        if each.is_dir():
            each.chmod(0o700)


def answers(served: processes.Served) -> bool:
    status, content = served.chat(QUESTION)
    assert status == 200, content
    return bool(content["choices"][0]["message"]["content"] == "still here")


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)


@pytest.mark.parametrize("room", [0, 2000, 40_000])
def test_a_full_disk_costs_figures_but_no_answer(home: Home, room: int) -> None:
    """No file may grow over ``room`` bytes: every write fails as it does where the disk is full."""
    launcher = ("-c", LIMITED.replace("(LIMIT, LIMIT)", f"({room}, {room})"))
    served = processes.start(home.environ, "--demo", "--port", "0", launcher=launcher)
    try:
        for _ in range(5):
            assert answers(served)
        status, _ = served.ask("GET", "/v1/models")
        assert status == 200
        code, complaints = served.end()
    finally:
        served.process.kill()
        served.process.communicate()
    assert code == 0
    assert "Traceback" not in complaints


@pytest.mark.skipif(
    os.name == "posix" and os.geteuid() == 0, reason="nothing is read-only for root"
)
def test_a_home_that_cannot_be_written_is_told_or_served_without(home: Home) -> None:
    home.folder.chmod(0o500)
    check_read_only(home)


def test_a_home_that_is_no_folder_is_told_or_served_without(home: Home) -> None:
    home.folder.rmdir()
    home.folder.write_text("This is a file.")
    check_read_only(home)


def check_read_only(home: Home) -> None:
    """Serve all the same (the key is given), or say in one line what is wrong; never a traceback."""
    try:
        served = processes.start(home.environ, "--demo", "--port", "0")
    except processes.DidNotStart as refused:
        assert refused.code in (1, 2)
        assert "Traceback" not in refused.complaints
        assert str(home.folder) in refused.complaints
        return
    try:
        assert answers(served)
        code, complaints = served.end()
    finally:
        served.process.kill()
        served.process.communicate()
    assert code == 0
    assert "Traceback" not in complaints


@pytest.mark.parametrize("damage", ["noise", "half", "hole", "empty", "text"])
def test_a_damaged_ledger_is_rebuilt_and_the_old_one_kept(home: Home, damage: str) -> None:
    with processes.serving(home.environ, "--demo", "--port", "0") as served:
        for _ in range(30):
            assert answers(served)
        served.end()
    file = home.ledger
    before, content = home.entries(), file.read_bytes()
    assert before == 30
    for beside in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        beside.unlink(missing_ok=True)
    file.write_bytes(
        {
            "noise": bytes(range(256)) * 40,
            "half": content[: len(content) // 2],
            "hole": content[:5000] + bytes(3000) + content[8000:],
            "empty": b"",
            "text": b"This is not a ledger at all.\n" * 100,
        }[damage]
    )
    damaged = file.read_bytes()
    with processes.serving(home.environ, "--demo", "--port", "0") as served:
        assert answers(served)
        code, complaints = served.end()
    assert (code, "Traceback" in complaints) == (0, False)
    assert home.entries() >= 1, "it counts on"
    kept = [each for each in file.parent.iterdir() if each.name.startswith(file.stem)]
    if damaged and home.entries() < before:
        assert any(each.read_bytes() == damaged for each in kept), kept


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"[server\nport = ", b"", b"[server]\nport = 'duck'\n", b"\x00" * 500],
)
def test_settings_that_make_no_sense_are_told_and_left_alone(home: Home, content: bytes) -> None:
    home.paths.settings_file.write_bytes(content)
    with processes.serving(home.environ, "--demo", "--port", "0") as served:
        assert answers(served)
        code, complaints = served.end()
    assert (code, "Traceback" in complaints) == (0, False)
    assert home.paths.settings_file.read_bytes() == content


def test_two_instances_of_one_home_serve_side_by_side_and_both_count(home: Home) -> None:
    with (
        processes.serving(home.environ, "--demo", "--port", "0") as one,
        processes.serving(home.environ, "--demo", "--port", "0") as other,
    ):
        for _ in range(10):
            assert answers(one)
            assert answers(other)
        for each in (one, other):
            code, complaints = each.end()
            assert (code, "Traceback" in complaints) == (0, False)
    assert home.entries() == 20


def test_a_port_that_is_taken_is_told_with_its_owner(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(processes.DidNotStart) as caught:
            processes.start(home.environ, "--demo", "--port", str(port))
    assert caught.value.code == 2
    assert str(port) in caught.value.complaints
    assert "Traceback" not in caught.value.complaints


def test_a_server_that_was_killed_takes_its_port_again_at_once(home: Home) -> None:
    with processes.serving(home.environ, "--demo", "--port", "0") as served:
        port = served.port
        with closing(socket.create_connection(("127.0.0.1", port))):
            assert answers(served)
            served.kill()
            with processes.serving(home.environ, "--demo", "--port", str(port)) as again:
                assert answers(again)


def test_too_few_descriptors_refuse_connections_and_nothing_else(home: Home) -> None:
    few = 64
    program = (
        f"import resource, sys\nresource.setrlimit(resource.RLIMIT_NOFILE, ({few}, {few}))\n"
        "from desktop.__main__ import main\nsys.exit(main())"
    )
    served = processes.start(home.environ, "--demo", "--port", "0", launcher=("-c", program))
    opened: list[socket.socket] = []
    try:
        assert answers(served)
        for _ in range(2 * few):
            opened.append(socket.create_connection(("127.0.0.1", served.port)))
        for each in opened:
            each.close()
        until(lambda: is_answering(served))
        code, complaints = served.end()
    finally:
        served.process.kill()
        served.process.communicate()
    assert code == 0
    assert complaints.count("Traceback") == 0


def is_answering(served: processes.Served) -> bool:
    try:
        return answers(served)
    except (OSError, AssertionError, ValueError):
        return False


class MovedClock:
    """Time as a laptop has it that sleeps, or whose clock is set."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.clock = Clock(wall=lambda: time.time() + self.ahead)


@pytest.mark.parametrize(
    "seconds",
    [60.0, 8 * 3600.0, 400 * 86_400.0, -3600.0, -400 * 86_400.0],
    ids=lambda s: f"{s:+.0f}s",
)
async def test_a_clock_that_jumps_or_a_lid_that_was_closed_costs_no_answer(
    tmp_path: Path, seconds: float
) -> None:
    """Ahead is also what waking up looks like: the wall clock went on, the monotonic one did not."""
    import aiohttp

    moved = MovedClock()
    options = SimulatorOptions(clock=moved.clock.wall)
    async with SimulatorServer(options) as simulator:
        environ = {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
            "COPILOT_GITHUB_TOKEN": simulator.github_token,
        }
        board = StatusBoard()
        engine = Engine(
            find_paths(environ),
            board,
            environ=environ,
            overrides=Overrides(port=0, local_key=processes.KEY),
            clock=moved.clock,
        )
        await engine.open()
        try:
            await engine.commands.start()
            asked: dict[str, Any] = {
                "model": "gpt-4.1",
                "messages": [{"role": "user", "content": QUESTION}],
            }
            url = f"{board.current.server.url}/v1/chat/completions"
            headers = {"Authorization": f"Bearer {processes.KEY}"}
            async with aiohttp.ClientSession(headers=headers) as http:
                for jump in (0.0, seconds, 0.0):
                    moved.ahead += jump
                    async with http.post(url, json=asked) as response:
                        assert response.status == 200, await response.text()
        finally:
            await engine.close()


def test_the_limits_of_these_tests_do_not_reach_this_process() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
