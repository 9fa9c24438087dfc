"""Ollama's SDK, streamed; one client and one conversation for all turns."""

from __future__ import annotations

from typing import Any

import ollama
import turns

client = ollama.Client()
said: list[Any] = []


def answer(turn: dict[str, Any]) -> str:
    asked: dict[str, Any] = {"role": "user", "content": turn["prompt"]}
    if turn["image"]:
        asked["images"] = [turn["image"]]
    said.append(asked)
    while True:
        text, calls = "", []
        for part in client.chat(turn["model"], said, tools=[turns.read_file], stream=True):
            text += part.message.content or ""
            calls.extend(part.message.tool_calls or ())
        said.append({"role": "assistant", "content": text, "tool_calls": calls})
        if not calls:
            return text
        for call in calls:
            read = turns.read_file(**call.function.arguments)
            said.append({"role": "tool", "content": read, "tool_name": call.function.name})


turns.answer_all(answer)
