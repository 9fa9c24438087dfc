"""Which requests of the ledger a person looks for, as SQL. Pure.

Says the same of an entry as the window's filters say of a request that it has in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a request ended, as a person tells them apart."""

    DONE = "done"
    SENT_AGAIN = "sent_again"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word in any of a request's texts (case makes no difference), or one of these outcomes: what
    they are called depends on the window's language."""

    text: str
    outcomes: frozenset[Outcome] = frozenset()


@dataclass(frozen=True, slots=True)
class LedgerSearch:
    """What holds of every request that is looked for; None and empty: any."""

    client: str | None = None
    outcome: Outcome | None = None
    words: tuple[SearchWord, ...] = field(default=())

    @property
    def is_any(self) -> bool:
        return self == ANY_REQUEST


ANY_REQUEST = LedgerSearch()

_TEXTS = ("client", "model", "path", "request_id", "COALESCE(error, '')", "reason")
_CONDITIONS = {
    Outcome.DONE: "ending = 'done'",
    Outcome.SENT_AGAIN: "(ending = 'done' AND attempts > 1)",
    **{
        # "<>" says no more than "=" does: by it SQLite sees that the index of unusual requests answers.
        each: f"(ending = '{each.value}' AND ending <> 'done')"
        for each in (Outcome.FAILED, Outcome.CANCELLED, Outcome.NOT_SENT)
    },
}
_CALLED = {**_CONDITIONS, Outcome.DONE: "(ending = 'done' AND attempts <= 1)"}
"""A request that was sent again is called so, and is done all the same."""


def conditions(wanted: LedgerSearch) -> tuple[str, tuple[Any, ...]]:
    """Return the conditions of a WHERE clause, each begun by AND, and their values.

    Where a word is not ASCII the connection needs a function ``lowered``.
    """
    parts: list[str] = []
    values: list[Any] = []
    is_unusual = wanted.outcome not in (None, Outcome.DONE)
    if wanted.client is not None:
        # A plus keeps SQLite from the index of clients, where that of unusual requests is far shorter.
        parts.append("AND +client = ?" if is_unusual else "AND client = ?")
        values.append(wanted.client)
    if wanted.outcome is not None:
        parts.append(f"AND {_CONDITIONS[wanted.outcome]}")
    for word in wanted.words:
        texts = " || char(10) || ".join(_TEXTS)
        # SQLite lowers ASCII alone; "lowered" is Python's and slower.
        lower = "lower" if word.text.isascii() else "lowered"
        found = [
            f"instr({lower}({texts}), ?) > 0",
            *(_CALLED[each] for each in sorted(word.outcomes)),
        ]
        parts.append(f"AND ({' OR '.join(found)})")
        values.append(word.text.lower())
    return " ".join(parts), tuple(values)
