"""Claude Code's own check of a tool call in auto mode, which it asks the model for.

Seen in Claude Code 2.1.332 behind a gateway: no tools, first with 64 tokens and the stop sequence
``</block>``, then with 8192 tokens for the reason.
"""

from __future__ import annotations

import re

from proxy_core.simulator.behaviour.prompt import Prompt

_STOP = "</block>"
_ASKS = re.compile(r"<block>")
_DESTRUCTIVE = re.compile(r"\brm\s+-rf?\s+[/~]|\bmkfs\b|\bdd\s+if=|--force\b.*\bmain\b|sim:block")


def verdict(prompt: Prompt) -> str | None:
    """The classifier's answer, stop sequence included; None for any other request."""
    if prompt.tools or not _is_classification(prompt):
        return None
    if _DESTRUCTIVE.search(prompt.request):
        return "<block>yes</block><reason>Simulated: the command destroys data.</reason>"
    return "<block>no</block>"


def _is_classification(prompt: Prompt) -> bool:
    if _STOP in prompt.stop:
        return True
    return any(turn.role == "system" and _ASKS.search(turn.text) for turn in prompt.turns)
