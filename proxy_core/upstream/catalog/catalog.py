"""The live model catalogue: cached, refreshed in the background, stored for offline starts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.clock import Clock, Moment
from proxy_core.config.settings import IdentitySettings
from proxy_core.errors import Actor, ProxyError, SignedOut, UpstreamBroke, translatable
from proxy_core.storage.private_files import read_private, remove_private, write_private
from proxy_core.upstream.catalog.copilot_api import CopilotApi
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, SignInChanged, SignInEpoch
from proxy_core.upstream.transport.headers import CallKind
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.transport import Transport

FRESH_SECONDS = 600.0
SOONEST_REFRESH_SECONDS = 30.0
"""Minimum seconds before a refresh that failed, or was caused by the same model, is repeated."""


class NoCatalog(UpstreamBroke):
    """GitHub sent no usable catalogue, and none is stored."""

    title: str = translatable("The list of models could not be read")
    actor = Actor.GITHUB


class CatalogSource:
    """Fetches the catalogue from Copilot."""

    def __init__(
        self,
        transport: Transport,
        tokens: CopilotTokens,
        hosts: Callable[[], GitHubHosts],
        identity: Callable[[], IdentitySettings],
        clock: Clock,
    ) -> None:
        self._api = CopilotApi(transport, tokens, hosts, identity, clock)

    async def fetch(self) -> list[Any]:
        """Return the list's entries as sent. Raises ProxyError."""
        body = await self._api.get("/models", CallKind.CATALOG)
        try:
            content = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise NoCatalog(translatable("GitHub's list of models could not be read.")) from error
        entries = content.get("data") if isinstance(content, dict) else None
        if not isinstance(entries, list):
            raise NoCatalog(translatable("GitHub's list of models could not be read."))
        return entries


