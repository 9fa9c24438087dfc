"""Identifies the calling program by its headers. Pure, declared in two tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

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
    ("zed/", "Zed"),
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
    ("curl/", "curl"),
    ("python-httpx/", "httpx"),
    ("python-requests/", "requests"),
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
)
"""Libraries many programs use; ``X-Title`` (OpenRouter's convention) then names the program.
"""

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
    """Return a name for people; for an unlisted client, the beginning of its User-Agent."""
    agent = headers.get("User-Agent", "").strip()
    # The Copilot CLI uses the vendors' SDKs; its own header distinguishes it. A turn's later
    # requests carry x-initiator only.
    if "x-initiator" in headers and agent.lower().startswith(_SDKS):
        return "Copilot CLI"
    if agent.lower().startswith(_SHARED):
        title = _PRODUCT.fullmatch(headers.get("x-title", "").strip())
        return title[0] if title else _named(agent)
    return _named(agent)


@lru_cache(maxsize=64)
def _named(agent: str) -> str:
    lowered = agent.lower()
    for start, name in _NAMES:
        if lowered.startswith(start):
            return name
    if " ai-sdk/" in lowered and lowered.startswith(_RUNTIMES):
        return "AI SDK"  # from version 7 on it follows the runtime's name
    product = _PRODUCT.match(agent)
    return product[0].strip() if product else UNKNOWN


def session_id(headers: Mapping[str, str]) -> str | None:
    """Return the conversation's id, if the client sends one of a valid form."""
    for name in _SESSION_HEADERS:
        value = headers.get(name)
        if value and _SESSION_ID.fullmatch(value):
            return value
    return None
