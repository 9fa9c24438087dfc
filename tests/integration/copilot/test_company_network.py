"""Behind a company's proxy, certificate and GitHub of its own: cases 58 and 64 to 66.

GitHub's real names, over TLS, through a CONNECT proxy that leads every name to the simulator.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from proxy_core.config.paths import find_paths
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import AccountState
from proxy_core.status.status_board import StatusBoard
from tests.integration.copilot.conftest import (
    CHAT,
    DIALECTS,
    REPEAT,
    Rig,
    error_of,
    make_engine,
    running_rig,
)
from tests.integration.copilot.network import ConnectProxy, Network
from tests.integration.copilot.virtual_time import VirtualTime

NAMES = (
    *("github.com", "api.github.com", "api.githubcopilot.com", "octo.ghe.com"),
    *("api.octo.ghe.com", "copilot-api.octo.ghe.com"),
)
on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux takes a further authority from the environment"
)


@dataclass
class Company:
    """The proxy behind a company's network; ``proxy.hosts`` is what was asked of it."""

    rig: Rig
    proxy: ConnectProxy


@asynccontextmanager
async def company(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    time: VirtualTime,
    *,
    api: str = "https://api.githubcopilot.com",
    settings: str = "",
    trusted: bool = True,
    signed_in: bool = True,
) -> AsyncIterator[Company]:
    pytest.importorskip("cryptography", reason="no library here to make certificates with")
    from tests.integration.copilot.certificates import make_company

    made = make_company(tmp_path, NAMES)
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    async with AsyncExitStack() as stack:
        options = SimulatorOptions(clock=time.wall, base_url=api)
        simulator = await stack.enter_async_context(SimulatorServer(options))
        network = await stack.enter_async_context(Network(simulator.port, made.server))
        proxy = await stack.enter_async_context(ConnectProxy(network.port))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
        if signed_in:
            environ["COPILOT_GITHUB_TOKEN"] = simulator.github_token
        find_paths(environ).settings_file.write_text(settings)
        rig = await stack.enter_async_context(running_rig(environ, simulator, network, time))
        yield Company(rig, proxy)


async def works(rig: Rig, path: str) -> None:
    response = await rig.ask(path, "claude-sonnet-4.6", REPEAT + "fine")
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()


@on_linux
async def test_case_58_with_data_residency_nothing_ever_goes_to_the_public_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime
) -> None:
    """A stray call to github.com is a failure behind such a company's wall."""
    async with company(
        tmp_path,
        monkeypatch,
        time,
        api="https://copilot-api.octo.ghe.com",
        settings='[account]\ngithub_host = "octo.ghe.com"\n',
    ) as at:
        for path in DIALECTS:
            await works(at.rig, path)
        await at.rig.engine.commands.ask_account()
        assert at.rig.board.current.account.github_host == "octo.ghe.com"
        assert set(at.proxy.hosts) == {"api.octo.ghe.com", "copilot-api.octo.ghe.com"}


@on_linux
async def test_case_58_an_answer_that_names_a_foreign_host_gets_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime
) -> None:
    async with company(
        tmp_path, monkeypatch, time, api="https://githubcopilot.com.example.net"
    ) as at:
        response = await at.rig.ask(CHAT, "gpt-5.4", "hello")
        assert response.status == 403
        assert "not one of GitHub's addresses" in error_of(await response.json())["message"]
        assert set(at.proxy.hosts) == {"api.github.com"}


@on_linux
async def test_case_64_signing_in_and_every_call_go_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime
) -> None:
    async with company(tmp_path, monkeypatch, time, signed_in=False) as at:
        shown: asyncio.Queue[SignInProgress] = asyncio.Queue()
        signing_in = asyncio.ensure_future(at.rig.engine.commands.sign_in(shown.put_nowait, None))
        async with asyncio.timeout(30):
            at.rig.simulator.authorize((await shown.get()).user_code)
            status = await signing_in
        assert status.state is AccountState.SIGNED_IN
        for path in DIALECTS:
            await works(at.rig, path)
        assert set(at.proxy.hosts) == {"github.com", "api.github.com", "api.githubcopilot.com"}
        assert at.rig.network.accepted == len(at.proxy.hosts), "nothing went past the proxy"


@on_linux
@pytest.mark.parametrize("trusted", [True, False])
async def test_case_65_a_company_s_certificate_counts_once_the_system_trusts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime, trusted: bool
) -> None:
    async with company(tmp_path, monkeypatch, time, trusted=trusted) as at:
        if trusted:
            await works(at.rig, CHAT)
            return
        response = await at.rig.ask(CHAT, "gpt-5.4", "hello")
        assert response.status == 502
        message = error_of(await response.json())["message"]
        assert "certificate" in message
        assert "trust store" in message
        assert at.rig.simulator.requests == [], "nothing was sent"


@pytest.mark.parametrize(
    "value", ["not a url", "ftp://proxy.example:21", "http://", "http://x:y", "a b:80"]
)
async def test_case_66_a_proxy_variable_that_cannot_be_used_is_named_and_nothing_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime, value: str
) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", value)
    environ = {
        "G_COPILOT_PROXY_HOME": str(tmp_path),
        "COPILOT_GITHUB_TOKEN": "ghu_" + "a" * 36,
    }
    board = StatusBoard()
    engine = make_engine(environ, board, time)
    await engine.open()
    try:
        await engine.commands.start()
        key = {"Authorization": "Bearer sk-local-for-tests-only"}
        body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}]}
        async with aiohttp.ClientSession() as http:
            for _ in range(2):
                async with http.post(
                    board.current.server.url + CHAT, json=body, headers=key
                ) as response:
                    assert response.status == 502
                    assert "HTTPS_PROXY" in error_of(await response.json())["message"]
    finally:
        await engine.close()


@on_linux
async def test_case_66_a_proxy_whose_name_nobody_knows_is_not_called_github(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: VirtualTime
) -> None:
    async with company(tmp_path, monkeypatch, time) as at:
        # Longer than a label may be: no resolver is asked for it.
        monkeypatch.setenv("HTTPS_PROXY", f"http://{'x' * 64}.invalid:3128")
        response = await at.rig.ask(CHAT, "gpt-5.4", "hello")
        assert response.status == 502
        message = error_of(await response.json())["message"]
        assert "HTTPS_PROXY" in message
        assert "online" not in message
