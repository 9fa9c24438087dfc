"""What the server must know of each dialect before its modules are loaded."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.interface import ClientTraits, TokenCountForm

REASONING_INCLUDED = {"x-reasoning-included": "true"}
"""Tells Codex that a Responses usage includes the reasoning it sends back.

Copilot does not send it, and Codex then counts reasoning twice and compacts at half its window
(openai/codex#32483).
"""

OPENAI_CHAT = ClientTraits(
    path="/chat/completions",
    is_common=True,
    breaks_by_cut=True,
    counts_by_n=True,
    takes_documents=False,
    needs_thinking_back=True,
)
OPENAI_RESPONSES = ClientTraits(
    path="/responses",
    compact_path="/responses/compact",
    token_count=TokenCountForm("/responses/input_tokens", {"object": "response.input_tokens"}),
    has_websocket=True,
    search_endpoint=Endpoint.RESPONSES,
    runs_searches=True,
    stores_items=True,
    answer_headers=REASONING_INCLUDED,
)
ANTHROPIC_MESSAGES = ClientTraits(
    path="/messages",
    vendor_header="anthropic-version",
    token_count=TokenCountForm("/messages/count_tokens"),
    counts_upstream=True,
    search_endpoint=Endpoint.MESSAGES,
    states_prompt_size=True,
    has_billing_line=True,
    request_id_header="request-id",
)

TRAITS: Mapping[DialectName, ClientTraits] = {
    DialectName.OPENAI_RESPONSES: OPENAI_RESPONSES,
    DialectName.ANTHROPIC_MESSAGES: ANTHROPIC_MESSAGES,
    DialectName.OPENAI_CHAT: OPENAI_CHAT,
}
"""The dialects that upstream speaks, in the order in which they are translated to where the client's own
is not offered: the least lossy first."""

COMMON = next(name for name, traits in TRAITS.items() if traits.is_common)
RUNS_SEARCHES = next(name for name, traits in TRAITS.items() if traits.runs_searches)
COUNTS_UPSTREAM = next(name for name, traits in TRAITS.items() if traits.counts_upstream)
HAS_WEBSOCKET = next(name for name, traits in TRAITS.items() if traits.has_websocket)
TAKE_DOCUMENTS = tuple(name for name, traits in TRAITS.items() if traits.takes_documents)
