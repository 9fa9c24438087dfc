"""The one simple form every endpoint's request is read into, so that one script can answer them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

# Blocks that agents put around or before a person's words.
_CONTEXT_BLOCK = re.compile(
    r"<([a-zA-Z_-]*"
    r"(?:reminder|context|datetime|instructions|environment|information|command)[a-zA-Z_ -]*)"
    r"(?:\s[^<>]*)?>.*?</\1>",
    re.DOTALL,
)

# What was said before, in the words that take its place when a session was compacted (Copilot CLI).
_PAST_BLOCK = re.compile(r"<(user_message|summary)>(.*?)</\1>", re.DOTALL)


def without_context_blocks(text: str) -> str:
    """``text`` without the agent's own blocks; unchanged when nothing else would be left."""
    return without_the_past(_CONTEXT_BLOCK.sub("", text).strip() or text.strip())


def without_the_past(text: str) -> str:
    """``text`` without what was said before; where it is nothing but such a block, what that says."""
    blocks = [match.group(2) for match in _PAST_BLOCK.finditer(text)]
    if not blocks:
        return text
    return _PAST_BLOCK.sub("", text).strip() or blocks[-1].strip()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; ``text`` joins its text parts (a tool call counts as text in an assistant's turn)."""

    role: Role
    text: str
    images: int = 0

    @property
    def is_only_context(self) -> bool:
        return not _CONTEXT_BLOCK.sub("", self.text).strip()


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool the model may call, by JSON ``schema``, or with free text when it is ``custom``."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["function", "custom"] = "function"
    namespace: str | None = None


@dataclass(frozen=True)
class Prompt:
    """``tool_choice`` is auto, none, required or the name of a tool behind a colon (``:get_weather``).

    ``json_schema`` is None without a wish for JSON, an empty mapping for any object. ``max_tokens`` and
    ``stop`` are the caller's limits. ``wants_thinking`` says that thinking was asked for,
    ``forbids_thinking`` that it was switched off.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[OfferedTool, ...] = ()
    tool_choice: str = "auto"
    parallel_calls: bool = True
    wants_thinking: bool = False
    forbids_thinking: bool = False
    json_schema: Mapping[str, Any] | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()

    @cached_property
    def images(self) -> int:
        return sum(turn.images for turn in self.turns)

    @cached_property
    def last_words(self) -> str:
        """The text of the last user turn that is more than an agent's own blocks, as it came."""
        users = [turn for turn in self.turns if turn.role == "user" and turn.text.strip()]
        spoken = (turn.text for turn in reversed(users) if not turn.is_only_context)
        return next(spoken, users[-1].text if users else "")

    @cached_property
    def request(self) -> str:
        """What the person last asked for, without the blocks an agent adds."""
        return without_context_blocks(self.last_words)

    @cached_property
    def fresh_results(self) -> tuple[str, ...]:
        """Tool results that came after the person's last words."""
        results: list[str] = []
        for turn in reversed(self.turns):
            if turn.role == "tool":
                results.append(turn.text)
            elif turn.role == "user" and turn.text.strip() and not turn.is_only_context:
                break
        return tuple(reversed(results))

    @cached_property
    def rendered(self) -> str:
        """The whole prompt as one text, in reading order: what token figures are computed from."""
        parts = [
            f"{tool.namespace}{tool.name}{tool.description}{tool.schema}" for tool in self.tools
        ]
        parts += [f"{turn.role}\n{turn.text}" for turn in self.turns]
        return "\n".join(parts)
