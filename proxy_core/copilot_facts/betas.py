"""Values of ``anthropic-beta`` that upstream is known to refuse.

Everything else is forwarded: sources disagree about unknown values (400 in one, 200 for every value
in another), so a refusal is remembered per beta and model once seen, never assumed
(copilot-protocol.md 15.7).
"""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.copilot_facts.certainty import Certainty

HEADER = "anthropic-beta"
INTERLEAVED_THINKING = "interleaved-thinking-2025-05-14"
EXTENDED_CACHE = "extended-cache-ttl-2025-04-11"
MID_CONVERSATION_SYSTEM = "mid-conversation-system-2026-04-07"
INVENTED_BETA = "g-copilot-proxy-probe-2026-11-29"
"""Nobody's: asked of the service to see what it does with a value that it cannot know."""


@dataclass(frozen=True, slots=True)
class RefusedBeta:
    """``only_adaptive``: refused by models that think adaptively; these interleave without it."""

    name: str
    source: str
    certainty: Certainty
    only_adaptive: bool = False


REFUSED_BETAS = (
    RefusedBeta(
        "context-1m-2025-08-07",
        "copilot-protocol.md 7.2: long context belongs to the model",
        Certainty.CONFIRMED,
    ),
    RefusedBeta(
        INTERLEAVED_THINKING, "copilot-protocol.md 7.2", Certainty.CONFIRMED, only_adaptive=True
    ),
)


@dataclass(frozen=True, slots=True)
class AcceptedBeta:
    name: str
    source: str
    certainty: Certainty


ACCEPTED_BETAS = (
    AcceptedBeta(INTERLEAVED_THINKING, "copilot-protocol.md 7.2", Certainty.CONFIRMED),
    AcceptedBeta("context-management-2025-06-27", "copilot-protocol.md 7.2", Certainty.CONFIRMED),
    AcceptedBeta("advanced-tool-use-2025-11-20", "copilot-protocol.md 7.2", Certainty.CONFIRMED),
    AcceptedBeta(EXTENDED_CACHE, "copilot-protocol.md 7.2", Certainty.ONE_SOURCE),
    AcceptedBeta("compact-2026-01-12", "copilot-protocol.md 7.2", Certainty.ONE_PROBE),
    AcceptedBeta("computer-use-2025-11-24", "copilot-protocol.md 7.2", Certainty.ONE_PROBE),
    AcceptedBeta(MID_CONVERSATION_SYSTEM, "copilot-protocol.md 7.2", Certainty.ONE_SOURCE),
)
"""Betas seen accepted. The ``strict`` policy sends no others."""

_ACCEPTED = frozenset(each.name for each in ACCEPTED_BETAS)


def is_refused(name: str, *, thinks_adaptively: bool) -> bool:
    """Whether every source agrees that this value is refused."""
    return any(
        each.name == name and (thinks_adaptively or not each.only_adaptive)
        for each in REFUSED_BETAS
    )


def was_accepted(name: str) -> bool:
    return name in _ACCEPTED
