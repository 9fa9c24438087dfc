"""``upstream.proxy``: the system's proxy, none, or an address of one's own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from multidict import CIMultiDict

from proxy_core.config.settings import UpstreamSettings
from proxy_core.config.settings_file import check_value
from proxy_core.errors import BadRequest
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport
from proxy_core.upstream.transport.web_proxy import chosen_proxy

GITHUB = "https://api.github.com/x"
OWN = "http://proxy.example:8080"


def of_the_system(_: str) -> str:
    return "http://system.example:3128"


@pytest.mark.parametrize(
    ("setting", "url", "expected"),
    [
        ("system", GITHUB, "http://system.example:3128"),
        ("direct", GITHUB, None),
        (OWN, GITHUB, OWN),
        (OWN, "wss://api.github.com/x", OWN),
        (OWN, "http://127.0.0.1:9/x", None),
        (OWN, "http://localhost:9/x", None),
    ],
)
def test_the_setting_decides_which_proxy_a_call_takes(
    setting: str, url: str, expected: str | None
) -> None:
    assert chosen_proxy(setting, url, of_the_system) == expected


def test_an_address_no_connection_can_use_names_the_setting() -> None:
    with pytest.raises(ConnectionFailed, match=r"upstream\.proxy"):
        chosen_proxy("http://proxy.example:99999", GITHUB, of_the_system)


@pytest.mark.parametrize(
    "value",
    ["system", "direct", OWN, "http://me:secret@proxy.example:8080/", "http://[::1]:3128"],
)
def test_what_may_be_set(value: str) -> None:
    check_value("upstream.proxy", value)


@pytest.mark.parametrize(
    "value", ["", "none", "proxy.example:8080", "socks5://proxy:1080", "http://", "http://a b:1"]
)
def test_what_is_refused_and_says_what_is_allowed(value: str) -> None:
    with pytest.raises(BadRequest, match=r'"system" or "direct" or "http://proxy\.example:8080"'):
        check_value("upstream.proxy", value)


@dataclass
class ProxyServer:
    """Answers every request itself, as a proxy would; ``asked`` holds the request lines."""

    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().splitlines()[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()


async def test_a_change_counts_from_the_next_call_on() -> None:
    first, second = ProxyServer(), ProxyServer()
    addresses, servers = [], []
    for each in (first, second):
        server = await asyncio.start_server(each.serve, "127.0.0.1", 0)
        servers.append(server)
        addresses.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    settings = [UpstreamSettings(proxy=addresses[0])]
    transport = Transport(lambda: settings[0], proxy=lambda _: None)
    request = OutboundRequest("GET", "http://copilot.invalid/models", CIMultiDict())
    try:
        for address in addresses:
            settings[0] = UpstreamSettings(proxy=address)
            response = await transport.send(request)
            assert await response.read(10) == b"ok"
        settings[0] = UpstreamSettings(proxy="direct")
        with pytest.raises(ConnectionFailed):
            await transport.send(request)
    finally:
        await transport.close()
        for server in servers:
            server.close()
    line = "GET http://copilot.invalid/models HTTP/1.1"
    assert (first.asked, second.asked) == ([line], [line])
