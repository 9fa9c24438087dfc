"""The client and everything under it, wired to a scripted stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from proxy_core.config.settings import Settings
from proxy_core.upstream.calls.client import CopilotClient
from proxy_core.upstream.catalog.catalog import CatalogSource, ModelCatalog
from proxy_core.upstream.parameters.memory_file import ParameterStore
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.github_api import GitHubApi
from proxy_core.upstream.transport.hosts import GitHubHosts, find_hosts
from proxy_core.upstream.transport.request_handler import RequestHandler, chain
from proxy_core.upstream.transport.transport import NetworkHandler, Transport
from tests.unit.upstream.scripted_github import (
    CATALOG_ENTRY,
    Bench,
    FakeGitHub,
    FakeSignIn,
    FakeTime,
    Reply,
    exchange_reply,
)


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    fake = FakeGitHub()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    fake.on("/copilot_internal/v2/token", exchange_reply())
    fake.on("/models", Reply(200, {"data": [CATALOG_ENTRY]}))
    yield fake
    await runner.cleanup()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def hosts(github: FakeGitHub) -> GitHubHosts:
    return find_hosts("github.com", {"G_COPILOT_PROXY_GITHUB_URL": github.url})


@pytest.fixture
def handlers() -> list[RequestHandler]:
    """User handlers in front of the network; a test module overrides it."""
    return []


@pytest.fixture
async def bench(
    github: FakeGitHub,
    time: FakeTime,
    hosts: GitHubHosts,
    tmp_path: Path,
    handlers: list[RequestHandler],
) -> AsyncIterator[Bench]:
    box: list[Bench] = []
    sign_in = FakeSignIn(time, "ghu_secret")
    ids = iter(range(10_000))

    def settings() -> Settings:
        return box[0].settings

    transport = Transport(lambda: settings().upstream, clock=time.clock)
    api = GitHubApi(transport, lambda: hosts, lambda: settings().identity, time.clock)
    tokens = CopilotTokens(api, sign_in, lambda: hosts, time.clock)
    source = CatalogSource(
        transport, tokens, lambda: hosts, lambda: settings().identity, time.clock
    )
    catalog = ModelCatalog(source.fetch, tmp_path / "models.json", time.clock, sign_in.holder)
    parameters = ParameterStore(tmp_path / "learned.json", time.clock)
    client = CopilotClient(
        handler=chain(handlers, NetworkHandler(transport)),
        tokens=tokens,
        catalog=catalog,
        parameters=parameters,
        hosts=lambda: hosts,
        settings=settings,
        clock=time.clock,
        random=lambda: 0.0,
        new_id=lambda: f"id-{next(ids)}",
    )
    box.append(Bench(github, time, client, tokens, catalog, parameters, transport, api, sign_in))
    yield box[0]
    await catalog.close()
    tokens.forget()
    await parameters.close()
    await transport.close()
