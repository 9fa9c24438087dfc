"""The public face: the engine in a thread of its own, commanded from any thread.

The server has its own thread and loop because on the GUI's loop a slow slot would stall every
stream. ``g-copilot-proxy serve`` uses this class too.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from proxy_core.app.commands import Commands
from proxy_core.app.engine import Engine
from proxy_core.app.event_loop import new_event_loop
from proxy_core.app.updates.update_watch import confirm_this_version
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import HOME_VARIABLE, Paths, find_paths
from proxy_core.config.settings import Settings
from proxy_core.discovery.running_demo import make_demo_folder
from proxy_core.errors import Actor, Cancelled, PortInUse, ProxyError
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import Status
from proxy_core.status.status_board import Listener, StatusBoard

__all__ = [
    "ClientKey",
    "NewClientKey",
    "Overrides",
    "PortInUse",
    "ProxyService",
    "SignInProgress",
    "SignInState",
]

log = logging.getLogger("g_copilot_proxy.service")

BOOT_SECONDS = 30.0
"""A start that takes longer is abandoned: a person is waiting without a window."""
SWITCH_SECONDS = 0.001
"""After which a thread that computes lets others run. By Python's default of 5 ms every stream would
wait that long at each of its chunks while a thread works on a large body, or the window is painted."""

Result = TypeVar("Result")


class StartTimedOut(ProxyError):
    """The engine was not ready in time; it is being ended."""

    title = "The proxy did not start in time"
    actor = Actor.USER


_WRITABLE = "Make it writable for this user, or name another folder in G_COPILOT_PROXY_HOME."


class ProxyService:
    """Call ``boot`` before any command and ``shutdown`` at the end, both from one thread.

    Commands may come from any thread. They return a ``concurrent.futures.Future`` whose failures
    are ProxyErrors; cancelling it cancels the command. Status listeners run in the engine's thread
    and must not block.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        demo: bool = False,
        environ: Mapping[str, str] = os.environ,
        overrides: Overrides | None = None,
    ) -> None:
        self._board = StatusBoard(Status(demo=demo))
        self._temporary: Path | None = None
        if demo and not environ.get(HOME_VARIABLE):
            self._temporary = make_demo_folder()
            folder = self._temporary
            paths = Paths(config=folder, state=folder / "state", log=folder / "log")
        self._engine = Engine(
            paths,
            self._board,
            environ=environ,
            overrides=overrides or Overrides(),
            demo=demo,
        )
        self._environ = environ
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_ending = threading.Event()
        self._loop_and_end: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        """The engine's loop (set before it takes commands) and the event that ends it."""
        self._booted: concurrent.futures.Future[None] = concurrent.futures.Future()

    @property
    def status(self) -> Status:
        """The status at once, for the window's thread: it never waits for records being written."""
        return self._board.latest

    def subscribe(self, listener: Listener, *, to_requests: bool = True) -> Callable[[], None]:
        """Call ``listener`` in the engine's thread with every new status; return how to end that.

        Changes of requests are reported a few times a second, and with ``to_requests`` alone.
        """
        return self._board.subscribe(listener, to_requests=to_requests)

    @property
    def settings(self) -> Settings:
        return self._engine.settings

    @property
    def local_key(self) -> str:
        """The key clients send. Raises OSError if it can be neither read nor created."""
        return self._engine.local_key

    def boot(self, *, listens: bool = False) -> None:
        """Start the engine's thread; return once it takes commands.

        With ``listens`` the server is started first, and answers while the rest is loaded. Raises why
        it did not start: ProxyError for unusable settings or an address that cannot be used,
        StartTimedOut for a start that takes too long. The start is then cancelled, whatever it waits
        for.
        """
        if self._thread is not None:
            raise RuntimeError("the service was booted before")
        # Not a daemon: the interpreter's exit must not cut a response that is being written.
        self._thread = threading.Thread(
            target=self._run, args=(listens,), name="g-copilot-proxy-engine"
        )
        self._thread.start()
        try:
            self._booted.result(BOOT_SECONDS)
            confirm_this_version(find_paths(self._environ), self._environ)
        except TimeoutError:
            self.shutdown()
            raise StartTimedOut(
                f"The proxy was not ready after {BOOT_SECONDS:g} seconds. A slow or locked disk may be "
                "why: look at the log, then start it again.",
                code="start_timed_out",
            ) from None
        except BaseException:
            self.shutdown()
            raise

    def shutdown(self, timeout: float = 6.0) -> bool:
        """Stop the server and end the thread; return whether it ended within ``timeout`` seconds."""
        thread = self._thread
        self._is_ending.set()
        if thread is not None and thread.is_alive():
            self._wake()
            thread.join(timeout)
            if thread.is_alive():
                return False
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
        return True

    def submit(
        self, command: Callable[[Commands], Coroutine[Any, Any, Result]]
    ) -> concurrent.futures.Future[Result]:
        """Carry out one of the user's commands: ``submit(lambda commands: commands.start())``."""
        return self._submit(command(self._engine.commands))

    def _submit(self, command: Coroutine[Any, Any, Result]) -> concurrent.futures.Future[Result]:
        loop = self._loop
        if loop is None or loop.is_closed():
            command.close()
            failed: concurrent.futures.Future[Result] = concurrent.futures.Future()
            failed.set_exception(Cancelled("The proxy is not running.", code="not_running"))
            return failed
        try:
            return asyncio.run_coroutine_threadsafe(_explained(command), loop)
        except RuntimeError:  # closed between the check and the call
            command.close()
            failed = concurrent.futures.Future()
            failed.set_exception(Cancelled("The proxy is not running.", code="not_running"))
            return failed

    def _run(self, listens: bool) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._live(listens))
        except BaseException as error:
            if not self._booted.done():
                if isinstance(error, OSError):
                    error = _file_failed(error, _WRITABLE)
                elif not isinstance(error, ProxyError):
                    log.exception("the engine did not start")
                self._booted.set_exception(error)
            else:
                log.exception("the engine ended")
        finally:
            self._loop = None

    async def _live(self, listens: bool) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_loose_end)
        ending = asyncio.Event()
        self._loop_and_end = loop, ending
        if self._is_ending.is_set():
            ending.set()
        try:
            if await _finished_before(ending, self._engine.open(listens=listens)):
                self._loop = loop
                self._booted.set_result(None)
                await ending.wait()
        finally:
            await self._engine.close()

    def _wake(self) -> None:
        """Tell the engine's loop, if it exists yet, to end."""
        if self._loop_and_end is not None:
            loop, ending = self._loop_and_end
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(ending.set)


async def _finished_before(ending: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Run ``work``; return whether it finished. ``ending`` cancels it."""
    task = asyncio.ensure_future(work)
    ended = asyncio.ensure_future(ending.wait())
    try:
        await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        return False
    task.result()
    return True


async def _explained(command: Coroutine[Any, Any, Result]) -> Result:
    """Turn any other exception into a ProxyError: callers show them to people."""
    try:
        return await command
    except ProxyError:
        raise
    except OSError as error:
        raise _file_failed(error) from error
    except Exception as error:
        log.exception("a command failed")
        raise ProxyError("Something failed inside the proxy. Its log says more.") from error


def _file_failed(error: OSError, next_step: str = "") -> ProxyError:
    name = f" ({error.filename})" if error.filename else ""
    reason = error.strerror or type(error).__name__
    message = f"{reason}{name}. {next_step}".rstrip()
    failed = ProxyError(message, title="A file cannot be used", code="file")
    failed.__cause__ = error
    return failed


def _log_loose_end(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    error = context.get("exception")
    if isinstance(error, ConnectionError):
        return  # a client that disconnected during a write
    log.error("%s", context.get("message", "unhandled"), exc_info=error)
