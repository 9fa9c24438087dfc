"""What is read from the vendors' caches: long prompts, and Claude's only where they are marked."""

from __future__ import annotations

from typing import Any

from tests.simulator.answers import read
from tests.simulator.conftest import Client
from tests.simulator.vendor_rules.requests import user

LONG = "All work and no play. " * 400
MARK = {"type": "ephemeral"}


async def cached_on_chat(client: Client, model: str, text: str, **more: Any) -> int:
    """Tokens read from the cache when the same chat is asked a second time."""
    for _ in range(2):
        answer = await client.chat("", model, messages=[user(text) | more])
    details = read("chat", answer).usage["prompt_tokens_details"]
    return int(details["cached_tokens"])


async def cached_on_messages(client: Client, content: Any) -> tuple[int, int]:
    for _ in range(2):
        answer = await client.messages("", messages=[user(content)])
    usage = answer.json()["usage"]
    return usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]


async def test_a_long_prompt_is_cached_by_openai_and_google_unasked(vendor: Client) -> None:
    assert await cached_on_chat(vendor, "gpt-4.1", LONG) >= 1024
    assert await cached_on_chat(vendor, "gemini-3.1-pro-preview", LONG) >= 1024


async def test_a_short_prompt_is_never_cached(vendor: Client) -> None:
    short = "Hello, I would like to know something. " * 20
    assert await cached_on_chat(vendor, "gpt-4.1", short) == 0
    marked = [{"type": "text", "text": short, "cache_control": MARK}]
    assert await cached_on_messages(vendor, marked) == (0, 0)


async def test_claude_on_chat_caches_only_what_copilot_s_own_mark_asks_for(vendor: Client) -> None:
    assert await cached_on_chat(vendor, "claude-sonnet-4.6", LONG) == 0
    assert await cached_on_chat(vendor, "claude-sonnet-4.6", LONG, cache_control=MARK) == 0
    marked = await cached_on_chat(vendor, "claude-sonnet-4.6", LONG, copilot_cache_control=MARK)
    assert marked >= 1024


async def test_claude_on_messages_caches_only_what_is_marked(vendor: Client) -> None:
    assert await cached_on_messages(vendor, LONG) == (0, 0)
    read_, written = await cached_on_messages(
        vendor, [{"type": "text", "text": LONG, "cache_control": MARK}]
    )
    assert read_ >= 1024
    assert written < 100
