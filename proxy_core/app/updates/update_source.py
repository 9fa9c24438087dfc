"""Where a bundle's newer versions come from, as the build wrote it into the bundle.

Only bundles that this project releases as archives hold this: an installation by a package manager, pip
or from source is updated by what installed it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from proxy_core.errors import ProxyError, translatable

SOURCE_FOLDER = "updates"
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UpdateFailed(ProxyError):
    """A newer version could not be found, fetched or put in place; the present one is untouched."""

    title: str = translatable("The update did not work")

    def __init__(self, message: str) -> None:
        super().__init__(message, code="update_failed")


@dataclass(frozen=True, slots=True)
class UpdateSource:
    """``address``: https folder of TUF metadata and archives. ``channel``: edition, system, processor.

    ``trusted_root``: the TUF root metadata that verification starts from.
    """

    address: str
    channel: str
    trusted_root: bytes

    @property
    def edition(self) -> str:
        return self.channel.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Release:
    """``archive`` is the name of its file, ``size`` that file's length in bytes."""

    version: str
    archive: str
    size: int


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str
    channel: str


def bundled_source(folder: Path | None = None) -> UpdateSource | None:
    """Return what the build wrote into the running bundle; None where there is none.

    ``folder`` replaces the bundle's own. Raises UpdateFailed for files that cannot be used.
    """
    if folder is None:
        unpacked = getattr(sys, "_MEIPASS", None)
        if unpacked is None:
            return None
        folder = Path(unpacked) / SOURCE_FOLDER
    try:
        written = msgspec.json.decode((folder / "source.json").read_bytes(), type=_Written)
        root = (folder / "root.json").read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise UpdateFailed(
            translatable("{folder} cannot be read: {error}.", folder=folder, error=error)
        ) from error
    _check_address(written.address)
    return UpdateSource(written.address, written.channel, root)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise UpdateFailed(
        translatable("{address} is no https address; nothing is fetched from it.", address=address)
    )


def version_order(version: str) -> tuple[int, int, int] | None:
    """Return what versions are compared by; None for a text that is not three numbers."""
    found = _VERSION.fullmatch(version)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def is_newer(version: str, than: str) -> bool:
    """Return whether ``version`` is the later release. An unreadable version is never newer."""
    left, right = version_order(version), version_order(than)
    return left is not None and right is not None and left > right
