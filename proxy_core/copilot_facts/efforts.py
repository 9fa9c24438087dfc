"""Values of the reasoning effort (copilot-protocol.md 4.2, 6.2; confirmed)."""

from __future__ import annotations

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From least to most, as the wire spells them; a model lists some of them."""


def clamp_effort(effort: str, listed: tuple[str, ...]) -> str | None:
    """Return the listed value nearest to ``effort``, the lower of two; None if none is listed.

    A value missing from ``EFFORTS`` is returned only if the model lists it. Clamping never switches
    thinking off: ``minimal`` does not become ``none``.
    """
    if effort in listed:
        return effort
    known = sorted((word for word in listed if word in EFFORTS), key=EFFORTS.index)
    if effort != "none":
        known = [word for word in known if word != "none"]
    if not known or effort not in EFFORTS:
        return None
    below = [word for word in known if EFFORTS.index(word) <= EFFORTS.index(effort)]
    return below[-1] if below else known[0]
