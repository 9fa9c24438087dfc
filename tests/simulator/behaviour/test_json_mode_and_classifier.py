"""JSON without a schema member, and Claude Code's own check of a command."""

from __future__ import annotations

import json

import pytest

from tests.simulator.answers import ask, read
from tests.simulator.conftest import Client

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
EXAMPLE = {"properties": {"foo": {"type": "array", "items": {"type": "string"}}}}


@pytest.mark.parametrize("endpoint", ["chat", "responses"])
async def test_json_mode_reads_the_schema_out_of_the_prompt(client: Client, endpoint: str) -> None:
    words = (
        f"For the schema {json.dumps(EXAMPLE)} an instance is {{'foo': []}}. Here is the "
        f"output schema:\n```\n{json.dumps(SCHEMA)}\n```\nInvent a person."
    )
    wanted = {"type": "json_object"}
    more = {"response_format": wanted} if endpoint == "chat" else {"text": {"format": wanted}}
    answer = json.loads(read(endpoint, await ask(client, endpoint, False, words, **more)).text)
    assert set(answer) == {"name", "age"}
    assert isinstance(answer["age"], int)


async def test_json_asked_for_in_words_follows_the_schema_too(client: Client) -> None:
    words = f"Respond with a JSON object that fits this schema: {json.dumps(SCHEMA)}"
    assert set(json.loads(read("messages", await client.messages(words)).text)) == {"name", "age"}


async def test_a_brace_that_opens_nothing_is_only_text(client: Client) -> None:
    answer = await client.chat("Give me JSON, {not this}", response_format={"type": "json_object"})
    assert json.loads(read("chat", answer).text)


async def test_the_safety_check_lets_a_harmless_command_through(client: Client) -> None:
    answer = await client.messages(
        "Bash: ls -la", max_tokens=64, stop_sequences=["</block>"], system="Answer in <block>."
    )
    assert answer.json()["content"] == [{"type": "text", "text": "<block>no"}]
    assert answer.json()["stop_sequence"] == "</block>"


async def test_the_safety_check_stops_a_destructive_one_and_says_why(client: Client) -> None:
    short = await client.messages("Bash: rm -rf /", max_tokens=64, stop_sequences=["</block>"])
    assert read("messages", short).text == "<block>yes"
    full = await client.messages("Bash: rm -rf /", max_tokens=8192, system="Answer in <block>.")
    assert read("messages", full).text.startswith("<block>yes</block><reason>")


async def test_safeguards_are_refused_by_name(client: Client) -> None:
    refused = await client.messages("hello", safeguards=[{"type": "dangerous_tool_use"}])
    assert (refused.status, refused.message) == (400, "safeguards: Extra inputs are not permitted")
