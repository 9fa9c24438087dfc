"""The model list in the shapes of both vendors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from proxy_core.errors import BadRequest
from proxy_core.model import Model

DEFAULT_PAGE = 20
LARGEST_PAGE = 1000
"""Anthropic's own bounds of ``limit``."""


def openai_model(model: Model, created: int) -> dict[str, Any]:
    """Return one entry; ``created`` (seconds since 1970) stands in for what the catalogue lacks."""
    entry: dict[str, Any] = {
        "id": model.id,
        "object": "model",
        "created": created,
        "owned_by": model.vendor,
        "name": model.name,
    }
    # Not OpenAI's, but the names under which several agents look for the limits.
    if model.limits.context_window is not None:
        entry["context_window"] = model.limits.context_window
    if model.limits.prompt is not None:
        entry["max_prompt_tokens"] = model.limits.prompt
    if model.limits.output is not None:
        entry["max_output_tokens"] = model.limits.output
    return entry


def openai_list(models: Sequence[Model], created: int) -> dict[str, Any]:
    return {"object": "list", "data": [openai_model(each, created) for each in models]}


def anthropic_model(model: Model, created: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if model.limits.prompt is not None:
        entry["max_input_tokens"] = model.limits.prompt
    if model.limits.output is not None:
        entry["max_tokens"] = model.limits.output
    return entry


def anthropic_page(
    models: Sequence[Model],
    created: int,
    *,
    limit: str | None = None,
    after_id: str | None = None,
    before_id: str | None = None,
) -> dict[str, Any]:
    """Return one page of the list, the arguments as they stand in the query.

    Raises BadRequest for a limit out of bounds or an unknown id.
    """
    size = _page_size(limit)
    ids = [each.id for each in models]
    start, end = 0, len(models)
    if after_id is not None:
        start = _position(after_id, ids, "after_id") + 1
    if before_id is not None:
        end = _position(before_id, ids, "before_id")
    found = models[start:end]
    if before_id is not None and after_id is None:
        page, more = found[-size:], len(found) > size
    else:
        page, more = found[:size], len(found) > size
    return {
        "data": [anthropic_model(each, created) for each in page],
        "has_more": more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def _page_size(limit: str | None) -> int:
    if limit is None:
        return DEFAULT_PAGE
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= LARGEST_PAGE:
        raise BadRequest(
            f"limit: must be a whole number from 1 to {LARGEST_PAGE}, got {limit[:20]!r}",
            param="limit",
        )
    return int(limit)


def _position(model_id: str, ids: list[str], param: str) -> int:
    try:
        return ids.index(model_id)
    except ValueError:
        raise BadRequest(f"{param}: no model {model_id[:100]!r}", param=param) from None
