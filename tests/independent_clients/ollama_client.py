"""Ollama's SDK, told to use the server in ``SERVER``; prints what it saw as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import ollama

REPEAT = "Repeat exactly the following text and nothing else: "
WORDS = "żółty 🦆 duck"
ASK = "What is the weather in Paris? Use the tool."
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def client(key: str) -> ollama.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return ollama.Client(host=os.environ["SERVER"], headers=headers, timeout=60)


def user(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def with_model(local: ollama.Client, model: str) -> dict[str, Any]:
    called: list[str] = []

    def get_weather(city: str) -> str:
        """The weather in a city

        Args:
          city: the city
        """
        called.append(city)
        return "sunny"

    said = [user(REPEAT + WORDS)]
    whole = local.chat(model=model, messages=said)
    streamed = "".join(
        part.message.content for part in local.chat(model=model, messages=said, stream=True)
    )
    asked: list[Any] = [user(ASK)]
    first = local.chat(model=model, messages=asked, tools=[get_weather])
    asked.append(first.message)
    for call in first.message.tool_calls or ():
        result = get_weather(**call.function.arguments)
        asked.append({"role": "tool", "tool_name": call.function.name, "content": result})
    # Without the tool: a model that lost its own proof of thinking asks again.
    answer = local.chat(model=model, messages=asked)
    again = local.chat(model=model, messages=asked, stream=True)
    return {
        "whole": whole.message.content,
        "streamed": streamed,
        "called": called,
        "answer": answer.message.content,
        "streamed_answer": "".join(part.message.content for part in again),
        "tokens": whole.eval_count + whole.prompt_eval_count,
    }


def failed(ask: Any, status: int) -> bool:
    try:
        for _ in ask():
            pass
    except ollama.ResponseError as error:
        return error.status_code == status and bool(error.error)
    return False


def main() -> None:
    local = client(os.environ["SERVER_KEY"])
    picture = [user("What is it?", images=[PIXEL])]
    cut = [user("[sim:cut] hi")]
    seen = {
        "models": {model: with_model(local, model) for model in sys.argv[1:]},
        "listed": [each.model.removesuffix(":latest") for each in local.list().models],
        "picture": local.chat(model="gpt-4o", messages=picture).message.content,
        "failures": {
            "wrong key": failed(lambda: client("wrong").list(), 401),
            "unknown model": failed(
                lambda: local.chat(model="nope", messages=[user("x")], stream=True), 404
            ),
            # Inside a stream the SDK knows no status.
            "cut": failed(lambda: local.chat(model="gpt-4o-mini", messages=cut, stream=True), -1),
        },
    }
    print(json.dumps(seen))


main()
