"""What /responses refuses, its rotating ids, and encrypted reasoning on its way back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import read
from tests.simulator.conftest import Client, StartSimulator

ENCRYPTED = {
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
}
TOOL = {
    "type": "function",
    "name": "read_file",
    "parameters": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
    },
}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "input_text", "text": text}]}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"temperature": None}, "Unsupported parameter: 'temperature' is not supported with this"),
        ({"top_p": 0.5}, "Unsupported parameter: 'top_p' is not supported with this model."),
        ({"service_tier": "auto"}, "Unsupported parameter: 'service_tier'"),
        ({"store": True}, "store: true is not supported."),
        ({"background": True}, "background: true is not supported."),
        ({"previous_response_id": "resp_1"}, "Previous response with id 'resp_1' not found."),
        ({"made_up": 1}, "Unknown parameter: 'made_up'."),
        (
            {"max_output_tokens": 8},
            (
                "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but "
                "got 8 instead."
            ),
        ),
        ({"reasoning": {"effort": "minimal"}}, 'reasoning.effort "minimal" is not supported'),
        ({"text": {"format": {"type": "json_schema"}}}, "Missing required parameter"),
        ({"tools": [{"type": "web_search"}]}, "The use of the web search tool is not supported."),
        ({"tools": [{"type": "code_interpreter"}]}, "Invalid value: 'code_interpreter'."),
        ({"input": []}, "Missing required parameter: 'input'."),
        ({"input": [{"role": "robot", "content": "x"}]}, "Invalid value: 'robot'"),
        (
            {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
            "Invalid value: 'text' at 'input[0].content[0]'.",
        ),
        (
            {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
            (
                "Invalid value: 'input_text' at 'input[0].content[0]'. Supported values are: "
                "'output_text', 'refusal'."
            ),
        ),
        (
            {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "x"}]},
            "No tool call found for function call output with call_id call_1.",
        ),
        (
            {
                "input": [
                    {"type": "function_call", "call_id": "call_1", "name": "x", "arguments": "{}"}
                ]
            },
            "No tool output found for function call call_1.",
        ),
        (
            {"input": [{"type": "message", "id": "call_x", **user("hi")}]},
            "Invalid 'input[0].id': 'call_x'. Expected an ID that begins with 'msg'.",
        ),
        (
            {"input": [{"type": "message", "id": "msg_" + "x" * 404, **user("hi")}]},
            (
                "Invalid 'input[0].id': string too long. Expected a string with maximum length 64, but "
                "got a string with length 408 instead."
            ),
        ),
        ({"input": [{"type": "item_reference", "id": "rs_1"}]}, "input[0]: Item with id 'rs_1'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_body_with_a_fault_names_it(
    client: Client, members: dict[str, Any], said: str
) -> None:
    answer = await client.post("/responses", {"model": "gpt-5.4", "input": "hi", **members})
    assert answer.status == 400, answer.text
    assert answer.message.startswith(said)


async def test_a_codex_model_takes_top_p(client: Client) -> None:
    assert (await client.responses("hi", model="gpt-5.3-codex", top_p=0.5)).status == 200


async def test_custom_tools_are_for_openais_models(client: Client) -> None:
    tools = [{"type": "custom", "name": "exec", "description": "Run a command"}]
    said = read("responses", await client.responses("Read /tmp/a.txt", tools=tools))
    assert said.calls == [("exec", "cat /tmp/a.txt")]
    refused = await client.responses("Read /tmp/a.txt", model="grok-4.5", tools=tools)
    assert refused.status == 400


async def test_sub_paths_do_not_exist(client: Client) -> None:
    for path in ("/responses/resp_1", "/responses/resp_1/cancel", "/responses/input_tokens"):
        assert (await client.post(path, {})).text == "404 page not found\n"


def ids_by_output_index(events: list[tuple[str | None, Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for _, data in events:
        if "output_index" in data:
            identity = data.get("item_id") or data["item"]["id"]
            found.setdefault(data["output_index"], []).append(identity)
    return found


async def test_every_event_names_its_item_by_another_id_and_the_end_by_yet_another(
    client: Client,
) -> None:
    answer = await client.responses(
        "Read /tmp/a.txt and /tmp/b.txt step by step", stream=True, tools=[TOOL], **ENCRYPTED
    )
    events = answer.events()
    seen = ids_by_output_index(events)
    assert set(seen) == {0, 1, 2, 3}
    last = events[-1][1]["response"]["output"]
    every = [identity for ids in seen.values() for identity in ids] + [item["id"] for item in last]
    assert len(set(every)) == len(every)
    assert {len(identity) for identity in every} == {408}
    responses = [data["response"]["id"] for _, data in events if "response" in data]
    assert len(set(responses)) == 3


async def test_ids_stay_put_when_rotation_is_switched_off(start: StartSimulator) -> None:
    client = await start(switches={"rotates_item_ids": False})
    events = (await client.responses("hi", stream=True)).events()
    assert all(len(set(ids)) == 1 for ids in ids_by_output_index(events).values())


async def test_the_terminal_event_has_usage_and_cost_beside_the_response(client: Client) -> None:
    name, last = (await client.responses("hi", stream=True)).events()[-1]
    assert name == "response.completed"
    assert last["response"]["usage"]["total_tokens"] > 0
    assert last["copilot_usage"]["token_details"][0]["token_type"] == "input"
    assert "copilot_usage" not in last["response"]


async def test_the_phase_tells_comment_from_final_answer(client: Client) -> None:
    def phases(answer: Any) -> list[str]:
        return [item["phase"] for item in answer.json()["output"] if item["type"] == "message"]

    assert phases(await client.responses("hi")) == ["final_answer"]
    two = await client.responses("Read /tmp/a.txt and /tmp/b.txt", tools=[TOOL])
    assert phases(two) == ["commentary"]


async def reasoning_items(client: Client) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The reasoning item as it was at ``added``, at ``done`` and in the final output."""
    events = (await client.responses("hi", stream=True, **ENCRYPTED)).events()
    added, done = (
        next(data["item"] for _, data in events if data["type"] == f"response.output_item.{kind}")
        for kind in ("added", "done")
    )
    return added, done, events[-1][1]["response"]["output"][0]


