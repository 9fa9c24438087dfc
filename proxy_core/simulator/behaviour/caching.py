"""How much of a prompt was read from a vendor's cache, and how much was written to it."""

from __future__ import annotations

from proxy_core.simulator.behaviour.usage import PrefixCache
from proxy_core.simulator.messages.members import cache_marks
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.vendor_rules.chat_rules import chat_cache_marks

LEAST_CACHED = 1024
"""Tokens. OpenAI's and most of Anthropic's models cache nothing shorter."""


def cache_figures(prefixes: PrefixCache, owner: str, asked: Asked, prompt: int) -> tuple[int, int]:
    """(read, written) of ``prompt`` tokens.

    By the vendors' rules Claude reads and writes only where the request is marked (``cache_control`` on
    Messages, ``copilot_cache_control`` on chat), and short prompts are not cached at all.
    """
    marked = cache_marks(asked.body) > 0
    if not asked.profile.vendor_rules:
        cached = prefixes.read_and_store(owner, asked.prompt.rendered)
        return cached, prompt - cached if marked else 0
    marked = marked or chat_cache_marks(asked.body) > 0
    is_claude = asked.model.get("vendor") == "Anthropic"
    if prompt < LEAST_CACHED or (is_claude and not marked):
        return 0, 0
    cached = prefixes.read_and_store(owner, asked.prompt.rendered)
    if cached < LEAST_CACHED:
        cached = 0
    return cached, prompt - cached if is_claude else 0
