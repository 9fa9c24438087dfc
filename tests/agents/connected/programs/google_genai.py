"""Google's Gen AI SDK, streamed; one client and one chat for all turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import turns
from google import genai
from google.genai import types

client = genai.Client()
said: list[Any] = []
CONFIG = types.GenerateContentConfig(
    tools=[turns.read_file],
    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
)


def answer(turn: dict[str, Any]) -> str:
    parts = [types.Part(text=turn["prompt"])]
    if turn["image"]:
        data = Path(turn["image"]).read_bytes()
        parts.append(types.Part.from_bytes(data=data, mime_type="image/png"))
    said.append(types.Content(role="user", parts=parts))
    while True:
        came: list[Any] = []
        for chunk in client.models.generate_content_stream(
            model=turn["model"], contents=said, config=CONFIG
        ):
            for candidate in chunk.candidates or ():
                if candidate.content and candidate.content.parts:
                    came.extend(candidate.content.parts)
        said.append(types.Content(role="model", parts=came))
        calls = [each.function_call for each in came if each.function_call]
        if not calls:
            return "".join(each.text or "" for each in came)
        results = [
            types.Part.from_function_response(
                name=call.name, response={"result": turns.read_file(**call.args)}
            )
            for call in calls
        ]
        said.append(types.Content(role="user", parts=results))


turns.answer_all(answer)
