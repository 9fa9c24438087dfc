"""OpenAI's SDK, Responses, streamed, nothing stored; one client and one conversation for all turns."""

from __future__ import annotations

import json
from typing import Any

import openai
from turns import READ_FILE, answer_all, picture, read_file

client = openai.OpenAI()
said: list[Any] = []
TOOL: Any = {
    "type": "function",
    "name": READ_FILE["name"],
    "parameters": READ_FILE["schema"],
    "strict": True,
}


def answer(turn: dict[str, Any]) -> str:
    content: list[Any] = [{"type": "input_text", "text": turn["prompt"]}]
    if (seen := picture(turn)) is not None:
        content.append({"type": "input_image", "image_url": f"data:image/png;base64,{seen}"})
    said.append({"role": "user", "content": content})
    while True:
        with client.responses.stream(
            model=turn["model"],
            input=said,
            tools=[TOOL],
            store=False,
            include=["reasoning.encrypted_content"],
        ) as stream:
            done = stream.get_final_response()
        said.extend(each.model_dump(exclude_none=True) for each in done.output)
        calls = [each for each in done.output if each.type == "function_call"]
        if not calls:
            return done.output_text
        for call in calls:
            read = read_file(json.loads(call.arguments)["path"])
            said.append({"type": "function_call_output", "call_id": call.call_id, "output": read})


answer_all(answer)
