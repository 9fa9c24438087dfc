"""``n`` whole answers to a chat client: as many calls, one body, all or none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from openai import AsyncOpenAI

from proxy_core.errors import UpstreamBroke
from proxy_core.status.status import RequestState
from tests.integration.server.conftest import Proxy
from tests.integration.server.test_scripted_upstream import (
    ASK,
    DONE,
    END,
    TEXT,
    Scene,
    _until,
    scene,
)

__all__ = ["scene"]  # the fixture

CHAT = "/v1/chat/completions"
SAY = {"role": "user", "content": "Say a word."}


@pytest.mark.parametrize(
    "model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6", "gemini-2.5-pro"]
)
async def test_every_model_gives_as_many_answers_as_were_asked_for(
    proxy: Proxy, model: str
) -> None:
    one = await (await proxy.post(CHAT, {"model": model, "messages": [SAY]})).json()
    before = len(proxy.simulator.requests)
    answer = await proxy.post(CHAT, {"model": model, "messages": [SAY], "n": 3})
    body = await answer.json()
    assert answer.status == 200, body
    assert [choice["index"] for choice in body["choices"]] == [0, 1, 2]
    assert all(choice["message"]["content"] for choice in body["choices"])
    assert body["usage"]["prompt_tokens"] == 3 * one["usage"]["prompt_tokens"]
    details = body["usage"]["prompt_tokens_details"]
    assert set(details) == set(one["usage"]["prompt_tokens_details"])
    sent = proxy.simulator.requests[before:]
    assert len(sent) == 3
    assert all(each.body.get("n") in (None, 1) for each in sent)


async def test_each_answer_has_a_record_of_its_own(proxy: Proxy) -> None:
    body = {"model": "claude-sonnet-4.6", "messages": [SAY], "n": 2}
    assert (await proxy.post(CHAT, body)).status == 200
    records = proxy.board.current.recent
    assert len({each.request_id for each in records}) == 2
    assert {each.state for each in records} == {RequestState.DONE}
    assert all(each.output_tokens for each in records)
    assert {each.path for each in records} == {f"POST {CHAT}"}


async def test_openais_client_reads_every_choice(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.chat.completions.create(
        model="claude-sonnet-4.6", messages=[{"role": "user", "content": "Say a word."}], n=2
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert all(choice.message.content for choice in answer.choices)
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.parametrize("n", [0, 17, 129, "2", 1.5])
async def test_a_number_that_is_none_or_too_many_is_refused(proxy: Proxy, n: object) -> None:
    answer = await proxy.post(CHAT, {"model": "gpt-4.1", "messages": [SAY], "n": n})
    assert answer.status == 400
    assert (await answer.json())["error"]["param"] == "n"


async def test_one_that_fails_ends_them_all(scene: Scene) -> None:
    numbers = iter(range(2))

    async def play() -> AsyncIterator[bytes]:
        yield TEXT
        if next(numbers):
            raise UpstreamBroke("cut")
        await asyncio.Event().wait()

    response = await scene.ask(play, stream=False, n=2)
    assert response.status == 502
    assert (await response.json())["error"]["message"]
    await _until(lambda: scene.upstream.closed == 2)
    states = {each.state for each in scene.board.current.recent}
    assert states == {RequestState.FAILED, RequestState.CANCELLED}


async def test_a_client_that_leaves_ends_them_all(scene: Scene) -> None:
    async def play() -> AsyncIterator[bytes]:
        yield TEXT
        await asyncio.Event().wait()

    scene.upstream.steps = [play]
    body = {**ASK, "n": 3}
    asking = asyncio.ensure_future(scene.http.post(scene.url + CHAT, json=body))
    await _until(lambda: len(scene.upstream.calls) == 3)
    asking.cancel()
    with pytest.raises((asyncio.CancelledError, aiohttp.ClientError)):
        await asking
    await _until(lambda: scene.upstream.closed == 3)
    await _until(
        lambda: {each.state for each in scene.board.current.recent} == {RequestState.CANCELLED}
    )


async def test_a_single_answer_is_one_call(scene: Scene) -> None:
    response = await scene.ask(TEXT, END, DONE, stream=False, n=1)
    assert response.status == 200
    assert len(scene.upstream.calls) == 1
