"""What each model was seen to refuse, for a while. Pure: the time is handed in.

Holds names of members only, never values. An entry expires, because upstream changes: after a day
if upstream named the member in a structured field (``param``), after some hours if only its message
did, or if a 403 gave no reason. Trying again costs one refused call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint

DAY = 86400.0
STATED_LIFETIME = DAY
WORDED_LIFETIME = DAY / 4
GUESSED_LIFETIME = DAY / 4
ACCEPTED_LIFETIME = 3600.0
MOST_REFUSED = 1000


class RemedyKind(StrEnum):
    LEAVE_OUT = "leave_out"
    RENAME = "rename"
    BETA = "beta"
    DEVELOPER_ROLE = "developer_role"
    """Messages of the role ``developer`` are sent as ``system``."""


class RefusedParameter(msgspec.Struct, frozen=True):
    """``name`` is a member (dotted where nested) or a beta; ``new_name`` is set for a rename.

    ``betas`` are those the call carried: what a beta unlocks is refused without it, so a refused
    member counts only with the same betas. ``account`` is who was refused, where that matters
    (betas); empty: any account. ``expires_at`` is in seconds since 1970.
    """

    model: str
    endpoint: Endpoint
    kind: RemedyKind
    name: str
    expires_at: float
    new_name: str | None = None
    betas: tuple[str, ...] = ()
    guessed: bool = False
    learned_at: float = 0.0
    """In seconds since 1970; 0 for an entry written by an earlier version."""
    account: str = ""

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.model, self.endpoint, self.kind, self.name, self.betas, self.account)


class ParameterMemory:
    """Refused parameters by model and endpoint. ``changed`` is set by each change, for saving."""

    def __init__(self, refused: Iterable[RefusedParameter] = ()) -> None:
        self._refused: dict[tuple[object, ...], RefusedParameter] = {
            each._key: each for each in refused
        }
        self._accepted: dict[tuple[str, Endpoint], dict[str, float]] = {}
        self.changed = False

    def learn(self, refused: RefusedParameter) -> None:
        self._refused.pop(refused._key, None)
        self._refused[refused._key] = refused
        while len(self._refused) > MOST_REFUSED:
            del self._refused[next(iter(self._refused))]
        self.changed = True

    def refused_parameters(
        self, model: str, endpoint: Endpoint, now: float, account: str = ""
    ) -> tuple[RefusedParameter, ...]:
        if not self._refused:
            return ()
        return tuple(
            each
            for each in self._refused.values()
            if each.model == model
            and each.endpoint is endpoint
            and each.expires_at > now
            and each.account in ("", account)
        )

    def all_in_force(self, now: float) -> tuple[RefusedParameter, ...]:
        """Return all entries that have not expired, oldest first."""
        return tuple(each for each in self._refused.values() if each.expires_at > now)

    def forget(self, model: str | None = None) -> None:
        """Remove one model's entries, or all."""
        self._refused = {
            key: each for key, each in self._refused.items() if model not in (None, each.model)
        }
        self._accepted.clear()
        self.changed = True

    def forget_one(self, model: str, endpoint: str, name: str) -> bool:
        """Remove the entries of one member; return whether there were any."""
        remaining = {
            key: each
            for key, each in self._refused.items()
            if (each.model, each.endpoint.value, each.name) != (model, endpoint, name)
        }
        found = len(remaining) < len(self._refused)
        if found:
            self._refused = remaining
            self.changed = True
        return found

    def replace_by(self, other: ParameterMemory) -> None:
        """Take over the entries of ``other``; what was accepted recently stays."""
        self._refused = dict(other._refused)
        self.changed = other.changed

    def note_accepted(
        self, model: str, endpoint: Endpoint, members: Iterable[str], now: float
    ) -> None:
        """Note for an hour that these were accepted, so that a 403 is not attributed to them."""
        accepted = self._accepted.setdefault((model, endpoint), {})
        for member in members:
            accepted[member] = now + ACCEPTED_LIFETIME

    def accepted(self, model: str, endpoint: Endpoint, now: float) -> frozenset[str]:
        known = self._accepted.get((model, endpoint), {})
        return frozenset(member for member, until in known.items() if until > now)

    def to_dict(self, now: float) -> dict[str, Any]:
        return {"lessons": msgspec.to_builtins(self.all_in_force(now))}


def read_memory(content: Any, now: float) -> ParameterMemory:
    """Return the memory written by ``to_dict``; an invalid entry is skipped."""
    entries = content.get("lessons") if isinstance(content, Mapping) else None
    valid: list[RefusedParameter] = []
    for entry in entries if isinstance(entries, list) else ():
        try:
            refused = msgspec.convert(entry, RefusedParameter)
        except msgspec.ValidationError:
            continue
        # If the clock was wrong when it was written, the expiry is too far ahead: ignore the entry.
        if now < refused.expires_at <= now + STATED_LIFETIME:
            valid.append(refused)
    return ParameterMemory(valid)
