"""What one call without a token tells of network, proxy, certificates and clock."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate

import pytest

from proxy_core.clock import Clock
from proxy_core.doctor import network
from proxy_core.doctor.finding import FindingState
from proxy_core.doctor.network import Probe, issuer_name, probe, server_ahead
from proxy_core.errors import ErrorKind
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

NOW = 1_795_000_000.0
HOST = "api.githubcopilot.com"
REACHED = Probe(HOST, is_encrypted=True, seconds=0.084, status=404, server_ahead=0.4)
OFFLINE = Probe(HOST, is_encrypted=True, failure=ConnectionFailed("No connection.", retryable=True))


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Somebody who gives every caller the same answer; keeps what was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def ask(url: str, proxy: str | None = None) -> asyncio.Task[Probe]:
    return asyncio.create_task(
        probe(
            url,
            proxy=lambda _: proxy,
            certificates=ssl.create_default_context,
            clock=Clock(wall=lambda: NOW),
        )
    )


async def test_the_call_carries_no_token_and_any_answer_is_one() -> None:
    date = formatdate(NOW - 90, usegmt=True)
    answer = f"HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n"
    async with listening(answer.encode()) as (url, asked):
        found = await ask(url)
    assert (found.status, found.failure) == (404, None)
    assert found.server_ahead == pytest.approx(-89.5, abs=1)
    assert b"authorization" not in asked[0].lower()


async def test_nobody_there_is_a_finding() -> None:
    found = await ask("http://127.0.0.1:9")
    assert found.failure is not None
    assert network.network(found).state is FindingState.FAILED


async def test_the_call_goes_through_the_proxy_that_is_set() -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, asked):
        found = await ask("http://copilot.invalid", proxy=url)
    assert found.status == 200
    assert asked[0].startswith(b"GET http://copilot.invalid/_ping ")


def test_an_answer_says_how_long_it_took() -> None:
    assert network.network(REACHED).finding == f"{HOST} answers in 84 ms."


@pytest.mark.parametrize(("status", "seconds"), [(503, 0.1), (200, 4.0)])
def test_errors_and_slowness_ask_for_attention(status: int, seconds: float) -> None:
    found = Probe(HOST, is_encrypted=True, seconds=seconds, status=status)
    assert network.network(found).state is FindingState.ATTENTION


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (0.4, FindingState.OK, "Less than 2 s off"),
        (-30, FindingState.OK, "30 s ahead of GitHub"),
        (100, FindingState.ATTENTION, "100 s behind GitHub"),
        (-3600, FindingState.FAILED, "60 min ahead of GitHub"),
        (None, FindingState.UNKNOWN, "did not say what time"),
    ],
)
def test_the_clock_is_compared_with_github_s(
    ahead: float | None, state: FindingState, words: str
) -> None:
    verdict = network.clock(
        Probe(HOST, is_encrypted=True, seconds=0.1, status=200, server_ahead=ahead)
    )
    assert verdict.state is state
    assert words in verdict.finding


@pytest.mark.parametrize("header", [None, "", "yesterday", "Sat, 99 Nov 2026 10:00:00 GMT"])
def test_a_date_that_is_none_tells_no_time(header: str | None) -> None:
    assert server_ahead(header, NOW) is None


def test_without_a_connection_certificates_and_clock_are_not_blamed() -> None:
    for verdict in (network.certificates(OFFLINE), network.clock(OFFLINE)):
        assert (verdict.state, verdict.finding) == (FindingState.UNKNOWN, network.NOT_REACHED)


def test_a_certificate_that_is_not_trusted_is() -> None:
    failure = ConnectionFailed(
        "Not trusted.", retryable=False, code="certificate_not_trusted", kind=ErrorKind.UPSTREAM
    )
    verdict = network.certificates(Probe(HOST, is_encrypted=True, failure=failure))
    assert verdict.state is FindingState.FAILED
    assert "trust store" in verdict.next_step


def test_a_company_s_file_of_certificates_is_named_with_the_store() -> None:
    found = Probe(HOST, is_encrypted=True, seconds=0.1, status=200)
    finding = network.certificates(found, "~/company.pem").finding
    assert finding == "Checked against the system's store and ~/company.pem."


def test_a_file_of_certificates_that_cannot_be_used_is_the_fault() -> None:
    failure = ConnectionFailed("company.pem cannot be used.", retryable=False, code="ca_file")
    verdict = network.certificates(Probe(HOST, is_encrypted=True, failure=failure), "company.pem")
    assert verdict.state is FindingState.FAILED
    assert "upstream.ca_file" in verdict.next_step


def test_who_signed_the_certificate_is_told_where_it_is_known() -> None:
    certificate = {"issuer": ((("countryName", "DE"),), (("organizationName", "Example Corp IT"),))}
    assert issuer_name(certificate) == "Example Corp IT"
    assert issuer_name({}) is None
    found = Probe(HOST, is_encrypted=True, seconds=0.1, status=200, issuer="Example Corp IT")
    assert "Example Corp IT signed" in network.certificates(found).finding


def test_a_proxy_is_named_without_its_password() -> None:
    verdict = network.web_proxy(
        f"https://{HOST}",
        lambda _: "http://me:secret@proxy.example.com:3128",
        {"HTTPS_PROXY": "set"},
        REACHED,
    )
    assert verdict.finding == "From the environment: proxy.example.com, port 3128."


def test_a_proxy_that_leads_nowhere_asks_for_attention() -> None:
    verdict = network.web_proxy(
        f"https://{HOST}", lambda _: "http://proxy.example.com", {}, OFFLINE
    )
    assert verdict.state is FindingState.ATTENTION
    assert verdict.finding.startswith("From the system settings: proxy.example.com.")


def test_a_proxy_address_that_cannot_be_used_is_told() -> None:
    def find(_: str) -> str:
        raise ConnectionFailed("The proxy cannot be used.", retryable=False)

    assert network.web_proxy(f"https://{HOST}", find, {}, OFFLINE).state is FindingState.FAILED


@pytest.mark.parametrize(
    ("setting", "address", "finding"),
    [
        ("system", None, "None is set; connections go straight to GitHub."),
        ("system", "http://a.example:1", "From the environment: a.example, port 1."),
        ("direct", None, "Your settings say direct: connections go straight to GitHub."),
        ("http://me:secret@b.example:2", "http://me:secret@b.example:2", "b.example, port 2."),
    ],
)
def test_the_finding_says_which_proxy_is_in_force_and_why(
    setting: str, address: str | None, finding: str
) -> None:
    environ = {"HTTPS_PROXY": "http://a.example:1"}
    verdict = network.web_proxy(f"https://{HOST}", lambda _: address, environ, REACHED, setting)
    assert verdict.finding.endswith(finding)
    assert "secret" not in verdict.finding
    assert ("this app's settings" in verdict.finding) is setting.startswith("http")
