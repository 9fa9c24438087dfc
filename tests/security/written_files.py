"""What a running app has written, read while it may write on.

A file is replaced by renaming a new one over it, so a name that was listed may be gone before it is
read, and its content under a name that was read before.  The whole folder is then read again.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")

TIMES = 50


def everything_below(folder: Path) -> list[Path]:
    """Return the files and folders below ``folder`` that were there at one moment or another."""
    return [Path(top, name) for top, folders, files in os.walk(folder) for name in folders + files]


def files_below(folder: Path) -> dict[Path, bytes]:
    """Return the content of every file below ``folder``."""
    return read_whole(
        lambda: {each: each.read_bytes() for each in everything_below(folder) if each.is_file()}
    )


def files_with(folder: Path, text: str) -> list[Path]:
    """Return the files below ``folder`` that hold ``text``."""
    return [path for path, content in files_below(folder).items() if text.encode() in content]


def read_whole(read: Callable[[], Found]) -> Found:
    """Return what ``read`` finds where nothing it listed went away before it was read."""
    for _ in range(TIMES):
        try:
            return read()
        except FileNotFoundError:
            continue
    return read()
