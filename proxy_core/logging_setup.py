"""The one boundary between what the program says of itself and a file or a screen.

Records hold ids, sizes and timings. Whatever else slips in is caught here: anything that looks like a
token is masked, and an exception is logged without its message, which may quote a prompt.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import time
import traceback
from types import TracebackType
from typing import TextIO

from proxy_core.errors import ProxyError
from proxy_core.paths import Paths
from proxy_core.private_files import make_private_folder

ROOT = "g_copilot_proxy"
FILE_NAME = "g-copilot-proxy.log"
FILE_BYTES = 1_000_000
FILES_KEPT = 3
MASK = "***"

_SECRETS = re.compile(
    r"\b(?:gh[pousr]_\w{8,}|github_pat_\w{8,}|sk-[\w-]{12,}|eyJ[\w-]{8,}(?:\.[\w-]+)*|tid=[^\s\"']{8,})"
    r"|(?<=Bearer )\S+|(?<=bearer )\S+|(?<=token )\w{16,}"
)
"""GitHub's token kinds, API keys (the local key too), JSON web tokens, the short Copilot token."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def redact(text: str) -> str:
    """Return ``text`` with every secret masked."""
    return _SECRETS.sub(MASK, text)


class RedactingFormatter(logging.Formatter):
    """Formats in UTC, masks secrets, and shows of an exception only type and places."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        kind, error, trace = ei
        if kind is None:
            return ""
        # Our own messages are written for people; anyone else's may quote what it failed on.
        said = f": {error.message}" if isinstance(error, ProxyError) else ""
        places = "".join(traceback.format_tb(trace)).rstrip()
        return f"{places}\n{kind.__module__}.{kind.__qualname__}{said}".lstrip()


def set_up_logging(paths: Paths | None, *, screen: TextIO | None = None) -> None:
    """Send our records to a file below ``paths.log`` and warnings to ``screen``.

    Calling it again replaces the destinations. A folder that cannot be written costs only the file.
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
        handler = logging.handlers.RotatingFileHandler(
            paths.log / FILE_NAME,
            maxBytes=FILE_BYTES,
            backupCount=FILES_KEPT,
            encoding="utf-8",
        )
    except OSError as error:
        print(f"No log is written: {error.strerror}", file=sys.stderr)
        return
    handler.setFormatter(RedactingFormatter())
    logger.addHandler(handler)
