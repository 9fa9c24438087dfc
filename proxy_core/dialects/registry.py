"""Finds a dialect by its name; its modules are imported when it is first asked anything.

A start would take a third longer with them, and the first answers need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.dialects import client_traits
from proxy_core.dialects.interface import ClientTraits, Dialect


class _Deferred:
    """A dialect that is imported, by ``make``, when more than its name and traits is asked of it."""

    def __init__(
        self, name: DialectName, traits: ClientTraits, make: Callable[[], Dialect]
    ) -> None:
        self.name = name
        self.traits = traits
        self._make = make

    def __getattr__(self, attribute: str) -> Any:
        # Called only for what is not set; each attribute is found once.
        value = getattr(self._make(), attribute)
        setattr(self, attribute, value)
        return value


# The bundles hold what is imported in so many words.


def _openai_chat() -> Dialect:
    from proxy_core.dialects.openai_chat.dialect import OpenAIChat

    return OpenAIChat()


def _openai_responses() -> Dialect:
    from proxy_core.dialects.openai_responses.dialect import OpenAIResponses

    return OpenAIResponses()


def _anthropic_messages() -> Dialect:
    from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages

    return AnthropicMessages()


def _compacting_responses() -> Dialect:
    from proxy_core.dialects.openai_responses.session.compact_request import CompactingResponses

    return CompactingResponses()


def _compact_endpoint() -> Dialect:
    from proxy_core.dialects.openai_responses.session.compact_request import CompactEndpoint

    return CompactEndpoint()


_DEFERRED = (
    _Deferred(DialectName.OPENAI_CHAT, client_traits.OPENAI_CHAT, _openai_chat),
    _Deferred(DialectName.OPENAI_RESPONSES, client_traits.OPENAI_RESPONSES, _openai_responses),
    _Deferred(
        DialectName.ANTHROPIC_MESSAGES, client_traits.ANTHROPIC_MESSAGES, _anthropic_messages
    ),
)
DIALECTS: Mapping[DialectName, Dialect] = {each.name: cast("Dialect", each) for each in _DEFERRED}

_COMPACTING = (
    _Deferred(DialectName.OPENAI_RESPONSES, client_traits.OPENAI_RESPONSES, _compacting_responses),
)
COMPACTING: Mapping[DialectName, Dialect] = {
    each.name: cast("Dialect", each) for each in _COMPACTING
}
"""What serves a request that asks for a compaction, in place of its dialect."""
COMPACT_ENDPOINTS: Mapping[DialectName, Callable[[], Dialect]] = {
    DialectName.OPENAI_RESPONSES: _compact_endpoint
}
"""Make what serves a dialect's ``compact_path``."""


def dialect(name: DialectName) -> Dialect:
    return DIALECTS[name]
