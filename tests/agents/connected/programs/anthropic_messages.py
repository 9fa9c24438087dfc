"""Anthropic's SDK, Messages, streamed; one client and one conversation for all turns."""

from __future__ import annotations

from typing import Any

import anthropic
from turns import READ_FILE, answer_all, picture, read_file

client = anthropic.Anthropic()
said: list[Any] = []
TOOL: Any = {"name": READ_FILE["name"], "input_schema": READ_FILE["schema"]}


def answer(turn: dict[str, Any]) -> str:
    content: list[Any] = [{"type": "text", "text": turn["prompt"]}]
    if (seen := picture(turn)) is not None:
        source = {"type": "base64", "media_type": "image/png", "data": seen}
        content.append({"type": "image", "source": source})
    said.append({"role": "user", "content": content})
    while True:
        with client.messages.stream(
            model=turn["model"], max_tokens=2000, messages=said, tools=[TOOL]
        ) as stream:
            message = stream.get_final_message()
        said.append({"role": "assistant", "content": [each.to_dict() for each in message.content]})
        calls = [each for each in message.content if each.type == "tool_use"]
        if not calls:
            return "".join(each.text for each in message.content if each.type == "text")
        results = [
            {
                "type": "tool_result",
                "tool_use_id": call.id,
                "content": read_file(dict(call.input)["path"]),
            }
            for call in calls
        ]
        said.append({"role": "user", "content": results})


answer_all(answer)
