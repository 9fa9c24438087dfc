"""The model list in three shapes, read by the programs that ask for it."""

from __future__ import annotations

import anthropic
import openai
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.integration.server.conftest import Proxy


async def test_openai_s_sdk_lists_and_retrieves(openai_client: AsyncOpenAI) -> None:
    listed = [each async for each in openai_client.models.list()]
    ids = [each.id for each in listed]
    assert {"gpt-5.3-codex", "claude-sonnet-4.6", "text-embedding-3-small"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert all(each.object == "model" and each.owned_by for each in listed)
    one = await openai_client.models.retrieve("gpt-5.3-codex")
    assert one == next(each for each in listed if each.id == "gpt-5.3-codex")
    with pytest.raises(openai.NotFoundError):
        await openai_client.models.retrieve("gpt-900")


async def test_anthropic_s_sdk_pages_through_the_same_list(
    anthropic_client: AsyncAnthropic, openai_client: AsyncOpenAI
) -> None:
    everything = [each.id async for each in openai_client.models.list()]
    page = await anthropic_client.models.list(limit=5)
    assert len(page.data) == 5
    assert page.has_more
    assert (page.first_id, page.last_id) == (page.data[0].id, page.data[-1].id)
    assert [each.id async for each in anthropic_client.models.list(limit=5)] == everything

    back = await anthropic_client.models.list(limit=2, before_id=everything[5])
    assert [each.id for each in back.data] == everything[3:5]
    assert back.has_more
    start = await anthropic_client.models.list(limit=3, before_id=everything[2])
    assert [each.id for each in start.data] == everything[:2]
    assert not start.has_more
    end = await anthropic_client.models.list(limit=3, after_id=everything[-1])
    assert end.data == []
    assert not end.has_more


async def test_anthropic_s_sdk_retrieves_a_model_by_either_spelling(
    anthropic_client: AsyncAnthropic,
) -> None:
    for name in ("claude-sonnet-4.6", "claude-sonnet-4-6"):
        model = await anthropic_client.models.retrieve(name)
        assert model.id == "claude-sonnet-4.6"
        assert model.type == "model"
        assert model.display_name
    with pytest.raises(anthropic.NotFoundError):
        await anthropic_client.models.retrieve("claude-nothing")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after_id=gpt-900", "before_id=a&after_id=b"]
)
async def test_a_bad_cursor_is_refused_in_anthropic_s_shape(proxy: Proxy, query: str) -> None:
    response = await proxy.get(f"/v1/models?{query}", anthropic_version="2023-06-01")
    assert response.status == 400
    body = await response.json()
    assert body["type"] == "error"
    assert body["error"]["type"] == "invalid_request_error"


async def test_codex_gets_the_models_that_hold_conversations(proxy: Proxy) -> None:
    body = await (await proxy.get("/v1/models?client_version=0.169.0")).json()
    models = {each["slug"]: each for each in body["models"]}
    assert "gpt-5.3-codex" in models
    assert "text-embedding-3-small" not in models
    for each in models.values():
        assert each["context_window"] is None or each["context_window"] > 0
        levels = [level["effort"] for level in each["supported_reasoning_levels"]]
        assert each["default_reasoning_level"] in (*levels, None)
    assert [each["priority"] for each in body["models"]] == list(range(len(models)))


@pytest.mark.parametrize(
    ("query", "agent"), [("limit=1000", "anything"), ("", "claude-code/2.1.332")]
)
async def test_claude_code_finds_every_vendor_s_models_in_its_picker(
    proxy: Proxy, query: str, agent: str
) -> None:
    headers = {"anthropic-version": "2023-06-01", "User-Agent": agent}
    response = await proxy.send("GET", f"/v1/models?{query}", headers | proxy.headers())
    listed = (await response.json())["data"]
    ids = [each["id"] for each in listed]
    assert all("claude" in each or "anthropic" in each for each in ids)
    assert {"claude-sonnet-4.6", "anthropic/gpt-5.3-codex"} <= set(ids)
    assert all(each["description"] for each in listed)
    one = await (await proxy.get("/v1/models/anthropic/gpt-5.3-codex")).json()
    assert one["id"] == "gpt-5.3-codex", "the alias is understood"


async def test_other_programs_get_copilot_s_own_ids(proxy: Proxy) -> None:
    response = await proxy.get("/v1/models?limit=100", anthropic_version="2023-06-01")
    listed = (await response.json())["data"]
    assert "gpt-5.3-codex" in [each["id"] for each in listed]
    assert not [each for each in listed if "description" in each]
