"""Opens a web page in the user's browser."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_LIBRARY_PATH = "LD_LIBRARY_PATH"


def open_page(address: str) -> bool:
    """Return whether the system accepted the address; whether a page was shown is unknown."""
    with own_libraries_put_aside(os.environ):
        return QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))


@contextmanager
def own_libraries_put_aside(environ: MutableMapping[str, str]) -> Iterator[None]:
    """Remove a bundle's library path, which would break the browser; PyInstaller saves the user's."""
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