class ModelCatalog:
    """The models of the signed-in account. Belongs to one event loop.

    ``holder`` returns the sign-in and raises SignedOut: a catalogue is valid for that sign-in only,
    in memory and on disk. ``file`` stores the last good catalogue; None: not stored. ``on_change``
    is called with every new catalogue; ``unserved`` names models that a probe found refused.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[list[Any]]],
        file: Path | None,
        clock: Clock,
        holder: Callable[[], GitHubSignIn],
        on_change: Callable[[tuple[Model, ...]], None] = lambda _: None,
        unserved: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._fetch = fetch
        self._unserved = unserved
        self._holder = holder
        self._file = file
        self._clock = clock
        self._on_change = on_change
        self._models: tuple[Model, ...] = ()
        self._fetched: Moment | None = None
        self._failed: Moment | None = None
        self._running: asyncio.Task[tuple[Model, ...]] | None = None
        self._stored_mark: int | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._refused: dict[str, Moment] = {}
        self._epoch: SignInEpoch | None = None
        """The sign-in that the catalogue belongs to."""

    async def models(self) -> tuple[Model, ...]:
        """Return the catalogue: cached while fresh, the old one while a refresh runs or fails.

        Raises ProxyError only if there is no catalogue at all, and SignedOut if nobody is signed
        in.
        """
        sign_in = self._current_sign_in()
        if self._models:
            if not self._is_fresh():
                self.refresh_soon()
            return self._models
        try:
            return await self.refresh()
        except (SignedOut, SignInChanged):
            raise
        except ProxyError:
            stored = await asyncio.to_thread(self._read_stored, sign_in)
            if not stored or sign_in.epoch.is_over:
                raise
            self._take(stored)
            return stored

    async def refresh(self, *, join: bool = True) -> tuple[Model, ...]:
        """Fetch now, or ``join`` the running fetch. Raises ProxyError."""
        sign_in = self._current_sign_in()
        if not join and self._running is not None and not self._running.done():
            await asyncio.wait({self._running})
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._refresh(sign_in))
            self._running.add_done_callback(_retrieve)
        running = self._running
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not running.cancelled() or (task is not None and task.cancelling()):
                raise
            raise SignInChanged(
                translatable("The sign-in changed while the list was read. Try again."),
                code="sign_in_changed",
                retry_after=1.0,
            ) from None

    def refresh_soon(self) -> None:
        """Start a refresh in the background, unless one runs or just failed. Raises SignedOut."""
        sign_in = self._current_sign_in()
        if self._running is not None and not self._running.done():
            return
        failed = self._failed
        if failed is not None and self._clock.elapsed(failed) < SOONEST_REFRESH_SECONDS:
            return
        self._running = asyncio.ensure_future(self._refresh(sign_in))
        self._running.add_done_callback(_retrieve)

    def note_refused(self, model_id: str) -> None:
        """Refresh after a listed model was refused, since the catalogue may be outdated; not for
        each call to a model that stays listed and refused.
        """
        before = self._refused.get(model_id)
        if before is None or self._clock.elapsed(before) >= SOONEST_REFRESH_SECONDS:
            self._refused[model_id] = self._clock.now()
            with contextlib.suppress(SignedOut):
                self.refresh_soon()

    async def poll(self) -> None:
        """Reload the catalogue if a command fetched it meanwhile (after accepting a model's terms)."""
        try:
            sign_in = self._current_sign_in()
        except SignedOut:
            return
        if self._keeping is not None and not self._keeping.done():
            return
        if (
            self._file is not None
            and self._models
            and self._stored_mark != await asyncio.to_thread(self._mark)
        ):
            stored = await asyncio.to_thread(self._read_stored, sign_in)
            self._stored_mark = await asyncio.to_thread(self._mark)
            if stored and self._models and not sign_in.epoch.is_over:
                self._take(stored)

    def end_refresh(self) -> None:
        """Cancel a running refresh."""
        if self._running is not None:
            self._running.cancel()

    async def close(self) -> None:
        """Cancel a running refresh; a copy being written is completed."""
        running, self._running = self._running, None
        if running is not None and not running.done():
            running.cancel()
            await asyncio.wait({running})
        if self._keeping is not None:
            await asyncio.wait({self._keeping})

    async def forget(self) -> None:
        """Drop the catalogue and its stored copy: they belonged to another account."""
        self._drop()
        await self.close()
        if self._file is not None:
            await asyncio.to_thread(remove_private, self._file)

    def _current_sign_in(self) -> GitHubSignIn:
        """Return the sign-in, dropping another sign-in's catalogue. Raises SignedOut."""
        sign_in = self._holder()
        if self._epoch is not sign_in.epoch:
            self._drop()
            self._epoch = sign_in.epoch
        return sign_in

    def _drop(self) -> None:
        self.end_refresh()
        self._running = None
        self._models = ()
        self._fetched = self._failed = None
        self._refused.clear()

    def _is_fresh(self) -> bool:
        return self._fetched is not None and self._clock.elapsed(self._fetched) < FRESH_SECONDS

    async def _refresh(self, sign_in: GitHubSignIn) -> tuple[Model, ...]:
        try:
            entries = await self._fetch()
            sign_in.epoch.check()
            models = parse_catalog(entries, self._unserved())
            if not models:
                raise NoCatalog(translatable("GitHub sent an empty list of models."))
        except ProxyError:
            self._failed = self._clock.now()
            raise
        self._fetched = self._clock.now()
        self._failed = None
        self._take(models)
        if self._file is not None:
            self._keeping = asyncio.ensure_future(self._keep(sign_in, entries, self._keeping))
        return models

    def _take(self, models: tuple[Model, ...]) -> None:
        changed = models != self._models
        self._models = models
        if changed:
            self._on_change(models)

    async def _keep(
        self, sign_in: GitHubSignIn, entries: list[Any], before: asyncio.Task[None] | None
    ) -> None:
        """Write the copy in the background: a slow disk must not delay a request."""
        if before is not None:
            await asyncio.wait({before})
        if sign_in.epoch.is_over:
            return
        with contextlib.suppress(OSError):
            # A full disk matters only for the next start without network.
            await asyncio.to_thread(self._write, sign_in, entries)
        # Also after a failure: the older copy was not written by another process.
        self._stored_mark = await asyncio.to_thread(self._mark)

    def _write(self, sign_in: GitHubSignIn, entries: list[Any]) -> None:
        if self._file is not None:
            content = {"account": sign_in.fingerprint(), "data": entries}
            write_private(self._file, msgspec.json.encode(content))

    def _mark(self) -> int | None:
        """Return a value that differs after any write of the copy."""
        if self._file is None:
            return None
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return None

    def _read_stored(self, sign_in: GitHubSignIn) -> tuple[Model, ...]:
        """Return the stored catalogue if it is that account's."""
        if self._file is None:
            return ()
        try:
            content = read_private(self._file)
            stored = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            return ()
        if not isinstance(stored, dict) or stored.get("account") != sign_in.fingerprint():
            return ()
        return parse_catalog(stored, self._unserved())


def _retrieve(task: asyncio.Task[tuple[Model, ...]]) -> None:
    """Retrieve the exception: nothing awaits a background refresh."""
    if not task.cancelled():
        task.exception()
