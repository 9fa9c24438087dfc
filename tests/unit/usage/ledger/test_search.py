"""Looking through the ledger: by tool, outcome and words; what began when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.search import LedgerSearch, Outcome, SearchWord

NOON = 1_795_262_400.0
Make = Callable[..., LedgerEntry]


@pytest.fixture
def queries(tmp_path: Path, entry: Make) -> UsageQueries:
    entries = [
        entry("done", client="Codex", started=NOON - 1),
        entry("again", client="Codex", started=NOON - 2, attempts=2),
        entry("failed", client="aider", started=NOON - 3, ending="failed", error="quota"),
        entry("left", client="aider", started=NOON - 4, ending="cancelled"),
        entry("kept", client="aider", started=NOON - 5, ending="not_sent", reason="It is PAUSED."),
    ]
    file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None)
    file.write(entries[1:])
    file.close()
    return UsageQueries(tmp_path / "usage.sqlite3", lambda: (entries[0],))


def found(queries: UsageQueries, **wanted: object) -> list[str]:
    search = LedgerSearch(**wanted)  # type: ignore[arg-type]
    return [each.request_id for each in queries.before(NOON, 10, search)]


def test_every_filter_and_both_sources_are_looked_through(queries: UsageQueries) -> None:
    assert found(queries) == ["done", "again", "failed", "left", "kept"]
    assert found(queries, client="Codex") == ["done", "again"]
    assert found(queries, outcome=Outcome.DONE) == ["done", "again"]
    assert found(queries, outcome=Outcome.SENT_AGAIN) == ["again"]
    assert found(queries, outcome=Outcome.FAILED) == ["failed"]
    assert found(queries, outcome=Outcome.CANCELLED) == ["left"]
    assert found(queries, outcome=Outcome.NOT_SENT, client="aider") == ["kept"]


def test_words_are_found_in_any_text_or_as_an_outcome_and_all_of_them_must_be(
    queries: UsageQueries,
) -> None:
    assert found(queries, words=(SearchWord("paused"),)) == ["kept"]
    assert found(queries, words=(SearchWord("quota"),)) == ["failed"]
    assert found(queries, words=(SearchWord("aider"), SearchWord("quota"))) == ["failed"]
    done = SearchWord("fertig", frozenset({Outcome.DONE}))
    assert found(queries, words=(done,)) == ["done"], "what was sent again is called otherwise"
    assert found(queries, words=(SearchWord("%"),)) == [], "no wildcard"
    assert found(queries, words=(SearchWord("'; DROP TABLE requests"),)) == []


def test_pages_of_a_search_follow_each_other(queries: UsageQueries) -> None:
    first = queries.before(NOON, 2, LedgerSearch("aider"))
    rest = queries.before(first[-1].started, 2, LedgerSearch("aider"))
    assert [each.request_id for each in (*first, *rest)] == ["failed", "left", "kept"]


def test_every_client_is_named_once(queries: UsageQueries) -> None:
    assert queries.clients() == ("Codex", "aider")


def test_starts_are_counted_however_many_there_are(tmp_path: Path, entry: Make) -> None:
    file = LedgerFile(tmp_path / "many.sqlite3", lambda: NOON, lambda _: None)
    file.write([entry(f"r{n}", started=NOON - 31 + n / 100) for n in range(500)])
    file.close()
    queries = UsageQueries(tmp_path / "many.sqlite3")
    half = int(NOON) // 30
    assert queries.starts(NOON - 900, NOON, 30) == ((half - 2, 100), (half - 1, 400))
    assert queries.starts(NOON, NOON + 900, 30) == ()
