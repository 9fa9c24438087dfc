"""A model of the list as a JSON value, for the user's own commands. Pure."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Model, Prices


def model_json(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "kind": model.kind,
        "endpoints": [each.value for each in model.endpoints],
        "context_window": model.limits.context_window,
        "max_prompt_tokens": model.limits.prompt,
        "max_output_tokens": model.limits.output,
        "disabled_reason": model.disabled_reason,
        "policy": model.policy,
        "awaits_consent": model.awaits_consent,
        "terms": model.terms,
        "in_picker": model.in_picker,
        "vision": model.supports.vision,
        "tool_calls": model.supports.tool_calls,
        "reasoning_efforts": list(model.supports.reasoning_efforts),
        "prices": _prices(model.prices),
    }


def _prices(prices: Prices | None) -> dict[str, Any] | None:
    """Return prices in AI credits per ``batch_size`` tokens, without those for long prompts."""
    if prices is None:
        return None
    return {
        "batch_size": prices.batch_size,
        "input": prices.input,
        "cache_read": prices.cache_read,
        "output": prices.output,
    }
