"""One call to Copilot without a token; it checks network, proxy, certificates and clock."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from proxy_core.clock import Clock
from proxy_core.config.settings import DIRECT, SYSTEM
from proxy_core.doctor.finding import CheckResult, attention, failed, ok, unknown
from proxy_core.errors import translatable
from proxy_core.upstream.transport.connection_errors import ConnectionFailed, connection_failure

PROBE_SECONDS = 8.0
SLOW_SECONDS = 3.0
CLOCK_FINE_SECONDS = 2.0
CLOCK_OFF_SECONDS = 60.0
CLOCK_WRONG_SECONDS = 600.0
_PATH = "/_ping"
NOT_REACHED = translatable("Not checked: GitHub could not be reached.")


@dataclass(frozen=True, slots=True)
class Probe:
    """``seconds`` until the response's headers.

    ``server_ahead``: by how many seconds the server's clock is ahead of ours, accurate to about
    one. ``issuer`` signed the certificate, None if unknown.
    """

    host: str
    is_encrypted: bool
    seconds: float | None = None
    status: int | None = None
    server_ahead: float | None = None
    issuer: str | None = None
    failure: ConnectionFailed | None = None


async def probe(
    base_url: str,
    *,
    proxy: Callable[[str], str | None],
    certificates: Callable[[], ssl.SSLContext],
    clock: Clock,
    seconds: float = PROBE_SECONDS,
) -> Probe:
    """Call ``base_url``. A failure is part of the result, never raised."""
    parts = urlsplit(base_url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    url = base_url + _PATH
    certificate: list[Mapping[str, Any]] = []

    class Response(aiohttp.ClientResponse):
        async def start(self, connection: Any) -> aiohttp.ClientResponse:
            # Read now: once the headers are read the connection may return to its pool.
            sockets = connection.transport.get_extra_info("ssl_object")
            found = sockets.getpeercert() if sockets is not None else None
            if found:
                certificate.append(found)
            return await super().start(connection)

    before = clock.now()
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=certificates()),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=seconds),
                response_class=Response,
            ) as session,
            session.get(url, allow_redirects=False, proxy=proxy(url)) as response,
        ):
            took = clock.monotonic() - before.monotonic
            ahead = server_ahead(response.headers.get("Date"), before.wall + took / 2)
            return Probe(
                host=host,
                is_encrypted=encrypted,
                seconds=took,
                status=response.status,
                server_ahead=ahead,
                issuer=issuer_name(certificate[0]) if certificate else None,
            )
    except ConnectionFailed as error:
        return Probe(host, encrypted, failure=error)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Probe(host, encrypted, failure=connection_failure(error, url))


def server_ahead(date_header: str | None, now: float) -> float | None:
    """Return by how many seconds the server's clock is ahead; headers count whole seconds."""
    try:
        server_time = parsedate_to_datetime(date_header or "").timestamp()
    except ValueError:
        return None
    return server_time + 0.5 - now


def issuer_name(certificate: Mapping[str, Any]) -> str | None:
    """Return the issuer's name from ``ssl.SSLSocket.getpeercert``'s value."""
    names = {
        key: value
        for group in certificate.get("issuer", ())
        for key, value in group
        if isinstance(value, str)
    }
    return names.get("organizationName") or names.get("commonName")


def network(found: Probe) -> CheckResult:
    if found.failure is not None:
        return failed(
            found.failure.said,
            translatable("Running requests go on. Check again once you are online."),
        )
    assert found.seconds is not None
    if found.status is not None and found.status >= 500:
        return attention(
            translatable(
                "{host} answers with an error ({status}).", host=found.host, status=found.status
            ),
            translatable(
                "The trouble is at GitHub: see https://www.githubstatus.com, then check again."
            ),
        )
    if found.seconds > SLOW_SECONDS:
        return attention(
            translatable(
                "{host} took {seconds} s to answer.",
                host=found.host,
                seconds=f"{found.seconds:.1f}",
            ),
            translatable("Answers will begin late. Look at your connection or its proxy."),
        )
    milliseconds = round(found.seconds * 1000)
    return ok(
        translatable(
            "{host} answers in {milliseconds} ms.", host=found.host, milliseconds=milliseconds
        )
    )


