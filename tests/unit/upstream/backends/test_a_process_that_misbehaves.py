"""A Node process that writes what cannot be read, or starts while the proxy ends."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import ErrorKind
from proxy_core.upstream.backends.pi_ai.backend import PiAiBackend
from proxy_core.upstream.backends.pi_ai.failures import LibraryMissing
from proxy_core.upstream.backends.pi_ai.node import (
    PACKAGE,
    PINNED,
    find_node,
    fitting_version,
    package_folder,
)
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    TransportKind,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are shell scripts here")

URL = "https://api.githubcopilot.com/chat/completions"
NODE = """#!/bin/sh
[ "$1" = --version ] && echo v22.20.0 && exit
exec {python} -S -u {script}
"""
BRIDGE = """
import json, os, sys
lines, when_ready = json.loads({lines!r}), {when_ready!r}
with open(when_ready, "w") as file:
    file.write(str(os.getpid()))
print(json.dumps(dict(ready=True)))
for each in sys.stdin:
    if json.loads(each)["op"] == "stream":
        for line in lines:
            print(line)
"""
BEGINS = [
    '{"id":1,"http":{"status":200,"headers":[["content-type","text/event-stream"]]}}',
    '{"id":1,"note":"{\\"id\\":\\"c\\",\\"choices\\":[{\\"index\\":0,\\"delta\\":{}}]}"}',
    '{"id":1,"e":"text_delta","i":0,"d":"Half a "}',
]
ENDS = [
    '{"id":1,"note":"{\\"choices\\":[{\\"index\\":0,\\"delta\\":{},\\"finish_reason\\":\\"stop\\"}]}"}',
    '{"id":1,"e":"done","reason":"stop"}',
    '{"id":1,"end":true}',
]
Made = Callable[[list[str]], PiAiBackend]


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Made]:
    """Makes a backend whose process answers with the given lines, whatever it is asked."""
    running: list[PiAiBackend] = []

    def make(lines: list[str]) -> PiAiBackend:
        for version, _ in PINNED:
            package = package_folder(tmp_path, version) / "node_modules" / PACKAGE
            package.mkdir(parents=True)
            (package / "package.json").write_text("{}")
        script, node = tmp_path / "bridge.py", tmp_path / "node"
        said = {"lines": json.dumps(lines), "when_ready": str(tmp_path / "pid")}
        script.write_text(BRIDGE.format(**said))
        node.write_text(NODE.format(python=sys.executable, script=script))
        node.chmod(0o755)
        settings = UpstreamSettings(node_path=str(node))
        backend = PiAiBackend(
            settings=lambda: settings,
            packages=tmp_path,
            environ=os.environ,
            clock=Clock(),
            new_mark=lambda: "mark0123456789",
            proxy=lambda _: None,
        )
        running.append(backend)
        return backend

    yield make
    for each in running:
        await each.close()


async def ask(backend: PiAiBackend, text: str = "hi") -> OutboundResponse:
    turns = [{"role": "user", "content": text}]
    body = json.dumps({"model": "gpt-4.1", "messages": turns, "stream": True}).encode()
    context = RequestContext("r", TransportKind.HTTP, URL, {}, asyncio.Event())
    return await backend.open(OutboundRequest("POST", URL, CIMultiDict(), body), context)


async def read(backend: PiAiBackend) -> bytes:
    return b"".join([each async for each in (await ask(backend)).chunks()])


async def test_an_answer_of_which_everything_was_read_ends_as_upstream_s(made: Made) -> None:
    assert (await read(made([*BEGINS, *ENDS]))).endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "lost",
    [
        '{"id":1,"e":"text_delta","i":0,"d":"\\ud83d"}',
        '{"id":1,"e":"text_del',
        "Segmentation fault",
    ],
    ids=["half a character", "half a line", "no line of ours"],
)
async def test_an_answer_of_which_a_line_was_lost_never_looks_whole(made: Made, lost: str) -> None:
    answer = await ask(made([*BEGINS, lost, *ENDS]))
    with pytest.raises(ConnectionFailed, match="could not be read") as caught:
        async for _ in answer.chunks():
            pass
    assert not caught.value.retryable


async def test_a_line_of_another_call_harms_none(made: Made) -> None:
    lost = '{"id":77,"e":"text_delta","i":0,"d":"\\ud83d"}'
    assert (await read(made([*BEGINS, lost, *ENDS]))).endswith(b"data: [DONE]\n\n")


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")
async def test_what_the_library_prints_is_no_part_of_an_answer(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"]}
    node = await find_node("", environ)
    if node.version < (20, 0, 0):
        pytest.skip("Node.js is too old")
    dist = package_folder(tmp_path, fitting_version(node)) / "node_modules" / PACKAGE / "dist"
    dist.mkdir(parents=True)
    (dist.parent / "package.json").write_text('{"type": "module"}')
    (dist / "index.js").write_text(
        "console.log('loading');\n"
        "export async function* stream() { console.log('half {'); throw new Error('on purpose'); }"
    )
    backend = PiAiBackend(
        settings=UpstreamSettings,
        packages=tmp_path,
        environ=environ,
        clock=Clock(),
        new_mark=lambda: "mark0123456789",
        proxy=lambda _: None,
    )
    try:
        with pytest.raises(ConnectionFailed, match="on purpose"):
            await ask(backend)
        (dist / "index.js").write_text("export const other = 1;")
        with pytest.raises(LibraryMissing, match="no function stream"):
            await backend.check()
    finally:
        await backend.close()


async def test_a_process_that_takes_no_more_requests_is_replaced(
    made: Made, tmp_path: Path
) -> None:
    backend = made([*BEGINS, *ENDS])
    await ask(backend)
    stuck = int((tmp_path / "pid").read_text())
    os.kill(stuck, signal.SIGSTOP)
    impatient = UpstreamSettings(node_path=str(tmp_path / "node"), idle_seconds=0.1)
    backend._settings = lambda: impatient
    async with asyncio.timeout(60):
        with pytest.raises(ConnectionFailed, match="process ended before") as caught:
            await ask(backend, "x" * 4_000_000)
        with pytest.raises(ProcessLookupError):
            while True:  # until it has ended
                os.kill(stuck, 0)
                await asyncio.sleep(0)
    assert caught.value.retryable


async def test_a_process_that_starts_while_the_proxy_ends_ends_too(
    made: Made, tmp_path: Path
) -> None:
    backend = made([])
    os.mkfifo(tmp_path / "pid")  # the process waits here until it is read
    asking = asyncio.ensure_future(ask(backend))
    pid = asyncio.ensure_future(asyncio.to_thread((tmp_path / "pid").read_text))
    while backend._starting.locked() is False:  # noqa: ASYNC110 - it has no event for it
        await asyncio.sleep(0)
    await backend.close()
    with pytest.raises(ConnectionFailed) as caught:
        async with asyncio.timeout(60):
            await asking
    assert caught.value.kind is ErrorKind.STOPPED
    assert backend.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(int(await pid), 0)
