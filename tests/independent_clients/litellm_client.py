"""Signs in with LiteLLM's github_copilot provider and asks each endpoint it knows.

Usage: litellm_client.py SIMULATOR_URL TOKEN_FOLDER GITHUB_TOKEN. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

url, folder, github_token = sys.argv[1:]
os.environ |= {
    "GITHUB_COPILOT_TOKEN_DIR": folder,
    "GITHUB_COPILOT_API_KEY_URL": f"{url}/copilot_internal/v2/token",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
Path(folder, "access-token").write_text(github_token)

import litellm  # noqa: E402 -- reads the variables above when imported

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string"}},
            "required": ["location"],
        },
    },
}


def complete(model: str, text: str, **more: object) -> object:
    messages = [{"role": "user", "content": text}]
    return litellm.completion(model=f"github_copilot/{model}", messages=messages, **more)


def streamed(model: str) -> str:
    chunks = complete(
        model, "Repeat exactly the following text and nothing else: żółć 🎉", stream=True
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def called(model: str) -> list[str]:
    message = complete(model, "weather in Paris and Rome", tools=[TOOL]).choices[0].message
    return [call.function.arguments for call in message.tool_calls]


def responded(model: str) -> str:
    events = litellm.responses(model=f"github_copilot/{model}", input="hello", stream=True)
    return "".join(e.delta for e in events if e.type == "response.output_text.delta")


CHAT = ("gpt-4.1", "claude-sonnet-4.6", "gemini-3.1-pro-preview")
found = {
    "streamed": {model: streamed(model) for model in CHAT},
    "called": {model: called(model) for model in CHAT},
    "responded": responded("gpt-5.3-codex"),
}
print(json.dumps(found))
