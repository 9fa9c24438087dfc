"""How long an answer may become: the client's wish within the live model's ceiling.

Clients ask for their vendor's ceiling (Claude Code: 32000 and more of any model), Copilot's is often
lower, and most endpoints refuse what is above it (ericc-ch/copilot-api#83).
"""

from __future__ import annotations

from proxy_core.model import Limits


def fit_output_limit(wanted: int, limits: Limits) -> int:
    """Return ``wanted`` tokens, or the model's ceiling where that is lower."""
    return wanted if limits.output is None else min(wanted, limits.output)


def lowered(word: str, fitted: int, wanted: int) -> str:
    """Return the note that names the change; ``word`` is the client's name of the member."""
    return f"{word} ({fitted} instead of {wanted})"
