"""aiohttp's own TLS contexts: a start imports them without certificates, and they check all the same."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

ASKING = """
import asyncio, ssl, sys
from proxy_core.app.quick_start import import_aiohttp

import_aiohttp()
import aiohttp, aiohttp.connector

contexts = [each for each in vars(aiohttp.connector).values() if isinstance(each, ssl.SSLContext)]
print(len(contexts), sum(len(each.get_ca_certs()) for each in contexts))

async def ask():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1]) as answer:
        return await answer.text()

for _ in range(2):
    try:
        print(asyncio.run(ask()))
    except aiohttp.ClientConnectorCertificateError:
        print("not trusted")
"""


@dataclass
class _Company:
    url: str
    authority: Path


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[_Company]:
    pytest.importorskip("cryptography", reason="no library here to make certificates with")
    from tests.integration.copilot.certificates import make_company

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    made = make_company(tmp_path, ("localhost",))
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=made.server).start()
    yield _Company(f"https://localhost:{runner.addresses[0][1]}/", made.authority)
    await runner.cleanup()


async def answers(company: _Company, **environ: str) -> list[str]:
    run = [sys.executable, "-c", ASKING, company.url]
    done = await asyncio.create_subprocess_exec(
        *run, env={**os.environ, **environ}, stdout=asyncio.subprocess.PIPE
    )
    return (await done.communicate())[0].decode().splitlines()


async def test_a_start_loads_no_certificates_and_the_first_connection_those_of_the_system(
    company: _Company,
) -> None:
    assert await answers(company, SSL_CERT_FILE=str(company.authority)) == [
        "2 0",
        *("hello", "hello"),
    ]


async def test_whom_the_system_does_not_trust_a_late_context_does_not_either(
    company: _Company,
) -> None:
    assert await answers(company) == ["2 0", "not trusted", "not trusted"]
