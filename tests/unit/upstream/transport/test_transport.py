"""The one HTTP client: limits, proxies, sleep, failures."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict

from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import ErrorKind
from proxy_core.upstream.transport import web_proxy
from proxy_core.upstream.transport.connection_errors import ConnectionFailed, connection_failure
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport, system_certificates
from proxy_core.upstream.transport.web_proxy import system_proxy
from tests.integration.free_ports import free_port
from tests.unit.upstream.scripted_github import FakeGitHub, FakeTime, Reply


@pytest.fixture
async def transport(time: FakeTime) -> AsyncIterator[Transport]:
    made = Transport(UpstreamSettings, clock=time.clock, proxy=lambda _: None)
    yield made
    await made.close()


def get(url: str) -> OutboundRequest:
    return OutboundRequest("GET", url, CIMultiDict())


async def connections(transport: Transport, github: FakeGitHub) -> object:
    response = await transport.send(get(github.url + "/x"))
    await response.read(100)
    assert transport._pool is not None
    connector = transport._pool.session.connector
    assert connector is not None
    return connector


async def test_connections_are_kept_and_dropped_after_a_sleep(
    transport: Transport, github: FakeGitHub, time: FakeTime
) -> None:
    github.on("/x", Reply(200, b"ok"))
    first = await connections(transport, github)
    time.pass_seconds(3600)
    assert await connections(transport, github) is first, "an idle hour is no sleep"
    time.close_the_laptop(60)
    assert await connections(transport, github) is not first


async def test_an_answer_that_runs_while_we_wake_up_goes_on(
    transport: Transport, github: FakeGitHub, time: FakeTime
) -> None:
    gate = asyncio.Event()
    github.on("/slow", Reply(200, b"onetwo", cut_after=3, hold=gate))
    github.on("/x", Reply(200, b"ok"))
    running = await transport.send(get(github.url + "/slow"))
    chunks = running.chunks()
    assert await anext(chunks) == b"one"
    time.close_the_laptop(60)
    await (await transport.send(get(github.url + "/x"))).read(10)
    (retired,) = transport._retired
    assert not retired.session.closed
    await running.close()
    assert retired.session.closed
    gate.set()


async def test_a_large_body_arrives_whole(transport: Transport, github: FakeGitHub) -> None:
    github.on("/x", Reply(200, b"ok"))
    body = b"z" * (3 * 1024 * 1024)
    request = OutboundRequest("POST", github.url + "/x", CIMultiDict(), body)
    assert await (await transport.send(request)).read(10) == b"ok"
    assert github.seen[-1].body == body
    assert github.seen[-1].headers["content-length"] == str(len(body))


async def test_a_redirect_is_not_followed(transport: Transport, github: FakeGitHub) -> None:
    github.on("/x", Reply(302, b"", {"location": "https://evil.example/"}))
    response = await transport.send(get(github.url + "/x"))
    assert response.status == 302
    await response.close()


async def test_hop_by_hop_headers_of_the_answer_stay_behind(
    transport: Transport, github: FakeGitHub
) -> None:
    github.on("/x", Reply(200, b"ok", {"keep-alive": "timeout=5", "x-kept": "1"}))
    response = await transport.send(get(github.url + "/x"))
    await response.close()
    assert "keep-alive" not in response.headers
    assert "transfer-encoding" not in response.headers
    assert response.headers["x-kept"] == "1"


async def test_a_refused_connection_is_told_and_may_be_tried_again(transport: Transport) -> None:
    port = free_port()
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1 could not be reached") as caught:
        await transport.send(get(f"http://127.0.0.1:{port}/"))
    assert caught.value.retryable
    assert caught.value.kind is ErrorKind.UPSTREAM_UNREACHABLE


async def test_an_answer_that_never_begins_is_given_up_and_not_repeated(
    github: FakeGitHub, time: FakeTime
) -> None:
    gate = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = Transport(UpstreamSettings, clock=time.clock)
    with pytest.raises(ConnectionFailed) as caught:
        await transport.send(get(f"http://127.0.0.1:{port}/"), time_limit=0.05)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert not caught.value.retryable
    gate.set()
    await transport.close()
    server.close()
    await server.wait_closed()


async def test_after_closing_nothing_is_sent(transport: Transport, github: FakeGitHub) -> None:
    await transport.close()
    with pytest.raises(ConnectionFailed, match="was stopped"):
        await transport.send(get(github.url))


async def test_a_netrc_entry_never_replaces_our_token(
    github: FakeGitHub, time: FakeTime, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="utf-8") as file:  # noqa: ASYNC230, PTH123
        file.write("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    github.on("/x", Reply(200, b"ok"))
    transport = Transport(UpstreamSettings, clock=time.clock)
    request = OutboundRequest("GET", github.url + "/x", CIMultiDict(Authorization="token t"))
    await (await transport.send(request)).read(10)
    await transport.close()
    assert github.seen[-1].headers["Authorization"] == "token t"


async def test_a_call_goes_through_the_systems_proxy(github: FakeGitHub, time: FakeTime) -> None:
    github.on("/through", Reply(200, b"by proxy"))
    transport = Transport(UpstreamSettings, clock=time.clock, proxy=lambda _: github.url)
    response = await transport.send(get("http://api.example.invalid/through"))
    assert await response.read(100) == b"by proxy"
    assert github.seen[-1].headers["host"] == "api.example.invalid"
    await transport.close()


@pytest.mark.parametrize(
    ("proxies", "url", "expected"),
    [
        ({"https": "http://proxy:8080"}, "https://api.github.com", "http://proxy:8080"),
        ({"https": "proxy:8080"}, "https://api.github.com", "http://proxy:8080"),
        ({"https": "http://proxy:8080"}, "wss://api.github.com", "http://proxy:8080"),
        ({"all": "http://proxy:8080"}, "https://api.github.com", "http://proxy:8080"),
        ({"http": "http://proxy:8080"}, "https://api.github.com", None),
        ({"http": "http://proxy:8080"}, "http://127.0.0.1:9", None),
        ({"http": "http://proxy:8080"}, "http://localhost:9", None),
        ({"https": "http://proxy:8080", "no": "api.github.com"}, "https://api.github.com", None),
        ({}, "https://api.github.com", None),
    ],
)
def test_the_proxy_is_the_systems_and_never_for_loopback(
    proxies: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_proxy, "getproxies", lambda: proxies)
    monkeypatch.setattr(web_proxy, "proxy_bypass", lambda host: host == proxies.get("no"))
    assert system_proxy(url) == expected


@pytest.mark.parametrize("proxy", ["socks5://proxy:1080", "http://", "http://proxy:port"])
def test_a_proxy_that_cannot_be_used_is_named_not_ignored(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_proxy, "getproxies", lambda: {"https": proxy})
    monkeypatch.setattr(web_proxy, "proxy_bypass", lambda _: False)
    with pytest.raises(ConnectionFailed, match="HTTPS_PROXY"):
        system_proxy("https://api.github.com")


def test_certificates_come_from_the_system() -> None:
    assert system_certificates().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("file", ["~nobody-of-this-name/company.pem", "a\0b.pem"])
def test_a_certificate_file_whose_name_means_nothing_here_is_named(file: str) -> None:
    with pytest.raises(ConnectionFailed, match=r"Check upstream\.ca_file") as caught:
        system_certificates(file)
    assert caught.value.code == "ca_file"


def test_failures_are_told_apart() -> None:
    certificate = connection_failure(ssl.SSLCertVerificationError("x"), "https://api.github.com")
    assert certificate.code == "certificate_not_trusted"
    assert not certificate.retryable
    lost = connection_failure(aiohttp.ServerDisconnectedError(), "https://api.github.com")
    assert lost.retryable
    address = connection_failure(aiohttp.InvalidURL("x"), "nonsense")
    assert not address.retryable
    silent = connection_failure(TimeoutError(), "https://api.github.com", answering=True)
    assert (silent.kind, silent.http_status) == (ErrorKind.TIMEOUT, 504)
    assert "api.github.com" in silent.message


@pytest.mark.parametrize(
    ("unknown", "code"),
    [("proxy.example", "proxy_failed"), ("api.github.com", "name_not_found")],
)
def test_a_proxy_without_an_address_is_not_taken_for_github(unknown: str, code: str) -> None:
    key = ConnectionKey(unknown, 3128, False, True, None, None, None)
    error = aiohttp.ClientConnectorDNSError(key, OSError("no such name"))
    assert connection_failure(error, "https://api.github.com/x").code == code
