"""The declared tools: complete, filled in without a rest, and readable by what reads them."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from proxy_core.canonical.model import Endpoint, Limits, Model
from proxy_core.clients.catalogue import (
    TOOLS,
    declared_sentences,
    small_model,
    suggested_model,
    usable_models,
)
from proxy_core.clients.connection import Connection
from proxy_core.clients.instructions import Place, instructions
from proxy_core.clients.shells import Shell
from proxy_core.clients.tool import Tool, Wire
from proxy_core.routing.client_programs import client_name

CONNECTION = Connection("http://127.0.0.1:4141", "sk-local-abcdefghijklmnop", "gpt-4.1")
NASTY = Connection("http://127.0.0.1:4141", 'it\'s "$HOME" & a\\b 100%', "gpt-4.1")
USABLE = [tool for tool in TOOLS.values() if not tool.refusal]


def model(name: str, *endpoints: Endpoint, disabled: str | None = None) -> Model:
    return Model(name, name, "vendor", endpoints=endpoints, disabled_reason=disabled)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.app_id)
def test_a_tool_has_either_steps_or_a_reason_why_not(tool: Tool) -> None:
    assert bool(tool.steps) is not bool(tool.refusal)
    assert re.fullmatch(r"[a-z][a-z0-9-]*", tool.app_id)
    assert TOOLS[tool.app_id] is tool


@pytest.mark.parametrize("tool", USABLE, ids=lambda tool: tool.app_id)
@pytest.mark.parametrize("shell", list(Shell))
def test_the_steps_name_the_address_the_key_and_the_model(tool: Tool, shell: Shell) -> None:
    everything = "\n".join(
        step.content for step in instructions(tool, CONNECTION, shell) if step.content
    )
    assert CONNECTION.base_url in everything
    assert "$" not in everything.replace("$env:", ""), "nothing is left to fill in"
    # llm asks for the key itself, and a key in a command line would be in the process list.
    assert CONNECTION.key in everything or tool.app_id == "llm"
    assert CONNECTION.model in everything


def test_a_tool_gets_the_address_in_the_form_its_api_has() -> None:
    """OpenAI's clients get /v1 with it; all others add their own path."""
    for tool in USABLE:
        if tool.app_id in ("goose", "other"):
            continue
        text = "\n".join(step.content for step in instructions(tool, CONNECTION, Shell.POSIX))
        has_path = f"{CONNECTION.base_url}/v1" in text
        is_openai = tool.wire in (Wire.OPENAI_CHAT, Wire.OPENAI_RESPONSES)
        assert has_path is is_openai, tool.app_id


def test_file_parts_stay_whole_with_a_key_that_needs_quoting() -> None:
    parts = {
        (tool.app_id, step.label): step.content
        for tool in USABLE
        for step in instructions(tool, NASTY, Shell.POSIX)
        if step.place is Place.FILE
    }
    codex = tomllib.loads(parts["codex", "~/.codex/config.toml"])
    assert codex["model_providers"][codex["model_provider"]]["base_url"].endswith(":4141/v1")
    opencode = json.loads(parts["opencode", "~/.config/opencode/opencode.json"])
    assert opencode["provider"]["g-copilot-proxy"]["options"]["apiKey"] == NASTY.key
    assert json.loads("{" + parts["zed", "settings.json"] + "}")["language_models"]
    assert f"apiKey: {json.dumps(NASTY.key)}" in parts["continue", "~/.continue/config.yaml"]


def test_our_records_know_the_tools_by_names_that_are_given_out() -> None:
    """A tool counts as connected when a request of it was seen under one of these."""
    agents = {
        "Claude Code": "claude-cli/2.1.329 (external, cli)",
        "Codex": "codex_cli_rs/0.169.0",
        "LiteLLM": "litellm/1.81.10",
        "opencode": "opencode/1.18.33",
        "Cline": "Cline/3.2",
        "OpenAI SDK (Python)": "OpenAI/Python 3.52.0",
        "Anthropic SDK (JS)": "Anthropic/JS 0.90",
        "goose": "goose/1.9",
    }
    for name, agent in agents.items():
        assert client_name({"User-Agent": agent}) == name
        assert any(name in tool.seen_as for tool in TOOLS.values()), name


