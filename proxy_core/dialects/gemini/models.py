"""The list of models and one model, in Google's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.dialects.shared.json_members import refuse

DEFAULT_PAGE = 50
MAX_PAGE = 1000
_METHODS = ["generateContent", "streamGenerateContent", "countTokens"]


def model_list(models: Sequence[Model], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page; ``pageToken`` is the place at which it begins. Raises BadRequest."""
    listed = [each for each in models if each.kind == "chat"]
    size = min(_number(query, "pageSize", DEFAULT_PAGE) or DEFAULT_PAGE, MAX_PAGE)
    start = _number(query, "pageToken", 0)
    page = {"models": [model_details(each) for each in listed[start : start + size]]}
    return {**page, "nextPageToken": str(start + size)} if start + size < len(listed) else page


def model_details(model: Model) -> dict[str, Any]:
    """Return the model; limits that the catalogue does not state are left out."""
    limits = {
        "inputTokenLimit": model.limits.prompt or model.limits.context_window,
        "outputTokenLimit": model.limits.output,
    }
    supports = model.supports
    thinks = supports.thinking or supports.adaptive_thinking or bool(supports.reasoning_efforts)
    return {
        "name": f"models/{model.id}",
        "baseModelId": model.family or model.id,
        "version": model.version or model.id,
        "displayName": model.name,
        "description": f"{model.name} by {model.vendor}, through GitHub Copilot",
        **{name: value for name, value in limits.items() if value},
        "supportedGenerationMethods": _METHODS,
        "thinking": thinks,
    }


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        refuse(name, f"must be a number, got {text[:20]!r}")
    return int(text)
