"""Keys made for one client each: named, shown once, revocable; only keyed hashes of them are stored.

A key is 256 random bits, so a fast hash is enough: brute force is infeasible. The salt keeps two
computers' files from being compared. The command line and the running server use the file at the
same time: changes are made under a lock, and the server rereads the file when it has changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from proxy_core.auth.local_key import new_key
from proxy_core.errors import BadRequest, translatable
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import keep_aside, read_private, write_private

log = logging.getLogger("g_copilot_proxy.keys")

LONGEST_NAME = 60
MOST_KEYS = 100
MAIN_KEY = "main"
"""The main key among the times of last use; no client key has this id."""
LATEST_USE_SECONDS = 60.0
"""Age of the stored time of last use after which it is written again."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key's metadata. Times are in seconds since 1970; ``ending``: its last four characters."""

    key_id: str
    name: str
    made_at: float
    last_used_at: float | None
    ending: str


@dataclass(frozen=True, slots=True)
class NewClientKey:
    """``key`` can be shown now and never again."""

    key: str = field(repr=False)
    client_key: ClientKey


class _StoredKey(msgspec.Struct, frozen=True):
    key_id: str
    name: str
    made_at: float
    ending: str
    hash: str


class _KeyFile(msgspec.Struct, frozen=True):
    version: int
    salt: str
    keys: tuple[_StoredKey, ...] = ()


_decode = msgspec.json.Decoder(_KeyFile).decode
_decode_uses = msgspec.json.Decoder(dict[str, float]).decode


