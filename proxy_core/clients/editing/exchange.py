"""Two files exchange their names in one step, on systems that can do that.

What had a name the instant before can still be looked at. Linux since 3.15 (``renameat2``) and
macOS since 10.12 (``renamex_np``); not every file system of theirs.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD
_LINUX_EXCHANGE, _MACOS_SWAP = 2, 2
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM)
"""What kernels and file systems answer that know no exchange."""


def exchange(one: Path, other: Path) -> bool:
    """Return whether the two have each other's names now; False where the system cannot do that.

    Raises OSError for anything else, FileNotFoundError where one is missing; nothing has changed then.
    """
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        function = getattr(library, "renamex_np", None)
        arguments: tuple[object, ...] = (*names, _MACOS_SWAP)
    else:
        function = getattr(library, "renameat2", None)
        arguments = (_HERE, names[0], _HERE, names[1], _LINUX_EXCHANGE)
    if function is None:
        return False
    if function(*arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
