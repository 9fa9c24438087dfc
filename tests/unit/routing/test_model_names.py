"""Names that real clients send, against a catalogue as Copilot lists it."""

from __future__ import annotations

import re

import pytest

from proxy_core.canonical.model import Model
from proxy_core.errors import ErrorKind, ModelNotFound
from proxy_core.routing.model_names import ModelDisabled, newest_of_family, resolve_model


def model(model_id: str, disabled_reason: str | None = None) -> Model:
    return Model(id=model_id, name=model_id, vendor="", disabled_reason=disabled_reason)


CATALOGUE = (
    model("claude-opus-4.7", "it is switched off in your organisation's Copilot policy."),
    model("claude-opus-4.6"),
    model("claude-opus-4.6-fast"),
    model("claude-opus-4.6-1m"),
    model("claude-sonnet-4.5"),
    model("claude-sonnet-4.6"),
    model("claude-haiku-4.5"),
    model("claude-sonnet-4"),
    model("gpt-4.1"),
    model("gpt-4o-mini"),
    model("gpt-5-mini"),
    model("gpt-5.3-codex"),
    model("gemini-3.1-pro-preview"),
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("claude-sonnet-4.6", "claude-sonnet-4.6"),
        ("claude-sonnet-4-6", "claude-sonnet-4.6"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4.5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-sonnet-4-0", "claude-sonnet-4"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4.5"),
        ("Claude-Sonnet-4.6", "claude-sonnet-4.6"),
        (" claude-sonnet-4.6 ", "claude-sonnet-4.6"),
        ("anthropic/claude-sonnet-4.6", "claude-sonnet-4.6"),
        ("openrouter/anthropic/claude-sonnet-4-6", "claude-sonnet-4.6"),
        ("openai/gpt-4.1", "gpt-4.1"),
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-5-3-codex", "gpt-5.3-codex"),
        ("sonnet", "claude-sonnet-4.6"),
        ("haiku", "claude-haiku-4.5"),
        ("opus", "claude-opus-4.6"),
        ("opus[1m]", "claude-opus-4.6-1m"),
        ("claude-opus-5-5[1m]", "claude-opus-4.6-1m"),
        ("claude-opus-5-5-20261001[1m]", "claude-opus-4.6-1m"),
        ("claude-sonnet-5.9", "claude-sonnet-4.6"),
        ("claude-opus-4-6[1m]", "claude-opus-4.6-1m"),
        ("claude-sonnet-4-6[1m]", "claude-sonnet-4.6"),
        ("claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4.5"),
        ("claude-sonnet-latest", "claude-sonnet-4.6"),
        ("claude-opus-5-5", "claude-opus-4.6"),
        ("gemini-3.1-pro-preview-customtools", "gemini-3.1-pro-preview"),
    ],
)
def test_a_client_s_spelling_finds_the_model_it_means(asked: str, meant: str) -> None:
    assert resolve_model(asked, CATALOGUE).id == meant


def test_an_exact_id_wins_over_any_rule() -> None:
    catalogue = (model("claude-sonnet-4-5"), model("claude-sonnet-4.5"), model("vendor/x"))
    assert resolve_model("claude-sonnet-4.5", catalogue).id == "claude-sonnet-4.5"
    assert resolve_model("claude-sonnet-4-5", catalogue).id == "claude-sonnet-4-5"
    assert resolve_model("vendor/x", catalogue).id == "vendor/x"


def test_the_user_s_own_names_come_first() -> None:
    aliases = {"fast": "gpt-5-mini", "sonnet": "claude-sonnet-4.5"}
    assert resolve_model("fast", CATALOGUE, aliases).id == "gpt-5-mini"
    assert resolve_model("sonnet", CATALOGUE, aliases).id == "claude-sonnet-4.5"


def test_an_alias_counts_in_every_spelling_of_the_name() -> None:
    aliases = {"claude-opus-5.5": "claude-sonnet-4.6"}
    for asked in ("claude-opus-5-5", "claude-opus-5-5-20261001", "anthropic/claude-opus-5.5"):
        assert resolve_model(asked, CATALOGUE, aliases).id == "claude-sonnet-4.6"


def test_an_alias_counts_for_the_id_a_name_came_to() -> None:
    aliases = {"claude-opus-4.6": "claude-sonnet-4.6"}
    assert resolve_model("opus", CATALOGUE, aliases).id == "claude-sonnet-4.6"


def test_an_alias_is_followed_once() -> None:
    aliases = {"claude-sonnet-4.6": "claude-sonnet-4.5", "claude-sonnet-4.5": "claude-sonnet-4.6"}
    assert resolve_model("claude-sonnet-4.6", CATALOGUE, aliases).id == "claude-sonnet-4.5"
    assert resolve_model("claude-sonnet-4.5", CATALOGUE, aliases).id == "claude-sonnet-4.6"


def test_an_alias_may_stand_for_any_name_that_is_understood() -> None:
    assert resolve_model("mine", CATALOGUE, {"mine": "sonnet"}).id == "claude-sonnet-4.6"


