"""What the server must know of each dialect before its modules are loaded."""

from __future__ import annotations

from proxy_core.dialects.interface import ClientTraits

REASONING_INCLUDED = {"x-reasoning-included": "true"}
"""Tells Codex that a Responses usage includes the reasoning it sends back.

Copilot does not send it, and Codex then counts reasoning twice and compacts at half its window
(openai/codex#32483).
"""

OPENAI_CHAT = ClientTraits(breaks_by_cut=True, counts_by_n=True)
OPENAI_RESPONSES = ClientTraits(stores_items=True, answer_headers=REASONING_INCLUDED)
ANTHROPIC_MESSAGES = ClientTraits(
    states_prompt_size=True, has_billing_line=True, request_id_header="request-id"
)
