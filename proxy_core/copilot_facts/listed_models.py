"""Where the live list is known to be wrong about a model (copilot-protocol.md 15.10)."""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.copilot_facts.certainty import Certainty


@dataclass(frozen=True, slots=True)
class UnservedModel:
    """Models whose id begins with ``prefix`` are listed but refuse every call."""

    prefix: str
    source: str
    certainty: Certainty = Certainty.ONE_PROBE


UNSERVED_MODELS = (
    UnservedModel("copilot-search-", "hooyao/copilot-bridge docs/copilot-api-research.md"),
    UnservedModel("exec-agent-", "hooyao/copilot-bridge docs/copilot-api-research.md"),
)


def is_served(model_id: str) -> bool:
    """False for a model that is listed for programs of GitHub's own."""
    return not any(model_id.startswith(each.prefix) for each in UNSERVED_MODELS)
