"""The libraries: a small program uses each, with the address and key that ``connect`` wrote."""

from __future__ import annotations

from collections.abc import Mapping

from tests.agents.connected.agents import CHAT, CLAUDE, CODEX
from tests.agents.connected.tool import ConnectedLibrary, Scene

NO_COMPACTION = {Scene.COMPACTION: "what is sent again is the program's own"}
OPENAI_PYTHON = ("openai==3.57.0", "anthropic==2.14.0", "openai-agents==0.24.0")
LANGCHAIN = ("langchain==1.5.2", "langchain-openai==1.7.4", "langchain-anthropic==1.7.10")
PYDANTIC = ("pydantic-ai-slim[openai,anthropic]==2.68.0",)
NODE = "node@22.23.3"
OPENAI_NODE = ("openai@6.49.0", NODE)
ANTHROPIC_NODE = ("@anthropic-ai/sdk@1.14.0", NODE)
AI_SDK = (
    *("ai@6.0.326", "@ai-sdk/openai@3.0.141", "@ai-sdk/openai-compatible@2.0.92"),
    *("@ai-sdk/anthropic@3.0.140", NODE),
)
OPENAI, ANTHROPIC = "openai-sdk", "anthropic-sdk"
GEMINI = "gemini-3.1-pro-preview"
ON_CHAT, ON_RESPONSES, ON_MESSAGES = (CHAT, CODEX), (CODEX, CLAUDE), (CLAUDE, CHAT)


def _library(
    key: str,
    title: str,
    app_id: str,
    program: str,
    pinned: tuple[str, ...],
    models: tuple[str, ...],
    *options: str,
    cannot: Mapping[Scene, str] = NO_COMPACTION,
    lacks: str = "",
    always_translated: bool = False,
) -> ConnectedLibrary:
    return ConnectedLibrary(
        *(key, title, app_id, program, pinned, models, options, cannot, lacks),
        always_translated=always_translated,
    )


LIBRARY_TOOLS: Mapping[str, ConnectedLibrary] = {
    library.key: library
    for library in (
        _library(
            "openai-python-chat",
            "OpenAI SDK (Python), chat",
            OPENAI,
            "openai_chat.py",
            OPENAI_PYTHON,
            ON_CHAT,
        ),
        _library(
            "openai-python-responses",
            "OpenAI SDK (Python), Responses",
            OPENAI,
            "openai_responses.py",
            OPENAI_PYTHON,
            ON_RESPONSES,
        ),
        _library(
            "openai-typescript-chat",
            "OpenAI SDK (TypeScript), chat",
            OPENAI,
            "openai_chat.mjs",
            OPENAI_NODE,
            ON_CHAT,
        ),
        _library(
            "openai-typescript-responses",
            "OpenAI SDK (TypeScript), Responses",
            OPENAI,
            "openai_responses.mjs",
            OPENAI_NODE,
            ON_RESPONSES,
        ),
        _library(
            "anthropic-python",
            "Anthropic SDK (Python)",
            ANTHROPIC,
            "anthropic_messages.py",
            ("anthropic==2.14.0",),
            ON_MESSAGES,
        ),
        _library(
            "anthropic-typescript",
            "Anthropic SDK (TypeScript)",
            ANTHROPIC,
            "anthropic_messages.mjs",
            ANTHROPIC_NODE,
            ON_MESSAGES,
        ),
        _library(
            "google-genai",
            "Google Gen AI SDK (Python)",
            "google-genai",
            "google_genai.py",
            ("google-genai==3.6.1",),
            (GEMINI, CLAUDE),
            always_translated=True,
        ),
        _library(
            "ollama",
            "Ollama SDK (Python)",
            "ollama-sdk",
            "ollama_chat.py",
            ("ollama==0.6.3",),
            (CHAT, CLAUDE),
            always_translated=True,
        ),
        _library(
            "openai-agents",
            "OpenAI Agents SDK, Responses",
            OPENAI,
            "openai_agents.py",
            OPENAI_PYTHON[::-1],
            ON_RESPONSES,
        ),
        _library(
            "openai-agents-chat",
            "OpenAI Agents SDK, chat",
            OPENAI,
            "openai_agents.py",
            OPENAI_PYTHON[::-1],
            ON_CHAT,
            "--chat",
        ),
        _library(
            "langchain-openai",
            "LangChain, OpenAI chat",
            OPENAI,
            "langchain_agent.py",
            LANGCHAIN,
            ON_CHAT,
        ),
        _library(
            "langchain-anthropic",
            "LangChain, Anthropic",
            ANTHROPIC,
            "langchain_agent.py",
            LANGCHAIN,
            ON_MESSAGES,
            "--anthropic",
        ),
        _library(
            "pydantic-ai-chat",
            "Pydantic AI, OpenAI chat",
            OPENAI,
            "pydantic_agent.py",
            PYDANTIC,
            ON_CHAT,
        ),
        _library(
            "pydantic-ai-responses",
            "Pydantic AI, OpenAI Responses",
            OPENAI,
            "pydantic_agent.py",
            PYDANTIC,
            ON_RESPONSES,
            "--responses",
        ),
        _library(
            "pydantic-ai-anthropic",
            "Pydantic AI, Anthropic",
            ANTHROPIC,
            "pydantic_agent.py",
            PYDANTIC,
            ON_MESSAGES,
            "--anthropic",
        ),
        _library(
            "ai-sdk-chat", "AI SDK, OpenAI chat", OPENAI, "ai_sdk.mjs", AI_SDK, ON_CHAT, "--chat"
        ),
        _library(
            "ai-sdk-responses",
            "AI SDK, OpenAI Responses",
            OPENAI,
            "ai_sdk.mjs",
            AI_SDK,
            ON_RESPONSES,
            "--responses",
            cannot=NO_COMPACTION
            | {Scene.RESTART: "it names stored items, which only the running proxy remembers"},
            lacks="`store: false` by default",
        ),
        _library(
            "ai-sdk-stateless",
            "AI SDK, OpenAI Responses, `store: false`",
            OPENAI,
            "ai_sdk.mjs",
            AI_SDK,
            ON_RESPONSES,
            *("--responses", "--stateless"),
        ),
        _library(
            "ai-sdk-compatible",
            "AI SDK, OpenAI compatible",
            OPENAI,
            "ai_sdk.mjs",
            AI_SDK,
            ON_CHAT,
            "--compatible",
        ),
        _library(
            "ai-sdk-anthropic",
            "AI SDK, Anthropic",
            ANTHROPIC,
            "ai_sdk.mjs",
            AI_SDK,
            ON_MESSAGES,
            "--anthropic",
            lacks="ANTHROPIC_BASE_URL as Anthropic's SDK reads it: give it the address with /v1",
        ),
    )
}
