"""All tools, in the order they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clients.agents.listed import AGENTS
from proxy_core.clients.editors.listed import EDITORS
from proxy_core.clients.libraries.listed import LIBRARIES
from proxy_core.clients.tool import Tool, Wire

TOOLS: Mapping[str, Tool] = {tool.app_id: tool for tool in (*AGENTS, *EDITORS, *LIBRARIES)}

AUTOMATIC = "auto"
"""The name under which the server lets GitHub choose: the only one that is right without a list."""

_OWN_ENDPOINT = {
    Wire.OPENAI_CHAT: Endpoint.CHAT_COMPLETIONS,
    Wire.OPENAI_RESPONSES: Endpoint.RESPONSES,
    Wire.ANTHROPIC_MESSAGES: Endpoint.MESSAGES,
    # Copilot has neither API: what is nearest is translated least.
    Wire.GEMINI: Endpoint.CHAT_COMPLETIONS,
    Wire.OLLAMA: Endpoint.CHAT_COMPLETIONS,
}


def declared_sentences() -> tuple[str, ...]:
    """Return every user-visible sentence of the tools' data, once, for translation."""
    found: dict[str, None] = {}
    for tool in TOOLS.values():
        texts: Iterable[str] = (
            *(step.text for step in tool.steps),
            *(role.title for role in tool.roles),
            *(tool.caution, tool.refusal, tool.afterwards),
        )
        found.update((text, None) for text in texts if text)
    return tuple(found)


def usable_models(models: Sequence[Model]) -> tuple[Model, ...]:
    """Return the usable chat models."""
    return tuple(each for each in models if each.kind == "chat" and each.disabled_reason is None)


def suggested_model(tool: Tool, models: Sequence[Model]) -> str:
    """Return the id that suits ``tool`` best; without a catalogue, the automatic one.

    A model that offers the tool's own endpoint comes first: nothing is translated then.
    """
    usable = usable_models(models)
    for wanted in tool.preferred_models:
        matching = [each for each in usable if each.id.startswith(wanted)]
        passed_through = [each for each in matching if each.answers_at(_OWN_ENDPOINT[tool.wire])]
        for each in (*passed_through, *matching):
            return each.id
    return usable[0].id if usable else AUTOMATIC


def small_model(models: Iterable[Model]) -> str:
    """Return the id of the newest small Claude model that can be used, empty for none."""
    small = [each.id for each in usable_models(tuple(models)) if "haiku" in each.id.lower()]
    return max(small, key=lambda name: [int(each) for each in re.findall(r"\d+", name)], default="")
