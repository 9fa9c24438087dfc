"""What Claude refuses behind chat, in Anthropic's words; and the legal twin of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client, Received
from tests.simulator.vendor_rules.requests import (
    JPEG,
    OBJECT,
    PNG,
    assistant,
    chat_history,
    chat_tool,
    closed,
    picture,
    properties,
    schema_format,
    user,
)

MODEL = "claude-sonnet-4.6"
TOOLS = [chat_tool()]


async def ask(vendor: Client, *messages: dict[str, Any], **more: Any) -> Received:
    body = {"model": MODEL, "messages": list(messages or [user()]), **more}
    return await vendor.post("/chat/completions", body, Copilot_Vision_Request="true")


async def test_a_conversation_must_not_end_with_the_assistant(vendor: Client) -> None:
    refused = await ask(vendor, user(), assistant("I was about to"))
    assert (refused.status, refused.message) == (
        400,
        (
            "This model does not support assistant message prefill. The conversation "
            "must end with a user message."
        ),
    )
    assert (await ask(vendor, user(), assistant(), model="claude-haiku-4.5")).status == 200
    assert (await ask(vendor, user(), assistant(), user())).status == 200


@pytest.mark.parametrize("odd", ["functions.Bash:0", "call_1|fc_2", "Write:6", ""])
async def test_ids_of_other_providers_are_refused(vendor: Client, odd: str) -> None:
    refused = await ask(vendor, *chat_history(odd), tools=TOOLS)
    assert refused.message == (
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
    )


async def test_plain_ids_are_taken_up_to_64_characters(vendor: Client) -> None:
    assert (await ask(vendor, *chat_history("c" * 64), tools=TOOLS)).status == 200
    refused = await ask(vendor, *chat_history("c" * 65), tools=TOOLS)
    assert refused.message == (
        "messages.1.content.0.tool_use.id: String should have at most 64 characters"
    )


async def test_the_system_prompt_does_not_count_as_a_message(vendor: Client) -> None:
    system = {"role": "system", "content": "Be short."}
    refused = await ask(vendor, system, *chat_history("a.b"), tools=TOOLS)
    assert refused.message.startswith("messages.1.content.0.tool_use.id:")


async def test_ids_are_unique(vendor: Client) -> None:
    refused = await ask(vendor, *chat_history("call_1", "call_1"), tools=TOOLS)
    assert refused.message == "messages.1.content.1: `tool_use` ids must be unique"


async def test_tools_in_the_history_want_tools_in_the_request(vendor: Client) -> None:
    refused = await ask(vendor, *chat_history("call_1"))
    assert refused.message == (
        "Requests which include `tool_use` or `tool_result` blocks must define tools"
    )
    assert (await ask(vendor, *chat_history("call_1"), tools=TOOLS)).status == 200
    gpt = await ask(vendor, *chat_history("call_1"), model="gpt-4.1")
    assert gpt.status == 200


@pytest.mark.parametrize("union", ["anyOf", "oneOf", "allOf"])
async def test_a_tool_has_no_union_at_the_top(vendor: Client, union: str) -> None:
    refused = await ask(vendor, tools=[chat_tool(OBJECT | {union: [{"required": ["place"]}]})])
    assert refused.message == (
        "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top "
        "level"
    )


async def test_a_tool_without_properties_is_fine_here(vendor: Client) -> None:
    assert (await ask(vendor, tools=[chat_tool({"type": "object"})])).status == 200


async def test_structured_output_closes_every_object(vendor: Client) -> None:
    inner = {"type": "object", "properties": {"city": {"type": "string"}}}
    refused = await ask(vendor, response_format=schema_format(closed(home=inner)))
    assert refused.message == (
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set "
        "to false"
    )
    inner["additionalProperties"] = False  # type: ignore[assignment]
    assert (await ask(vendor, response_format=schema_format(closed(home=inner)))).status == 200


async def test_five_marks_are_one_too_many(vendor: Client) -> None:
    mark = {"copilot_cache_control": {"type": "ephemeral"}}
    turns = [user() | mark, assistant() | mark] * 2
    refused = await ask(vendor, *turns, user() | mark)
    assert refused.message == ("A maximum of 4 blocks with cache_control may be provided. Found 5.")
    assert (await ask(vendor, *turns, user())).status == 200


async def test_blank_text_is_refused(vendor: Client) -> None:
    refused = await ask(vendor, user(), assistant(""), user())
    assert refused.message == "messages: text content blocks must be non-empty"
    refused = await ask(vendor, user(), assistant("\n\n"), user())
    assert refused.message == "messages: text content blocks must contain non-whitespace text"


async def test_claude_s_own_empty_text_beside_a_call_is_taken(vendor: Client) -> None:
    history = chat_history("call_1")
    history[1]["content"] = ""
    assert (await ask(vendor, *history, tools=TOOLS)).status == 200


async def test_a_jpeg_is_no_png(vendor: Client) -> None:
    refused = await ask(vendor, user([picture("image/png", JPEG)]))
    assert refused.message == (
        "messages.0.content.0.image.source.base64: The image was specified using the image/png media "
        "type, but the image appears to be a image/jpeg image"
    )
    assert (await ask(vendor, user([picture("image/jpeg", JPEG)]))).status == 200
    assert (await ask(vendor, user([picture("image/png", JPEG)]), model="gpt-4.1")).status == 200


async def test_jpg_is_no_media_type(vendor: Client) -> None:
    refused = await ask(vendor, user([picture("image/jpg", PNG)]))
    assert refused.message == (
        "messages.0.content.0.image.source.base64.media_type: Input should be "
        "'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
    )


async def test_thinking_and_a_forced_tool_exclude_each_other(vendor: Client) -> None:
    refused = await ask(vendor, tools=TOOLS, tool_choice="required", reasoning_effort="high")
    assert refused.message == "Thinking may not be enabled when tool_choice forces tool use."
    assert (await ask(vendor, tools=TOOLS, tool_choice="required")).status == 200


async def test_an_effort_is_nothing_for_a_model_that_lists_none(vendor: Client) -> None:
    refused = await ask(vendor, model="claude-haiku-4.5", reasoning_effort="high")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "invalid_reasoning_effort")


async def test_the_dialect_of_a_schema_is_not_named(vendor: Client) -> None:
    refused = await ask(vendor, tools=[chat_tool(properties() | {"$schema": "https://x"})])
    assert refused.message == (
        "tools.0.custom.input_schema.$schema: Extra inputs are not permitted"
    )


async def test_a_tool_s_name_is_there_once(vendor: Client) -> None:
    refused = await ask(vendor, user("hello"), tools=[chat_tool(), chat_tool()])
    assert (refused.status, refused.message) == (400, "tools: Tool names must be unique.")


async def test_instructions_alone_are_no_conversation(vendor: Client) -> None:
    body = {"model": MODEL, "messages": [{"role": "system", "content": "Hi."}]}
    refused = await vendor.post("/chat/completions", body)
    assert (refused.status, refused.message) == (
        400,
        "messages: at least one message is required",
    )
