"""Opening a web page in the person's browser."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_LIBRARY_PATH = "LD_LIBRARY_PATH"


def open_page(address: str) -> bool:
    """Return whether the system took the address; that a page was shown nobody tells us."""
    with own_libraries_put_aside(os.environ):
        return QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))


@contextmanager
def own_libraries_put_aside(environ: MutableMapping[str, str]) -> Iterator[None]:
    """A bundle's library path would break the browser; PyInstaller keeps the user's beside it."""
    bundled = environ.get(_LIBRARY_PATH)
    original = environ.get(f"{_LIBRARY_PATH}_ORIG")
    if bundled is None or original is None:
        yield
        return
    environ[_LIBRARY_PATH] = original
    try:
        yield
    finally:
        environ[_LIBRARY_PATH] = bundled