class ClientKeys:
    """The keys of one state folder. ``wall`` returns seconds since 1970. Any thread may use it."""

    def __init__(self, path: Path, wall: Callable[[], float]) -> None:
        self._path = path
        self._uses_path = path.with_name(f"{path.stem}-used.json")
        self._wall = wall
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._file = _KeyFile(1, "")
        self._used: dict[str, float] = {}
        self._unsaved = False

    def listed(self) -> tuple[ClientKey, ...]:
        """Return every key, oldest first. Raises OSError."""
        with self._lock:
            self._refresh()
            used = self._stored_uses() | self._used
            return tuple(_shown(each, used.get(each.key_id)) for each in self._file.keys)

    def make(self, name: str) -> NewClientKey:
        """Raises BadRequest for a name that cannot be used, or OSError."""
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadRequest(
                translatable("A key's name has 1 to {most} visible characters.", most=LONGEST_NAME)
            )
        with self._changing() as before:
            if any(each.name.casefold() == name.casefold() for each in before.keys):
                raise BadRequest(
                    translatable(
                        "There is a key named {name} already; revoke it or take another.",
                        name=repr(name),
                    )
                )
            if len(before.keys) >= MOST_KEYS:
                raise BadRequest(
                    translatable(
                        "There are {most} keys already; revoke some first.", most=MOST_KEYS
                    )
                )
            key = new_key()
            salt = before.salt or secrets.token_hex(32)
            stored = _StoredKey(
                f"key_{secrets.token_hex(4)}", name, self._wall(), key[-4:], _hash(salt, key)
            )
            after = _KeyFile(1, salt, (*before.keys, stored))
            write_private(self._path, msgspec.json.encode(after))
        return NewClientKey(key, _shown(stored, None))

    def replace(self, key_id: str) -> NewClientKey:
        """Make a new key in the place of another, which is no longer valid; its id and name stay.

        Raises BadRequest if it does not exist, or OSError.
        """
        with self._changing() as before:
            old = next((each for each in before.keys if each.key_id == key_id), None)
            if old is None:
                raise BadRequest(
                    translatable("There is no such key; it may have been revoked meanwhile.")
                )
            key = new_key()
            stored = _StoredKey(key_id, old.name, self._wall(), key[-4:], _hash(before.salt, key))
            keys = tuple(stored if each is old else each for each in before.keys)
            write_private(
                self._path, msgspec.json.encode(msgspec.structs.replace(before, keys=keys))
            )
            self._forget_use(key_id)
        return NewClientKey(key, _shown(stored, None))

    def revoke(self, key_id: str) -> bool:
        """Make a key invalid at once; return whether it existed. Raises OSError."""
        with self._changing() as before:
            left = tuple(each for each in before.keys if each.key_id != key_id)
            if len(left) == len(before.keys):
                return False
            after = msgspec.structs.replace(before, keys=left)
            write_private(self._path, msgspec.json.encode(after))
        return True

    def client_of(self, offered: str) -> str | None:
        """Return the client of the offered key and note its use; None if unknown.

        Compares with every key.
        """
        with self._lock:
            try:
                self._refresh()
            except OSError as error:
                log.error("the clients' keys cannot be read: %s", error.strerror)  # noqa: TRY400
                return None
            if not self._file.keys:
                return None
            digest = _hash(self._file.salt, offered)
            found: _StoredKey | None = None
            for each in self._file.keys:
                if hmac.compare_digest(digest, each.hash):
                    found = each
            if found is None:
                return None
            self._used[found.key_id] = self._wall()
            self._unsaved = True
            return found.name

    def note_main_use(self) -> None:
        """Note that the main key was used just now."""
        with self._lock:
            self._used[MAIN_KEY] = self._wall()
            self._unsaved = True

    def main_used_at(self) -> float | None:
        """Return when the main key was last used, in seconds since 1970. Raises OSError."""
        with self._lock:
            return (self._stored_uses() | self._used).get(MAIN_KEY)

    def forget_main_use(self) -> None:
        """Forget when it was used: there is a new main key. Raises OSError."""
        with locked(self._path):
            self._forget_use(MAIN_KEY)

    def _forget_use(self, key_id: str) -> None:
        """Call it with the file's lock."""
        with self._lock:
            self._used.pop(key_id, None)
            stored = self._stored_uses()
        if stored.pop(key_id, None) is not None:
            write_private(self._uses_path, msgspec.json.encode(stored))

    def save_uses(self, *, at_once: bool = False) -> None:
        """Write the times of last use, unless the stored ones are recent enough. Raises OSError."""
        with self._lock:
            if not self._unsaved:
                return
            known = {MAIN_KEY, *(each.key_id for each in self._file.keys)}
            used = dict(self._used)
        with locked(self._path):
            stored = self._stored_uses()
            newer = {
                name: max(stored.get(name, 0.0), used.get(name, 0.0))
                for name in (*stored, *used)
                if name in known
            }
            age = max((newer[name] - stored.get(name, 0.0) for name in newer), default=0.0)
            if not at_once and age < LATEST_USE_SECONDS:
                return
            write_private(self._uses_path, msgspec.json.encode(newer))
        with self._lock:
            self._unsaved = self._used != used

    @contextmanager
    def _changing(self) -> Iterator[_KeyFile]:
        """Lock the file against other writers and yield its content.

        ``_lock`` is not held meanwhile, because the event loop takes it at every request.
        """
        with locked(self._path):
            with self._lock:
                self._refresh()
                before = self._file
            yield before
            with self._lock:
                self._refresh()

    def _refresh(self) -> None:
        """Read the file if it changed since it was last read. Raises OSError."""
        signature = _signature(self._path)
        if signature == self._seen:
            return
        content = read_private(self._path)
        try:
            self._file = _KeyFile(1, "") if content is None else _decode(content)
        except msgspec.DecodeError:
            # Fails closed: none of its keys is accepted until the file is repaired.
            self._file = _KeyFile(1, "")
            self._keep_aside()
            signature = None
        self._seen = signature

    def _keep_aside(self) -> None:
        try:
            backup = keep_aside(self._path, datetime.fromtimestamp(self._wall(), UTC))
        except FileNotFoundError:
            return  # another process was first
        log.error("%s is damaged; it was kept as %s", self._path.name, backup.name)

    def _stored_uses(self) -> dict[str, float]:
        """Read the stored times of last use; a damaged file counts as empty."""
        content = read_private(self._uses_path)
        try:
            return {} if content is None else _decode_uses(content)
        except msgspec.DecodeError:
            return {}


async def keep_saving_uses(keys: ClientKeys, sleep: Callable[[float], Awaitable[None]]) -> None:
    """Save the times of last use periodically, and once more when cancelled."""
    try:
        while True:
            await sleep(LATEST_USE_SECONDS / 2)
            await asyncio.to_thread(_save, keys, False)
    finally:
        _save(keys, True)


def _save(keys: ClientKeys, at_once: bool) -> None:
    try:
        keys.save_uses(at_once=at_once)
    except OSError as error:
        log.warning("when keys were used could not be written: %s", error.strerror)


def _shown(stored: _StoredKey, last_used_at: float | None) -> ClientKey:
    return ClientKey(stored.key_id, stored.name, stored.made_at, last_used_at, stored.ending)


def _hash(salt: str, key: str) -> str:
    return hmac.new(
        salt.encode(), key.encode("utf-8", "surrogateescape"), hashlib.sha256
    ).hexdigest()


def _signature(path: Path) -> tuple[int, ...] | None:
    """A value that differs after any change; every write replaces the file, so its inode changes."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
