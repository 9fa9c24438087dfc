"""Finds a dialect by its name; its modules are imported when it is first asked anything.

A start would take a third longer with them, and the first answers need none.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from proxy_core.canonical.request import DialectName
from proxy_core.dialects import client_traits
from proxy_core.dialects.interface import ClientTraits, Dialect


class _Deferred:
    """A dialect that is imported when something but its name and traits is asked of it."""

    def __init__(self, name: DialectName, traits: ClientTraits, module: str, kind: str) -> None:
        self.name = name
        self.traits = traits
        self._module = module
        self._kind = kind

    def __getattr__(self, attribute: str) -> Any:
        # Called only for what is not set; each attribute is found once.
        value = getattr(getattr(import_module(self._module), self._kind)(), attribute)
        setattr(self, attribute, value)
        return value


_DEFERRED = (
    _Deferred(
        DialectName.OPENAI_CHAT,
        client_traits.OPENAI_CHAT,
        "proxy_core.dialects.openai_chat.dialect",
        "OpenAIChat",
    ),
    _Deferred(
        DialectName.OPENAI_RESPONSES,
        client_traits.OPENAI_RESPONSES,
        "proxy_core.dialects.openai_responses.dialect",
        "OpenAIResponses",
    ),
    _Deferred(
        DialectName.ANTHROPIC_MESSAGES,
        client_traits.ANTHROPIC_MESSAGES,
        "proxy_core.dialects.anthropic_messages.dialect",
        "AnthropicMessages",
    ),
)
DIALECTS: Mapping[DialectName, Dialect] = {each.name: cast("Dialect", each) for each in _DEFERRED}


def dialect(name: DialectName) -> Dialect:
    return DIALECTS[name]
