"""Writes a crash report without content, which the next start offers.

Causes: an uncaught exception (window, thread, event loop) writes type and stack, never its message,
which may quote a prompt; a fault in a library lets ``faulthandler`` write the stacks of all threads
into a file that was opened beforehand; a killed process writes nothing and is not a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from proxy_core.doctor.report import program_line
from proxy_core.status.logging import RedactingFormatter
from proxy_core.status.redaction import redact
from proxy_core.storage.private_files import make_private_folder, write_private

_log = logging.getLogger("g_copilot_proxy.desktop")

_FAULT, _FAULT_BEFORE, _ERRORS = "fault.txt", "fault-before.txt", "errors.txt"
LARGEST_REPORT = 200_000
MOST_ERRORS = 20
"""An error repeated at every repaint must not fill the disk."""


@dataclass(frozen=True, slots=True)
class CrashReport:
    """``ended``: the app ended by it; otherwise it continued. ``at`` is in seconds since 1970."""

    at: float
    ended: bool
    text: str


class CrashWatch:
    """Call ``begin`` before anything else, ``end`` at every regular exit."""

    def __init__(self, folder: Path, home: Path, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._home = home
        self._now = now
        self._fault_file: TextIO | None = None
        self._count = 0
        self._hooks: tuple[Any, Any] | None = None

    def begin(self) -> CrashReport | None:
        """Start watching; return an earlier run's report, if there is one.

        If the folder cannot be written, there are no reports.
        """
        found: CrashReport | None = None
        try:
            make_private_folder(self._folder)
            found = self._take_earlier()
            self._fault_file = (self._folder / _FAULT).open("w", encoding="utf-8")
            faulthandler.enable(self._fault_file)
        except OSError as error:
            _log.warning("no crash reports are kept: %s", error.strerror)
        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        return found

    def watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.set_exception_handler(self._on_loop_exception)

    def forget(self) -> None:
        """Remove an earlier run's report after the user has seen it."""
        for name in (_FAULT_BEFORE, _ERRORS):
            (self._folder / name).unlink(missing_ok=True)

    def end(self) -> None:
        if self._hooks is not None:
            sys.excepthook, threading.excepthook = self._hooks
            self._hooks = None
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None
            (self._folder / _FAULT).unlink(missing_ok=True)

    def _take_earlier(self) -> CrashReport | None:
        """Rename an earlier fault file, so that it stays until the user has seen it."""
        fault, earlier = self._folder / _FAULT, self._folder / _FAULT_BEFORE
        if _size(fault):
            fault.replace(earlier)
        if _size(earlier):
            return self._report(earlier, ended=True)
        errors = self._folder / _ERRORS
        return self._report(errors, ended=False) if _size(errors) else None

    def _report(self, path: Path, *, ended: bool) -> CrashReport:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(LARGEST_REPORT)
        if ended:
            text = f"{program_line()}\n\n{text}"
        return CrashReport(path.stat().st_mtime, ended, self._without_places(text))

    def _without_places(self, text: str) -> str:
        home = str(self._home)
        return redact(text.replace(home, "~") if len(home) > 1 else text)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._keep("window", kind, error, trace)

    def _on_thread_exception(self, raised: threading.ExceptHookArgs) -> None:
        name = raised.thread.name if raised.thread is not None else "a thread"
        if raised.exc_value is not None and not issubclass(raised.exc_type, SystemExit):
            self._keep(name, raised.exc_type, raised.exc_value, raised.exc_traceback)

    def _on_loop_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._keep("window's loop", type(error), error, error.__traceback__)
        else:
            _log.error("%s", context.get("message", "unhandled"))

    def _keep(
        self,
        where: str,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        _log.error("not caught in the %s", where, exc_info=(kind, error, trace))
        self._count += 1
        if self._count > MOST_ERRORS:
            return
        places = RedactingFormatter().formatException((kind, error, trace))
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._now()))
        entry = f"{moment} {where}\n{places}\n\n"
        path = self._folder / _ERRORS
        # The handler itself must not raise.
        with contextlib.suppress(OSError):
            before = path.read_text(encoding="utf-8") if self._count > 1 else ""
            text = (before or f"{program_line()}\n\n") + self._without_places(entry)
            write_private(path, text[-LARGEST_REPORT:].encode("utf-8"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
