"""Rules that models have shown to need by refusing requests, for a day, also over a restart.

Holds names of models and rules only, never content. The loop and the threads that work on bodies read
it; one loop changes it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private

log = logging.getLogger("g_copilot_proxy.server")

DEMAND_LIFETIME = 86_400.0
"""Seconds after which a demand is tried without again: models change behind their names."""
MOST_MODELS = 200
LATEST_SAVE_SECONDS = 5.0

_Place = tuple[str, Endpoint]
_Expiry = dict[_Place, dict[str, float]]


class _StoredDemand(msgspec.Struct, frozen=True):
    """``expires_at`` is in seconds since 1970."""

    model: str
    endpoint: Endpoint
    rule: str
    expires_at: float


class VendorDemands:
    """What models need, by model and endpoint. Without a ``file`` it is gone with the process.

    Several processes share the file: a save merges under its lock. What was forgotten stays so until
    it is learned anew, whoever forgot it.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._changing = threading.Lock()
        self._expiry: _Expiry = {}
        self._forgotten: dict[str, float] = {}
        """When a model's demands were forgotten, in seconds since 1970."""
        self._unsaved = False
        self._seen: tuple[int, int] | None = None

    def load(self, now: float) -> None:
        """Read the file. ``now`` is in seconds since 1970; what is out of date is ignored."""
        if self._file is not None:
            self._seen = _mark(self._file)
            self._expiry, self._forgotten = _read(self._file, now)

    def of(self, model: Model, endpoint: Endpoint, now: float) -> frozenset[str]:
        known = self._expiry.get((model.id, endpoint))
        if not known:
            return frozenset()
        return frozenset(rule for rule, expires_at in known.items() if now < expires_at)

    def learn(self, model: Model, endpoint: Endpoint, rules: frozenset[str], now: float) -> None:
        place, until = (model.id, endpoint), now + DEMAND_LIFETIME
        with self._changing:
            known = {**self._expiry.get(place, {}), **dict.fromkeys(rules, until)}
            self._expiry = _bounded({**self._expiry, place: known})
            self._unsaved = True

    def forget(self, model_id: str, now: float) -> tuple[str, ...]:
        """Forget a model's demands; return them."""
        with self._changing:
            found = {place: known for place, known in self._expiry.items() if place[0] == model_id}
            self._expiry = {
                place: known for place, known in self._expiry.items() if place not in found
            }
            if found:
                self._forgotten = {**self._forgotten, model_id: now}
                self._unsaved = True
        return tuple(dict.fromkeys(rule for known in found.values() for rule in known))

    def synchronise(self, now: float) -> None:
        """Write what is new, and take over what other processes wrote. Raises OSError."""
        if self._file is None:
            return
        if not self._unsaved and _mark(self._file) == self._seen:
            return
        with self._changing:
            self._unsaved = False
            ours = (self._expiry, self._forgotten)
        try:
            with locked(self._file):
                theirs = _read(self._file, now)
                merged = _merged(ours, theirs, now)
                if merged != theirs:
                    write_private(self._file, _encoded(*merged))
                seen = _mark(self._file)
        except OSError:
            self._unsaved = True
            raise
        with self._changing:
            if self._expiry is not ours[0] or self._forgotten is not ours[1]:
                self._unsaved = True  # learned meanwhile: the next time
                return
            self._expiry, self._forgotten = merged
            self._seen = seen


async def keep_demands(
    demands: VendorDemands,
    wall: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Save what is learned every few seconds, and once more when cancelled."""
    try:
        while True:
            await sleep(LATEST_SAVE_SECONDS)
            await asyncio.to_thread(_save, demands, wall())
    finally:
        _save(demands, wall())


def _save(demands: VendorDemands, now: float) -> None:
    try:
        demands.synchronise(now)
    except OSError as error:
        log.warning("what models need could not be written: %s", error.strerror)


def _merged(
    ours: tuple[_Expiry, dict[str, float]], theirs: tuple[_Expiry, dict[str, float]], now: float
) -> tuple[_Expiry, dict[str, float]]:
    forgotten = {
        name: max(ours[1].get(name, 0.0), theirs[1].get(name, 0.0))
        for name in {*ours[1], *theirs[1]}
    }
    forgotten = {name: at for name, at in forgotten.items() if now - DEMAND_LIFETIME < at <= now}
    merged: _Expiry = {}
    for place, known in (*theirs[0].items(), *ours[0].items()):
        for rule, expires_at in known.items():
            learned_at = expires_at - DEMAND_LIFETIME
            if now < expires_at and learned_at > forgotten.get(place[0], float("-inf")):
                rules = merged.setdefault(place, {})
                rules[rule] = max(expires_at, rules.get(rule, 0.0))
    return _bounded(merged), forgotten


def _bounded(expiry: _Expiry) -> _Expiry:
    """Return the latest ``MOST_MODELS`` of them."""
    if len(expiry) <= MOST_MODELS:
        return expiry
    latest = sorted(expiry, key=lambda each: max(expiry[each].values(), default=0.0))
    return {each: expiry[each] for each in latest[-MOST_MODELS:]}


def _read(file: Path, now: float) -> tuple[_Expiry, dict[str, float]]:
    """Return what the file holds and is in force; nothing of a file that cannot be read."""
    try:
        content = read_private(file)
        decoded = msgspec.json.decode(content) if content else None
    except (OSError, msgspec.DecodeError):
        return {}, {}  # what is lost will be found out again
    if not isinstance(decoded, dict):
        return {}, {}
    expiry: _Expiry = {}
    for each in _valid(decoded.get("demands"), now):
        expiry.setdefault((each.model, each.endpoint), {})[each.rule] = each.expires_at
    forgotten = decoded.get("forgotten")
    moments = forgotten.items() if isinstance(forgotten, dict) else ()
    return _bounded(expiry), {
        name: float(at) for name, at in moments if isinstance(at, int | float) and at <= now
    }


def _valid(entries: Any, now: float) -> Iterable[_StoredDemand]:
    for entry in entries if isinstance(entries, list) else ():
        try:
            stored = msgspec.convert(entry, _StoredDemand)
        except msgspec.ValidationError:
            continue
        # Further ahead than a lifetime: written while the clock was wrong.
        if now < stored.expires_at <= now + DEMAND_LIFETIME:
            yield stored


def _encoded(expiry: _Expiry, forgotten: dict[str, float]) -> bytes:
    demands = [
        _StoredDemand(model, endpoint, rule, expires_at)
        for (model, endpoint), known in expiry.items()
        for rule, expires_at in known.items()
    ]
    return msgspec.json.encode({"demands": demands, "forgotten": forgotten})


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino)
