"""Tool names and call ids every dialect accepts, and the way back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.request import (
    Context,
    DialectName,
    Opaque,
    Request,
    ServerTool,
    Tool,
    ToolKind,
)
from proxy_core.dialects.shared.tool_names import (
    ToolIdentity,
    ToolNames,
    unwrap_free_text,
    wire_call_id,
    wire_name,
    wrap_free_text,
)


@pytest.mark.parametrize("name", ["read_file", "a", "A-b_9", "x" * 64])
def test_a_legal_name_stays_as_it_is(name: str) -> None:
    assert wire_name(name) == name
    assert wire_call_id(name) == name


@given(st.text(max_size=90))
def test_any_name_becomes_legal(name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", wire_name(name))


@pytest.mark.parametrize("name", ["read_file\n", "files.read", "", "läs", "x" * 65])
def test_an_illegal_name_is_replaced_and_still_recognisable(name: str) -> None:
    legal = wire_name(name)
    assert legal != name
    assert legal.startswith(re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:50])


def test_names_that_differ_only_in_what_is_illegal_stay_apart() -> None:
    assert wire_name("a.b") != wire_name("a:b")
    assert wire_name("x" * 65) != wire_name("x" * 66)


def test_the_client_gets_its_own_tool_back() -> None:
    request = Request(
        "m",
        Context(
            tools=(
                Tool("files.read"),
                Tool("exec", kind=ToolKind.CUSTOM, namespace="mcp__shell"),
                ServerTool("web_search", Opaque(DialectName.ANTHROPIC_MESSAGES, "tool", "{}")),
            )
        ),
        DialectName.OPENAI_RESPONSES,
    )
    names = ToolNames.of(request)
    assert names.original(wire_name("files.read")) == ToolIdentity("files.read")
    assert names.original("mcp__shell__exec") == ToolIdentity("exec", "mcp__shell", ToolKind.CUSTOM)
    assert names.original("invented") is None
    assert ToolNames.of(None).original("files.read") is None


@given(st.text())
def test_free_text_survives_its_wrapping(text: str) -> None:
    assert unwrap_free_text(wrap_free_text(text)) == text


@pytest.mark.parametrize("arguments", ["", "plain", '{"other": 1}', '{"input": 1}', "[1]"])
def test_arguments_that_were_never_wrapped_stay_as_they_are(arguments: str) -> None:
    assert unwrap_free_text(arguments) == arguments
