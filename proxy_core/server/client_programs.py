"""Which program is calling, as far as its headers say so. Pure, declared in two tables."""

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
    ("curl/", "curl"),
    ("python-httpx/", "httpx"),
    ("python-requests/", "requests"),
    ("mozilla/", "Browser"),
)

_SESSION_HEADERS = (
    "x-claude-code-session-id",
    "session-id",  # Codex
    "session_id",  # Codex before 0.100
    "x-session-id",  # opencode and plugins of other agents
    "x-session-affinity",
)
"""Where clients name their conversation."""

_SUBAGENT_HEADERS = ("x-claude-code-agent-id", "x-openai-subagent")
"""Claude Code and Codex send these only with what a subagent of theirs asks."""

_SESSION_ID = re.compile(r"[\w.:-]{1,128}")
_PRODUCT = re.compile(r"[A-Za-z][\w .-]{0,39}(?=[/ ]|$)")
UNKNOWN = "Unknown client"


def client_name(headers: Mapping[str, str]) -> str:
    """Return a name for people; an unlisted client is called what its User-Agent begins with."""
    # The Copilot CLI uses the vendors' SDKs; its own header tells it apart from them.
    if "x-interaction-type" in headers and "x-initiator" in headers:
        return "Copilot CLI"
    return _named(headers.get("User-Agent", "").strip())


@lru_cache(maxsize=64)
def _named(agent: str) -> str:
    lowered = agent.lower()
    for start, name in _NAMES:
        if lowered.startswith(start):
            return name
    product = _PRODUCT.match(agent)
    return product[0].strip() if product else UNKNOWN


def session_id(headers: Mapping[str, str]) -> str | None:
    """Return the conversation's id where the client names one of a sane form."""
    for name in _SESSION_HEADERS:
        value = headers.get(name)
        if value and _SESSION_ID.fullmatch(value):
            return value
    return None


def is_an_agents_call(headers: Mapping[str, str]) -> bool:
    """Whether the client says that no person asked this, whatever the words look like.

    Believed in this direction only: a tool loop stays an agent's whatever a header claims.
    """
    if headers.get("x-initiator", "").strip().lower() == "agent":  # the Copilot CLI
        return True
    return any(name in headers for name in _SUBAGENT_HEADERS)
