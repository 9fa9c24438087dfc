"""The accounting at the end of a request: whatever the prompt is like, its cost is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.status.status import RequestRecord, RequestState, Status
from proxy_core.status.status_board import StatusBoard
from proxy_core.upstream.random_ids import RandomIds
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.request_accounting import SentCall
from tests.unit.upstream.scripted_github import CATALOG_ENTRY


async def test_a_prompt_that_cannot_be_hashed_is_recorded_all_the_same(tmp_path: Any) -> None:
    from proxy_core.upstream.catalog.parsing import parse_model

    board = StatusBoard(Status())
    side = UsageServices(
        paths=Paths(config=tmp_path, state=tmp_path, log=tmp_path),
        board=board,
        clock=Clock(),
        settings=Settings,
    )
    side.open()
    model = parse_model(CATALOG_ENTRY)
    assert model is not None
    nested: Any = []
    for _ in range(5_000):
        nested = [nested]
    body: Mapping[str, Any] = {"messages": nested}
    record = RequestRecord(
        RandomIds().make_id("req_"),
        "Codex",
        "POST /responses",
        "gpt-5.4",
        Clock().wall(),
        RequestState.DONE,
        input_tokens=7,
        nano_credits=5,
    )
    side.guard.begin(record.request_id, 3)
    recorded = side.usage_hooks.record(record, SentCall(model, body), None)
    assert recorded.nano_credits == 5
    assert board.current.today is not None
    assert board.current.today.requests == 1
    assert side.guard.state.day.nano_credits == 5
    await side.close()
