"""Facts that ``doctor --probe`` measured for this person's account, where they differ from the tables.

A verdict is a short text under a probe's id. What is measured counts before what sources say, and only
for what was clearly taken or refused. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxy_core.canonical.model import Endpoint

TAKEN = "taken"
REFUSED = "refused"
NOT_LISTED = "not listed"

UNSERVED = "unserved_models"
COUNT_TOKENS = "count_tokens"
WEBSOCKET = "websocket"
UNKNOWN_BETA = "unknown_beta"
"""A refusal of an invented value says nothing of those that vendors make: it is not acted upon."""

MEASURED_MEMBERS: Mapping[str, tuple[Endpoint, str]] = MappingProxyType(
    {
        "chat_temperature": (Endpoint.CHAT_COMPLETIONS, "temperature"),
        "chat_max_tokens": (Endpoint.CHAT_COMPLETIONS, "max_tokens"),
        "responses_temperature": (Endpoint.RESPONSES, "temperature"),
        "responses_service_tier": (Endpoint.RESPONSES, "service_tier"),
    }
)
"""Probes about one top-level member of a request."""

MEASURED_BETAS: Mapping[str, str] = MappingProxyType({"beta_long_context": "context-1m-2025-08-07"})
"""Probes about one value of ``anthropic-beta``."""


@dataclass(frozen=True, slots=True)
class MeasuredFacts:
    """None and empty: not measured. ``unserved`` are models that are listed and refuse every call."""

    taken_members: frozenset[tuple[Endpoint, str]] = frozenset()
    refused_members: frozenset[tuple[Endpoint, str]] = frozenset()
    taken_betas: frozenset[str] = frozenset()
    refused_betas: frozenset[str] = frozenset()
    counts_tokens: bool | None = None
    opens_websockets: bool | None = None
    unserved: frozenset[str] = frozenset()

    def takes(self, endpoint: Endpoint, member: str) -> bool:
        return (endpoint, member) in self.taken_members

    def refused_at(self, endpoint: Endpoint) -> tuple[str, ...]:
        return tuple(sorted(name for place, name in self.refused_members if place is endpoint))


NOTHING_MEASURED = MeasuredFacts()


def facts_from_verdicts(verdicts: Mapping[str, str]) -> MeasuredFacts:
    """Return what the product acts upon of a probe's verdicts; unknown words count as nothing."""
    members = {place: verdicts.get(name) for name, place in MEASURED_MEMBERS.items()}
    betas = {beta: verdicts.get(name) for name, beta in MEASURED_BETAS.items()}
    return MeasuredFacts(
        taken_members=frozenset(each for each, verdict in members.items() if verdict == TAKEN),
        refused_members=frozenset(each for each, verdict in members.items() if verdict == REFUSED),
        taken_betas=frozenset(each for each, verdict in betas.items() if verdict == TAKEN),
        refused_betas=frozenset(each for each, verdict in betas.items() if verdict == REFUSED),
        counts_tokens=_as_bool(verdicts.get(COUNT_TOKENS)),
        opens_websockets=_as_bool(verdicts.get(WEBSOCKET)),
        unserved=models_in(verdicts.get(UNSERVED, "")),
    )


def models_in(verdict: str) -> frozenset[str]:
    """Return the ids that a verdict lists behind its first word (``refused: a b``)."""
    word, separator, listed = verdict.partition(": ")
    return frozenset(listed.split()) if separator and word == REFUSED else frozenset()


def _as_bool(verdict: str | None) -> bool | None:
    return {TAKEN: True, REFUSED: False}.get(verdict or "")
