"""What /v1/messages refuses, in the validator's own words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import read, tool
from tests.simulator.conftest import Client, StartSimulator

TOOL = tool("messages", "read_file", {"path": {"type": "string"}})
CONTEXT = "context-management-2025-06-27"
TOOL_USE = "advanced-tool-use-2025-11-20"
USER = {"role": "user", "content": "hi"}
USED = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {}}],
}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}


def with_block(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [block]}]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"fallbacks": []}, "fallbacks: Extra inputs are not permitted"),
        ({"inference_geo": "eu"}, "inference_geo: Extra inputs are not permitted"),
        ({"cache_control": {}}, "cache_control: Extra inputs are not permitted"),
        ({"mcp_servers": []}, "mcp_servers: Extra inputs are not permitted"),
        (
            {"context_management": {"edits": []}},
            "context_management: Extra inputs are not permitted",
        ),
        (
            {
                "system": [
                    {
                        "type": "text",
                        "text": "x",
                        "cache_control": {"type": "ephemeral", "scope": "global"},
                    }
                ]
            },
            "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
        ),
        (
            {"tools": [{**TOOL, "defer_loading": True}]},
            "tools.0.custom.defer_loading: Extra inputs are not permitted",
        ),
        (
            {"tools": [{**TOOL, "custom_member": 1}]},
            "tools.0.custom.custom_member: Extra inputs are not permitted",
        ),
        (
            {"messages": [{**USER, "output_config": {}}]},
            "messages.0.output_config: Extra inputs are not permitted",
        ),
        (
            {"messages": with_block({"type": "text", "text": "x", "id": "y"})},
            "messages.0.content.0.text.id: Extra inputs are not permitted",
        ),
        (
            {"thinking": {"type": "adaptive", "budget_tokens": 1024}},
            "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {}, "name": "x"}}},
            "output_config.format.name: Extra inputs are not permitted",
        ),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        (
            {"max_tokens": 64001},
            (
                "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for "
                "claude"
            ),
        ),
        ({"messages": []}, "messages: at least one message is required"),
        (
            {"messages": [{"role": "system", "content": "x"}]},
            "messages.0.role: Input should be 'user' or 'assistant'",
        ),
        (
            {"messages": with_block({"type": "text", "text": " "})},
            "messages: text content blocks must be non-empty",
        ),
        (
            {"messages": with_block({"type": "video"})},
            "messages.0.content.0: Input tag 'video' found using 'type' does not match",
        ),
        (
            {"messages": [USER, {"role": "assistant", "content": "I will"}]},
            (
                "This model does not support assistant message prefill. The conversation must end "
                "with a user message."
            ),
        ),
        ({"messages": [USER, USED, USER]}, "messages.1: `tool_use` ids were found without"),
        (
            {
                "messages": [
                    USER,
                    USED,
                    {"role": "user", "content": [{"type": "text", "text": "x"}, RESULT]},
                ]
            },
            "messages.1: `tool_use` ids were found without",
        ),
        (
            {"messages": [USER, {"role": "user", "content": [RESULT]}]},
            "messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.",
        ),
        (
            {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
            "The use of the web search tool is not supported.",
        ),
        (
            {"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]},
            "rejected tool(s): web_fetch",
        ),
        ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
        ({"tools": [{"name": "x"}]}, "tools.0.custom.input_schema: Field required"),
        (
            {"output_config": {"effort": "xhigh"}},
            (
                'output_config.effort "xhigh" is not supported by model claude-sonnet-4.6; supported '
                "values: [low medium high max]"
            ),
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1000}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 4000}},
            "`max_tokens` must be greater than `thinking.budget_tokens`.",
        ),
        (
            {"thinking": {"type": "adaptive"}, "temperature": 0.5},
            "`temperature` may only be set to 1 when thinking is enabled.",
        ),
        (
            {"thinking": {"type": "adaptive", "display": "updates"}},
            "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
        ),
        (
            {"thinking": {"type": "adaptive"}, "tools": [TOOL], "tool_choice": {"type": "any"}},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
        ({"temperature": "warm"}, "temperature: Input should be a valid number"),
        ({"stop_sequences": [" "]}, "stop_sequences: each stop sequence must contain"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_body_with_a_fault_names_it(
    client: Client, members: dict[str, Any], said: str
) -> None:
    answer = await client.messages("hi", **members)
    assert answer.status == 400, answer.text
    assert answer.message.startswith(said)


async def test_stream_false_is_forbidden_here_too(client: Client) -> None:
    assert (await client.messages("hi", stream=False)).text == "forbidden\n"


async def test_unknown_betas_are_named(client: Client) -> None:
    answer = await client.messages("hi", betas=f"{CONTEXT}, context-1m-2025-08-07")
    assert answer.message == "unsupported beta header(s): context-1m-2025-08-07"
    assert answer.json()["error"]["code"] == "invalid_request_body"


async def test_a_beta_opens_what_it_stands_for(client: Client) -> None:
    clear = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    assert (await client.messages("hi", betas=CONTEXT, context_management=clear)).status == 200
    compact = {"edits": [{"type": "compact_20260112"}]}
    assert (await client.messages("hi", betas=CONTEXT, context_management=compact)).status == 400
    deferred = [{**TOOL, "defer_loading": True}]
    assert (await client.messages("hi", betas=TOOL_USE, tools=deferred)).status == 200


async def test_eager_tool_streaming_depends_on_the_model(client: Client) -> None:
    eager = [{**TOOL, "eager_input_streaming": True}]
    assert (await client.messages("hi", tools=eager)).status == 200
    refused = await client.messages("hi", "claude-haiku-4.5", tools=eager)
    assert refused.message == "tools.0.custom.eager_input_streaming: Extra inputs are not permitted"


async def test_four_cache_marks_are_the_most(client: Client) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    for count, status in ((4, 200), (5, 400)):
        blocks = [{"type": "text", "text": f"part {n}", **mark} for n in range(count)]
        answer = await client.messages("", messages=[{"role": "user", "content": blocks}])
        assert answer.status == status
    assert answer.message.endswith("Found 5.")


async def test_newest_models_think_adaptively_only_and_take_no_temperature(client: Client) -> None:
    budget = {"type": "enabled", "budget_tokens": 2000}
    answer = await client.messages("hi", "claude-opus-5.5", thinking=budget)
    assert answer.message.startswith('"thinking.type.enabled" is not supported for this model.')
    assert (await client.messages("hi", "claude-haiku-4.5", thinking=budget)).status == 200
    adaptive = {"type": "adaptive"}
    refused = await client.messages("hi", "claude-haiku-4.5", thinking=adaptive)
    assert refused.message == "adaptive thinking is not supported on this model"
    hot = await client.messages("hi", "claude-opus-5.5", temperature=1)
    assert hot.message == "`temperature` is deprecated for this model."


async def thinking_turn(client: Client, model: str, thinking: dict[str, Any]) -> list[Any]:
    """A finished tool call with its thought, as content blocks."""
    answer = await client.messages("Read /tmp/a.txt", model, thinking=thinking, tools=[TOOL])
    content: list[Any] = answer.json()["content"]
    assert [block["type"] for block in content] == ["thinking", "tool_use"]
    return content


async def replay(client: Client, model: str, thinking: dict[str, Any], content: list[Any]) -> Any:
    result = {"type": "tool_result", "tool_use_id": content[-1]["id"], "content": "ok"}
    messages = [
        {"role": "user", "content": "Read /tmp/a.txt"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [result]},
    ]
    return await client.messages("", model, messages=messages, thinking=thinking, tools=[TOOL])


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("claude-sonnet-4.5", {"type": "enabled", "budget_tokens": 2000}),
        ("claude-sonnet-4.6", {"type": "adaptive", "display": "omitted"}),
        ("claude-opus-5.5", {"type": "adaptive"}),
        ("claude-opus-5.5", {"type": "adaptive", "display": "summarized"}),
    ],
)
async def test_signed_thinking_comes_back_unaltered_or_not_at_all(
    client: Client, model: str, thinking: dict[str, Any]
) -> None:
    thought, used = await thinking_turn(client, model, thinking)
    assert (await replay(client, model, thinking, [thought, used])).status == 200
    for change in ({"thinking": "other"}, {"signature": "AAAA"}, {"signature": "not base64!"}):
        answer = await replay(client, model, thinking, [{**thought, **change}, used])
        assert answer.message == "messages.1.content.0: Invalid `signature` in `thinking` block"
    unsigned = {k: v for k, v in thought.items() if k != "signature"}
    answer = await replay(client, model, thinking, [unsigned, used])
    assert answer.message == "messages.1.content.0.thinking.signature: Field required"
    redacted = {"type": "redacted_thinking", "data": "AAAA"}
    answer = await replay(client, model, thinking, [redacted, used])
    assert "Invalid `data` in `redacted_thinking` block" in answer.message


async def test_a_signature_of_another_run_is_genuine(start: StartSimulator) -> None:
    first, second = await start(seed=1), await start(seed=2)
    thinking = {"type": "adaptive"}
    content = await thinking_turn(first, "claude-sonnet-4.6", thinking)
    assert (await replay(second, "claude-sonnet-4.6", thinking, content)).status == 200


async def test_with_a_budget_the_turn_being_answered_must_begin_with_its_thought(
    client: Client,
) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    _, used = await thinking_turn(client, "claude-haiku-4.5", thinking)
    answer = await replay(client, "claude-haiku-4.5", thinking, [used])
    assert answer.message.startswith("messages.1.content.0.type: Expected `thinking`")
    assert (await replay(client, "claude-haiku-4.5", {"type": "disabled"}, [used])).status == 200


async def test_thinking_omitted_from_view_is_still_signed_and_counted(client: Client) -> None:
    answer = await client.messages("hi", thinking={"type": "adaptive", "display": "omitted"})
    said = read("messages", answer)
    assert said.thinking == ""
    assert said.opaque
    assert said.usage["output_tokens_details"]["thinking_tokens"] > 0


async def test_images_are_inline_and_announced(client: Client) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    inline = with_block({"type": "image", "source": source})
    assert "Copilot-Vision-Request" in (await client.messages("", messages=inline)).message
    body = {"model": "claude-sonnet-4.6", "max_tokens": 10, "messages": inline}
    vision = {"Copilot_Vision_Request": "true"}
    assert (await client.post("/v1/messages", body, **vision)).status == 200
    body["messages"] = with_block({"type": "image", "source": {"type": "url", "url": "https://x"}})
    answer = await client.post("/v1/messages", body, **vision)
    assert answer.message == "external image URLs are not supported"


async def test_count_tokens_counts_what_the_answer_will_show_and_takes_less(client: Client) -> None:
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "hello " * 40}]}
    counted = (await client.post("/v1/messages/count_tokens", body)).json()["input_tokens"]
    usage = (await client.messages("hello " * 40)).json()["usage"]
    assert usage["input_tokens"] + usage["cache_read_input_tokens"] == counted
    refused = await client.post("/v1/messages/count_tokens", {**body, "max_tokens": 5})
    assert refused.message == "max_tokens: Extra inputs are not permitted"


async def test_there_are_no_batches_and_no_files(client: Client) -> None:
    for path in ("/v1/messages/batches", "/v1/files", "/nothing"):
        answer = await client.post(path, {})
        assert (answer.status, answer.text) == (404, "404 page not found\n")


async def test_the_backend_shows_in_ids_and_extras(client: Client) -> None:
    """Bedrock, Anthropic and Vertex answer in turn; only Bedrock sends its metrics."""
    seen = set()
    for _ in range(30):
        events = (await client.messages("hi", stream=True)).events()
        identity = events[0][1]["message"]["id"]
        from_bedrock = identity.startswith("msg_bdrk_")
        assert ("amazon-bedrock-invocationMetrics" in events[-1][1]) == from_bedrock
        assert events[0][1]["message"]["model"] == "claude-sonnet-4-6"
        seen.add(identity[:6])
    assert len(seen) == 3
