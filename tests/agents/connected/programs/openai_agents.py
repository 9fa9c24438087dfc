"""OpenAI's Agents SDK; ``--chat`` for chat completions in place of Responses."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import turns
from agents import (
    Agent,
    Runner,
    function_tool,
    set_default_openai_api,
    set_tracing_disabled,
)

set_tracing_disabled(disabled=True)
set_default_openai_api("chat_completions" if "--chat" in sys.argv else "responses")
read_file = function_tool(turns.read_file)
said: list[Any] = []


async def answer(turn: dict[str, Any]) -> str:
    agent = Agent(name="reader", model=turn["model"], tools=[read_file])
    content: list[Any] = [{"type": "input_text", "text": turn["prompt"]}]
    if (seen := turns.picture(turn)) is not None:
        url = f"data:image/png;base64,{seen}"
        content.append({"type": "input_image", "image_url": url, "detail": "auto"})
    result = await Runner.run(agent, [*said, {"role": "user", "content": content}])
    said[:] = result.to_input_list()
    return str(result.final_output)


with asyncio.Runner() as runner:
    turns.answer_all(lambda turn: runner.run(answer(turn)))
