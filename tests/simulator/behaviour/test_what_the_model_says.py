"""The table of docs/simulator.md, at every endpoint, whole and streamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.answers import WAYS, ask, read, tool
from tests.simulator.conftest import Client, Received

every_way = pytest.mark.parametrize(
    ("endpoint", "streamed"), WAYS, ids=[f"{e}-{'stream' if s else 'whole'}" for e, s in WAYS]
)
PLACE = {"location": {"type": "string"}}


async def after_tools(
    client: Client, endpoint: str, streamed: bool, first: Received, results: list[str], **more: Any
) -> Received:
    """The next turn of the tool loop, with everything the model said given back as it came."""
    said = read(endpoint, first)
    question = more.pop("question")
    if streamed:
        more["stream"] = True
    if endpoint == "responses":
        calls = [
            {"type": "function_call", "call_id": i, "name": n, "arguments": json.dumps(a)}
            for i, (n, a) in zip(said.call_ids, said.calls, strict=True)
        ]
        outputs = [
            {"type": "function_call_output", "call_id": i, "output": r}
            for i, r in zip(said.call_ids, results, strict=True)
        ]
        user = {"type": "message", "role": "user", "content": question}
        return await client.responses([user, *calls, *outputs], **more)
    if endpoint == "messages":
        used = [
            {"type": "tool_use", "id": i, "name": n, "input": a}
            for i, (n, a) in zip(said.call_ids, said.calls, strict=True)
        ]
        answered = [
            {"type": "tool_result", "tool_use_id": i, "content": [{"type": "text", "text": r}]}
            for i, r in zip(said.call_ids, results, strict=True)
        ]
        messages: list[dict[str, Any]] = [
            {"role": "user", "content": question},
            {"role": "assistant", "content": used},
            {"role": "user", "content": answered},
        ]
        return await client.messages("", messages=messages, **more)
    calls = [
        {"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
        for i, (n, a) in zip(said.call_ids, said.calls, strict=True)
    ]
    assistant = {"role": "assistant", "content": said.text, "tool_calls": calls}
    assistant |= {"reasoning_text": said.thinking, "reasoning_opaque": said.opaque}
    answers = [
        {"role": "tool", "tool_call_id": i, "content": r}
        for i, r in zip(said.call_ids, results, strict=True)
    ]
    model = {"claude chat": "claude-sonnet-4.6", "gemini chat": "gemini-3.1-pro-preview"}
    body = {
        "model": model.get(endpoint, "gpt-4.1"),
        "messages": [{"role": "user", "content": question}, assistant, *answers],
        **more,
    }
    return await client.post("/chat/completions", body)


@every_way
async def test_it_repeats_exactly_what_it_is_asked_to(
    client: Client, endpoint: str, streamed: bool
) -> None:
    tools = [tool(endpoint, "read_file", {"path": {"type": "string"}})]
    text = "Zażółć “gęślą” 🎉\n\tdef f():\n    return {'a': [1,  2]}\n世界 \\n see /tmp/a.txt"
    request = f"Repeat exactly the following text and nothing else: {text}"
    said = read(endpoint, await ask(client, endpoint, streamed, request, tools=tools))
    assert said.text == text
    assert said.finish in ("stop", "end_turn", "completed")


@every_way
async def test_anything_else_gets_a_sentence_that_quotes_the_start(
    client: Client, endpoint: str, streamed: bool
) -> None:
    said = read(endpoint, await ask(client, endpoint, streamed, "What a lovely morning it is."))
    assert "What a lovely morning it is." in said.text
    assert "simulated" in said.text


@every_way
async def test_weather_calls_the_offered_tool_with_the_place_named(
    client: Client, endpoint: str, streamed: bool
) -> None:
    tools = [
        tool(endpoint, "add", {"a": {"type": "integer"}}),
        tool(endpoint, "get_weather", PLACE),
    ]
    received = await ask(client, endpoint, streamed, "What is the weather in Oslo?", tools=tools)
    said = read(endpoint, received)
    assert said.calls == [("get_weather", {"location": "Oslo"})]
    assert said.finish in ("tool_calls", "tool_use", "completed")


@every_way
@pytest.mark.parametrize(
    ("request_text", "places"),
    [
        ("Weather in Paris and New York?", ["Paris", "New York"]),
        ("Ask for the weather in Paris and Tokyo in parallel.", ["Paris", "Tokyo"]),
    ],
)
async def test_two_places_are_two_calls_in_one_turn(
    client: Client, endpoint: str, streamed: bool, request_text: str, places: list[str]
) -> None:
    tools = [tool(endpoint, "get_weather", PLACE)]
    said = read(endpoint, await ask(client, endpoint, streamed, request_text, tools=tools))
    assert [arguments["location"] for _, arguments in said.calls] == places
    assert len(set(said.call_ids)) == 2


@every_way
async def test_in_parallel_makes_two_calls_even_for_one_place(
    client: Client, endpoint: str, streamed: bool
) -> None:
    tools = [tool(endpoint, "get_weather", PLACE)]
    received = await ask(client, endpoint, streamed, "weather in Rome, in parallel", tools=tools)
    assert len(read(endpoint, received).calls) == 2


@every_way
async def test_a_file_is_read_and_its_secret_word_told(
    client: Client, endpoint: str, streamed: bool
) -> None:
    question = "Read the file /tmp/notes/secret.txt and tell me the secret word."
    tools = [tool(endpoint, "bash", {"command": {"type": "string"}})]
    first = await ask(client, endpoint, streamed, question, tools=tools)
    assert read(endpoint, first).calls == [("bash", {"command": "cat /tmp/notes/secret.txt"})]
    second = await after_tools(
        client,
        endpoint,
        streamed,
        first,
        ["exit code 0\nThe Secret Word is: plum-7\n<done>"],
        question=question,
        tools=tools,
    )
    assert read(endpoint, second).text == "The secret word is plum-7."


@every_way
async def test_a_tool_result_without_a_secret_is_quoted(
    client: Client, endpoint: str, streamed: bool
) -> None:
    question = "What is the weather in Oslo?"
    tools = [tool(endpoint, "get_weather", PLACE)]
    first = await ask(client, endpoint, streamed, question, tools=tools)
    second = await after_tools(
        client, endpoint, streamed, first, ["Snow, −3 °C"], question=question, tools=tools
    )
    said = read(endpoint, second)
    assert "Snow, −3 °C" in said.text
    assert said.calls == []


@every_way
async def test_step_by_step_shows_its_thought_before_the_text(
    client: Client, endpoint: str, streamed: bool
) -> None:
    more = {"include": ["reasoning.encrypted_content"]} if endpoint == "responses" else {}
    received = await ask(client, endpoint, streamed, "Explain it step by step, please.", **more)
    said = read(endpoint, received)
    assert said.thinking
    assert said.opaque
    assert said.text


THINKING = {
    "messages": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "responses": {
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    },
    "chat": {"reasoning_effort": "low", "model": "gpt-5.2"},
    "claude chat": {"thinking_budget": 2000},
    "gemini chat": {"thinking_budget": 2000},
}


@every_way
async def test_thinking_that_is_asked_for_comes_with_something_opaque(
    client: Client, endpoint: str, streamed: bool
) -> None:
    said = read(endpoint, await ask(client, endpoint, streamed, "hi", **THINKING[endpoint]))
    assert said.thinking
    assert said.opaque
    assert said.text


@every_way
async def test_one_hundred_numbered_lines(client: Client, endpoint: str, streamed: bool) -> None:
    received = await ask(client, endpoint, streamed, "Write one hundred numbered lines.")
    lines = read(endpoint, received).text.split("\n")
    assert [line.partition(".")[0] for line in lines] == [str(n) for n in range(1, 101)]


LIMIT = {"messages": "max_tokens", "responses": "max_output_tokens"}


@every_way
async def test_a_token_limit_is_honoured_and_named_as_the_finish(
    client: Client, endpoint: str, streamed: bool
) -> None:
    limit = {LIMIT.get(endpoint, "max_completion_tokens"): 20}
    request = "Write one hundred numbered lines."
    said = read(endpoint, await ask(client, endpoint, streamed, request, **limit))
    assert len(said.text) == 80
    assert said.finish in ("length", "max_tokens", "max_output_tokens")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_stop_sequence_ends_the_text_before_it(client: Client, streamed: bool) -> None:
    request = "Write one hundred numbered lines."
    chat = read("chat", await ask(client, "chat", streamed, request, stop=["\n3."]))
    assert chat.text.endswith("line number 2.")
    assert chat.finish == "stop"
    received = await ask(client, "messages", streamed, request, stop_sequences=["never", "\n3."])
    message = read("messages", received)
    assert message.text == chat.text
    assert message.finish == "stop_sequence"
    assert '"stop_sequence":"\\n3."' in received.text


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 10},
        "score": {"type": "number", "minimum": 3},
        "tags": {"type": "array", "items": {"enum": ["red", "blue"]}, "minItems": 2},
        "author": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/person"}]},
    },
    "required": ["title", "score", "tags", "author"],
    "additionalProperties": False,
    "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string"}}}},
}


def with_schema(endpoint: str) -> dict[str, Any]:
    if endpoint == "messages":
        return {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
    named = {"name": "answer", "schema": SCHEMA}
    if endpoint == "responses":
        return {"text": {"format": {"type": "json_schema", **named}}}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


@every_way
async def test_a_json_schema_is_filled_in(client: Client, endpoint: str, streamed: bool) -> None:
    received = await ask(client, endpoint, streamed, "Review this book", **with_schema(endpoint))
    answer = json.loads(read(endpoint, received).text)
    assert set(answer) == set(SCHEMA["properties"])
    assert len(answer["title"]) <= 10
    assert answer["score"] >= 3
    assert len(answer["tags"]) == 2
    assert set(answer["tags"]) <= {"red", "blue"}
    assert isinstance(answer["author"]["name"], str)


@every_way
async def test_json_asked_for_in_words_is_an_object(
    client: Client, endpoint: str, streamed: bool
) -> None:
    request = "Answer with a JSON object with keys name and age."
    received = await ask(client, endpoint, streamed, request)
    assert set(json.loads(read(endpoint, received).text)) == {"name", "age"}


@every_way
async def test_a_text_only_agent_is_answered_from_the_files_text_in_its_prompt(
    client: Client, endpoint: str, streamed: bool
) -> None:
    request = (
        "notes.txt:\n```\nThe secret word is: kiwi\n```\nWhat is the secret word in notes.txt?"
    )
    said = read(endpoint, await ask(client, endpoint, streamed, request))
    assert said.text == "The secret word is kiwi."


async def test_a_forced_tool_is_called_and_a_forbidden_one_is_not(client: Client) -> None:
    tools = [
        tool("chat", "pick", {"colour": {"enum": ["red", "blue"]}, "count": {"type": "integer"}})
    ]
    forced = await client.chat("hi", tools=tools, tool_choice="required")
    assert read("chat", forced).calls == [("pick", {"colour": "red", "count": 1})]
    named = {"type": "function", "function": {"name": "pick"}}
    assert read("chat", await client.chat("hi", tools=tools, tool_choice=named)).calls
    weather = [tool("chat", "get_weather", PLACE)]
    none = await client.chat("weather in Oslo", tools=weather, tool_choice="none")
    assert read("chat", none).calls == []


async def test_parallel_calls_can_be_switched_off(client: Client) -> None:
    text = "weather in Paris and Rome"
    chat = await client.chat(
        text, tools=[tool("chat", "get_weather", PLACE)], parallel_tool_calls=False
    )
    assert len(read("chat", chat).calls) == 1
    message = await client.messages(
        text,
        tools=[tool("messages", "get_weather", PLACE)],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    assert len(read("messages", message).calls) == 1


async def test_equal_simulators_give_equal_bytes(client: Client) -> None:
    first = await client.chat("hello", stream=True)
    await client.post("/_sim/reset", {})
    assert (await client.chat("hello", stream=True)).raw == first.raw