def web_proxy(
    base_url: str,
    find: Callable[[str], str | None],
    environ: Mapping[str, str],
    found: Probe,
    setting: str = SYSTEM,
) -> CheckResult:
    """``setting`` is ``upstream.proxy``.

    The finding never contains the user name and password of the proxy's URL.
    """
    try:
        address = find(base_url)
    except ConnectionFailed as error:
        return failed(error.said, translatable("Correct the proxy's address, or remove it."))
    if setting == DIRECT:
        return ok(translatable("Your settings say direct: connections go straight to GitHub."))
    if address is None:
        return ok(translatable("None is set; connections go straight to GitHub."))
    parts = urlsplit(address)
    variables = ("https_proxy", "http_proxy", "all_proxy")
    named = any(environ.get(each) or environ.get(each.upper()) for each in variables)
    source = (
        translatable("From this app's settings")
        if setting != SYSTEM
        else translatable("From the environment")
        if named
        else translatable("From the system settings")
    )
    sentence = translatable("{source}: {host}.", source=source, host=parts.hostname or "")
    if parts.port:
        sentence = translatable(
            "{source}: {host}, port {port}.",
            source=source,
            host=parts.hostname or "",
            port=parts.port,
        )
    if found.failure is not None:
        return attention(
            translatable("{proxy} GitHub could not be reached through it.", proxy=sentence),
            translatable("Check that the proxy's address is right and that it lets you through."),
        )
    return ok(sentence)


def certificates(found: Probe, ca_file: str = "") -> CheckResult:
    """``ca_file`` is what ``upstream.ca_file`` names: calls trust its certificates too."""
    if found.failure is not None:
        if found.failure.code == "certificate_not_trusted":
            return failed(
                found.failure.said,
                translatable(
                    "Add your company's certificate to the system's trust store, or name its file "
                    "in the setting upstream.ca_file."
                ),
            )
        if found.failure.code == "ca_file":
            return failed(
                found.failure.said, translatable("Correct upstream.ca_file, or remove it.")
            )
        return unknown(NOT_REACHED)
    if not found.is_encrypted:
        return ok(translatable("Not needed: the connection stays on this computer."))
    store = translatable("the system's store")
    if ca_file:
        store = translatable("the system's store and {file}", file=ca_file)
    if found.issuer:
        return ok(
            translatable(
                "Checked against {store}; {issuer} signed GitHub's.",
                store=store,
                issuer=found.issuer,
            )
        )
    return ok(translatable("Checked against {store}.", store=store))


def clock(found: Probe) -> CheckResult:
    if found.failure is not None:
        return unknown(NOT_REACHED)
    if found.server_ahead is None:
        return unknown(translatable("{host} did not say what time it is.", host=found.host))
    off = abs(found.server_ahead)
    if off < CLOCK_FINE_SECONDS:
        return ok(
            translatable("Less than {seconds} s off, fine.", seconds=f"{CLOCK_FINE_SECONDS:g}")
        )
    amount = translatable("{seconds} s", seconds=f"{off:.0f}")
    if off >= 120:
        amount = translatable("{minutes} min", minutes=f"{off / 60:.0f}")
    sentence = translatable("This computer is {amount} ahead of GitHub.", amount=amount)
    if found.server_ahead > 0:
        sentence = translatable("This computer is {amount} behind GitHub.", amount=amount)
    if off < CLOCK_OFF_SECONDS:
        return ok(translatable("{sentence} That is fine.", sentence=sentence))
    step = translatable("Switch on “set the time automatically” in the system's settings.")
    return (attention if off < CLOCK_WRONG_SECONDS else failed)(sentence, step)