async def replayed(client: Client, item: dict[str, Any]) -> Any:
    return await client.responses([user("hi"), item, user("and now?")])


async def test_reasoning_comes_back_with_the_id_it_was_done_with_or_none(client: Client) -> None:
    added, done, final = await reasoning_items(client)
    assert (await replayed(client, done)).status == 200
    assert (await replayed(client, {k: v for k, v in done.items() if k != "id"})).status == 200
    for mismatched in ({**done, "id": added["id"]}, final, {**done, "id": "rs_1"}):
        answer = await replayed(client, mismatched)
        assert answer.message == "Encrypted content item_id did not match the target item id"
        assert answer.json()["error"]["code"] == "invalid_encrypted_content"


async def test_thoughts_count_in_the_prompt_they_return_in_and_their_content_is_as_long(
    client: Client,
) -> None:
    prompts, lengths = [], []
    for thinking in ("short", "a long thought " * 400):
        await client.post("/_sim/script", {"steps": [{"say": {"text": "x", "thinking": thinking}}]})
        _, done, _ = await reasoning_items(client)
        lengths.append(len(done["encrypted_content"]))
        prompts.append((await replayed(client, done)).json()["usage"]["input_tokens"])
    assert lengths[1] - lengths[0] > 6000
    assert 1400 < prompts[1] - prompts[0] < 1600


async def test_altered_or_unfinished_encrypted_content_is_refused(client: Client) -> None:
    added, done, _ = await reasoning_items(client)
    content = done["encrypted_content"]
    for wrong in (added["encrypted_content"], content[:-6] + "AAAA==", "foreign", ""):
        answer = await replayed(client, {**done, "encrypted_content": wrong})
        assert answer.json()["error"]["code"] == "invalid_encrypted_content"
        assert "could not be verified" in answer.message


async def test_reasoning_without_its_content_was_never_stored(client: Client) -> None:
    answer = await replayed(client, {"type": "reasoning", "id": "rs_1", "summary": []})
    assert "Items are not persisted when `store` is set to false." in answer.message


async def test_a_switch_accepts_the_added_id_with_the_final_content(start: StartSimulator) -> None:
    client = await start(switches={"accepts_added_reasoning_id": True})
    added, done, _ = await reasoning_items(client)
    assert (await replayed(client, {**done, "id": added["id"]})).status == 200


async def test_a_whole_answers_reasoning_can_be_replayed_as_it_is(client: Client) -> None:
    item = (await client.responses("hi", **ENCRYPTED)).json()["output"][0]
    assert (await replayed(client, item)).status == 200


async def test_content_is_encrypted_only_for_who_includes_it_and_summarised_on_request(
    client: Client,
) -> None:
    item = (await client.responses("hi", reasoning={"effort": "low"})).json()["output"][0]
    assert item["type"] == "reasoning"
    assert item["summary"] == []
    assert "encrypted_content" not in item
    assert "status" not in item
    plain = await client.responses("hi", reasoning={"effort": "none"})
    assert [item["type"] for item in plain.json()["output"]] == ["message"]


async def test_a_long_prompt_is_compacted_where_the_caller_wants_it(client: Client) -> None:
    rule = [{"type": "compaction", "compact_threshold": 100}]
    answer = await client.responses("long " * 200, context_management=rule)
    output = answer.json()["output"]
    assert [item["type"] for item in output] == ["compaction", "message"]
    assert (await client.responses([output[0], user("go on")])).status == 200
    broken = {**output[0], "encrypted_content": "other"}
    assert (await client.responses([broken, user("go on")])).status == 400
    only = await client.responses([user("long"), {"type": "compaction_trigger"}])
    assert [item["type"] for item in only.json()["output"]] == ["compaction"]


async def test_codex_tools_arrive_as_an_input_item_for_the_newest_models(client: Client) -> None:
    tools = {
        "type": "additional_tools",
        "role": "developer",
        "tools": [{"type": "namespace", "name": "functions", "tools": [TOOL]}],
    }
    given = [tools, user("Read /tmp/a.txt")]
    answer = await client.responses(given, model="gpt-6.1-sol")
    call = answer.json()["output"][0]
    assert (call["name"], call["namespace"]) == ("read_file", "functions")
    assert (await client.responses(given, model="gpt-5.4")).status == 400
