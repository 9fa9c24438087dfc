"""What each model endpoint offers the common path of a call: how it reads, refuses and speaks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec

from proxy_core.simulator.behaviour.prompt import Prompt
from proxy_core.simulator.behaviour.reply import Reply
from proxy_core.simulator.behaviour.usage import Usage
from proxy_core.simulator.http.refusal import Refusal
from proxy_core.simulator.profiles import Profile
from proxy_core.simulator.worlds.table import DEFAULT_WORLD, WORLDS
from proxy_core.simulator.worlds.world import World

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Event(NamedTuple):
    """One server-sent event. ``data`` is JSON unless it is text; ``shows_text`` marks visible output."""

    data: Mapping[str, Any] | str
    name: str | None = None
    shows_text: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was admitted: everything a wire needs to judge it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    prompt: Prompt
    model: Mapping[str, Any]
    profile: Profile
    world: World = WORLDS[DEFAULT_WORLD]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a wire needs to speak. ``cost`` is ``copilot_usage``; ``created`` unix seconds."""

    asked: Asked
    reply: Reply
    usage: Usage
    cost: Mapping[str, Any]
    created: int
    random: random.Random

    def new_id(self, prefix: str, length: int = 24) -> str:
        return prefix + "".join(self.random.choices(_LETTERS, k=length))


class Wire(Protocol):
    """One endpoint. ``path`` is also its name in ``supported_endpoints``."""

    path: str

    def read(self, body: Mapping[str, Any]) -> Prompt: ...

    def check(self, asked: Asked) -> None:
        """Raise the real refusal for what this endpoint does not take."""

    def too_long(self, tokens: int, limit: int) -> Refusal:
        """Context overflow in the endpoint's own wording."""

    def whole(self, answer: Answer) -> dict[str, Any]: ...

    def events(self, answer: Answer) -> Iterator[Event]: ...

    def broken_off(self) -> Event:
        """The error event of a stream that fails midway."""


def encoded(event: Event, line_end: bytes) -> bytes:
    """``event`` as bytes of a stream."""
    data = event.data.encode() if isinstance(event.data, str) else msgspec.json.encode(event.data)
    frame = b"data: " + data + line_end + line_end
    return frame if event.name is None else b"event: " + event.name.encode() + line_end + frame
