"""``upstream.ca_file``: a company's certificate that the system's store does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict

from proxy_core.config.settings import UpstreamSettings
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport


async def test_a_further_certificate_counts_from_the_next_call_on(tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="no library here to make certificates with")
    from tests.integration.copilot.certificates import make_company

    company = make_company(tmp_path, ("localhost",))
    app = web.Application()

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=company.server).start()
    settings = [UpstreamSettings()]
    transport = Transport(lambda: settings[0], proxy=lambda _: None)
    request = OutboundRequest("GET", f"https://localhost:{runner.addresses[0][1]}/", CIMultiDict())
    try:
        with pytest.raises(ConnectionFailed) as caught:
            await transport.send(request)
        assert caught.value.code == "certificate_not_trusted"
        assert "upstream.ca_file" in caught.value.message
        settings[0] = UpstreamSettings(ca_file=str(company.authority))
        assert await (await transport.send(request)).read(10) == b"hello"
    finally:
        await transport.close()
        await runner.cleanup()


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_bytes(content)
    transport = Transport(lambda: UpstreamSettings(ca_file=str(file)), proxy=lambda _: None)
    try:
        with pytest.raises(ConnectionFailed, match=r"company\.pem cannot be used: .*ca_file") as e:
            await transport.send(OutboundRequest("GET", "https://localhost:9/", CIMultiDict()))
        assert e.value.code == "ca_file"
        assert not e.value.retryable
    finally:
        await transport.close()
