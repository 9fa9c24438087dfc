"""A model of the list as a JSON value, for the user's own commands. Pure."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Model


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
    }
