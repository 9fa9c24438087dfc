"""The one place that changes settings: for the window, the commands and the server alike.

A change reads the file, changes one line and writes it back, under one lock in this process and one
on the file. Settings that must take effect elsewhere first (``setting_effects``) go through their
owner, also when the file was edited by hand; until the owner has applied them, the old value stays
in force and the reason is reported.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from proxy_core.config.paths import Paths
from proxy_core.config.setting_effects import OWNED, PutInForce, SettingOwner
from proxy_core.config.setting_names import check_name, default_of, value_of
from proxy_core.config.setting_words import describe_value
from proxy_core.config.settings import Settings
from proxy_core.config.settings_file import SettingsFile, check_value
from proxy_core.config.settings_reading import LoadedSettings
from proxy_core.errors import BadRequest, Problem, ProxyError, translatable

log = logging.getLogger("g_copilot_proxy.settings")

POLL_SECONDS = 2.0
"""Seconds between polls of a file that nobody edits."""
SETTLE_SECONDS = 0.25
"""Seconds to the next poll after an edit: it counts once two polls in a row see the same file."""

Listener = Callable[[LoadedSettings], None]


class SettingsStore:
    """The settings in force. ``settings`` and ``loaded`` may be read from any thread at any time.

    ``update`` and ``reset`` may be awaited in any event loop, of any thread; listeners are called
    there, always with the newest settings, and must not block. Owners are called in the awaiting
    loop, so once there are owners, changes must be made in their loop.
    """

    def __init__(self, file: SettingsFile) -> None:
        self._file = file
        self._owners: dict[SettingOwner, PutInForce] = {}
        self._listeners: list[Listener] = []
        self._refused: dict[str, tuple[Any, Problem]] = {}
        self._settling: asyncio.Task[None] | None = None
        self._last_poll = file.signature()
        self._is_settled = False
        file.load()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._file.settings

    @property
    def loaded(self) -> LoadedSettings:
        """The settings in force, and what of the file is not in force."""
        loaded = self._file.loaded
        refused = tuple(
            self._refused[key][1]
            for key, value in loaded.waiting
            if key in self._refused and self._refused[key][0] == value
        )
        return replace(loaded, problems=(*loaded.problems, *refused)) if refused else loaded

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after every change; return a function that ends the subscription."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def own(self, owner: SettingOwner, put_in_force: PutInForce) -> None:
        """Route changes of that owner's settings through ``put_in_force`` from now on."""
        self._owners[owner] = put_in_force
        self._file.owned = frozenset(key for key, each in OWNED.items() if each in self._owners)

    async def update(self, key: str, value: Any) -> LoadedSettings:
        """Change one setting, in force and in the file; return the settings in force afterwards.

        Raises BadRequest for a name or value that is not allowed, OSError if the file cannot be
        written, and what the setting's owner raises; nothing has changed then.
        """
        check_name(key)
        return await self._change(key, check_value(key, value))

    async def reset(self, key: str) -> LoadedSettings:
        """Remove the setting's line from the file, so that its default applies. Raises as ``update``."""
        check_name(key)
        return await self._change(key, None)

    async def restore(self, name: str | None = None) -> LoadedSettings:
        """Restore a backup of the settings file; the latest one if no name is given.

        Raises BadRequest where there is none, or OSError.
        """
        backups = await asyncio.to_thread(self._file.kept_aside)
        wanted = [each for each in backups if name is None or Path(name).name == each.name]
        if not wanted:
            which = "No settings file was kept aside" if name is None else f"There is no {name}"
            raise BadRequest(f"{which}; there is nothing to restore.", code="nothing_kept_aside")
        restored = await asyncio.to_thread(self._file.restore, wanted[-1])
        self._tell()
        await self.settle()
        # Reported once, to the caller: the backup of the file that was replaced.
        return replace(self.loaded, kept_as=restored.kept_as)

    async def poll(self) -> bool:
        """Check the file once; return whether it was edited and read again."""
        now = await asyncio.to_thread(self._file.signature)
        stays = now == self._last_poll
        self._last_poll = now
        self._is_settled = stays and now == self._file.seen
        if not stays or self._is_settled:
            return False
        before = self.loaded
        self._refused.clear()  # saving the file again is a reason to try again
        await asyncio.to_thread(self._file.load)
        await self.remember()
        if self.loaded != before:
            self._tell()
        return True

    async def settle(self) -> None:
        """Have owners put in force what was edited by hand; their refusals become problems."""
        for owner, put_in_force in tuple(self._owners.items()):
            changes = {
                key: value
                for key, value in self._file.loaded.waiting
                if OWNED[key] is owner and self._refused.get(key, (None,))[0] != value
            }
            if changes:
                await self._settle(put_in_force, changes)

    async def remember(self) -> None:
        """Store a copy of the settings in force, for a start that finds a broken file."""
        try:
            await asyncio.to_thread(self._file.remember)
        except OSError as error:
            log.warning("the settings could not be remembered: %s", error.strerror or error)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Follow edits of the file until cancelled."""
        await self.remember()
        try:
            while True:
                await sleep(POLL_SECONDS if self._is_settled else SETTLE_SECONDS)
                await self.poll()
                # Changing another setting reads the file too, perhaps while an editor writes it:
                # half a file must not move the server.
                waits = self._is_settled and bool(self._file.loaded.waiting)
                if waits and (self._settling is None or self._settling.done()):
                    # An owner may wait long (for a keychain's prompt), so polling does not wait
                    # for it.
                    self._settling = asyncio.ensure_future(self.settle())
        finally:
            if self._settling is not None:
                self._settling.cancel()

    async def _change(self, key: str, checked: Any) -> LoadedSettings:
        async def commit() -> None:
            await asyncio.to_thread(self._file.change, key, checked)
            self._refused.pop(key, None)
            self._tell()

        owner = OWNED.get(key)
        put_in_force = None if owner is None else self._owners.get(owner)
        if put_in_force is None:
            await commit()
        else:
            await put_in_force({key: default_of(key) if checked is None else checked}, commit)
        return self.loaded

    async def _settle(self, put_in_force: PutInForce, changes: Mapping[str, Any]) -> None:
        async def commit() -> None:
            await asyncio.to_thread(self._file.put_in_force, changes)
            self._tell()

        try:
            await put_in_force(changes, commit)
        except (ProxyError, OSError) as error:
            for key, value in changes.items():
                stays = describe_value(value_of(self.settings, key))
                self._refused[key] = (value, _refusal(key, value, stays, error))
            self._tell()

    def _tell(self) -> None:
        newest = self.loaded
        for listener in tuple(self._listeners):
            listener(newest)


def open_settings(paths: Paths) -> SettingsStore:
    """Return the store of these paths, loaded. The file's content never makes it raise."""
    return SettingsStore(SettingsFile(paths.settings_file, known=paths.known_settings_file))


def _refusal(key: str, value: Any, stays: str, error: ProxyError | OSError) -> Problem:
    reason = error.said if isinstance(error, ProxyError) else error.strerror or str(error)
    code = error.code if isinstance(error, ProxyError) else None
    return Problem(
        title=translatable("A setting could not be put in force"),
        message=translatable(
            "The settings file says {setting} = {value}, which cannot be had: {reason} {stays} stays in "
            "force.",
            setting=key,
            value=describe_value(value),
            reason=reason,
            stays=stays,
        ),
        next_step=translatable(
            "Correct it in the settings file, or save it again to try once more."
        ),
        code=code or "setting_refused",
    )
