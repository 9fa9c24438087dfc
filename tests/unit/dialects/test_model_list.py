"""Model lists in the shapes three families of programs expect."""

from __future__ import annotations

import json
from typing import Any

import anthropic.types
import openai.types
import pytest

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.dialects import model_list
from proxy_core.errors import BadRequest

MODELS = [Model(f"model-{number}", f"Model {number}", "OpenAI") for number in range(25)]
CLAUDE = Model(
    "claude-sonnet-4.6",
    "Claude Sonnet 4.6",
    "Anthropic",
    limits=Limits(context_window=1_000_000, prompt=936_000, output=64_000),
)


def ids(page: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in page["data"]]


def test_openais_list_is_what_its_sdk_expects() -> None:
    listed = model_list.openai_list([CLAUDE, Model("bare", "", "")])
    assert listed["object"] == "list"
    for entry in listed["data"]:
        model = openai.types.Model.model_validate(entry, strict=True)
        # What other providers of this API tell besides; OpenAI's own SDK keeps it as it is.
        assert set(model.model_extra or {}) <= {"context_window", "max_completion_tokens"}
    told = listed["data"][0]
    assert told["context_window"] == CLAUDE.limits.prompt
    assert told["max_completion_tokens"] == CLAUDE.limits.output
    assert "context_window" not in listed["data"][1], "nothing is told where nothing is known"
    assert [entry["owned_by"] for entry in listed["data"]] == ["anthropic", "github-copilot"]


def test_anthropics_list_is_what_its_sdk_expects() -> None:
    page = model_list.anthropic_list([CLAUDE, Model("bare", "", "")], {})
    for entry in page["data"]:
        model = anthropic.types.ModelInfo.model_validate_json(json.dumps(entry), strict=True)
        assert not model.model_extra
        assert model.created_at.timestamp() == 0
    assert page["data"][0]["max_input_tokens"] == 936_000
    assert page["data"][0]["max_tokens"] == 64_000
    assert page["data"][1]["display_name"] == "bare"
    assert (page["first_id"], page["last_id"]) == ("claude-sonnet-4.6", "bare")


def test_a_page_holds_twenty_unless_asked_otherwise() -> None:
    page = model_list.anthropic_list(MODELS, {})
    assert len(ids(page)) == 20
    assert page["has_more"]
    assert len(ids(model_list.anthropic_list(MODELS, {"limit": "1000"}))) == 25


def test_pages_follow_each_other_to_the_end() -> None:
    seen: list[str] = []
    query = {"limit": "10"}
    while True:
        page = model_list.anthropic_list(MODELS, query)
        seen += ids(page)
        if not page["has_more"]:
            break
        query = {"limit": "10", "after_id": page["last_id"]}
    assert seen == [model.id for model in MODELS]


def test_pages_go_backwards_too() -> None:
    page = model_list.anthropic_list(MODELS, {"limit": "10", "before_id": "model-12"})
    assert ids(page) == [f"model-{number}" for number in range(2, 12)]
    assert page["has_more"]
    first = model_list.anthropic_list(MODELS, {"limit": "10", "before_id": "model-2"})
    assert ids(first) == ["model-0", "model-1"]
    assert not first["has_more"]


def test_a_page_behind_the_last_is_empty() -> None:
    page = model_list.anthropic_list(MODELS, {"after_id": "model-24"})
    assert page == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"after_id": "gone"}, "after_id"),
        ({"before_id": "gone"}, "before_id"),
        ({"before_id": "model-1", "after_id": "model-2"}, "before_id"),
    ],
)
def test_a_page_that_cannot_be_is_refused(query: dict[str, str], param: str) -> None:
    with pytest.raises(BadRequest) as failure:
        model_list.anthropic_list(MODELS, query)
    assert failure.value.param == param


def test_codex_learns_what_a_model_can() -> None:
    codex = Model(
        "gpt-5.3-codex",
        "GPT-5.3-Codex",
        "OpenAI",
        endpoints=(Endpoint.RESPONSES,),
        limits=Limits(context_window=400_000, prompt=272_000),
        supports=Supports(
            vision=True, parallel_tool_calls=True, reasoning_efforts=("low", "medium", "odd")
        ),
    )
    first, second = model_list.codex_list([codex, CLAUDE])["models"]
    assert first["slug"] == "gpt-5.3-codex"
    assert first["context_window"] == 272_000
    assert first["default_reasoning_level"] == "medium"
    assert [level["effort"] for level in first["supported_reasoning_levels"]] == ["low", "medium"]
    assert first["apply_patch_tool_type"] == "freeform"
    assert first["input_modalities"] == ["text", "image"]
    assert first["supports_parallel_tool_calls"]
    assert second["apply_patch_tool_type"] is None
    assert second["default_reasoning_level"] is None
    assert second["input_modalities"] == ["text"]
    assert (first["priority"], second["priority"]) == (0, 1)


def test_codex_starts_with_the_least_effort_where_there_is_no_middle() -> None:
    fast = Model(
        "m", "M", "V", in_picker=False, supports=Supports(reasoning_efforts=("low", "high"))
    )
    entry = model_list.codex_model(fast, 0)
    assert entry["default_reasoning_level"] == "low"
    assert entry["visibility"] == "hide"
