"""What an optional dialect serves: its paths, where its callers put the key, and its small answers.

The server serves these alike for every dialect; a dialect declares them as values. Paths are matched
by the dialect itself, since a method may be part of one (``models/NAME:generateContent``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from proxy_core.canonical.model import Model
from proxy_core.dialects.interface import Dialect


def _none(members: Mapping[str, Any], created: int) -> None:
    del members, created


class ModelCall(Struct, frozen=True):
    """A model is asked. ``members`` (raw JSON) are added to the body: what its path says, or what a
    body that leaves it out means."""

    dialect: Dialect
    members: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    own_answer: Callable[[Mapping[str, Any], int], dict[str, Any] | None] = _none
    """Answers a body that asks nothing of its model, given the time in seconds since 1970; returns
    None for any other. Raises BadRequest."""


class TokenCount(Struct, frozen=True):
    """``members`` returns the request to count, from the body's raw members; ``render`` the answer.

    ``members`` raises BadRequest.
    """

    dialect: Dialect
    members: Callable[[Mapping[str, Any]], dict[str, Any]]
    render: Callable[[int], dict[str, Any]]


class ModelList(Struct, frozen=True):
    """``render`` gets the models that can be called, and the query."""

    render: Callable[[Sequence[Model], Mapping[str, str]], dict[str, Any]]


class ModelDetails(Struct, frozen=True):
    """One model. ``name`` returns what the caller calls it, from the body's raw members (none for GET).

    ``name`` raises BadRequest.
    """

    name: Callable[[Mapping[str, Any]], str]
    render: Callable[[Model], dict[str, Any]]


class OwnAnswer(Struct, frozen=True):
    """An answer without a model; ``render`` gets the program's version."""

    render: Callable[[str], dict[str, Any]]


Operation = ModelCall | TokenCount | ModelList | ModelDetails | OwnAnswer


class Served(Struct, frozen=True):
    """What a path stands for. ``label`` is the path without a caller's words, for records."""

    label: str
    methods: tuple[str, ...]
    operation: Operation


class Surface(Protocol):
    """The served part of one vendor's API."""

    @property
    def dialect(self) -> Dialect:
        """The dialect of its errors."""

    @property
    def key_header(self) -> str:
        """A header for the key beside the two that every path takes; empty: none."""

    @property
    def key_query(self) -> str:
        """A parameter of the query for the key; empty: none."""

    def claims(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request for a path that other dialects have too is this dialect's."""

    def find(self, path: str, query: Mapping[str, str]) -> Served | None:
        """Return what ``path`` stands for (as it came, without a doubled slash); None if not served."""
