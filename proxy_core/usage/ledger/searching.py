"""Finds the requests of the ledger that a person looks for, without reading those that cannot be it.

Without words the indexes answer. Words are first looked for among the few different texts of all
requests (``search_schema.py``), then only on the days, and where those are few among the clients and
models, that have one of those.
Ids of requests are no such texts. Ours are ``req_`` and hexadecimal digits, which tells of most words
that no id holds them; the others are looked for in the index of ids.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import msgspec

from proxy_core.usage.ledger.day_rows import tables
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.schema import COLUMNS, readable_columns
from proxy_core.usage.ledger.search import LedgerSearch, SearchWord, conditions
from proxy_core.usage.ledger.search_schema import texts_since
from proxy_core.usage.ledger.totals_schema import DAY_SECONDS, END

_FILE = "main.requests"
_BY_ID = "INDEXED BY sqlite_autoindex_requests_1"
"""Said in full: SQLite would take the index of clients where one is asked for."""
_PREFIX = "req_"
_OWN_IDS = (_PREFIX, "req`")
"""From the first to behind the last of our ids, in the order of the index."""
_IN_ID = re.compile(r"(req_|eq_|q_|_|)([0-9a-f]+)")
"""What an id of ours may hold: some of its digits, or its beginning from somewhere in the prefix on."""
_FEW_DIGITS = 3
"""So many digits are in the ids of enough requests to be found soon among all of them."""

_FEW_KINDS = 8
"""Of requests on a day: of more, nearly every request of the day is one that is looked for."""


@dataclass(frozen=True, slots=True)
class _IdSpan:
    """Ids from ``first`` on and before ``last`` that are ``like`` a pattern of SQL."""

    first: str
    last: str
    like: str = "%"


def found_before(
    view: sqlite3.Connection, started: float, count: int, wanted: LedgerSearch
) -> tuple[LedgerEntry, ...]:
    """Return the newest ``count`` requests that began before ``started``, newest first.

    ``started`` is in seconds since 1970. Raises sqlite3.Error.
    """
    view.create_function("lowered", 1, str.lower, deterministic=True)
    found: dict[tuple[str, float], LedgerEntry] = {}
    for source in tables(view):
        search = _Search(view, source, started, count, wanted)
        knows_texts = source == _FILE and texts_since(view) < END
        rows = search.by_texts() if wanted.words and knows_texts else search.by_rows()
        found |= {each.key: each for each in rows}
    newest = sorted(found.values(), key=_started, reverse=True)
    return tuple(newest[:count])


def entries_of(
    view: sqlite3.Connection, source: str, rest: str, values: tuple[Any, ...]
) -> Iterator[LedgerEntry]:
    """Yield the rows of a table; ``rest`` is what follows it in the SELECT."""
    columns = readable_columns(view, source.partition(".")[2])
    for row in view.execute(f"SELECT {columns} FROM {source} {rest}", values):  # noqa: S608  # our own words
        yield msgspec.convert(dict(zip(COLUMNS, row, strict=True)), LedgerEntry, strict=False)


class _Search:
    def __init__(
        self,
        view: sqlite3.Connection,
        source: str,
        started: float,
        count: int,
        wanted: LedgerSearch,
    ) -> None:
        self._view = view
        self._source = source
        self._started = started
        self._count = count
        self._wanted = wanted
        self._more, self._values = conditions(wanted)

    def by_rows(self, since: float = 0.0, until: float = float("inf")) -> list[LedgerEntry]:
        """Look at every row that no index excludes."""
        span = (since, min(until, self._started))
        return list(self._newest("WHERE started >= ? AND started < ?", span, "started"))

    def by_texts(self) -> list[LedgerEntry]:
        since = texts_since(self._view)
        found = self.by_rows(END) if self._started > END else []
        found += self._of_days(since, self._count - len(found))
        if len(found) < self._count and since > 0:
            found += self.by_rows(until=since)
        return found + self._with_ids()

    def _of_days(self, since: int, count: int) -> list[LedgerEntry]:
        found: list[LedgerEntry] = []
        where = "WHERE started >= ? AND started < ?"
        # Compared before words are looked for, which takes ten times as long.
        is_of_kind = "AND client = ? AND model = ? AND ending = ?"
        for day, kinds in self._days(since):
            span = (day, min(day + DAY_SECONDS, self._started))
            if len(kinds) > _FEW_KINDS:
                of_day = [self._newest(where, span, "started")]
            else:
                of_day = [
                    self._newest(f"{where} {is_of_kind}", (*span, *kind), "started")
                    for kind in kinds
                ]
            # Rows of a kind are read no further than they are among the newest of all kinds.
            newest = merge(*of_day, key=_started, reverse=True)
            found += islice(newest, count - len(found))
            if len(found) >= count:
                break
        return found

    def _days(self, since: int) -> Iterator[tuple[int, set[tuple[str, ...]]]]:
        """Yield the days on which requests said what is looked for, newest first.

        With client, model and ending of those requests.
        """
        words = tuple(each for each in self._wanted.words if not _is_in_many_ids(each))
        more, values = conditions(replace(self._wanted, words=words))
        self._view.execute(
            "CREATE TEMP TABLE matching AS SELECT id, client, model, ending FROM "  # noqa: S608  # our own words
            f"(SELECT *, '' AS request_id FROM main.request_texts) WHERE 1 {more}",
            values,
        )
        self._view.execute("CREATE UNIQUE INDEX temp.matching_ids ON matching (id)")
        if self._view.execute("SELECT 1 FROM temp.matching").fetchone() is None:
            return
        rows = self._view.execute(
            "SELECT d.day, m.client, m.model, m.ending FROM main.utc_text_days AS d "
            "CROSS JOIN temp.matching AS m ON m.id = d.text "
            "WHERE d.day >= ? AND d.day < ? ORDER BY d.day DESC",
            (since // DAY_SECONDS * DAY_SECONDS, self._started),
        )
        for day, of_day in groupby(rows, itemgetter(0)):
            yield day, {tuple(kind) for _, *kind in of_day}

    def _with_ids(self) -> list[LedgerEntry]:
        """Return those whose ids hold a word, but for words that were looked for in all rows."""
        spans = [_IdSpan("", _OWN_IDS[0]), _IdSpan(_OWN_IDS[1], "\U0010ffff")]
        spans += [span for each in self._wanted.words for span in _own_ids_with(each)]
        return [
            entry
            for span in spans
            for entry in self._newest(
                f"{_BY_ID} WHERE request_id >= ? AND request_id < ? AND request_id LIKE ? "
                "AND +started >= 0 AND +started < ?",
                (span.first, span.last, span.like, self._started),
                "+started",
            )
        ]

    def _newest(self, where: str, values: tuple[Any, ...], order: str) -> Iterator[LedgerEntry]:
        rest = f"{where} {self._more} ORDER BY {order} DESC LIMIT ?"
        return entries_of(self._view, self._source, rest, (*values, *self._values, self._count))


def _started(entry: LedgerEntry) -> float:
    return entry.started


def _is_in_many_ids(word: SearchWord) -> bool:
    text = word.text.lower()
    return text in _PREFIX or ((digits := _only_digits(text)) != "" and len(digits) <= _FEW_DIGITS)


def _own_ids_with(word: SearchWord) -> Iterator[_IdSpan]:
    """Yield where in the index of ids those of ours are that hold the word."""
    text = word.text.lower()
    parts = _IN_ID.fullmatch(text)
    if parts is None or _is_in_many_ids(word):
        return
    if parts[1]:
        yield _IdSpan(_PREFIX + parts[2], f"{_PREFIX}{parts[2]}g")
    else:
        yield _IdSpan(*_OWN_IDS, f"%{text}%")


def _only_digits(text: str) -> str:
    parts = _IN_ID.fullmatch(text)
    return parts[2] if parts is not None and not parts[1] else ""
