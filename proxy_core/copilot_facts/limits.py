"""Numbers upstream enforces whatever the catalogue says. Sources are named with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxy_core.canonical.model import Endpoint, Limits
from proxy_core.copilot_facts.certainty import Certainty


@dataclass(frozen=True, slots=True)
class Limit:
    value: int
    source: str
    certainty: Certainty = Certainty.CONFIRMED


MOST_TOOLS = Limit(128, "copilot-protocol.md 5.1: refused by every model behind /chat/completions")
TOOL_NAME_LENGTH = Limit(
    64, "copilot-protocol.md 5.1: OpenAI's convention, letters, digits, _ and -"
)
ITEM_ID_LENGTH = Limit(
    64, "copilot-protocol.md 6.2: ids of input items on replay", Certainty.DISPUTED
)
CACHE_MARKS = Limit(4, "copilot-protocol.md 5.1 and 7.3")
STOP_SEQUENCES = Limit(4, "OpenAI's chat API")
USER_LENGTH = Limit(64, "OpenAI's chat API")
EMBEDDING_BATCH = Limit(256, "copilot-protocol.md 8: as VS Code, where no max_inputs is listed")
MOST_EMBEDDING_INPUTS = Limit(2048, "OpenAI's embeddings API")
LEAST_THINKING_BUDGET = Limit(1024, "Anthropic's Messages API; copilot-protocol.md 4.3")

LEAST_OUTPUT_TOKENS: Mapping[Endpoint, Limit] = MappingProxyType(
    {
        Endpoint.RESPONSES: Limit(16, "copilot-protocol.md 6.2; connection tests ask for 1 or 8"),
        Endpoint.MESSAGES: Limit(1, "Anthropic's Messages API"),
    }
)


def fit_output_limit(wanted: int, limits: Limits, endpoint: Endpoint) -> int:
    """Return ``wanted`` tokens clamped to the endpoint's minimum and the model's maximum.

    Clients ask for their vendor's maximum (Claude Code: 32000 and more for any model); Copilot's is
    often lower, and most endpoints refuse values above it (ericc-ch/copilot-api#83).
    """
    fitted = wanted if limits.output is None else min(wanted, limits.output)
    least = LEAST_OUTPUT_TOKENS.get(endpoint)
    return fitted if least is None else max(fitted, least.value)
