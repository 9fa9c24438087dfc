"""The Node process: started on demand, watched, restarted with back-off, stopped with the app."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files

import msgspec

from proxy_core.clock import Clock, Moment
from proxy_core.config.child_processes import NO_CONSOLE
from proxy_core.config.paths import named_file
from proxy_core.errors import joined, translatable
from proxy_core.upstream.backends.pi_ai.failures import (
    BackendUnavailable,
    process_ended,
    unreadable,
)
from proxy_core.upstream.backends.pi_ai.lines import read_line
from proxy_core.upstream.backends.pi_ai.loading import clean_environment
from proxy_core.upstream.backends.pi_ai.node import INSTALL_COMMAND, Installation
from proxy_core.upstream.backends.pi_ai.open_call import OpenCall
from proxy_core.upstream.backends.pi_ai.stderr import StderrTail

log = logging.getLogger("g_copilot_proxy.pi_ai")

START_SECONDS = 20.0
STOP_SECONDS = 2.0
READ_BYTES = 256 * 1024
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before the third start in a row that failed, doubled with each; the second is at once."""
_USE_ENV_PROXY = ((22, 21), (24, 5))
"""Node's fetch takes a proxy from the environment since 22.21 and 24.5."""
_SYSTEM_CA = ((22, 15), (23, 8))
_ID = re.compile(rb'\{"id":(\d{1,15}),')
"""How every line of a call begins."""


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What a process is started with: another value needs another process."""

    installation: Installation
    ca_file: str = ""
    proxy: str | None = None


def since(version: tuple[int, ...], releases: tuple[tuple[int, int], ...]) -> bool:
    """Whether ``version`` has what came with ``releases``, the last of which is on the newest line."""
    same_line = [each for each in releases if each[0] == version[0]]
    return version[:2] >= (same_line[0] if same_line else releases[-1])


def takes_proxies(installation: Installation) -> bool:
    return since(installation.node.version, _USE_ENV_PROXY)


class NodeProcess:
    """One process. ``start`` first; ``is_running`` until it ended for whatever reason."""

    def __init__(self, options: ProcessOptions, environ: Mapping[str, str]) -> None:
        self.options = options
        self.has_answered = False
        """Whether an answer of upstream's came through: a process that never did may be unusable."""
        self._environ = environ
        self._process: asyncio.subprocess.Process | None = None
        self._calls: dict[int, OpenCall] = {}
        self._next = 1
        self._stderr = StderrTail()
        self._readers: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._has_ended = asyncio.Event()
        self._is_retired = False

    @property
    def is_running(self) -> bool:
        return self._process is not None and not self._has_ended.is_set()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start and wait until it takes requests. Raises BackendUnavailable."""
        installation = self.options.installation
        with as_file(files(__package__) / "bridge.mjs") as bridge:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    str(installation.node.path),
                    *self._flags(),
                    str(bridge),
                    str(installation.folder),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    env=self._environment(),
                    cwd=str(installation.folder),
                    creationflags=NO_CONSOLE,
                )
            except OSError as error:
                raise BackendUnavailable(
                    translatable("Node.js could not be started: {reason}.", reason=str(error))
                ) from error
            self._readers = [
                asyncio.create_task(self._read_lines(self._process)),
                asyncio.create_task(self._stderr.read(self._process.stderr)),
            ]
            try:
                async with asyncio.timeout(START_SECONDS):
                    await self._ready.wait()
            except BaseException as error:
                await self.stop()
                if not isinstance(error, TimeoutError):
                    raise
                raise BackendUnavailable(
                    translatable("The pi-ai process did not start in time.")
                ) from error
        if self._has_ended.is_set():
            said = self._stderr.text()
            await self.stop()
            raise BackendUnavailable(
                joined((translatable("The pi-ai process ended at its start."), said)),
                translatable(
                    "“{command}” checks the library, and installs it again if it is damaged.",
                    command=INSTALL_COMMAND,
                ),
            )
        log.info(
            "pi-ai process started: Node %s, pi-ai %s",
            installation.node.words,
            installation.version,
        )

    def _flags(self) -> tuple[str, ...]:
        version = self.options.installation.node.version
        return ("--use-system-ca",) if since(version, _SYSTEM_CA) else ()

    def _environment(self) -> dict[str, str]:
        environment = clean_environment(self._environ)
        if self.options.ca_file:
            environment["NODE_EXTRA_CA_CERTS"] = str(named_file(self.options.ca_file))
        if self.options.proxy is not None:
            environment |= {"NODE_USE_ENV_PROXY": "1", "HTTPS_PROXY": self.options.proxy}
            environment |= {"HTTP_PROXY": self.options.proxy}
        return environment

    async def open(self, line_of: bytes, number: int, url: str, idle_seconds: float) -> OpenCall:
        """Send a request's line and return its call.

        Raises ConnectionFailed if the process is gone. One that does not take the line in
        ``idle_seconds`` is stuck and would take no other: it is killed.
        """
        process = self._process
        if process is None or process.stdin is None or self._has_ended.is_set():
            raise process_ended(answering=False)

        def forget() -> None:
            self._calls.pop(number, None)
            self._stop_if_idle()

        call = self._calls[number] = OpenCall(number, url, self._tell, forget)
        try:
            process.stdin.write(line_of)
            async with asyncio.timeout(idle_seconds):
                await process.stdin.drain()
        except TimeoutError as error:
            call.close()
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                process.kill()
            raise process_ended(answering=False) from error
        except (ConnectionError, RuntimeError) as error:
            call.close()
            raise process_ended(answering=False) from error
        except BaseException:
            call.close()
            raise
        return call

    def next_number(self) -> int:
        self._next += 1
        return self._next - 1

    def _tell(self, line: dict[str, object]) -> None:
        process = self._process
        if process is None or process.stdin is None or self._has_ended.is_set():
            return
        if not process.stdin.is_closing():
            process.stdin.write(msgspec.json.encode(line) + b"\n")

    async def _read_lines(self, process: asyncio.subprocess.Process) -> None:
        """Hand every line to its call; at the end of the output every open call fails."""
        assert process.stdout is not None
        rest = bytearray()
        try:
            while data := await process.stdout.read(READ_BYTES):
                end = data.rfind(b"\n") + 1
                if not end:
                    rest += data
                    continue
                whole = bytes(rest) + data[:end] if rest else data[:end]
                rest = bytearray(data[end:])
                for raw in whole.splitlines():
                    self._receive(raw)
        finally:
            self._has_ended.set()
            self._ready.set()
            if self._process is not None and not self._is_retired:
                log.warning(
                    "the pi-ai process ended with %d requests open. %s",
                    len(self._calls),
                    self._stderr.text(),
                )
            for call in tuple(self._calls.values()):
                call.fail(process_ended(answering=call.has_answered))

    def _receive(self, raw: bytes) -> None:
        try:
            line = read_line(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.warning("the pi-ai process wrote a line that cannot be read (%d bytes)", len(raw))
            self._lose(raw)
            return
        if line.ready:
            self._ready.set()
        self.has_answered = self.has_answered or line.http is not None
        call = self._calls.get(line.id)
        if call is not None:
            call.receive(line, len(raw) + 1)

    def _lose(self, raw: bytes) -> None:
        """End the call whose line was lost, or all of them: half a character that upstream cut is no
        JSON to us, and without its line an answer would look whole.
        """
        stated = _ID.match(raw)
        calls = (
            self._calls.values()
            if stated is None
            else filter(None, (self._calls.get(int(stated[1])),))
        )
        for call in tuple(calls):
            self._tell({"op": "abort", "id": call.number})
            call.fail(unreadable(answering=call.has_answered))

    def retire(self) -> None:
        """Take no more calls; end once the running ones have."""
        self._is_retired = True
        self._stop_if_idle()

    def _stop_if_idle(self) -> None:
        process = self._process
        if (
            self._is_retired
            and not self._calls
            and process is not None
            and process.stdin is not None
        ):
            process.stdin.close()  # the process ends by itself

    async def stop(self) -> None:
        """End the process: politely, then by force. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)


class Restarts:
    """When the next start may be tried: at once after a process that worked, then ever later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._since: Moment | None = None

    def note_failed(self) -> None:
        self._failures += 1
        self._since = self._clock.now()

    def note_worked(self) -> None:
        self._failures = 0

    @property
    def wait(self) -> float:
        """Seconds until the next start; 0: now."""
        if self._failures < 2 or self._since is None:
            return 0.0
        delay = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures - 2, 10))
        return max(0.0, delay - self._clock.elapsed(self._since))
