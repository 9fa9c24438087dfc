"""One step of a sequence a test has laid down over ``/_sim/script``."""

from __future__ import annotations

from typing import Any

import msgspec


class ScriptedCall(msgspec.Struct, forbid_unknown_fields=True):
    """A tool call to make; ``arguments`` as JSON value, or as text exactly as it shall stream."""

    name: str
    arguments: Any = msgspec.field(default_factory=dict)
    custom: bool = False
    namespace: str | None = None


class ScriptedReply(msgspec.Struct, forbid_unknown_fields=True):
    """What to say, in place of the script's own choice."""

    text: str = ""
    thinking: str = ""
    tool_calls: list[ScriptedCall] = msgspec.field(default_factory=list)
    finish: str | None = None


class ScriptedAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """A raw answer: ``body`` whole, or ``chunks`` written one by one with ``pause`` seconds between."""

    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: Any = ""
    chunks: list[str] | None = None
    pause: float = 0.0
    cut: bool = False


class ScriptedStep(msgspec.Struct, forbid_unknown_fields=True):
    """Used for the next model call, or for the next call of ``path``, whatever place that is.

    At most one of ``fault``, ``say`` and ``answer``; none of them means: behave as usual.
    """

    path: str | None = None
    fault: str | None = None
    say: ScriptedReply | None = None
    answer: ScriptedAnswer | None = None