def test_an_alias_for_a_model_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(ModelNotFound, match="gone-1"):
        resolve_model("mine", CATALOGUE, {"mine": "gone-1"})


CODEX = tuple(
    model(each)
    for each in ("gpt-4o", "gpt-5.2-codex", "gpt-5.4", "gpt-5.4-mini", "gpt-6-sol", "gpt-5.2")
)


@pytest.mark.parametrize(
    ("asked", "successor"),
    [
        ("gpt-5.6-sol", "gpt-6-sol"),
        ("gpt-5.3-codex", "gpt-5.2-codex"),
        ("gpt-5.1-codex", "gpt-5.2-codex"),
        ("gpt-5.1-codex-max", "gpt-5.2-codex"),
        ("gpt-5.1-codex-mini", "gpt-5.4-mini"),
        ("codex-mini-latest", "gpt-5.4-mini"),
        ("gpt-5.5", "gpt-5.4"),
        ("gpt-5.5-2026-04-01", "gpt-5.4"),
        ("gpt-5", "gpt-5.4"),
        ("gpt-5.2-codex-fast", "gpt-5.2-codex"),
        ("gpt-5.2-thinking", "gpt-5.2"),
        ("gpt-3.5-turbo", "gpt-5.4-mini"),
        ("gpt-3.5-turbo-0125", "gpt-5.4-mini"),
        ("gpt-4", "gpt-5.4"),
        ("openai/gpt-4-turbo", "gpt-5.4"),
    ],
)
def test_a_retired_name_is_an_error_that_names_the_nearest_model(
    asked: str, successor: str
) -> None:
    with pytest.raises(ModelNotFound, match=rf"Use {re.escape(successor)} instead\.") as caught:
        resolve_model(asked, CODEX)
    assert caught.value.code == "model_not_found"
    assert repr(asked) in caught.value.message


def test_codex_s_own_default_that_is_ahead_of_the_list_finds_the_newest_of_its_line() -> None:
    assert resolve_model("gpt-6.1-sol", CODEX).id == "gpt-6-sol"


def test_a_default_that_is_listed_is_never_replaced() -> None:
    catalogue = (model("gpt-5.5"), model("gpt-5.4"), model("gpt-6-sol"), model("gpt-5.6-sol"))
    assert resolve_model("gpt-5.4", catalogue).id == "gpt-5.4"
    assert resolve_model("gpt-5.6-sol", catalogue).id == "gpt-5.6-sol"


def test_a_dated_model_is_never_taken_for_an_older_one() -> None:
    with pytest.raises(ModelNotFound):
        resolve_model("claude-sonnet-4-5-20250929", (model("gpt-4.1"), model("claude-haiku-4.5")))


