"""LangChain's agent on its OpenAI model, or with ``--anthropic`` on its Anthropic one."""

from __future__ import annotations

import sys
from typing import Any

import turns
from langchain.agents import create_agent
from langchain_core.tools import tool

read_file = tool(turns.read_file)
said: list[Any] = []
models: dict[str, Any] = {}


def model_named(name: str) -> Any:
    if name not in models:
        if "--anthropic" in sys.argv:
            from langchain_anthropic import ChatAnthropic

            models[name] = ChatAnthropic(model_name=name, timeout=None, stop=None)
        else:
            from langchain_openai import ChatOpenAI

            models[name] = ChatOpenAI(model=name, use_responses_api="--responses" in sys.argv)
    return models[name]


def answer(turn: dict[str, Any]) -> str:
    agent = create_agent(model_named(turn["model"]), [read_file])
    content: list[Any] = [{"type": "text", "text": turn["prompt"]}]
    if (seen := turns.picture(turn)) is not None:
        content.append({"type": "image", "base64": seen, "mime_type": "image/png"})
    said.append({"role": "user", "content": content})
    result = agent.invoke({"messages": said})
    said[:] = result["messages"]
    return str(said[-1].text)


turns.answer_all(answer)