def test_the_suggested_model_is_one_of_the_plan_and_passes_through_if_it_can() -> None:
    chat, both = Endpoint.CHAT_COMPLETIONS, (Endpoint.CHAT_COMPLETIONS, Endpoint.MESSAGES)
    plan = (
        model("claude-sonnet-3.9", chat),
        model("claude-sonnet-4", *both),
        model("claude-sonnet-4.6", *both, disabled="Needs Pro+"),
        model("gpt-4.1", chat),
    )
    assert suggested_model(TOOLS["claude-code"], plan) == "claude-sonnet-4"
    assert suggested_model(TOOLS["aider"], plan) == "gpt-4.1"
    assert suggested_model(TOOLS["claude-code"], plan[3:]) == "gpt-4.1", "better than none"
    assert suggested_model(TOOLS["claude-code"], ()) == "auto", "no name that may be gone"
    assert [each.id for each in usable_models(plan)] == [
        "claude-sonnet-3.9",
        "claude-sonnet-4",
        "gpt-4.1",
    ]


def test_declared_sentences_are_plain_and_without_a_full_stop_where_a_step_goes_on() -> None:
    sentences = declared_sentences()
    assert len(set(sentences)) == len(sentences) > 15
    for tool in TOOLS.values():
        for step in tool.steps:
            assert not step.text.endswith("."), step.text
        for sentence in (tool.caution, tool.refusal):
            assert not sentence or sentence.endswith("."), sentence


def test_background_work_of_claude_code_goes_to_the_newest_small_model_of_the_list() -> None:
    listed = [
        Model(id=each, name=each, vendor="")
        for each in ("claude-haiku-4.5", "claude-haiku-5.5", "claude-haiku-5", "gpt-4.1")
    ]
    assert small_model(listed) == "claude-haiku-5.5"
    off = Model(id="claude-haiku-6", name="", vendor="", disabled_reason="Off.")
    assert small_model([off]) == ""
    for small, shown in (("claude-haiku-5.5", "claude-haiku-5.5"), ("", "m1")):
        connection = Connection("http://127.0.0.1:4141", "k", "m1", small)
        steps = instructions(TOOLS["claude-code"], connection, Shell.POSIX)
        assert f"export ANTHROPIC_DEFAULT_HAIKU_MODEL={shown}\n" in steps[0].content + "\n"


def test_every_tool_with_work_in_the_background_is_told_a_small_model_by_its_steps() -> None:
    """Else titles and summaries run on the main model, at its price."""
    connection = Connection("http://127.0.0.1:4141", "k", "the-main-one", "the-small-one")
    with_small = [
        tool for tool in TOOLS.values() if any(role.small for role in tool.roles) and tool.steps
    ]
    assert {"claude-code", "aider", "opencode", "crush", "continue", "zed"} <= {
        each.app_id for each in with_small
    }
    for tool in with_small:
        told = "".join(each.content for each in instructions(tool, connection, Shell.POSIX))
        assert "the-small-one" in told, tool.app_id
        assert "the-main-one" in told, tool.app_id


def test_where_the_small_model_is_the_main_one_no_file_lists_it_twice() -> None:
    connection = Connection("http://127.0.0.1:4141", "k", "the-only-one")
    for app_id in ("opencode", "crush", "continue", "zed"):
        steps = instructions(TOOLS[app_id], connection, Shell.POSIX)
        part = next(each.content for each in steps if each.place is Place.FILE)
        assert part.count("the-only-one") <= 2, app_id


@pytest.mark.parametrize("app_id", ["opencode", "crush"])
def test_file_parts_with_a_small_model_are_json(app_id: str) -> None:
    connection = Connection("http://127.0.0.1:4141", "k", "main", "small")
    steps = instructions(TOOLS[app_id], connection, Shell.POSIX)
    part = next(each.content for each in steps if each.place is Place.FILE)
    content = json.loads(part)
    assert "small" in json.dumps(content)


def test_claude_code_is_told_the_window_of_a_model_that_is_not_anthropics() -> None:
    def told(name: str, *listed: Model) -> str:
        connection = Connection("http://127.0.0.1:4141", "k", name, listed=listed)
        return instructions(TOOLS["claude-code"], connection, Shell.POSIX)[0].content

    def reading(name: str, tokens: int) -> Model:
        return Model(name, name, "", limits=Limits(context_window=400_000, prompt=tokens))

    foreign, own = reading("gpt-x", 272_000), reading("claude-x", 200_000)
    assert "CLAUDE_CODE_MAX_CONTEXT_TOKENS=272000" in told("gpt-x", own, foreign)
    assert "MAX_CONTEXT" not in told("claude-x", own, foreign)
    assert "MAX_CONTEXT" not in told("gpt-unknown", own)
