"""Beyond this computer: only on demand, only with a key, and the user is told what is open."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from proxy_core.app.engine import Engine
from proxy_core.app.network_exposure import check_exposure, reachable_addresses, what_is_open
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest
from proxy_core.status.status_board import StatusBoard

ROOT = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "desktop", "serve", "--demo", "--host", "0.0.0.0", "--port", "0")
KEY = "sk-local-for-tests-only"


@asynccontextmanager
async def serving(home: Path, **more: object) -> AsyncIterator[tuple[Engine, StatusBoard]]:
    environ = {
        "G_COPILOT_PROXY_HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    board = StatusBoard()
    overrides = Overrides(port=0, local_key=KEY, **more)  # type: ignore[arg-type]
    engine = Engine(
        find_paths(environ), board, environ=environ, overrides=overrides, demo=True, serves=False
    )
    await engine.open()
    try:
        await engine.commands.start()
        yield engine, board
    finally:
        await engine.close()


def listening(port: int) -> set[str]:
    """Return the addresses that accept connections on ``port``."""
    found = set()
    for address in (
        "127.0.0.1",
        "::1",
        *reachable_addresses("0.0.0.0"),
        *reachable_addresses("::"),
    ):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as asking:
            asking.settimeout(1)
            try:
                asking.connect((address, port))
            except OSError:
                continue
            found.add(address)
    return found


def has_v6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as asking:
            asking.bind(("::1", 0))
    except OSError:
        return False
    return True


async def test_by_default_both_loopback_addresses_and_no_other_accept(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, board):
        found = listening(board.current.server.port)
    assert found == ({"127.0.0.1", "::1"} if has_v6() else {"127.0.0.1"})
    assert not board.current.notices


async def test_the_lan_is_opened_with_a_notice_and_a_key_for_everyone(tmp_path: Path) -> None:
    async with serving(tmp_path, host="0.0.0.0") as (engine, board):
        port = board.current.server.port
        async with aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{port}/v1/models"
            async with http.get(url) as answer:
                assert answer.status == 401, "the loopback side needs it too"
            async with http.get(url, headers={"x-api-key": KEY}) as answer:
                assert answer.status == 200
            named = {"x-api-key": KEY, "Host": "desk.local"}
            async with http.get(url, headers=named) as answer:
                assert answer.status == 403, "a name must be listed: rebinding needs one"
            await engine.commands.change_settings("server.allowed_hosts", ["desk.local"])
            async with http.get(url, headers=named) as answer:
                assert answer.status == 200
            await engine.commands.change_settings("server.require_key", False)
            async with http.get(url) as answer:
                assert answer.status == 401, "beyond loopback the key cannot be switched off"
    (notice,) = (each for each in board.current.notices if each.code == "lan_open")
    assert "unencrypted" in notice.message


async def test_no_key_and_a_short_key_keep_the_lan_closed(tmp_path: Path) -> None:
    for key, said in ((None, "must be required"), ("secret", "at least 16 characters")):
        for host in ("0.0.0.0", "::", "192.168.1.7", "desk.local", ""):
            with pytest.raises(BadRequest, match=said):
                check_exposure(host, key)
        for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
            check_exposure(host, key)
    with pytest.raises(BadRequest, match="must be required"):
        async with serving(tmp_path, host="0.0.0.0", require_key=False):
            pass


def test_what_is_open_is_named_by_address() -> None:
    text = what_is_open("192.0.2.7", 4141)
    assert "http://192.0.2.7:4141" in text
    assert "unencrypted" in text
    assert "server.allowed_hosts" in text
    assert "http://[2001:db8::7]:4141" in what_is_open("2001:db8::7", 4141)
    for host in ("0.0.0.0", "::"):
        assert not any(each in ("127.0.0.1", "::1") for each in reachable_addresses(host))


def test_serve_prints_what_it_opens(tmp_path: Path) -> None:
    process = subprocess.Popen(
        SERVE,
        cwd=ROOT,
        env={"G_COPILOT_PROXY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("Listening on http://0.0.0.0:")
        assert "Other computers in your network can reach" in process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=90)


def test_serve_refuses_to_open_the_lan_without_a_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SERVE, "--no-key"],
        cwd=ROOT,
        env={"G_COPILOT_PROXY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert "must be required" in done.stderr
    assert done.stdout == ""
