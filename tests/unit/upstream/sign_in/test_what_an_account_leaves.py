"""What was asked for with one sign-in and answered under the next: choice, catalogue, calls."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from proxy_core.errors import SignedOut
from proxy_core.routing.upstream_api import AutomaticQuestion
from proxy_core.upstream.catalog.auto_mode import AutoMode
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.sign_in.epoch import SignInChanged
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.unit.upstream.calls.client_words import CHAT, HELLO
from tests.unit.upstream.scripted_github import (
    CATALOG_ENTRY,
    STREAM,
    Bench,
    FakeSignIn,
    FakeTime,
    Reply,
)


class Choosing:
    """Copilot's own small calls; each choice has a session token of its own."""

    def __init__(self) -> None:
        self.count = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def post(self, *_: Any) -> bytes:
        self.count += 1
        count = self.count
        await self.goes_on.wait()
        chosen = {"selected_model": CATALOG_ENTRY, "session_token": f"s{count}"}
        return json.dumps(chosen).encode()


@pytest.fixture
def signed_in(time: FakeTime) -> FakeSignIn:
    return FakeSignIn(time)


async def test_a_choice_that_comes_after_the_account_changed_serves_nobody(
    time: FakeTime, signed_in: FakeSignIn
) -> None:
    choosing = Choosing()
    choosing.goes_on.clear()
    auto = AutoMode(choosing, time.clock, signed_in.holder)  # type: ignore[arg-type]
    asked = asyncio.ensure_future(auto.choice(AutomaticQuestion("hello")))
    await asyncio.sleep(0)
    signed_in.change("ghu_2")
    choosing.goes_on.set()
    with pytest.raises(SignInChanged):
        await asked
    assert (await auto.choice(AutomaticQuestion("hello"))).session_token == "s2"
    auto.check("s2")
    with pytest.raises(SignInChanged, match="after GitHub had chosen"):
        auto.check("s1")


async def test_a_list_that_comes_after_the_account_changed_is_not_the_next_ones(
    time: FakeTime, signed_in: FakeSignIn, tmp_path: Path
) -> None:
    goes_on = asyncio.Event()
    lists = iter(([CATALOG_ENTRY], [CATALOG_ENTRY | {"id": "gpt-other"}]))

    async def fetch() -> list[Any]:
        entries = next(lists)
        await goes_on.wait()
        return entries

    catalog = ModelCatalog(fetch, tmp_path / "models.json", time.clock, signed_in.holder)
    asked = asyncio.ensure_future(catalog.models())
    await asyncio.sleep(0)
    signed_in.change("ghu_2")
    goes_on.set()
    with pytest.raises(SignInChanged):
        await asked
    assert [each.id for each in await catalog.models()] == ["gpt-other"]
    await catalog.close()


async def test_the_list_kept_on_disk_is_one_accounts_alone(
    time: FakeTime, signed_in: FakeSignIn, tmp_path: Path
) -> None:
    async def fetch() -> list[Any]:
        return [CATALOG_ENTRY]

    async def offline() -> list[Any]:
        raise ConnectionFailed("no network", retryable=True)

    file = tmp_path / "models.json"
    first = ModelCatalog(fetch, file, time.clock, signed_in.holder)
    await first.models()
    await first.close()
    assert "ghu_1" not in file.read_text()
    same = ModelCatalog(offline, file, time.clock, signed_in.holder)
    assert len(await same.models()) == 1
    signed_in.change("ghu_2")
    with pytest.raises(ConnectionFailed):
        await ModelCatalog(offline, file, time.clock, signed_in.holder).models()


@pytest.mark.parametrize("busy", [Reply(503, b"busy"), Reply(cut_after=0)])
async def test_a_call_that_waits_for_its_repeat_ends_with_the_sign_in(
    bench: Bench, busy: Reply
) -> None:
    bench.github.on(CHAT, busy, STREAM)
    bench.time.stop()
    calling = asyncio.ensure_future(bench.send(HELLO))
    async with asyncio.timeout(30):
        while not bench.time.slept:  # noqa: ASYNC110 - the first wait
            await asyncio.sleep(0.002)
    bench.sign_in.holder().epoch.end(signed_out=True)
    with pytest.raises(SignedOut):
        await calling
    assert len(bench.github.calls(CHAT)) == 1


async def test_a_call_over_an_old_token_meets_a_stale_lease_unchanged(bench: Bench) -> None:
    """A bare 403 may mean a member too: that is tried first, and blamed only where it helped."""
    forbidden = Reply(403, b"forbidden\n", {"x-github-request-id": "CAFE:1"})
    bench.github.on(CHAT, STREAM, forbidden, forbidden, STREAM)
    await bench.send(HELLO)
    bench.time.pass_seconds(120)
    await bench.send({**HELLO, "temperature": 1})
    assert len(bench.github.calls(CHAT)) == 4
    assert "temperature" not in bench.github.calls(CHAT)[-2].body
    assert bench.github.calls(CHAT)[-1].body["temperature"] == 1
    assert len(bench.github.calls("/copilot_internal/v2/token")) == 2
    assert bench.parameters.refusals() == ()
