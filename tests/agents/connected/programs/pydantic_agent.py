"""Pydantic AI's agent on its OpenAI model, or with ``--anthropic`` on its Anthropic one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import turns
from pydantic_ai import Agent, BinaryContent

kind = "anthropic" if "--anthropic" in sys.argv else "openai-chat"
kind = "openai-responses" if "--responses" in sys.argv else kind
agent = Agent()
agent.tool_plain(turns.read_file)
said: list[Any] = []


def picture_at(path: str) -> BinaryContent:
    return BinaryContent(Path(path).read_bytes(), media_type="image/png")


async def answer(turn: dict[str, Any]) -> str:
    words: list[Any] = [turn["prompt"]]
    if turn["image"]:
        words.append(picture_at(turn["image"]))
    result = await agent.run(words, model=f"{kind}:{turn['model']}", message_history=said)
    said[:] = result.all_messages()
    return str(result.output)


with asyncio.Runner() as runner:
    turns.answer_all(lambda turn: runner.run(answer(turn)))
