"""The model list and one model, in OpenAI's, Anthropic's and Codex's forms.

The caller decides which models are listed, and under which names. Copilot does not state when a
model was created: the epoch is used, as Anthropic's description allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.errors import BadRequest

ANTHROPIC_PREFIX = "anthropic/"

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
"""Maximum of Anthropic's ``limit``."""

_EPOCH = "1970-01-01T00:00:00Z"

_EFFORT_WORDS = {
    "none": "No reasoning",
    "minimal": "The least reasoning",
    "low": "Fast, with light reasoning",
    "medium": "Balances speed and depth",
    "high": "Deep reasoning for hard problems",
    "xhigh": "Very deep reasoning",
    "max": "The deepest reasoning the model has",
}

_CODEX_INSTRUCTIONS = (
    "You are a coding agent working in the user's repository through the tools you are given. Read "
    "before you change, keep to the style of the code around you, check your work, and end with a "
    "short account of what you did."
)
"""Codex uses these in place of its own for a model from the list."""

_CODEX_OUTPUT_BYTES = 10_000
"""Codex truncates tool output to this size."""


def openai_list(models: Sequence[Model]) -> dict[str, Any]:
    return {"object": "list", "data": [openai_model(model) for model in models]}


def openai_model(model: Model) -> dict[str, Any]:
    """Return OpenAI's entry and, if the catalogue states them, the limits under the names that
    other providers of this API use: how much a prompt may have, and an answer.
    """
    limits = {
        "context_window": model.limits.prompt or model.limits.context_window,
        "max_completion_tokens": model.limits.output,
    }
    return {
        "id": model.id,
        "object": "model",
        "created": 0,
        "owned_by": model.vendor.lower() or "github-copilot",
        **{name: value for name, value in limits.items() if value},
    }


def picker_list(
    models: Sequence[Model], query: Mapping[str, str], note: str = ""
) -> dict[str, Any]:
    """Return :func:`anthropic_list` for Claude Code's model picker, which shows descriptions and
    keeps only ids that contain "claude" or "anthropic". ``note``: what the plan does with any name.
    """
    shown = with_anthropic_ids(models)
    page = anthropic_list(shown, query)
    described = {each.id: _noted(describe(each), note) for each in shown}
    page["data"] = [{**each, "description": described[each["id"]]} for each in page["data"]]
    return page


def anthropic_list(models: Sequence[Model], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page: ``limit`` entries after ``after_id`` or before ``before_id``.

    Raises: BadRequest: the limit is not a number within bounds, both cursors are given, or one is
    unknown.
    """
    limit = _limit(query.get("limit"))
    after = query.get("after_id") or None
    before = query.get("before_id") or None
    if after is not None and before is not None:
        raise BadRequest("before_id and after_id cannot both be given", param="before_id")
    if before is not None:
        end = _position(models, before, "before_id")
        page = models[max(0, end - limit) : end]
        has_more = end > limit
    else:
        start = 0 if after is None else _position(models, after, "after_id") + 1
        page = models[start : start + limit]
        has_more = len(models) > start + limit
    return {
        "data": [anthropic_model(model) for model in page],
        "has_more": has_more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def anthropic_model(model: Model) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name or model.id,
        "created_at": _EPOCH,
        "lifecycle": "active",
        "max_input_tokens": model.limits.prompt or model.limits.context_window,
        "max_tokens": model.limits.output,
    }


def with_anthropic_ids(models: Sequence[Model]) -> list[Model]:
    """Return the list with ids that Claude Code's model picker keeps.

    With ``CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1`` it drops every id that contains neither
    "claude" nor "anthropic"; in a request, the prefix is removed like any provider's.
    """
    return [
        model if _has_picker_id(model.id) else replace(model, id=f"{ANTHROPIC_PREFIX}{model.id}")
        for model in models
    ]


def _has_picker_id(model_id: str) -> bool:
    return any(word in model_id.lower() for word in ("claude", "anthropic"))


def describe(model: Model) -> str:
    """Return one line for a picker: vendor, context size and price."""
    by = f" by {model.vendor}" if model.vendor else ""
    window = model.limits.prompt or model.limits.context_window
    reads = f", {window // 1000:,}k tokens in" if window else ""
    costs = f", {model.premium_multiplier:g}x premium" if model.premium_multiplier else ""
    return f"{model.name or model.id}{by} through GitHub Copilot{reads}{costs}"


def codex_list(models: Sequence[Model], note: str = "") -> dict[str, Any]:
    """Return the list Codex asks for with ``client_version``; the first model is its default.

    ``note`` is what the plan does with every name."""
    return {"models": [codex_model(model, place, note) for place, model in enumerate(models)]}


def _noted(description: str, note: str) -> str:
    return f"{description}. {note}" if note else description


def codex_model(model: Model, priority: int, note: str = "") -> dict[str, Any]:
    efforts = [each for each in model.supports.reasoning_efforts if each in _EFFORT_WORDS]
    speaks_responses = model.answers_at(Endpoint.RESPONSES)
    # Codex may fill the prompt's limit: the window also includes the response.
    window = model.limits.prompt or model.limits.context_window
    return {
        "slug": model.id,
        "display_name": model.name or model.id,
        "description": _noted(
            f"{model.name or model.id} by {model.vendor}, through GitHub Copilot", note
        ),
        "default_reasoning_level": _middle(efforts),
        "supported_reasoning_levels": [
            {"effort": effort, "description": _EFFORT_WORDS[effort]} for effort in efforts
        ],
        "shell_type": "shell_command",
        "visibility": "list" if model.in_picker else "hide",
        "minimal_client_version": [0, 0, 0],
        "supported_in_api": True,
        "priority": priority,
        "additional_speed_tiers": [],
        "service_tiers": [],
        "availability_nux": None,
        "upgrade": None,
        "base_instructions": _CODEX_INSTRUCTIONS,
        "model_messages": None,
        "supports_reasoning_summaries": bool(efforts),
        "default_reasoning_summary": "auto",
        "support_verbosity": speaks_responses,
        "default_verbosity": None,
        "apply_patch_tool_type": "freeform" if speaks_responses else None,
        "web_search_tool_type": "text",
        "truncation_policy": {"mode": "bytes", "limit": _CODEX_OUTPUT_BYTES},
        "supports_parallel_tool_calls": model.supports.parallel_tool_calls,
        "supports_image_detail_original": False,
        "context_window": window,
        "max_context_window": window,
        "auto_compact_token_limit": None,
        "effective_context_window_percent": 95,
        "experimental_supported_tools": [],
        "input_modalities": ["text", "image"] if model.supports.vision else ["text"],
        "supports_search_tool": False,
        "use_responses_lite": False,
    }


def _middle(efforts: Sequence[str]) -> str | None:
    if not efforts:
        return None
    return "medium" if "medium" in efforts else efforts[0]


def _limit(stated: str | None) -> int:
    if stated is None:
        return DEFAULT_LIMIT
    limit = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 9 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(
            f"limit: must be a whole number from 1 to {MAX_LIMIT}, got {stated!r}", param="limit"
        )
    return limit


def _position(models: Sequence[Model], model_id: str, param: str) -> int:
    for position, model in enumerate(models):
        if model.id == model_id:
            return position
    raise BadRequest(f"{param}: there is no model {model_id!r}", param=param)
