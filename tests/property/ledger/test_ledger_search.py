"""A search of the ledger finds the same requests whether texts are looked up first or every row is read.

Whatever was written, changed, pruned, forgotten and made searchable before, in any order.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.search import LedgerSearch, Outcome, SearchWord
from proxy_core.usage.ledger.totals_schema import END

_BEGIN = 1_795_219_200.0
"""A begin of a day of UTC."""
_DAY = 86_400
MOMENTS = st.one_of(
    st.builds(lambda day, part: _BEGIN + day * _DAY + part, st.integers(0, 4), st.floats(0, _DAY)),
    st.sampled_from([-5.0, 0.0, float(END), END + 7.0, _BEGIN, _BEGIN + _DAY]),
)
IDS = st.sampled_from(
    [
        "req_00c0ffee",
        "req_dead0000",
        "req_0000dead",
        "req_12345678",
        "REQ_DEAD",
        "dead",
        "other",
        "é",
    ]
)
ENTRIES = st.builds(
    LedgerEntry,
    request_id=IDS,
    started=MOMENTS,
    client=st.sampled_from(["Codex", "aider", "DÉAD", ""]),
    model=st.sampled_from(["gpt-5.2", "Opus", "dead-1"]),
    path=st.sampled_from(["POST /v1/messages", "POST /v1/responses"]),
    ending=st.sampled_from(["done", "failed", "cancelled", "not_sent"]),
    error=st.sampled_from([None, "quota_exceeded", "c0ffee"]),
    reason=st.sampled_from(["", "It is PAUSED.", "Die Größe"]),
    attempts=st.integers(0, 3),
)
WORDS = st.builds(
    SearchWord,
    st.sampled_from(
        [
            *(
                "dead",
                "DEAD",
                "c0ffee",
                "0000",
                "00",
                "d",
                "req",
                "_",
                "eq_12",
                "req_00c0",
                "q_dead",
            ),
            *("codex", "gpt-5.2", "opus", "v1/m", "quota", "paused", "größe", "GRÖSSE", "é", "É"),
            *("nothing", "%", "_%", "'", "0123456789abcdef", "other", "deadx", "\n"),
        ]
    ),
    st.frozensets(st.sampled_from(list(Outcome)), max_size=2),
)
SEARCHES = st.builds(
    LedgerSearch,
    st.sampled_from([None, "Codex", "DÉAD", "nobody"]),
    st.sampled_from([None, *Outcome]),
    st.lists(WORDS, max_size=2).map(tuple),
)
STEPS = st.lists(
    st.one_of(
        *[st.lists(ENTRIES, max_size=6).map(lambda found: ("write", found))] * 4,
        MOMENTS.map(lambda moment: ("prune", moment)),
        st.just(("forget", None)),
        st.just(("lose the texts", None)),
        st.just(("add up a day", None)),
    ),
    min_size=1,
    max_size=6,
)
_CALLED = {
    Outcome.DONE: lambda each: each.ending == "done" and each.attempts <= 1,
    Outcome.SENT_AGAIN: lambda each: each.ending == "done" and each.attempts > 1,
    Outcome.FAILED: lambda each: each.ending == "failed",
    Outcome.CANCELLED: lambda each: each.ending == "cancelled",
    Outcome.NOT_SENT: lambda each: each.ending == "not_sent",
}


def says(entry: LedgerEntry, word: SearchWord) -> bool:
    texts = (
        entry.client,
        entry.model,
        entry.path,
        entry.request_id,
        entry.error or "",
        entry.reason,
    )
    is_said = word.text.lower() in "\n".join(texts).lower()
    return is_said or any(_CALLED[each](entry) for each in word.outcomes)


def is_wanted(entry: LedgerEntry, wanted: LedgerSearch) -> bool:
    if wanted.client not in (None, entry.client):
        return False
    if wanted.outcome is Outcome.DONE and entry.ending != "done":
        return False
    if wanted.outcome not in (None, Outcome.DONE) and not _CALLED[wanted.outcome](entry):
        return False
    return all(says(entry, each) for each in wanted.words)


def lose_texts(path: Path) -> None:
    """Make it as it is when a file of version 5 has just been brought up to date."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM utc_text_days")
        connection.execute("DELETE FROM request_texts")
        connection.execute("UPDATE texts_since SET since = ?", (END,))
        connection.commit()


def found_by_reading(
    rows: Iterable[LedgerEntry], started: float, wanted: LedgerSearch
) -> list[LedgerEntry]:
    found = [each for each in rows if 0 <= each.started < started and is_wanted(each, wanted)]
    return sorted(found, key=lambda each: each.started, reverse=True)


@settings(max_examples=max(1, settings().max_examples // 2))
@given(STEPS, st.lists(ENTRIES, max_size=2), MOMENTS, st.integers(1, 4), SEARCHES)
def test_a_search_finds_what_a_look_at_every_row_finds(
    steps: list[tuple[str, object]],
    waiting: list[LedgerEntry],
    started: float,
    count: int,
    wanted: LedgerSearch,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usage.sqlite3"
        file = LedgerFile(path, lambda: 0.0, lambda _: None)
        file.open()
        rows: dict[tuple[str, float], LedgerEntry] = {}
        for step, value in steps:
            match step, value:
                case "write", list():
                    file.write(value)
                    rows |= {each.key: each for each in value}
                case "prune", float():
                    file.prune(value)
                    rows = {key: each for key, each in rows.items() if each.started >= value}
                case "forget", _:
                    file.forget()
                    rows = {}
                case "lose the texts", _:
                    lose_texts(path)
                    file.close()
                    file.open()
                case "add up a day", _:
                    file.add_up_a_day()
        unwritten = {each.key: each for each in waiting}
        everything = {**unwritten, **rows}
        expected = found_by_reading(everything.values(), started, wanted)
        queries = UsageQueries(path, lambda: tuple(unwritten.values()))
        found = queries.before(started, count, wanted)
        # Which of those that began at one moment come first is not promised.
        assert [each.started for each in found] == [each.started for each in expected[:count]]
        everything_found = queries.before(started, 1_000, wanted)
        assert {each.key for each in everything_found} == {each.key for each in expected}
        assert set(found) <= set(everything_found)
        file.close()
