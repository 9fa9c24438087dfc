"""OpenAI's SDK, chat completions, streamed; one client and one conversation for all turns."""

from __future__ import annotations

import json
from typing import Any

import openai
from turns import READ_FILE, answer_all, picture, read_file

client = openai.OpenAI()
said: list[Any] = []
TOOL: Any = {
    "type": "function",
    "function": {"name": READ_FILE["name"], "parameters": READ_FILE["schema"]},
}


def answer(turn: dict[str, Any]) -> str:
    content: list[Any] = [{"type": "text", "text": turn["prompt"]}]
    if (seen := picture(turn)) is not None:
        content.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{seen}"}})
    said.append({"role": "user", "content": content})
    while True:
        with client.chat.completions.stream(
            model=turn["model"], messages=said, tools=[TOOL]
        ) as stream:
            message = stream.get_final_completion().choices[0].message
        said.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
        if not message.tool_calls:
            return message.content or ""
        for call in message.tool_calls:
            read = read_file(json.loads(call.function.arguments)["path"])
            said.append({"role": "tool", "tool_call_id": call.id, "content": read})


answer_all(answer)
