"""Identifies the calling program by its headers. Pure, declared in two tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

_NAMES: tuple[tuple[str, str], ...] = (
    # Start of the User-Agent, lower case; the first match counts.
    ("claude-cli/", "Claude Code"),
    ("codex", "Codex"),
    ("copilot/", "Copilot CLI"),
    ("github-copilot-cli", "Copilot CLI"),
    ("opencode/", "opencode"),
    ("litellm/", "LiteLLM"),
    ("aider", "aider"),
    ("cline/", "Cline"),
    ("roo-code/", "Roo Code"),
    ("continue/", "Continue"),
    ("continue-cli", "Continue"),
    ("zed/", "Zed"),
    ("charm-crush/", "Crush"),
    ("crush/", "Crush"),
    ("open-webui", "Open WebUI"),
    ("open webui", "Open WebUI"),
    ("mini-swe-agent", "mini-swe-agent"),
    ("cursor/", "Cursor"),
    ("qwencode/", "Qwen Code"),
    ("geminicli/", "Gemini CLI"),
    ("pydantic-ai/", "Pydantic AI"),
    ("agents/python", "OpenAI Agents"),
    ("openai/python", "OpenAI SDK (Python)"),
    ("asyncopenai/python", "OpenAI SDK (Python)"),
    ("openai/js", "OpenAI SDK (JS)"),
    ("anthropic/python", "Anthropic SDK (Python)"),
    ("asyncanthropic/python", "Anthropic SDK (Python)"),
    ("anthropic/js", "Anthropic SDK (JS)"),
    ("ai-sdk/", "AI SDK"),
    ("ai/", "AI SDK"),
    ("pi/", "pi"),
    ("pi-coding-agent/", "pi"),
    ("llm/", "llm"),
    ("google-genai-sdk/", "Google Gen AI SDK"),
    ("ollama-python/", "Ollama SDK (Python)"),
    ("ollama-js/", "Ollama SDK (JS)"),
    ("ollama/", "Ollama"),
    ("curl/", "curl"),
    ("python-httpx/", "httpx"),
    ("python-requests/", "requests"),
    ("python/", "aiohttp"),
    ("mozilla/", "Browser"),
)

_RUNTIMES = ("node", "bun/", "deno/", "runtime/")
_SDKS = ("openai/js", "anthropic/js")
_SHARED = (
    *_SDKS,
    "openai/python",
    "asyncopenai/python",
    "litellm/",
    "ai/",
    "ai-sdk/",
    "node",
    "axios",
    "python/",
)
"""Libraries many programs use; ``X-Title`` (OpenRouter's convention) then names the program.
"""

_BUNDLED_SDK = re.compile(r"[a-z]{1,3}/js \d", re.ASCII)
"""OpenAI's and Anthropic's SDKs name their class; in a minified program that is ``ls/JS 5.23.2``."""

_OWN_HEADERS = (("x-openwebui-", "Open WebUI"),)
"""Beginnings of headers that only one program sends, where its User-Agent is its HTTP library's."""

_FIRST_WORDS = (
    ("You are an expert coding assistant operating inside pi,", "pi"),  # 0.73.1
    ("You are an agent in the Continue CLI", "Continue"),  # cn 1.5.47
    ("You are Cline,", "Cline"),
    ("You are Roo,", "Roo Code"),
    # 2.4.6, of its configurations for a person and for benchmarks
    ("You are a helpful assistant that can interact with a computer", "mini-swe-agent"),
    (
        "You are a helpful assistant that can interact multiple times with a computer shell",
        "mini-swe-agent",
    ),
)
"""How instructions begin that programs send whose headers are a library's alone."""

_BEGINNING = re.compile(
    b'"(?:' + b"|".join(b"(" + re.escape(words.encode()) + b")" for words, _ in _FIRST_WORDS) + b")"
)
_INSTRUCTIONS = ("instructions", "system", "messages", "input")
_SEARCHED = 2_000
"""Bytes of a member in which instructions begin, if they come first."""

_SESSION_HEADERS = (
    "x-claude-code-session-id",
    "session-id",  # Codex
    "session_id",  # Codex before 0.100
    "x-session-id",  # opencode and plugins of other agents
    "x-session-affinity",
)
"""Headers in which clients send the id of their conversation."""

_SESSION_ID = re.compile(r"[\w.:-]{1,128}")
_PRODUCT = re.compile(r"[A-Za-z][\w .-]{0,39}(?=[/ ]|$)", re.ASCII)
UNKNOWN = "Unknown client"


def client_name(headers: Mapping[str, str]) -> str:
    """Return a name for people; an unlisted client is called what its User-Agent begins with."""
    agent = headers.get("User-Agent", "").strip()
    # The Copilot CLI uses the vendors' SDKs; its own header tells it apart from them. A turn's later
    # requests bear x-initiator only.
    if "x-initiator" in headers and agent.lower().startswith(_SDKS):
        return "Copilot CLI"
    if _is_a_librarys(agent):
        for start, name in _OWN_HEADERS:
            if any(each.lower().startswith(start) for each in headers):
                return name
        title = _PRODUCT.fullmatch(headers.get("x-title", "").strip())
        return title[0] if title else _named(agent)
    return _named(agent)


def client_by_instructions(headers: Mapping[str, str], members: Mapping[str, Any]) -> str | None:
    """Return who asks, where the headers are a library's and the instructions are a known program's.

    ``members`` hold raw JSON (``msgspec.Raw``); only their beginnings are looked at.
    """
    agent = headers.get("User-Agent", "").strip()
    if not _is_a_librarys(agent) or client_name(headers) != _named(agent):
        return None
    for member in _INSTRUCTIONS:
        raw = members.get(member)
        if isinstance(raw, msgspec.Raw):
            found = _BEGINNING.search(memoryview(raw)[:_SEARCHED])
            if found is not None and found.lastindex is not None:
                return _FIRST_WORDS[found.lastindex - 1][1]
    return None


@lru_cache(maxsize=64)
def _is_a_librarys(agent: str) -> bool:
    lowered = agent.lower()
    return lowered.startswith(_SHARED) or _BUNDLED_SDK.match(lowered) is not None


@lru_cache(maxsize=64)
def _named(agent: str) -> str:
    lowered = agent.lower()
    for start, name in _NAMES:
        if lowered.startswith(start):
            return name
    if " ai-sdk/" in lowered and lowered.startswith(_RUNTIMES):
        return "AI SDK"  # from version 7 on it follows the runtime's name
    if _BUNDLED_SDK.match(lowered):
        return "OpenAI SDK (JS)"
    product = _PRODUCT.match(agent)
    return product[0].strip() if product else UNKNOWN


def session_id(headers: Mapping[str, str]) -> str | None:
    """Return the conversation's id, if the client sends one of a valid form."""
    for name in _SESSION_HEADERS:
        value = headers.get(name)
        if value and _SESSION_ID.fullmatch(value):
            return value
    return None
