"""The official Anthropic client against every kind of model."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

MESSAGES_MODEL = "claude-sonnet-4.6"
CHAT_MODEL = "gpt-4o-mini"
RESPONSES_MODEL = "gpt-5.3-codex"
MODELS = (MESSAGES_MODEL, CHAT_MODEL, RESPONSES_MODEL)
REPEAT = "Repeat exactly the following text and nothing else: "
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


async def ask(
    client: AsyncAnthropic, stream: bool, model: str, messages: list[Any], **more: Any
) -> Any:
    """Return the whole message, however it was sent."""
    arguments = {"max_tokens": 1000, "model": model, "messages": messages, **more}
    if not stream:
        return await client.messages.create(**arguments)
    async with client.messages.stream(**arguments) as events:
        return await events.get_final_message()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_the_text_comes_back_as_the_model_said_it(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    message = await ask(anthropic_client, stream, model, user(REPEAT + "żółty 🦆 duck"))
    assert [each.text for each in message.content] == ["żółty 🦆 duck"]
    assert message.stop_reason == "end_turn"
    assert message.model == model
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_a_tool_loop_comes_to_its_end(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    messages = user("What is the weather in Paris?")
    first = await ask(anthropic_client, stream, model, messages, tools=[WEATHER])
    assert first.stop_reason == "tool_use"
    (call,) = [each for each in first.content if each.type == "tool_use"]
    assert (call.name, call.input) == ("get_weather", {"city": "Paris"})

    messages += [
        {"role": "assistant", "content": [each.model_dump() for each in first.content]},
        *user(
            [
                {
                    "type": "tool_result",
                    "tool_use_id": call.id,
                    "content": "The secret word is: mimosa",
                }
            ]
        ),
    ]
    last = await ask(anthropic_client, stream, model, messages, tools=[WEATHER])
    assert last.content[-1].text == "The secret word is mimosa."
    assert last.stop_reason == "end_turn"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_two_parallel_calls_stay_apart(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    message = await ask(
        anthropic_client,
        stream,
        model,
        user("What is the weather in Paris and Rome?"),
        tools=[WEATHER],
    )
    calls = [each for each in message.content if each.type == "tool_use"]
    assert [each.input for each in calls] == [{"city": "Paris"}, {"city": "Rome"}]
    assert len({each.id for each in calls}) == 2


@pytest.mark.parametrize("model", MODELS)
async def test_an_image_reaches_the_model(anthropic_client: AsyncAnthropic, model: str) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "image", "source": source}, {"type": "text", "text": REPEAT + "seen"}]
    message = await ask(anthropic_client, False, model, user(content))
    assert message.content[-1].text == "seen"


@pytest.mark.parametrize("model", [MESSAGES_MODEL, RESPONSES_MODEL])
async def test_thinking_is_shown_and_can_be_sent_back(
    anthropic_client: AsyncAnthropic, model: str
) -> None:
    thinking = {"type": "adaptive", "display": "summarized"}
    messages = user("Think step by step: what is the weather in Paris?")
    first = await ask(anthropic_client, True, model, messages, tools=[WEATHER], thinking=thinking)
    kinds = [each.type for each in first.content]
    assert kinds == ["thinking", "tool_use"]
    assert first.content[0].signature

    messages += [
        {"role": "assistant", "content": [each.model_dump() for each in first.content]},
        *user(
            [
                {
                    "type": "tool_result",
                    "tool_use_id": first.content[1].id,
                    "content": "The secret word is: mimosa",
                }
            ]
        ),
    ]
    last = await ask(anthropic_client, True, model, messages, tools=[WEATHER], thinking=thinking)
    assert last.content[-1].text == "The secret word is mimosa."


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_max_tokens_cuts_the_answer_and_says_so(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    message = await ask(
        anthropic_client, stream, model, user("Write one hundred numbered lines."), max_tokens=40
    )
    assert message.stop_reason == "max_tokens"
    assert message.content[0].text.startswith("1. This is simulated line")
    assert 60 <= len(message.content[0].text) <= 400


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_a_stop_sequence_ends_the_answer_before_it(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    message = await ask(
        anthropic_client,
        stream,
        model,
        user("Write one hundred numbered lines."),
        stop_sequences=["\n4."],
    )
    assert message.content[0].text.endswith("3. This is simulated line number 3.")
    if model != CHAT_MODEL:  # chat tells every kind of stop by one word
        assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "\n4.")


async def test_an_unknown_model_is_a_404_of_the_vendor_s_shape(
    anthropic_client: AsyncAnthropic,
) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        await ask(anthropic_client, False, "claude-nothing", user("x"))
    assert caught.value.body["type"] == "error"
    assert caught.value.body["error"]["type"] == "not_found_error"
    assert caught.value.body["request_id"] == caught.value.request_id


async def test_a_wrong_key_is_a_401_that_is_not_tried_again(
    anthropic_client: AsyncAnthropic,
) -> None:
    client = anthropic_client.with_options(api_key="wrong", max_retries=2)
    with pytest.raises(anthropic.AuthenticationError) as caught:
        await ask(client, False, MESSAGES_MODEL, user("x"))
    assert caught.value.body["error"]["type"] == "authentication_error"


@pytest.mark.parametrize("model", MODELS)
async def test_a_bad_request_is_a_400_that_names_the_member(
    anthropic_client: AsyncAnthropic, model: str
) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        await ask(anthropic_client, False, model, [])
    assert caught.value.body["error"]["type"] == "invalid_request_error"
    assert "messages" in caught.value.body["error"]["message"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_a_long_rate_limit_is_passed_on_with_its_wait(
    anthropic_client: AsyncAnthropic, model: str, stream: bool
) -> None:
    with pytest.raises(anthropic.RateLimitError) as caught:
        await ask(anthropic_client, stream, model, user("[sim:429-long]"))
    assert caught.value.response.headers["retry-after"] == "86400"
    assert caught.value.body["error"]["type"] == "rate_limit_error"


@pytest.mark.parametrize("fault", ["midstream-error", "cut", "garbage"])
@pytest.mark.parametrize("model", MODELS)
async def test_a_stream_that_breaks_is_an_error_and_never_an_end(
    anthropic_client: AsyncAnthropic, model: str, fault: str
) -> None:
    ended = False
    with pytest.raises(anthropic.APIError) as caught:
        stream = await anthropic_client.messages.create(
            model=model,
            max_tokens=100,
            messages=user(f"[sim:{fault}] Tell me about ducks."),
            stream=True,
        )
        async for event in stream:
            ended = ended or event.type in ("message_stop", "message_delta")
    assert not ended
    assert caught.value.message


@pytest.mark.parametrize("model", MODELS)
async def test_an_overflow_is_told_in_the_words_claude_code_acts_upon(
    anthropic_client: AsyncAnthropic, model: str
) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        await ask(anthropic_client, True, model, user("[sim:context]"))
    assert "prompt is too long" in caught.value.body["error"]["message"]


@pytest.mark.parametrize("model", MODELS)
async def test_tokens_are_counted_for_every_model(
    anthropic_client: AsyncAnthropic, model: str
) -> None:
    short = await anthropic_client.messages.count_tokens(model=model, messages=user("Hello"))
    long = await anthropic_client.messages.count_tokens(
        model=model, messages=user("Hello there. " * 500), tools=[WEATHER], system="Be brief."
    )
    assert 0 < short.input_tokens < 60
    assert long.input_tokens > 800


async def test_the_model_list_has_the_vendor_s_shape_and_pages(
    anthropic_client: AsyncAnthropic,
) -> None:
    page = await anthropic_client.models.list(limit=5)
    assert len(page.data) == 5
    assert page.has_more
    ids = [each.id async for each in anthropic_client.models.list(limit=5)]
    assert {*MODELS} <= set(ids)
    assert len(ids) == len(set(ids))
    one = await anthropic_client.models.retrieve("claude-sonnet-4-6")
    assert (one.type, one.id) == ("model", MESSAGES_MODEL)


async def test_a_name_that_was_resolved_is_told_in_a_header(
    anthropic_client: AsyncAnthropic,
) -> None:
    raw = await anthropic_client.messages.with_raw_response.create(
        model="claude-sonnet-4-6-20260101", max_tokens=10, messages=user(REPEAT + "x")
    )
    assert raw.headers["x-g-copilot-proxy-model"] == MESSAGES_MODEL
    assert raw.headers["request-id"].startswith("req_")
    assert raw.headers["x-github-request-id"]
