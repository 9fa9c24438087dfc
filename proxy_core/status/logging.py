"""The one path of log records to a file or a screen.

Records hold ids, sizes and timings. As a second line of defence, anything that looks like a token
is masked here, and an exception is logged without its message, which may quote a prompt.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import sys
import threading
import time
import traceback
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import TextIO

from proxy_core.config.paths import Paths
from proxy_core.errors import ProxyError, UpstreamBroke, UpstreamRefused
from proxy_core.status.plain_text import one_line
from proxy_core.status.redaction import redact
from proxy_core.storage.private_files import close_to_others, make_private_file, make_private_folder

ROOT = "g_copilot_proxy"
FILE_NAME = "g-copilot-proxy.log"
FILE_BYTES = 1_000_000
BACKUP_FILES = 3
_UPSTREAM_SPEAKS = (UpstreamRefused, UpstreamBroke)
"""Errors whose message is GitHub's, which may quote the prompt."""
_LONGEST_FOREIGN = 200

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class RedactingFormatter(logging.Formatter):
    """Formats in UTC, masks secrets, and shows only an exception's type and stack."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

        self._second = 0
        self._shown_second = ""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record, _CleanRecord):
            return super().formatMessage(self._completed(record))
        return redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the record as one line, whatever names it holds. Tracebacks follow it."""
        return one_line(super().formatMessage(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Many records share a second."""
        second = int(record.created)
        if second != self._second or not self._shown_second:
            self._second, self._shown_second = second, super().formatTime(record, datefmt)
        return self._shown_second

    def _completed(self, record: logging.LogRecord) -> logging.LogRecord:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        return record

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        kind, error, trace = ei
        if kind is None:
            return ""
        # Our own messages are safe; a library's may quote the data it failed on.
        ours = isinstance(error, ProxyError) and not isinstance(error, _UPSTREAM_SPEAKS)
        message = f": {one_line(str(error))}" if ours else ""
        places = "".join(traceback.format_tb(trace)).rstrip()
        return f"{places}\n{kind.__module__}.{kind.__qualname__}{message}".lstrip()


class _CleanRecord(logging.LogRecord):
    """Made of values that were masked and kept on one line when they were taken; written with the next
    line that is in a hurry, or by ``write_out``."""


def write_line(logger: logging.Logger, message: str, *values: object) -> None:
    """Log a line whose ``values`` need no masking, without a look at who calls: one for each request."""
    if logger.isEnabledFor(logging.INFO):
        logger.handle(_CleanRecord(logger.name, logging.INFO, "", 0, message, values, None))


def write_out() -> None:
    """Write the lines that wait in the file's buffer."""
    for handler in logging.getLogger(ROOT).handlers:
        if isinstance(handler, _PrivateLogFile):
            handler.flush()


def set_up_logging(paths: Paths | None, *, screen: TextIO | None = None) -> None:
    """Send our records to a file below ``paths.log`` and warnings to ``screen``.

    Calling it again replaces the destinations. If the folder cannot be written, only the file is
    omitted.
    """
    logger = logging.getLogger(ROOT)
    for old in tuple(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if paths is not None:
        _add_file(logger, paths)
    if screen is not None:
        handler = logging.StreamHandler(screen)
        handler.setLevel(logging.WARNING)
        handler.setFormatter(RedactingFormatter())
        logger.addHandler(handler)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _add_file(logger: logging.Logger, paths: Paths) -> None:
    try:
        make_private_folder(paths.log)
        close_to_others(paths.log)
        handler = _PrivateLogFile(
            paths.log / FILE_NAME,
            maxBytes=FILE_BYTES,
            backupCount=BACKUP_FILES,
            encoding="utf-8",
        )
    except OSError as error:
        print(f"No log is written: {error.strerror}", file=sys.stderr)
        return
    handler.setFormatter(RedactingFormatter())
    logger.addHandler(handler)


class _PrivateLogFile(logging.handlers.RotatingFileHandler):
    """Counts what it wrote: asking the file system for each line took longer than writing it."""

    _size = 0
    """Bytes in the file."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n"
            size = len(line) if line.isascii() else len(line.encode("utf-8", "replace"))
            if self._size + size > self.maxBytes and self._size > 0:
                self.doRollover()
            if self.stream is None:
                self.stream = self._open()
            self.stream.write(line)
            self._size += size
            if not isinstance(record, _CleanRecord):
                self.flush()
        except Exception:  # noqa: BLE001 - as logging does: a line must not fail who writes it
            self.handleError(record)

    def flush(self) -> None:
        """Write what is buffered; what cannot be written (full disk) is dropped, not kept in memory."""
        try:
            super().flush()
        except OSError:
            stream = self.stream
            self.stream = None  # the next record opens the file again
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop a record that cannot be written (full disk).

        The default prints it to stderr, unmasked.
        """
        del record

    def _open(self) -> TextIOWrapper:
        make_private_file(Path(self.baseFilename))
        opened = super()._open()
        self._size = os.fstat(opened.fileno()).st_size
        return opened


class _ForeignRecords(logging.Handler):
    """Logs libraries' records by logger name and unformatted message, without the arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == ROOT or record.name.startswith(f"{ROOT}."):
            return
        words = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        first = words.split("\n", 1)[0][:_LONGEST_FOREIGN]
        logging.getLogger(ROOT).log(
            record.levelno, "%s: %s", record.name, first, exc_info=record.exc_info
        )


def guard_outputs() -> None:
    """Send libraries' records and uncaught exceptions through the same formatter.

    Call once at process start: Python would print an exception's message and a library's warning
    unmasked.
    """
    logging.getLogger().addHandler(_ForeignRecords(logging.WARNING))
    sys.excepthook = _report_crash
    threading.excepthook = lambda crash: _report_crash(
        crash.exc_type, crash.exc_value, crash.exc_traceback
    )
    sys.unraisablehook = lambda crash: _report_crash(
        crash.exc_type, crash.exc_value, crash.exc_traceback
    )


def _report_crash(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, (KeyboardInterrupt, SystemExit)):
        return
    shown = error if error is not None else kind()
    logger = logging.getLogger(ROOT)
    if not any(isinstance(each, logging.StreamHandler) for each in logger.handlers):
        print(redact(RedactingFormatter().formatException((kind, shown, trace))), file=sys.stderr)
    logger.critical("something failed that nobody caught", exc_info=(kind, shown, trace))
