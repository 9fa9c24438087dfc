"""Clients that rely on OpenAI's storage name earlier items by their ids (the AI SDK, for one)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")
"""Passed through; translated to Messages; translated to chat."""


async def ask(proxy: Proxy, given: object, **more: Any) -> dict[str, Any]:
    answer = await proxy.post("/v1/responses", {"input": given, **more})
    body = await answer.json()
    return {"http": answer.status, **body}


def last_body(proxy: Proxy) -> dict[str, Any]:
    bodies = [
        each.body
        for each in proxy.simulator.requests
        if each.path.endswith(("/responses", "/messages", "/chat/completions"))
    ]
    body = bodies[-1]
    return json.loads(body) if isinstance(body, (str, bytes)) else body


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_an_earlier_answer_may_be_named_by_its_id(
    proxy: Proxy, model: str, stream: bool
) -> None:
    first = [{"role": "user", "content": "Say hello to the duck"}]
    body = {"model": model, "input": first, "stream": stream}
    answer = await proxy.post("/v1/responses", body)
    if stream:
        lines = (await answer.text()).splitlines()
        told = json.loads(lines[-2][6:])["response"] if lines[-2].startswith("data") else None
        told = told or next(
            json.loads(line[6:])["response"]
            for line in reversed(lines)
            if line.startswith('data: {"type":"response.completed"')
        )
    else:
        told = await answer.json()
    references = [{"type": "item_reference", "id": item["id"]} for item in told["output"]]
    references[-1].pop("type")
    follow = [*first, *references, {"role": "user", "content": "And to the goose"}]
    second = await ask(proxy, follow, model=model)
    assert second["http"] == 200, second
    assert "hello to the duck" in json.dumps(last_body(proxy)).replace("Say hello", "", 1)


@pytest.mark.parametrize("model", MODELS)
async def test_an_unknown_reference_is_refused_and_never_left_out(proxy: Proxy, model: str) -> None:
    given = [{"type": "item_reference", "id": "msg_nobody"}, {"role": "user", "content": "Go on"}]
    refused = await ask(proxy, given, model=model)
    assert refused["http"] == 400
    assert refused["error"]["message"].startswith("Item with id 'msg_nobody' not found.")
    assert refused["error"]["param"] == "input"


@pytest.mark.parametrize("model", MODELS)
async def test_what_was_not_to_be_stored_is_not(proxy: Proxy, model: str) -> None:
    told = await ask(proxy, "Say hello to the duck", model=model, store=False)
    item_id = told["output"][-1]["id"]
    given = [{"type": "item_reference", "id": item_id}, {"role": "user", "content": "Go on"}]
    assert (await ask(proxy, given, model=model, store=False))["http"] == 400


@pytest.mark.parametrize("model", MODELS[1:])
@pytest.mark.parametrize("alone", [True, False])
async def test_an_item_of_an_unknown_type_is_refused_as_openai_does(
    proxy: Proxy, model: str, alone: bool
) -> None:
    given = [{"type": "nonsense"}] + ([] if alone else [{"role": "user", "content": "Hi"}])
    refused = await ask(proxy, given, model=model)
    assert refused["http"] == 400
    assert refused["error"]["message"].startswith(
        "Invalid value: 'nonsense'. Supported values are:"
    )
    assert refused["error"]["param"] == "input[0]"


async def test_reasoning_comes_back_where_the_client_relied_on_storage(proxy: Proxy) -> None:
    model = "gpt-5.3-codex"
    told = await ask(
        proxy, "Think step by step about ducks", model=model, reasoning={"effort": "high"}
    )
    assert [item["type"] for item in told["output"]] == ["reasoning", "message"]
    references = [{"type": "item_reference", "id": item["id"]} for item in told["output"]]
    second = await ask(proxy, [*references, {"role": "user", "content": "More"}], model=model)
    assert second["http"] == 200, second
    sent = last_body(proxy)["input"]
    assert [item["type"] for item in sent[:2]] == ["reasoning", "message"]
    assert sent[0]["encrypted_content"]
