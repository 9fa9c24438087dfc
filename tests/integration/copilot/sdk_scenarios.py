"""What the vendors' SDKs do in a day, each as one function that fails if the answer is not right.

A scenario takes a model and a marker; the marker must come back, so an answer belongs to its question.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.integration.copilot.conftest import REPEAT

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)
WEATHER = "What is the weather in Paris?"
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
RESPONSES_TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": PARAMETERS,
    "strict": False,
}
MESSAGES_TOOL = {"name": "get_weather", "input_schema": PARAMETERS}
STEPS = "Think step by step, then stop."


def user(content: object) -> list[Any]:
    return [{"role": "user", "content": content}]


# --- OpenAI: chat completions ---------------------------------------------------------------------


async def chat_whole(client: AsyncOpenAI, model: str, marker: str) -> None:
    answer = await client.chat.completions.create(model=model, messages=user(REPEAT + marker))
    assert answer.choices[0].message.content == marker
    assert answer.choices[0].finish_reason == "stop"


async def chat_streamed(client: AsyncOpenAI, model: str, marker: str) -> None:
    text, ends = "", []
    async for chunk in await client.chat.completions.create(
        model=model, messages=user(REPEAT + marker), stream=True
    ):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            ends.append(choice.finish_reason)
    assert text == marker
    assert [each for each in ends if each] == ["stop"]


async def chat_tool_loop(client: AsyncOpenAI, model: str, marker: str) -> None:
    messages = user(WEATHER)
    asked: dict[str, Any] = {"model": model, "tools": [CHAT_TOOL]}
    async with client.chat.completions.stream(messages=messages, **asked) as events:
        first = await events.get_final_completion()
    message = first.choices[0].message
    (call,) = message.tool_calls or []
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    messages.append(message.model_dump(exclude_none=True))
    result = f"The secret word is: {marker}"
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    last = await client.chat.completions.create(messages=messages, **asked)
    assert last.choices[0].message.content == f"The secret word is {marker}."


async def chat_image(client: AsyncOpenAI, model: str, marker: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    content = [{"type": "text", "text": REPEAT + marker}, picture]
    answer = await client.chat.completions.create(model=model, messages=user(content))
    assert answer.choices[0].message.content == marker


async def chat_thinking(client: AsyncOpenAI, model: str, marker: str) -> None:
    answer = await client.chat.completions.create(
        model=model, messages=user(f"{marker}: {STEPS}"), reasoning_effort="high"
    )
    message = answer.choices[0].message
    assert marker in (message.content or "")
    assert (message.model_extra or {}).get("reasoning_content")


# --- OpenAI: responses ----------------------------------------------------------------------------


async def responses_whole(client: AsyncOpenAI, model: str, marker: str) -> None:
    answer = await client.responses.create(model=model, input=REPEAT + marker)
    assert (answer.output_text, answer.status) == (marker, "completed")


async def responses_streamed(client: AsyncOpenAI, model: str, marker: str) -> None:
    async with client.responses.stream(model=model, input=REPEAT + marker) as events:
        answer = await events.get_final_response()
    assert (answer.output_text, answer.status) == (marker, "completed")


async def responses_tool_loop(client: AsyncOpenAI, model: str, marker: str) -> None:
    given = user(WEATHER)
    asked: dict[str, Any] = {"model": model, "tools": [RESPONSES_TOOL], "store": False}
    async with client.responses.stream(input=given, **asked) as events:
        first = await events.get_final_response()
    (call,) = [item for item in first.output if item.type == "function_call"]
    given += [
        item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output
    ]
    result = f"The secret word is: {marker}"
    given.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
    last = await client.responses.create(input=given, **asked)
    assert last.output_text == f"The secret word is {marker}."


async def responses_image(client: AsyncOpenAI, model: str, marker: str) -> None:
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"}
    content = [{"type": "input_text", "text": REPEAT + marker}, picture]
    answer = await client.responses.create(model=model, input=user(content))
    assert answer.output_text == marker


async def responses_thinking(client: AsyncOpenAI, model: str, marker: str) -> None:
    """Encrypted reasoning comes, and goes back with the next turn."""
    given = user(f"{marker}: {STEPS}")
    asked: dict[str, Any] = {
        "model": model,
        "reasoning": {"effort": "high", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    first = await client.responses.create(input=given, **asked)
    (thought, *_) = [item for item in first.output if item.type == "reasoning"]
    assert thought.encrypted_content
    given += [item.model_dump(exclude_none=True) for item in first.output]
    given += user(REPEAT + marker)
    last = await client.responses.create(input=given, **asked)
    assert last.output_text == marker


async def embeddings(client: AsyncOpenAI, model: str, marker: str) -> None:
    del model
    answer = await client.embeddings.create(
        model="text-embedding-3-small", input=[marker, marker, "quite another"]
    )
    first, same, other = (each.embedding for each in answer.data)
    assert first == same != other


# --- Anthropic: messages --------------------------------------------------------------------------


async def messages_whole(client: AsyncAnthropic, model: str, marker: str) -> None:
    answer = await client.messages.create(
        model=model, max_tokens=500, messages=user(REPEAT + marker)
    )
    assert [block.text for block in answer.content if block.type == "text"] == [marker]
    assert answer.stop_reason == "end_turn"


async def messages_streamed(client: AsyncAnthropic, model: str, marker: str) -> None:
    async with client.messages.stream(
        model=model, max_tokens=500, messages=user(REPEAT + marker)
    ) as events:
        answer = await events.get_final_message()
    assert [block.text for block in answer.content if block.type == "text"] == [marker]
    assert answer.stop_reason == "end_turn"


async def messages_tool_loop(client: AsyncAnthropic, model: str, marker: str) -> None:
    turns = user(WEATHER)
    asked: dict[str, Any] = {"model": model, "max_tokens": 500, "tools": [MESSAGES_TOOL]}
    async with client.messages.stream(messages=turns, **asked) as events:
        first = await events.get_final_message()
    (call,) = [block for block in first.content if block.type == "tool_use"]
    assert call.input == {"city": "Paris"}
    turns.append(
        {"role": "assistant", "content": [b.model_dump(mode="json") for b in first.content]}
    )
    result = {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": f"The secret word is: {marker}",
    }
    last = await client.messages.create(messages=[*turns, *user([result])], **asked)
    assert last.content[-1].type == "text"
    assert last.content[-1].text == f"The secret word is {marker}."


async def messages_image(client: AsyncAnthropic, model: str, marker: str) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "image", "source": source}, {"type": "text", "text": REPEAT + marker}]
    answer = await client.messages.create(model=model, max_tokens=500, messages=user(content))
    assert [block.text for block in answer.content if block.type == "text"] == [marker]


async def messages_thinking(client: AsyncAnthropic, model: str, marker: str) -> None:
    """A signed thought comes, and goes back with the next turn."""
    turns = user(f"{marker}: {STEPS}")
    asked: dict[str, Any] = {
        "model": model,
        "max_tokens": 4000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    }
    first = await client.messages.create(messages=turns, **asked)
    assert first.content[0].type == "thinking"
    assert first.content[0].signature
    turns.append(
        {"role": "assistant", "content": [b.model_dump(mode="json") for b in first.content]}
    )
    last = await client.messages.create(messages=[*turns, *user(REPEAT + marker)], **asked)
    assert [block.text for block in last.content if block.type == "text"] == [marker]


Scenario = Callable[[Any, str, str], Awaitable[None]]

OPENAI: Mapping[str, Scenario] = {
    "chat, whole": chat_whole,
    "chat, streamed": chat_streamed,
    "chat, tool loop": chat_tool_loop,
    "chat, image": chat_image,
    "chat, thinking": chat_thinking,
    "responses, whole": responses_whole,
    "responses, streamed": responses_streamed,
    "responses, tool loop": responses_tool_loop,
    "responses, image": responses_image,
    "responses, thinking": responses_thinking,
    "embeddings": embeddings,
}
ANTHROPIC: Mapping[str, Scenario] = {
    "messages, whole": messages_whole,
    "messages, streamed": messages_streamed,
    "messages, tool loop": messages_tool_loop,
    "messages, image": messages_image,
    "messages, thinking": messages_thinking,
}
SCENARIOS = OPENAI | ANTHROPIC
MODELS = ("gemini-3.1-pro-preview", "gpt-5.3-codex", "gpt-5-mini", "claude-haiku-4.5")
"""Chat only, responses only, both, messages: all of them on every plan, all of them thinkers."""
CALLS_AT_MOST = 2
"""Model calls one scenario makes of its SDK."""
