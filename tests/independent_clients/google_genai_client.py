"""Google's SDK, told to use the server in ``SERVER``; prints what it saw as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from google import genai
from google.genai import errors, types

REPEAT = "Repeat exactly the following text and nothing else: "
WORDS = "żółty 🦆 duck"
ASK = "What is the weather in Paris? Use the tool."
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def client(key: str) -> genai.Client:
    options = types.HttpOptions(base_url=os.environ["SERVER"], timeout=60_000)
    return genai.Client(api_key=key, http_options=options)


def with_model(google: genai.Client, model: str) -> dict[str, Any]:
    called: list[str] = []

    def get_weather(city: str) -> str:
        """The weather in a city"""
        called.append(city)
        return "sunny"

    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    config = types.GenerateContentConfig(
        tools=[get_weather], system_instruction="Be brief.", thinking_config=thinking
    )
    whole = google.models.generate_content(model=model, contents=REPEAT + WORDS)
    stream = google.models.generate_content_stream(model=model, contents=REPEAT + WORDS)
    streamed = "".join(chunk.text or "" for chunk in stream)
    answer = google.chats.create(model=model, config=config).send_message(ASK)
    return {
        "whole": whole.text,
        "streamed": streamed,
        "called": list(called),
        "answer": answer.text,
        "streamed_answer": by_hand(google, model),
        "tokens": google.models.count_tokens(model=model, contents="one two").total_tokens,
    }


def by_hand(google: genai.Client, model: str) -> str:
    """Call and result in a streamed chat; the SDK keeps each piece of it as a turn of its own."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    declared = types.FunctionDeclaration(
        name="get_weather", description="The weather in a city", parameters_json_schema=schema
    )
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    chat = google.chats.create(model=model, config=config)
    calls = [call for chunk in chat.send_message_stream(ASK) for call in chunk.function_calls or ()]
    results = [
        types.Part.from_function_response(name=call.name, response={"output": "sunny"})
        for call in calls
    ]
    return "".join(chunk.text or "" for chunk in chat.send_message_stream(results))


def failed(ask: Any, status: str) -> bool:
    try:
        for _ in ask():
            pass
    except errors.APIError as error:
        return error.status == status
    return False


def main() -> None:
    google, stranger = client(os.environ["SERVER_KEY"]), client("wrong")
    models = google.models
    picture = types.Part.from_bytes(data=PIXEL, mime_type="image/png")
    seen = {
        "models": {model: with_model(google, model) for model in sys.argv[1:]},
        "listed": [each.name.removeprefix("models/") for each in models.list()],
        "picture": models.generate_content(model="gpt-4o", contents=["What is it?", picture]).text,
        "failures": {
            "wrong key": failed(lambda: stranger.models.list(), "UNAUTHENTICATED"),
            "unknown model": failed(
                lambda: models.generate_content_stream(model="nope", contents="x"), "NOT_FOUND"
            ),
            "cut": failed(
                lambda: models.generate_content_stream(
                    model="gpt-4o-mini", contents="[sim:cut] hi"
                ),
                "INTERNAL",
            ),
        },
    }
    print(json.dumps(seen))


main()
