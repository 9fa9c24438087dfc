"""The model list: read leniently, cached, refreshed, kept."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint, Model, Prices
from proxy_core.errors import ProxyError, SignedOut
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.catalog.parsing import parse_catalog, parse_model
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.unit.upstream.scripted_github import CATALOG_ENTRY, FakeSignIn, FakeTime

EXAMPLES = Path(__file__).parents[5] / "shared/reference/copilot-examples/models.json"

FULL = {
    "id": "claude-opus-4.7",
    "name": "Claude Opus 4.7",
    "vendor": "Anthropic",
    "version": "4.7",
    "preview": True,
    "model_picker_enabled": True,
    "supported_endpoints": ["/v1/messages", "/chat/completions", "/new-one", 7],
    "policy": {"state": "disabled"},
    "billing": {
        "restricted_to": ["pro_plus", "max"],
        "multiplier": 10,
        "token_prices": {
            "batch_size": 1000000,
            "default": {"input_price": 500, "output_price": 2500, "cache_price": 50},
        },
    },
    "capabilities": {
        "type": "chat",
        "family": "claude-opus-4.7",
        "limits": {
            "max_context_window_tokens": 264000,
            "max_prompt_tokens": 200000,
            "max_output_tokens": 64000,
            "vision": {"max_prompt_images": 5, "max_prompt_image_size": 3145728},
        },
        "supports": {
            "tool_calls": True,
            "vision": True,
            "reasoning_effort": ["low", "max", 3],
            "adaptive_thinking": True,
            "max_thinking_budget": 32000,
        },
    },
}


def test_a_full_entry_is_read_whole() -> None:
    model = parse_model(FULL)
    assert model is not None
    assert model.endpoints == (Endpoint.MESSAGES, Endpoint.CHAT_COMPLETIONS)
    assert model.limits.prompt == 200000
    assert model.limits.images == 5
    assert model.supports.thinking
    assert model.supports.reasoning_efforts == ("low", "max")
    assert model.prices == Prices(1000000, 500, 2500, 50, None)
    assert model.premium_multiplier == 10
    assert model.disabled_reason is not None
    assert "Pro+, Max" in model.disabled_reason
    assert model.raw is FULL


@pytest.mark.parametrize(
    "entry",
    [None, 7, "x", [], {}, {"id": ""}, {"id": 3, "capabilities": {"type": "chat"}}, {"id": "x"}],
)
def test_a_bad_entry_is_dropped_and_the_list_kept(entry: Any) -> None:
    models = parse_catalog({"data": [entry, CATALOG_ENTRY]})
    assert [each.id for each in models] == ["gpt-5.4"]


@pytest.mark.parametrize(
    "odd",
    [
        {"billing": 7},
        {"billing": {"token_prices": {"batch_size": "x"}, "multiplier": True}},
        {"policy": "on"},
        {"supported_endpoints": "all"},
        {"capabilities": {"type": "chat", "limits": [], "supports": None}},
        {"capabilities": {"type": "chat", "limits": {"max_prompt_tokens": "many"}}},
        {"name": None, "vendor": 1, "version": 2, "preview": "yes"},
    ],
)
def test_optional_fields_of_the_wrong_type_count_as_absent(odd: dict[str, Any]) -> None:
    model = parse_model({**CATALOG_ENTRY, **odd})
    assert model is not None
    assert model.prices is None
    assert model.limits.prompt is None
    assert model.disabled_reason is None


def test_endpoints_are_what_the_list_says_else_what_the_kind_implies() -> None:
    def endpoints(**more: Any) -> tuple[Endpoint, ...]:
        model = parse_model({**CATALOG_ENTRY, **more})
        assert model is not None
        return model.endpoints

    assert endpoints() == (Endpoint.CHAT_COMPLETIONS,)
    assert endpoints(capabilities={"type": "embeddings"}) == (Endpoint.EMBEDDINGS,)
    assert endpoints(capabilities={"type": "completion"}) == ()
    assert endpoints(supported_endpoints=["/unheard-of"]) == ()


def test_the_first_of_two_entries_with_one_id_counts() -> None:
    models = parse_catalog([CATALOG_ENTRY, {**CATALOG_ENTRY, "name": "later"}])
    assert [each.name for each in models] == ["GPT-5.4"]
    assert parse_catalog("nonsense") == ()


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the recorded list is not beside the repository")
def test_every_recorded_entry_is_read() -> None:
    content = json.loads(EXAMPLES.read_text())
    models = {each.id: each for each in parse_catalog(content)}
    assert len(models) == len(content["data"])
    assert models["gpt-5.3-codex"].endpoints == (Endpoint.RESPONSES, Endpoint.RESPONSES_WEBSOCKET)
    assert models["claude-opus-4.7"].disabled_reason is not None
    assert models["broken-entry"].limits.prompt is None


class Source:
    def __init__(self) -> None:
        self.entries: list[Any] | ProxyError = [CATALOG_ENTRY]
        self.calls = 0
        self.gate: asyncio.Event | None = None
        self.signed_in = FakeSignIn(FakeTime())

    async def fetch(self) -> list[Any]:
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.entries, ProxyError):
            raise self.entries
        return self.entries


OFFLINE = ConnectionFailed("no network", retryable=True)


def a_catalog(
    source: Source, time: FakeTime, tmp_path: Path, seen: list[tuple[Model, ...]] | None = None
) -> ModelCatalog:
    received = seen if seen is not None else []
    holder = source.signed_in.holder
    return ModelCatalog(source.fetch, tmp_path / "models.json", time.clock, holder, received.append)


async def test_one_fetch_serves_all_who_ask_at_once(time: FakeTime, tmp_path: Path) -> None:
    source = Source()
    catalog = a_catalog(source, time, tmp_path)
    await asyncio.gather(*(catalog.models() for _ in range(5)))
    assert source.calls == 1


async def test_an_old_list_is_served_while_a_new_one_is_fetched(
    time: FakeTime, tmp_path: Path
) -> None:
    source, seen = Source(), []
    catalog = a_catalog(source, time, tmp_path, seen)
    old = await catalog.models()
    time.pass_seconds(601)
    source.entries = [CATALOG_ENTRY, {**CATALOG_ENTRY, "id": "new"}]
    source.gate = asyncio.Event()
    assert await catalog.models() == old
    assert await catalog.models() == old
    source.gate.set()
    assert len(await catalog.refresh()) == 2
    assert source.calls == 2
    assert [len(each) for each in seen] == [1, 2]


async def test_a_failed_refresh_keeps_the_list_and_is_not_repeated_at_once(
    time: FakeTime, tmp_path: Path
) -> None:
    source = Source()
    catalog = a_catalog(source, time, tmp_path)
    await catalog.models()
    time.pass_seconds(601)
    source.entries = OFFLINE
    for _ in range(3):
        assert len(await catalog.models()) == 1
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert source.calls == 2
    time.pass_seconds(31)
    await catalog.models()
    await catalog.close()
    assert source.calls == 2 or source.calls == 3


async def test_an_empty_list_never_replaces_a_good_one(time: FakeTime, tmp_path: Path) -> None:
    source = Source()
    catalog = a_catalog(source, time, tmp_path)
    await catalog.models()
    source.entries = []
    with pytest.raises(ProxyError, match="empty list"):
        await catalog.refresh()
    assert len(await catalog.models()) == 1


async def test_without_network_or_copy_the_reason_is_told(time: FakeTime, tmp_path: Path) -> None:
    source = Source()
    source.entries = OFFLINE
    with pytest.raises(ConnectionFailed, match="no network"):
        await a_catalog(source, time, tmp_path).models()


async def test_a_copy_is_served_without_network_but_not_to_someone_signed_out(
    time: FakeTime, tmp_path: Path
) -> None:
    source = Source()
    before = a_catalog(source, time, tmp_path)
    await before.refresh()
    await before.close()
    source.entries = OFFLINE
    assert len(await a_catalog(source, time, tmp_path).models()) == 1
    source.entries = SignedOut("nobody")
    with pytest.raises(SignedOut):
        await a_catalog(source, time, tmp_path).models()


async def test_a_broken_copy_is_no_copy(time: FakeTime, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("{")
    source = Source()
    source.entries = OFFLINE
    with pytest.raises(ConnectionFailed):
        await a_catalog(source, time, tmp_path).models()


async def test_forgetting_removes_the_copy_too(time: FakeTime, tmp_path: Path) -> None:
    source = Source()
    catalog = a_catalog(source, time, tmp_path)
    await catalog.refresh()
    await catalog.forget()
    assert not (tmp_path / "models.json").exists()
    await catalog.models()
    assert source.calls == 2


async def test_a_caller_that_goes_away_leaves_the_fetch_to_the_others(
    time: FakeTime, tmp_path: Path
) -> None:
    source = Source()
    source.gate = asyncio.Event()
    catalog = a_catalog(source, time, tmp_path)
    first, second = asyncio.create_task(catalog.models()), asyncio.create_task(catalog.models())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert len(await second) == 1
    assert first.cancelled()


async def test_signing_out_during_a_fetch_ends_it_with_an_error_not_a_cancellation(
    time: FakeTime, tmp_path: Path
) -> None:
    source = Source()
    source.gate = asyncio.Event()
    catalog = a_catalog(source, time, tmp_path)
    waiting = asyncio.create_task(catalog.models())
    await asyncio.sleep(0)
    await catalog.forget()
    with pytest.raises(ProxyError, match="sign-in changed"):
        await waiting


async def test_a_list_that_was_asked_for_before_a_sign_out_is_not_the_kept_one(
    time: FakeTime, tmp_path: Path
) -> None:
    file = tmp_path / "models.json"
    asked = asyncio.Event()

    async def never() -> list[Any]:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    file.write_text(json.dumps({"data": [CATALOG_ENTRY]}))
    catalog = ModelCatalog(never, file, time.clock, FakeSignIn(time).holder)
    waiting = asyncio.ensure_future(catalog.models())
    await asked.wait()
    await catalog.forget()
    with pytest.raises(ProxyError):
        await waiting


async def test_a_disk_that_hangs_holds_nobody_up(
    time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_again = threading.Event()
    monkeypatch.setattr(
        "proxy_core.upstream.catalog.catalog.write_private", lambda *_: works_again.wait(30)
    )
    catalog = a_catalog(Source(), time, tmp_path)
    try:
        models = await asyncio.wait_for(catalog.models(), 30)
        await catalog.poll()
    finally:
        works_again.set()
    assert [each.id for each in models] == ["gpt-5.4"]
    await catalog.close()


async def test_a_full_disk_does_not_bring_the_old_copy_back(
    time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = CATALOG_ENTRY | {"id": "gpt-old"}
    (tmp_path / "models.json").write_text(json.dumps({"data": [old]}))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("proxy_core.upstream.catalog.catalog.write_private", full)
    catalog = a_catalog(Source(), time, tmp_path)
    await catalog.models()
    assert catalog._keeping is not None
    await catalog._keeping
    await catalog.poll()
    assert [each.id for each in await catalog.models()] == ["gpt-5.4"]
    await catalog.close()
