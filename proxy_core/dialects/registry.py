"""Finds a dialect by its name: the only module that imports all of them."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses

DIALECTS: Mapping[DialectName, Dialect] = {
    DialectName.OPENAI_CHAT: OpenAIChat(),
    DialectName.OPENAI_RESPONSES: OpenAIResponses(),
    DialectName.ANTHROPIC_MESSAGES: AnthropicMessages(),
}


def dialect(name: DialectName) -> Dialect:
    return DIALECTS[name]
