"""The official OpenAI client against every kind of model."""

from __future__ import annotations

import json
from base64 import b64encode

import openai
import pytest
from openai import AsyncOpenAI

CHAT_MODEL = "gpt-4o-mini"
MESSAGES_MODEL = "claude-sonnet-4.6"
RESPONSES_MODEL = "gpt-5.3-codex"
MODELS = (CHAT_MODEL, MESSAGES_MODEL, RESPONSES_MODEL)
REPEAT = "Repeat exactly the following text and nothing else: "

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
PIXEL = b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
    )
).decode()


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize("model", MODELS)
async def test_a_whole_answer_is_the_text_the_model_said(
    openai_client: AsyncOpenAI, model: str
) -> None:
    answer = await openai_client.chat.completions.create(
        model=model, messages=user(REPEAT + "żółty 🦆 duck")
    )
    assert answer.choices[0].message.content == "żółty 🦆 duck"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_a_streamed_answer_adds_up_to_the_same_text(
    openai_client: AsyncOpenAI, model: str
) -> None:
    stream = await openai_client.chat.completions.create(
        model=model,
        messages=user(REPEAT + "one two żółty 🦆 three"),
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "one two żółty 🦆 three"
    reasons = [c.choices[0].finish_reason for c in chunks if c.choices]
    assert [each for each in reasons if each] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_without_include_usage_no_chunk_speaks_of_it(
    openai_client: AsyncOpenAI, model: str
) -> None:
    stream = await openai_client.chat.completions.create(
        model=model, messages=user("Hello"), stream=True
    )
    chunks = [chunk async for chunk in stream]
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.choices for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_a_tool_loop_comes_to_its_end(
    openai_client: AsyncOpenAI, model: str, stream: bool
) -> None:
    messages: list[object] = list(user("What is the weather in Paris?"))
    if stream:
        async with openai_client.chat.completions.stream(
            model=model, messages=messages, tools=[WEATHER]
        ) as events:
            first = await events.get_final_completion()
    else:
        first = await openai_client.chat.completions.create(
            model=model, messages=messages, tools=[WEATHER]
        )
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    (call,) = message.tool_calls or []
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}

    messages += [
        message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "The secret word is: mimosa"},
    ]
    last = await openai_client.chat.completions.create(
        model=model, messages=messages, tools=[WEATHER]
    )
    assert last.choices[0].message.content == "The secret word is mimosa."
    assert last.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_two_parallel_calls_stay_apart(
    openai_client: AsyncOpenAI, model: str, stream: bool
) -> None:
    messages = user("What is the weather in Paris and Rome?")
    if stream:
        async with openai_client.chat.completions.stream(
            model=model, messages=messages, tools=[WEATHER]
        ) as events:
            answer = await events.get_final_completion()
    else:
        answer = await openai_client.chat.completions.create(
            model=model, messages=messages, tools=[WEATHER]
        )
    calls = answer.choices[0].message.tool_calls or []
    assert [json.loads(each.function.arguments) for each in calls] == [
        {"city": "Paris"},
        {"city": "Rome"},
    ]
    assert len({each.id for each in calls}) == 2


@pytest.mark.parametrize("model", MODELS)
async def test_an_image_reaches_the_model(openai_client: AsyncOpenAI, model: str) -> None:
    answer = await openai_client.chat.completions.create(
        model=model,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": REPEAT + "seen"},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PIXEL}"},
                    },
                ],
            }
        ],
    )
    assert answer.choices[0].message.content == "seen"


