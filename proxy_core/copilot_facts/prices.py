"""The catalogue's price fields, under all names they have had (copilot-protocol.md 4.2, 15.2)."""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.copilot_facts.certainty import Certainty


@dataclass(frozen=True, slots=True)
class PriceField:
    """``names`` is newest first: the first one present counts."""

    names: tuple[str, ...]
    source: str
    certainty: Certainty = Certainty.CONFIRMED


TOKEN_PRICES = "token_prices"  # noqa: S105 - a field of the catalogue
DEFAULT_TIER = "default"
LONG_CONTEXT_TIER = "long_context"
BATCH_SIZE = "batch_size"

INPUT = PriceField(("input_price",), "copilot-protocol.md 4.2")
OUTPUT = PriceField(("output_price",), "copilot-protocol.md 4.2")
CACHE_READ = PriceField(
    ("cache_read_price", "cache_price"),
    "renamed with API version 2026-08-01 (anomalyco/opencode#47108)",
    Certainty.ONE_PROBE,
)
CACHE_WRITE = PriceField(("cache_write_price",), "copilot-protocol.md 4.2")
CONTEXT_MAX = PriceField(("context_max",), "copilot-protocol.md 4.2; VS Code's endpointProvider.ts")
AUTO_DISCOUNT = PriceField(("auto_discount",), "anomalyco/opencode#47108", Certainty.ONE_PROBE)
DISCOUNT_PERCENT = PriceField(("discount_percent",), "copilot-protocol.md 4.2; VS Code")
PROMO = PriceField(("promo",), "VS Code's endpointProvider.ts")
PROMO_END = PriceField(("ends_at",), "VS Code's endpointProvider.ts")
