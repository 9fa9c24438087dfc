"""Starting, stopping and moving the listener; settings that apply live."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest, PortInUse
from proxy_core.server.http import listener
from proxy_core.server.local_server import DRAIN_SECONDS
from proxy_core.status.status import ServerState, Status
from proxy_core.status.status_board import StatusBoard
from tests.integration.free_ports import free_port
from tests.integration.server.conftest import Proxy


class House:
    """An engine without GitHub: what is tested here never calls it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.board = StatusBoard()
        self.engines: list[Engine] = []

    async def open(self, **overrides: object) -> Engine:
        environ = {
            "G_COPILOT_PROXY_HOME": str(self.home),
            "G_COPILOT_PROXY_GITHUB_URL": "http://127.0.0.1:9",
        }
        given = Overrides(**{"token_storage": "memory", **overrides})  # type: ignore[arg-type]
        engine = Engine(
            find_paths(environ), self.board, environ=environ, overrides=given, serves=False
        )
        await engine.open()
        self.engines.append(engine)
        return engine

    @property
    def server(self) -> str:
        return self.board.current.server.url

    async def until(self, state: ServerState) -> None:
        async with asyncio.timeout(30):
            while self.board.current.server.state is not state:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    for engine in house.engines:
        await engine.close()


async def health(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/health") as response:
        return response.status


async def test_running_is_announced_only_once_it_accepts(house: House) -> None:
    engine = await house.open(port=0)
    answers: list[bool] = []

    def on_status(status: Status) -> None:
        if status.server.state is ServerState.RUNNING:
            with socket.create_connection(("127.0.0.1", status.server.port), timeout=10):
                answers.append(True)

    house.board.subscribe(on_status)
    await engine.commands.start()
    assert answers == [True]
    assert await health(house.server) == 200


async def test_both_loopback_addresses_answer(house: House) -> None:
    engine = await house.open(port=0)
    await engine.commands.start()
    port = house.board.current.server.port
    assert await health(f"http://127.0.0.1:{port}") == 200
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    assert await health(f"http://[::1]:{port}") == 200


async def test_without_ipv6_the_other_address_is_enough(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = listener._open

    def without_ipv6(host: str, port: int) -> socket.socket:
        if ":" in host:
            raise OSError(97, "Address family not supported by protocol")
        return real(host, port)

    monkeypatch.setattr(listener, "_open", without_ipv6)
    engine = await house.open(port=0)
    await engine.commands.start()
    assert await health(house.server) == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_a_port_that_is_taken_is_an_error_that_names_the_owner(
    house: House, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        taken = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with taken:
        port = taken.getsockname()[1]
        engine = await house.open(port=port)
        with pytest.raises(PortInUse) as caught:
            await engine.commands.start()
    assert caught.value.port == port
    assert str(port) in caught.value.message
    if sys.platform == "linux":
        assert f"process {os.getpid()}" in (caught.value.owner or "")
    server = house.board.current.server
    assert server.state is ServerState.FAILED
    assert server.problem is not None
    assert server.problem.code == "port_in_use"
    await engine.commands.start()  # the owner has gone
    assert await health(house.server) == 200


async def test_a_start_and_a_restart_wait_for_nothing(house: House) -> None:
    engine = await house.open(port=free_port())
    began = time.monotonic()
    await engine.commands.start()
    await engine.commands.restart()
    await engine.commands.stop()
    assert time.monotonic() - began < DRAIN_SECONDS, "no answer ran that could be waited for"
    assert house.board.current.server.state is ServerState.OFF


async def test_starting_twice_is_starting_once(house: House) -> None:
    engine = await house.open(port=0)
    await asyncio.gather(engine.commands.start(), engine.commands.start())
    port = house.board.current.server.port
    await engine.commands.start()
    assert house.board.current.server.port == port
    await engine.commands.stop()
    await engine.commands.stop()


async def test_other_computers_are_let_in_only_with_a_key(house: House) -> None:
    engine = await house.open(host="0.0.0.0", port=0, require_key=False)
    with pytest.raises(BadRequest, match="local key must be required"):
        await engine.commands.start()
    assert house.board.current.server.state is ServerState.FAILED


async def test_an_address_this_computer_does_not_have_is_an_error_that_says_so(
    house: House,
) -> None:
    engine = await house.open(host="192.0.2.7", port=0)
    with pytest.raises(listener.CannotListen, match=r"Cannot listen on 192\.0\.2\.7"):
        await engine.commands.start()


async def test_a_new_port_in_the_settings_moves_the_running_server(house: House) -> None:
    (house.home / "settings.toml").write_text(f"[server]\nport = {free_port()}\n")
    engine = await house.open()
    await engine.commands.start()
    before, after = house.server, free_port()
    await engine.commands.change_settings("server.port", after)
    assert house.server.endswith(f":{after}")
    assert await health(house.server) == 200
    with pytest.raises(aiohttp.ClientConnectorError):
        await health(before)


async def test_a_new_port_that_is_taken_leaves_the_server_where_it_is(house: House) -> None:
    (house.home / "settings.toml").write_text(f"[server]\nport = {free_port()}\n")
    engine = await house.open()
    await engine.commands.start()
    before = house.server
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(PortInUse):
            await engine.commands.change_settings("server.port", taken.getsockname()[1])
        assert house.server == before
        assert await health(before) == 200
        assert house.board.current.settings_problem is None, "file and server agree"
        kept = int(before.rsplit(":", 1)[1])
        assert engine.settings.server.port == kept
        assert (house.home / "settings.toml").read_text() == f"[server]\nport = {kept}\n"


async def test_a_taken_port_written_by_hand_leaves_the_server_and_is_told(house: House) -> None:
    file = house.home / "settings.toml"
    file.write_text(f"[server]\nport = {free_port()}\n")
    engine = await house.open()
    await engine.commands.start()
    before = house.server
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file.write_text(f"[server]\nport = {port}\nheartbeat_seconds = 20\n")
        async with asyncio.timeout(30):
            while not engine.loaded_settings.problems:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (house.server, await health(before)) == (before, 200)
        assert engine.settings.server.heartbeat_seconds == 20, "the other line counts"
        assert str(port) in engine.loaded_settings.problems[0].message
        assert before.endswith(f":{engine.settings.server.port}")


async def test_a_new_port_that_cannot_be_written_leaves_the_server_where_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.home / "settings.toml").write_text(f"[server]\nport = {free_port()}\n")
    engine = await house.open()
    await engine.commands.start()
    before, after = house.server, free_port()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("proxy_core.config.settings_file.write_private", full)
    with pytest.raises(OSError, match="No space"):
        await engine.commands.change_settings("server.port", after)
    assert (house.server, await health(before)) == (before, 200)
    with pytest.raises(aiohttp.ClientConnectorError):
        await health(f"http://127.0.0.1:{after}")


async def test_an_edit_by_hand_is_followed(house: House) -> None:
    file = house.home / "settings.toml"
    file.write_text(f"[server]\nport = {free_port()}\n")
    engine = await house.open()
    await engine.commands.start()
    after = free_port()
    file.write_text(f"[server]\nport = {after}\nrequire_key = false\n")
    async with asyncio.timeout(30):
        while not house.server.endswith(f":{after}"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert house.board.current.requires_key is False


async def test_an_edit_that_makes_no_sense_is_told_and_changes_nothing(house: House) -> None:
    file = house.home / "settings.toml"
    engine = await house.open(port=0)
    await engine.commands.start()
    file.write_text("[server]\nport = 'x'\n")
    async with asyncio.timeout(30):
        while house.board.current.settings_problem is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert await health(house.server) == 200


async def test_a_broken_file_is_kept_told_and_put_back_by_the_windows_command(house: House) -> None:
    file = house.home / "settings.toml"
    broken = "[desktop]\ntheme = = dark\n"
    file.write_text(broken)
    engine = await house.open()
    await engine.commands.change_settings("desktop.notices", False)
    problem = house.board.current.settings_problem
    assert problem is not None
    assert problem.code == "settings_kept_aside"
    (kept,) = house.home.glob("settings.broken-*.toml")
    assert kept.name in problem.next_step
    assert kept.read_text() == broken
    await engine.commands.restore_settings()
    assert file.read_text() == broken
    notice = house.board.current.notices[-1]
    assert notice.code == "settings_kept_aside", "the one in between is kept too"


async def test_a_setting_of_the_wrong_kind_is_refused(house: House) -> None:
    engine = await house.open()
    with pytest.raises(BadRequest, match="whole number from 0 to 65535"):
        await engine.commands.change_settings("server.port", 70_000)
    assert not (house.home / "settings.toml").exists()


async def test_the_key_is_asked_for_from_the_next_request_on(proxy: Proxy) -> None:
    assert (await proxy.http.get(proxy.url + "/v1/models")).status == 401
    await proxy.engine.commands.change_settings("server.require_key", False)
    async with proxy.http.get(proxy.url + "/v1/models") as response:
        assert response.status == 200
    assert proxy.board.current.requires_key is False


async def test_nobody_signed_in_is_a_401_that_says_what_to_do(house: House) -> None:
    engine = await house.open(port=0, local_key="sk-local-0123456789abcdef")
    await engine.commands.start()
    async with (
        aiohttp.ClientSession(headers={"x-api-key": "sk-local-0123456789abcdef"}) as http,
        http.post(
            f"{house.server}/v1/messages",
            json={"model": "opus", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]},
        ) as response,
    ):
        assert response.status == 401
        assert response.headers["x-should-retry"] == "false"
        assert "login" in (await response.json())["error"]["message"]


async def test_the_first_request_waits_until_it_is_known_who_is_signed_in(proxy: Proxy) -> None:
    """The engine looks for the sign-in while the port is open already."""
    async with proxy.http.get(proxy.url + "/v1/models", headers=proxy.headers()) as response:
        assert response.status == 200
    assert proxy.board.current.account.login == "octocat"


async def test_a_server_that_others_can_reach_never_loses_its_key(house: House) -> None:
    engine = await house.open(host="0.0.0.0", port=0, local_key="sk-local-0123456789abcdef")
    await engine.commands.start()
    url = f"http://127.0.0.1:{house.board.current.server.port}/v1/usage"
    async with aiohttp.ClientSession() as http:
        assert (await http.get(url)).status == 401
        await engine.commands.change_settings("server.require_key", False)
        assert (await http.get(url)).status == 401
        assert (await http.get(url, headers={"x-api-key": engine.local_key})).status == 200


async def test_the_same_port_can_be_opened_to_others_and_closed_again(house: House) -> None:
    port = free_port()
    (house.home / "settings.toml").write_text(f"[server]\nport = {port}\n")
    engine = await house.open()
    await engine.commands.start()
    await engine.commands.change_settings("server.host", "0.0.0.0")
    assert house.board.current.server.host == "0.0.0.0"
    assert await health(f"http://127.0.0.1:{port}") == 200
    await engine.commands.change_settings("server.host", "127.0.0.1")
    assert house.server == f"http://127.0.0.1:{port}"
    assert await health(house.server) == 200


async def test_an_address_that_cannot_be_had_on_the_same_port_leaves_the_server_where_it_is(
    house: House,
) -> None:
    port = free_port()
    (house.home / "settings.toml").write_text(f"[server]\nport = {port}\n")
    engine = await house.open()
    await engine.commands.start()
    with pytest.raises(listener.CannotListen):
        await engine.commands.change_settings("server.host", "192.0.2.7")
    assert house.server == f"http://127.0.0.1:{port}"
    assert await health(house.server) == 200


async def test_an_account_s_host_that_cannot_be_is_not_even_written(house: House) -> None:
    engine = await house.open()
    with pytest.raises(BadRequest, match="Use github"):
        await engine.commands.sign_in(lambda _: None, "evil.example")
    assert not (house.home / "settings.toml").exists()


async def test_a_replaced_main_key_stops_working_at_once_and_tells_its_last_use(
    house: House,
) -> None:
    engine = await house.open(port=0)
    await engine.commands.start()
    old = engine.local_key
    async with aiohttp.ClientSession() as http:

        async def ask(key: str, path: str = "/v1/usage") -> int:
            async with http.get(house.server + path, headers={"x-api-key": key}) as response:
                return response.status

        assert await ask(old) == 200
        assert await engine.commands.main_key_used_at() is None, "no model was asked for"
        await ask(old, "/v1/models")
        assert await engine.commands.main_key_used_at() is not None
        new = await engine.commands.replace_main_key()
        assert (await ask(old), await ask(new)) == (401, 200)
        assert await engine.commands.main_key_used_at() is None
    assert engine.local_key == new
