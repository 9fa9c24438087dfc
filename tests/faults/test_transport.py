"""What sockets do: refused, reset, closed, silent, no HTTP, no TLS. No handler stands in for any."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.axes import MODELS, Client
from tests.faults.clients import PATHS, body, check_grammar, error_of, read_streamed_answer
from tests.faults.conftest import Bench
from tests.faults.cut_answers import read_until_cut
from tests.faults.raw_upstream import FAULTS, UNKNOWN_NAME, RawUpstream, SendElsewhere
from tests.integration.free_ports import free_port

Answer = tuple[int, bytes, bool]


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    client: Client
    translated: bool
    stream: bool

    @property
    def name(self) -> str:
        way = "translated" if self.translated else "passed"
        return f"{self.client}-{way}-{'stream' if self.stream else 'whole'}-{self.kind}"


CASES = [
    Case(kind, client, translated, stream)
    for kind in FAULTS
    for client in Client
    for translated in (False, True)
    for stream in (True, False)
]
PATIENT = [case for case in CASES if case.kind.startswith("stalled")]


class Sockets:
    """The raw upstream, and what was already asked of it."""

    def __init__(self, bench: Bench, raw: RawUpstream, elsewhere: SendElsewhere) -> None:
        self.bench = bench
        self.raw = raw
        self.secure_port = 0
        self._elsewhere = elsewhere
        self._asked: dict[Case, asyncio.Task[Answer]] = {}
        self._closed_port = free_port()

    def answer(self, case: Case) -> asyncio.Task[Answer]:
        """Ask now; those that take our limit on silence all at once, the first time one is wanted."""
        for each in PATIENT if case in PATIENT else (case,):
            if each not in self._asked:
                self._asked[each] = asyncio.ensure_future(self._ask(each))
        return self._asked[case]

    async def _ask(self, case: Case) -> Answer:
        number = self.bench.next_number()
        self.raw.kinds[number] = case.kind
        self._elsewhere.urls[number] = self.raw.url(case.kind, self._closed_port, self.secure_port)
        text = f"Repeat exactly the following text and nothing else: plan-{number} alpha beta"
        asked = body(case.client, MODELS[case.client, case.translated], text, stream=case.stream)
        async with (
            self.bench.client() as http,
            http.post(self.bench.url + PATHS[case.client], json=asked) as response,
        ):
            content, was_cut = await read_until_cut(response)
            return response.status, content, was_cut


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sockets(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sockets]:
    raw = RawUpstream(bench.simulator_port)
    await raw.start()
    sockets = Sockets(bench, raw, bench.elsewhere)
    secure = await asyncio.start_server(
        lambda *_: None, "127.0.0.1", 0, ssl=self_signed(tmp_path_factory.mktemp("tls"))
    )
    sockets.secure_port = secure.sockets[0].getsockname()[1]
    bench.note_level()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", no_such_name)
        yield sockets
    secure.close()
    await raw.stop()


real_getaddrinfo = socket.getaddrinfo


def no_such_name(host: Any, *rest: Any, **more: Any) -> Any:
    """Nothing leaves this computer: the system's answer is all that is played."""
    if host == UNKNOWN_NAME:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return real_getaddrinfo(host, *rest, **more)


def self_signed(folder: Path) -> ssl.SSLContext:
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "self_signed.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_broken_connection_ends_properly(case: Case, sockets: Sockets) -> None:
    status, content, was_cut = await sockets.answer(case)
    told = f"{status} {content[-600:]!r}"
    if status != 200:
        assert status in FAULTS[case.kind], told
        error_of(case.client, json.loads(content))
        assert b"The proxy failed" not in content, told
    else:
        assert case.stream, told
        assert case.kind.endswith("_in_text"), "it could have been a status"
        received = read_streamed_answer(case.client, content, was_cut=was_cut)
        check_grammar(case.client, received.frames, translated=case.translated, was_cut=was_cut)
        assert not received.ended, told
        assert received.text.startswith("plan-"), "what was said before is not held back"
    if case not in PATIENT:
        await sockets.bench.until_quiet()
        await sockets.bench.until(lambda: sockets.raw.connections == 0)