@pytest.mark.parametrize("model", MODELS)
async def test_the_model_s_thinking_is_shown_as_reasoning_content(
    openai_client: AsyncOpenAI, model: str
) -> None:
    answer = await openai_client.chat.completions.create(
        model=model,
        messages=user("Think step by step about ducks."),
        extra_body={"reasoning_effort": "high"} if model != CHAT_MODEL else {},
    )
    message = answer.choices[0].message
    assert message.content
    if model != CHAT_MODEL:
        assert "shortest answer that is true" in message.model_extra["reasoning_content"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_max_tokens_cuts_the_answer_and_says_so(
    openai_client: AsyncOpenAI, model: str, stream: bool
) -> None:
    messages = user("Write one hundred numbered lines.")
    if stream:
        pieces = [
            chunk.choices[0]
            async for chunk in await openai_client.chat.completions.create(
                model=model, messages=messages, max_tokens=40, stream=True
            )
            if chunk.choices
        ]
        text = "".join(each.delta.content or "" for each in pieces)
        reason = pieces[-1].finish_reason
    else:
        answer = await openai_client.chat.completions.create(
            model=model, messages=messages, max_tokens=40
        )
        text = answer.choices[0].message.content or ""
        reason = answer.choices[0].finish_reason
    assert reason == "length"
    assert text.startswith("1. This is simulated line")
    assert 60 <= len(text) <= 400


@pytest.mark.parametrize("model", MODELS)
async def test_a_stop_sequence_ends_the_answer_before_it(
    openai_client: AsyncOpenAI, model: str
) -> None:
    answer = await openai_client.chat.completions.create(
        model=model, messages=user("Write one hundred numbered lines."), stop=["\n4."]
    )
    text = answer.choices[0].message.content or ""
    assert text.endswith("3. This is simulated line number 3.")
    assert answer.choices[0].finish_reason == "stop"


async def test_an_unknown_model_is_a_404_that_names_others(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await openai_client.chat.completions.create(model="claude-sonet-4.6", messages=user("x"))
    assert caught.value.code == "model_not_found"
    assert "claude-sonnet-4.6" in caught.value.message


async def test_a_wrong_key_is_a_401_that_is_not_tried_again(openai_client: AsyncOpenAI) -> None:
    client = openai_client.with_options(api_key="sk-wrong", max_retries=2)
    with pytest.raises(openai.AuthenticationError) as caught:
        await client.chat.completions.create(model=CHAT_MODEL, messages=user("x"))
    assert caught.value.code == "invalid_api_key"


async def test_bad_messages_are_a_400_that_names_the_member(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await openai_client.chat.completions.create(model=CHAT_MODEL, messages=[])
    assert caught.value.type == "invalid_request_error"
    assert caught.value.param == "messages"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_long_rate_limit_is_passed_on_with_its_wait(
    openai_client: AsyncOpenAI, model: str, stream: bool
) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        await openai_client.chat.completions.create(
            model=model, messages=user("[sim:429-long]"), stream=stream
        )
    assert caught.value.response.headers["retry-after"] == "86400"
    assert "weekly limit" in caught.value.message


@pytest.mark.parametrize("model", MODELS)
async def test_a_short_rate_limit_is_waited_out(openai_client: AsyncOpenAI, model: str) -> None:
    answer = await openai_client.chat.completions.create(
        model=model, messages=user(f"[sim:429*1] {REPEAT}after all")
    )
    assert answer.choices[0].message.content == "after all"


@pytest.mark.parametrize("fault", ["midstream-error", "cut", "garbage"])
@pytest.mark.parametrize("model", MODELS)
async def test_a_stream_that_breaks_is_an_error_and_never_an_end(
    openai_client: AsyncOpenAI, model: str, fault: str
) -> None:
    stream = await openai_client.chat.completions.create(
        model=model, messages=user(f"[sim:{fault}] Tell me about ducks."), stream=True
    )
    finished: list[str] = []
    with pytest.raises(openai.APIError) as caught:
        async for chunk in stream:
            finished += [c.finish_reason for c in chunk.choices if c.finish_reason]
    assert not finished
    assert caught.value.message


@pytest.mark.parametrize("fault", ["midstream-error", "cut", "garbage"])
@pytest.mark.parametrize("model", MODELS)
async def test_a_whole_answer_that_breaks_is_no_answer(
    openai_client: AsyncOpenAI, model: str, fault: str
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        await openai_client.chat.completions.create(
            model=model, messages=user(f"[sim:{fault}] Tell me about ducks.")
        )
    assert caught.value.status_code in (429, 502, 503)


@pytest.mark.parametrize("model", MODELS)
async def test_an_overflow_is_told_in_the_words_tools_act_upon(
    openai_client: AsyncOpenAI, model: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await openai_client.chat.completions.create(model=model, messages=user("[sim:context]"))
    assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize("model", MODELS)
async def test_the_responses_api_serves_every_model(openai_client: AsyncOpenAI, model: str) -> None:
    whole = await openai_client.responses.create(model=model, input=REPEAT + "whole")
    assert whole.output_text == "whole"
    async with openai_client.responses.stream(model=model, input=REPEAT + "in pieces") as events:
        streamed = await events.get_final_response()
    assert streamed.output_text == "in pieces"
    assert streamed.status == "completed"


async def test_the_model_list_and_one_model_are_openai_shaped(openai_client: AsyncOpenAI) -> None:
    ids = [each.id async for each in openai_client.models.list()]
    assert {*MODELS} <= set(ids)
    assert "claude-opus-4.7" not in ids  # disabled for this account
    one = await openai_client.models.retrieve("claude-sonnet-4-6")
    assert one.id == MESSAGES_MODEL
    with pytest.raises(openai.NotFoundError):
        await openai_client.models.retrieve("nothing-like-it")
