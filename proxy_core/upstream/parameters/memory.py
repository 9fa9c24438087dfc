"""What each model was seen to refuse, for a while. Pure: the time is handed in.

Holds names of members only, never values. A lesson expires, because upstream changes its mind: after a
day where upstream named the member in a field of its own (``param``), after some hours where only its
words did, or where a 403 gave no reason. Trying again costs one refused call.
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
MOST_LESSONS = 1000


class LessonKind(StrEnum):
    LEAVE_OUT = "leave_out"
    RENAME = "rename"
    BETA = "beta"
    DEVELOPER_ROLE = "developer_role"
    """Messages of the role ``developer`` are sent as ``system``."""


class RefusedParameter(msgspec.Struct, frozen=True):
    """``name`` is a member (dotted where nested) or a beta; ``new_name`` is set for a rename.

    ``betas`` are those the call carried: what a beta unlocks is refused without it, so a lesson about
    a member counts only beside the same betas. ``account`` is who was refused, where that matters
    (betas); empty counts for everyone. ``expires_at`` is in seconds since 1970.
    """

    model: str
    endpoint: Endpoint
    kind: LessonKind
    name: str
    expires_at: float
    new_name: str | None = None
    betas: tuple[str, ...] = ()
    guessed: bool = False
    learned_at: float = 0.0
    """In seconds since 1970; 0 for a lesson kept by an earlier version."""
    account: str = ""

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.model, self.endpoint, self.kind, self.name, self.betas, self.account)


class ParameterMemory:
    """Lessons by model and endpoint. ``changed`` is set by each change, for whoever saves it."""

    def __init__(self, lessons: Iterable[RefusedParameter] = ()) -> None:
        self._lessons: dict[tuple[object, ...], RefusedParameter] = {
            each._key: each for each in lessons
        }
        self._accepted: dict[tuple[str, Endpoint], dict[str, float]] = {}
        self.changed = False

    def learn(self, lesson: RefusedParameter) -> None:
        self._lessons.pop(lesson._key, None)
        self._lessons[lesson._key] = lesson
        while len(self._lessons) > MOST_LESSONS:
            del self._lessons[next(iter(self._lessons))]
        self.changed = True

    def lessons_for(
        self, model: str, endpoint: Endpoint, now: float, account: str = ""
    ) -> tuple[RefusedParameter, ...]:
        if not self._lessons:
            return ()
        return tuple(
            each
            for each in self._lessons.values()
            if each.model == model
            and each.endpoint is endpoint
            and each.expires_at > now
            and each.account in ("", account)
        )

    def all_lessons(self, now: float) -> tuple[RefusedParameter, ...]:
        """Everything in force, oldest first, for a person to see."""
        return tuple(each for each in self._lessons.values() if each.expires_at > now)

    def forget(self, model: str | None = None) -> None:
        """Forget one model's lessons, or all."""
        self._lessons = {
            key: each for key, each in self._lessons.items() if model not in (None, each.model)
        }
        self._accepted.clear()
        self.changed = True

    def forget_one(self, model: str, endpoint: str, name: str) -> bool:
        """Forget what was learned about one member; return whether there was anything."""
        kept = {
            key: each
            for key, each in self._lessons.items()
            if (each.model, each.endpoint.value, each.name) != (model, endpoint, name)
        }
        found = len(kept) < len(self._lessons)
        if found:
            self._lessons = kept
            self.changed = True
        return found

    def take_lessons_of(self, other: ParameterMemory) -> None:
        """Know what ``other`` knows and nothing else; what was accepted lately stays known."""
        self._lessons = dict(other._lessons)
        self.changed = other.changed

    def note_accepted(
        self, model: str, endpoint: Endpoint, members: Iterable[str], now: float
    ) -> None:
        """Remember for an hour that these were no trouble, so that a 403 is not blamed on them."""
        accepted = self._accepted.setdefault((model, endpoint), {})
        for member in members:
            accepted[member] = now + ACCEPTED_LIFETIME

    def accepted(self, model: str, endpoint: Endpoint, now: float) -> frozenset[str]:
        known = self._accepted.get((model, endpoint), {})
        return frozenset(member for member, until in known.items() if until > now)

    def to_dict(self, now: float) -> dict[str, Any]:
        return {"lessons": msgspec.to_builtins(self.all_lessons(now))}


def read_memory(content: Any, now: float) -> ParameterMemory:
    """Return the memory kept by ``to_dict``; an entry that cannot be read is left behind."""
    entries = content.get("lessons") if isinstance(content, Mapping) else None
    lessons: list[RefusedParameter] = []
    for entry in entries if isinstance(entries, list) else ():
        try:
            lesson = msgspec.convert(entry, RefusedParameter)
        except msgspec.ValidationError:
            continue
        # A clock that ran ahead must not make a lesson last for ever.
        if now < lesson.expires_at <= now + STATED_LIFETIME:
            lessons.append(lesson)
    return ParameterMemory(lessons)
