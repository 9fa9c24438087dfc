"""Codex's two ways to have a conversation compacted, over HTTP, and references to stored responses."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from proxy_core.status.status import RequestState
from tests.integration.server.conftest import Proxy

MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")
TALK: list[Any] = [
    {"role": "developer", "content": "You are a gardener."},
    {"role": "user", "content": "Remember: the gate's code is 4711."},
    {"role": "assistant", "content": "I shall."},
]
TRIGGER: Any = {"type": "compaction_trigger"}


@pytest.mark.parametrize("model", MODELS)
async def test_a_trigger_streams_exactly_one_item(openai_client: AsyncOpenAI, model: str) -> None:
    stream = await openai_client.responses.create(
        model=model, input=[*TALK, TRIGGER], stream=True, store=False
    )
    events = [event async for event in stream]
    done = [event.item.type for event in events if event.type == "response.output_item.done"]
    assert done == ["compaction"]
    last = events[-1]
    assert last.type == "response.completed"
    assert [item.type for item in last.response.output] == ["compaction"]
    assert last.response.usage is not None
    assert last.response.usage.output_tokens > 0
    assert not [event for event in events if event.type.startswith("response.output_text")]


@pytest.mark.parametrize("model", MODELS)
async def test_a_trigger_is_answered_whole_too(
    proxy: Proxy, openai_client: AsyncOpenAI, model: str
) -> None:
    response = await openai_client.responses.create(model=model, input=[*TALK, TRIGGER])
    assert [item.type for item in response.output] == ["compaction"]
    assert response.status == "completed"
    assert proxy.last_request.state is RequestState.DONE
    assert proxy.simulator.requests[-1].headers["x-initiator"] == "agent"


@pytest.mark.parametrize("model", MODELS)
async def test_the_compact_endpoint_returns_the_user_s_words_and_one_item(
    proxy: Proxy, openai_client: AsyncOpenAI, model: str
) -> None:
    compacted = await openai_client.responses.compact(model=model, input=TALK)
    assert compacted.object == "response.compaction"
    assert [item.type for item in compacted.output] == ["message", "compaction"]
    (user, _) = compacted.output
    assert user.type == "message"
    assert user.role == "user"
    assert user.content[0].text == "Remember: the gate's code is 4711."
    assert compacted.usage.total_tokens > 0
    assert proxy.last_request.path == "POST /v1/responses/compact"
    assert proxy.last_request.model == model


@pytest.mark.parametrize("later", MODELS)
async def test_a_conversation_goes_on_from_its_compaction_with_any_model(
    proxy: Proxy, openai_client: AsyncOpenAI, later: str
) -> None:
    """The summary quotes its prompt's beginning here, as all the simulator says does."""
    compacted = await openai_client.responses.compact(model="gpt-5.3-codex", input=TALK)
    item: Any = compacted.output[-1].model_dump(exclude_none=True)
    answer = await openai_client.responses.create(
        model=later, input=[item, {"role": "user", "content": "Which code?"}]
    )
    assert answer.output_text
    sent = str(proxy.simulator.requests[-1].body)
    assert "was replaced by the following summary" in sent
    assert item["encrypted_content"] not in sent


async def test_a_text_can_be_compacted(openai_client: AsyncOpenAI) -> None:
    compacted = await openai_client.responses.compact(model="gpt-4.1", input="A long, long story")
    assert [item.type for item in compacted.output] == ["message", "compaction"]


@pytest.mark.parametrize("model", MODELS)
async def test_upstream_s_refusal_of_a_compaction_is_told(
    proxy: Proxy, openai_client: AsyncOpenAI, model: str
) -> None:
    await proxy.script({"fault": "429-long"})
    with pytest.raises(openai.RateLimitError):
        await openai_client.responses.compact(model=model, input="Hello")
    assert proxy.last_request.state is RequestState.FAILED


@pytest.mark.parametrize("model", MODELS)
async def test_a_summary_that_did_not_come_is_a_failure_and_no_empty_item(
    proxy: Proxy, openai_client: AsyncOpenAI, model: str
) -> None:
    for _ in range(3):
        await proxy.script({"say": {"text": ""}})
    with pytest.raises(openai.InternalServerError, match="no summary"):
        await openai_client.responses.compact(model=model, input="Hello")
    with pytest.raises(openai.InternalServerError, match="no summary"):
        await openai_client.responses.create(model=model, input=[*TALK, TRIGGER])
    stream = await openai_client.responses.create(model=model, input=[*TALK, TRIGGER], stream=True)
    last = [event async for event in stream][-1]
    assert last.type == "response.failed"
    assert last.response.output == []
    assert last.response.error is not None
    assert "no summary" in last.response.error.message


@pytest.mark.parametrize("path", ["", "/compact", "/input_tokens"])
@pytest.mark.parametrize("model", MODELS)
async def test_a_stored_response_is_honestly_not_found_over_http(
    proxy: Proxy, path: str, model: str
) -> None:
    response = await proxy.post(
        f"/v1/responses{path}",
        {"model": model, "input": "Go on", "previous_response_id": "resp_123"},
    )
    assert response.status == 400
    error = (await response.json())["error"]
    assert error["code"] == "previous_response_not_found"
    assert error["param"] == "previous_response_id"
    assert "resp_123" in error["message"]
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [{}, {"model": "gpt-4.1"}, {"input": "hi"}, {"model": 7}])
async def test_an_incomplete_request_to_compact_is_refused_by_its_member(
    proxy: Proxy, body: dict[str, Any]
) -> None:
    response = await proxy.post("/v1/responses/compact", body)
    assert response.status == 400
    assert (await response.json())["error"]["param"] in ("model", "input")
