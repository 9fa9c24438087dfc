"""The release page as The Update Framework describes it: what is newest, fetched and verified.

Signed metadata says what exists; the ``tuf`` library checks signatures, versions, dates, lengths and
hashes before a byte is used (https://theupdateframework.github.io/specification/latest/). A target
``<channel>.json`` names the newest version and its archive. Blocking: call it in a thread.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import TargetFile
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from proxy_core.app.updates.update_source import (
    Release,
    UpdateFailed,
    UpdateSource,
    version_order,
)
from proxy_core.config.settings import DIRECT, SYSTEM
from proxy_core.errors import translatable
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import make_private_folder

_READ_BYTES = 256 * 1024
_TIMEOUT_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 1.0
LARGEST_ARCHIVE_BYTES = 512 * 1024 * 1024


class _Newest(msgspec.Struct, frozen=True):
    """The content of ``<channel>.json``; later releases may say more."""

    version: str
    archive: str


class HttpsFetcher(FetcherInterface):
    """The library's own client knows neither the system's certificates nor its proxy settings."""

    def __init__(self, certificates: ssl.SSLContext, user_agent: str, proxy: str = SYSTEM) -> None:
        """``proxy`` is the setting ``upstream.proxy``."""
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.HTTPSHandler(context=certificates)
        ]
        if proxy != SYSTEM:
            fixed = {} if proxy == DIRECT else {"http": proxy, "https": proxy}
            handlers.append(urllib.request.ProxyHandler(fixed))
        self._opener = urllib.request.build_opener(*handlers)
        self._opener.addheaders = [("User-Agent", user_agent)]

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            answer = self._opener.open(url, timeout=_TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()
            raise DownloadHTTPError(f"{url}: status {error.code}", error.code) from error
        return _pieces(answer, url)


def _pieces(answer: http.client.HTTPResponse, url: str) -> Iterator[bytes]:
    with answer:
        while True:
            try:
                piece = answer.read(_READ_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise DownloadError(f"{url}: {error}") from error
            if not piece:
                if answer.length:  # what is still to come: http.client takes a break for the end
                    raise DownloadError(f"{url}: the connection broke off")
                return
            yield piece


class ReleaseChannel:
    """``folder`` keeps the metadata seen last, so that an older state is not accepted again."""

    def __init__(self, source: UpdateSource, folder: Path, fetcher: FetcherInterface) -> None:
        self._source = source
        self._metadata = folder / "metadata"
        self._archives = folder / "archives"
        self._fetcher = fetcher

    def newest(self) -> Release:
        """Ask the release page. Raises UpdateFailed."""
        with _failures_in_words(), locked(self._metadata / "in-use", _LONGEST_WAIT_SECONDS):
            updater = self._updater()
            return self._newest(updater)[0]

    def fetch(self, release: Release) -> Path:
        """Return the verified archive of ``release``. Raises UpdateFailed.

        The page is asked again: a release that was withdrawn meanwhile is not fetched.
        """
        with _failures_in_words(), locked(self._metadata / "in-use", _LONGEST_WAIT_SECONDS):
            updater = self._updater()
            found, target = self._newest(updater)
            if found != release:
                raise UpdateFailed(
                    translatable(
                        "Version {version} is no longer the newest; look again.",
                        version=release.version,
                    )
                )
            there = updater.find_cached_target(target)
            return Path(there or updater.download_target(target))

    def remove_archives(self) -> None:
        """Delete fetched archives, complete or not. Raises OSError."""
        for each in self._archives.glob("*"):
            each.unlink()

    def _updater(self) -> Updater:
        make_private_folder(self._metadata)
        make_private_folder(self._archives)
        for each in self._metadata.glob("tmp*"):  # of the library, in a process that was killed
            each.unlink()
        address = self._source.address
        return Updater(
            str(self._metadata),
            address,
            target_dir=str(self._archives),
            target_base_url=address,
            fetcher=self._fetcher,
            bootstrap=self._source.trusted_root,
        )

    def _newest(self, updater: Updater) -> tuple[Release, TargetFile]:
        name = f"{self._source.channel}.json"
        listing = updater.get_targetinfo(name)
        if listing is None:
            raise UpdateFailed(
                translatable(
                    "The release page has nothing for {channel}.", channel=self._source.channel
                )
            )
        content = Path(updater.download_target(listing)).read_bytes()
        try:
            newest = msgspec.json.decode(content, type=_Newest)
        except msgspec.MsgspecError as error:
            raise UpdateFailed(
                translatable(
                    "The release page's {name} is not understood: {error}.", name=name, error=error
                )
            ) from error
        if version_order(newest.version) is None:
            raise UpdateFailed(
                translatable(
                    "The release page names a version {version}.", version=repr(newest.version)
                )
            )
        target = updater.get_targetinfo(newest.archive)
        if target is None:
            raise UpdateFailed(
                translatable(
                    "The release page lacks {archive}, which {name} names.",
                    archive=newest.archive,
                    name=name,
                )
            )
        if target.length > LARGEST_ARCHIVE_BYTES:
            raise UpdateFailed(
                translatable(
                    "{archive} has {length} bytes; that is too large.",
                    archive=newest.archive,
                    length=target.length,
                )
            )
        return Release(newest.version, newest.archive, target.length), target


@contextmanager
def _failures_in_words() -> Iterator[None]:
    """Turn the library's and the system's failures into ``UpdateFailed``."""
    try:
        yield
    except TimeoutError as error:
        raise UpdateFailed(
            translatable("Another process is looking for updates; try again.")
        ) from error
    except DownloadHTTPError as error:
        status = error.status_code
        raise UpdateFailed(
            translatable("The release page answered with status {status}.", status=status)
        ) from error
    except DownloadError as error:
        reason = error.__cause__ or error
        raise UpdateFailed(
            translatable("The release page cannot be reached: {reason}.", reason=str(reason))
        ) from error
    except RepositoryError as error:
        raise UpdateFailed(
            translatable(
                "What the release page sent is not signed as it must be, and was not used: {error}.",
                error=str(error),
            )
        ) from error
    except OSError as error:
        why = error.strerror or error
        raise UpdateFailed(
            translatable("{file}: {reason}.", file=error.filename, reason=why)
            if error.filename
            else translatable("{reason}.", reason=why)
        ) from error