@pytest.mark.parametrize(
    "asked",
    [
        "no-such-model",
        "",
        "gpt",
        "claude",
        "claude-sonet-4.6",
        "claude-sonnet-9.9",
        "gpt-900",
        "5",
        "claude-2.1",
        "gpt-9-ultra",
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(asked: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        resolve_model(asked, CATALOGUE)
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
    assert caught.value.http_status == 404
    assert repr(asked) in caught.value.message
    assert "gpt-" in caught.value.message or "claude-" in caught.value.message


def test_the_error_names_close_ids() -> None:
    with pytest.raises(ModelNotFound, match=r"Close names: .*claude-sonnet-4\.6"):
        resolve_model("claude-sonet-4.6", CATALOGUE)


def test_a_very_long_name_is_cut_in_the_message() -> None:
    with pytest.raises(ModelNotFound) as caught:
        resolve_model("x" * 10_000, CATALOGUE)
    assert len(caught.value.message) < 500


def test_a_disabled_model_is_refused_with_its_reason() -> None:
    with pytest.raises(ModelDisabled, match=r"claude-opus-4\.7 cannot be used: it is switched off"):
        resolve_model("claude-opus-4-7", CATALOGUE)


def test_a_family_that_is_wholly_disabled_says_why() -> None:
    with pytest.raises(ModelDisabled, match="switched off"):
        resolve_model("opus", CATALOGUE[:1])


def test_the_newest_of_a_family_compares_versions_as_numbers() -> None:
    catalogue = (
        model("claude-sonnet-4.9"),
        model("claude-sonnet-4.10"),
        model("claude-3.7-sonnet"),
    )
    assert newest_of_family("sonnet", catalogue) == catalogue[1]
    assert newest_of_family("haiku", catalogue) is None


COPILOT_LISTS_OLD_ONES_WITHOUT_A_DOT = (
    Model(id="claude-opus-41", name="Claude Opus 4.1", vendor="Anthropic"),
    Model(id="claude-opus-4", name="Claude Opus 4", vendor="Anthropic"),
    Model(id="claude-opus-4.6", name="Claude Opus 4.6", vendor="Anthropic"),
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("opus", "claude-opus-4.6"),
        ("claude-opus-5-5", "claude-opus-4.6"),
        ("claude-opus-4-1-20250805", "claude-opus-41"),
        ("claude-opus-4.1", "claude-opus-41"),
        ("claude-opus-41", "claude-opus-41"),
        ("claude-opus-4-20250514", "claude-opus-4"),
    ],
)
def test_an_id_with_its_version_run_together_is_no_newer_than_it_is(asked: str, meant: str) -> None:
    assert resolve_model(asked, COPILOT_LISTS_OLD_ONES_WITHOUT_A_DOT).id == meant


def test_a_version_run_together_is_told_by_the_name_shown_or_by_its_size() -> None:
    nameless = (model("claude-opus-41"), model("claude-opus-10"), model("claude-opus-4.6"))
    assert newest_of_family("opus", nameless) == nameless[1]


NOVEMBER = tuple(
    model(each)
    for each in (
        "claude-fable-5.1",
        "claude-fable-5",
        "claude-opus-5.5",
        "claude-sonnet-5.5",
        "claude-haiku-5.5",
        "gpt-6.1-sol",
        "gpt-6-sol",
        "gpt-6.1-terra",
        "gpt-6-luna",
        "gpt-5.5",
        "gemini-3.1-pro-preview",
        "gemini-3.8-flash",
        "grok-4.7",
        "kimi-k3",
    )
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("gpt-6.2-sol", "gpt-6.1-sol"),
        ("gpt-6.2-sol-2026-11-20", "gpt-6.1-sol"),
        ("openai/gpt-6.2-sol", "gpt-6.1-sol"),
        ("gpt-7-terra", "gpt-6.1-terra"),
        ("gpt-6.2-luna", "gpt-6-luna"),
        ("claude-fable-5-2", "claude-fable-5.1"),
        ("fable", "claude-fable-5.1"),
        ("claude-fable-6-20270101[1m]", "claude-fable-5.1"),
        ("claude-haiku-6", "claude-haiku-5.5"),
        ("gemini-4-flash-preview", "gemini-3.8-flash"),
        ("x-ai/grok-5", "grok-4.7"),
    ],
)
def test_a_tool_s_default_of_next_month_finds_the_newest_of_its_family_and_form(
    asked: str, meant: str
) -> None:
    assert resolve_model(asked, NOVEMBER).id == meant


@pytest.mark.parametrize(
    ("asked", "successor"),
    [
        ("gpt-6.2-astra", "gpt-6.1-sol"),
        ("gpt-7-mini", "gpt-6-luna"),
        ("gpt-6.3-codex", "gpt-5.5"),
        ("gpt-4.1", "gpt-5.5"),
        ("gpt-6.1-luna-fast", "gpt-6-luna"),
        ("claude-opus-4.7", "claude-opus-5.5"),
        ("claude-opus-5", "claude-opus-5.5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-5.5"),
        ("claude-opus-5.5-thinking", "claude-opus-5.5"),
        ("gemini-2.5-pro", "gemini-3.1-pro-preview"),
        ("gemini-2.5-flash-lite", "gemini-3.8-flash"),
        ("gemini-3.5-flash", "gemini-3.8-flash"),
        ("kimi-k2.7-code", "kimi-k3"),
    ],
)
def test_a_model_of_the_summer_that_is_gone_is_never_another_model(
    asked: str, successor: str
) -> None:
    with pytest.raises(ModelNotFound, match=rf"Use {re.escape(successor)} instead\."):
        resolve_model(asked, NOVEMBER)


def test_a_line_that_is_not_there_names_the_nearest_one() -> None:
    for asked in ("fable", "claude-fable-5-2"):
        with pytest.raises(ModelNotFound, match=r"Use claude-opus-4\.6 instead\."):
            resolve_model(asked, CATALOGUE)
    only_sol = (model("gpt-6-sol"), model("claude-haiku-4.5"))
    with pytest.raises(ModelNotFound, match=r"Use gpt-6-sol instead\."):
        resolve_model("gpt-5.5", only_sol)


def test_the_user_s_own_name_may_say_what_stands_for_a_retired_model() -> None:
    assert resolve_model("gpt-4", CATALOGUE, {"gpt-4": "gpt-4.1"}).id == "gpt-4.1"


def test_an_embedding_model_never_stands_for_another() -> None:
    listed = Model(id="text-embedding-3-small", name="", vendor="", kind="embeddings")
    with pytest.raises(ModelNotFound):
        resolve_model("text-embedding-4-small", (listed,))


def test_a_model_that_the_picker_hides_is_no_default() -> None:
    hidden = Model(id="gpt-6", name="GPT-6", vendor="", in_picker=False)
    assert resolve_model("gpt-6.2", (hidden, model("gpt-6.1"))).id == "gpt-6.1"
    assert resolve_model("gpt-6.2", (hidden,)).id == "gpt-6"


def test_an_empty_catalogue_is_said_to_be_empty() -> None:
    with pytest.raises(ModelNotFound, match="list of models is empty"):
        resolve_model("gpt-4.1", ())
