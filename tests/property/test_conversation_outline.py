"""A long conversation is searched in its outline: whatever it holds, nothing comes out otherwise.

Every case is done twice, with the outline and with the whole text in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.model import Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.copilot_facts.members import REFUSED_MESSAGE_MEMBERS
from proxy_core.dialects import conversation_outline
from proxy_core.dialects.openai_responses.schema import ITEM_BOOKKEEPING
from proxy_core.dialects.registry import DIALECTS
from proxy_core.dialects.shared.opaque_envelope import PREFIX
from proxy_core.dialects.vendor_rules import Target, fit_request
from proxy_core.dialects.web_search import SEARCH_ID_PREFIX
from proxy_core.errors import ProxyError

LONG = "Read it again. \u00fc\u4e2d " * 12
PNG, JPEG = "iVBORw0KGgoAAAANSUhEUgAA" + "A" * 200, "/9j/4AAQSkZJRgABAQAAAQABAAD" + "A" * 200
texts = st.sampled_from(
    [
        "",
        " ",
        "\n\t",
        "hi",
        LONG,
        "\n" * 150,
        " " * 150,
        '"' * 60,
        "\\" * 90,
        "\u0007\u4e2d" * 30,
        " \U0001f680" * 60,
    ]
)
proofs = st.sampled_from(["", "sig", PREFIX + LONG, "gAAAA" + LONG, LONG])
idents = st.sampled_from(["call_1", "call_2", "a.b:0", "x" * 41, "x" * 65, SEARCH_ID_PREFIX + "1"])
marks = st.sampled_from([None, {"type": "ephemeral"}, {"type": "ephemeral", "scope": LONG}])
odd = (
    st.none()
    | st.integers(0, 9)
    | texts
    | st.just([])
    | st.just({})
    | st.just([1])
    | st.just(["a"])
)
datas = st.sampled_from([PNG, JPEG, "data:image/png;base64," + JPEG, "AAAA", ""])
types = st.sampled_from(["image/png", "image/jpeg", "image/jpg", "application/pdf", "image/tiff"])
urls = st.builds("data:{};base64,{}".format, types, datas) | st.just("https://example.org/" + LONG)
arguments = st.sampled_from(["", " ", "{}", '{"a":1}', LONG, '{"a":"' + LONG + '"}', " " * 120])
PART_TYPES = (
    *("text", "image", "image_url", "input_text", "output_text", "input_image", "input_file"),
    *(
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "document",
        "file",
        "input_audio",
    ),
    *("server_tool_use", "web_search_tool_result", "refusal", "computer_screenshot"),
)


@st.composite
def members(draw: st.DrawFn, /, **values: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Some of the members, now and then with a value nobody expects there."""
    stated = draw(st.sets(st.sampled_from(sorted(values)), max_size=6))
    return {
        name: draw(odd if draw(st.integers(0, 19)) == 0 else values[name])
        for name in sorted(stated)
    }


def contents(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return texts | st.lists(inner, max_size=3)


def part(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    source = members(
        type=st.sampled_from(["base64", "text", "content", "url"]),
        media_type=types,
        data=datas,
        content=contents(inner),
    )
    return members(
        type=st.sampled_from(PART_TYPES),
        text=texts,
        id=idents,
        tool_use_id=idents,
        name=st.just("f"),
        input=st.sampled_from([{}, {"a": LONG}, "", None, [1], '{"a": 1}']),
        content=contents(inner),
        thinking=texts,
        signature=proofs,
        data=proofs,
        source=source,
        image_url=urls | members(url=urls, detail=st.sampled_from(["auto", "low", "original"])),
        detail=st.sampled_from(["auto", "low", "original"]),
        file_data=urls,
        filename=texts,
        file=members(file_data=urls, filename=texts),
        cache_control=marks,
        prompt_cache_breakpoint=marks,
        beyond=texts,
    )


parts = st.recursive(part(st.just({"type": "text", "text": " "})), part, max_leaves=4)
function = members(name=st.just("f"), arguments=arguments | st.just({"a": LONG}))
calls = members(
    id=idents,
    type=st.sampled_from(["function", "custom"]),
    function=function,
    custom=members(name=st.just("f"), input=texts),
    cache_control=marks,
)
turns = members(
    role=st.sampled_from(["user", "assistant", "system", "developer", "tool"]),
    content=contents(parts),
    tool_calls=st.lists(calls, max_size=2),
    tool_call_id=idents,
    reasoning_content=texts,
    reasoning_text=texts,
    reasoning_opaque=proofs,
    cache_control=marks,
    copilot_cache_control=marks,
    output_config=st.just({"effort": "high"}),
    clear_at=st.just("next_user_message"),
    beyond=texts,
)
ITEM_TYPES = (
    *("message", "function_call", "function_call_output", "custom_tool_call", "reasoning"),
    *("custom_tool_call_output", "computer_call_output", "additional_tools", "compaction"),
)
items = members(
    type=st.sampled_from(ITEM_TYPES),
    role=st.sampled_from(["user", "assistant", "system", "developer"]),
    id=st.sampled_from(["msg_1", "rs_1", "fc_1", "other", "x" * 70]),
    call_id=idents,
    name=st.just("f"),
    namespace=st.just("n"),
    arguments=arguments,
    input=texts,
    content=contents(parts),
    output=contents(parts) | parts,
    summary=st.just([]),
    encrypted_content=proofs,
    tools=st.just([{"type": "function", "name": "g", "parameters": {}}]),
    internal_chat_message_metadata_passthrough=st.just({"a": LONG}),
    status=st.just("completed"),
)
MODELS = [
    Model("m", "M", vendor, supports=Supports(vision=True, tool_calls=True))
    for vendor in ("OpenAI", "Anthropic", "Google", "Moonshot AI", "xAI")
]
CHAT, MESSAGES, RESPONSES = (
    DialectName.OPENAI_CHAT,
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_RESPONSES,
)


def done(
    name: DialectName, body: dict[str, Any], model: Model, spell: Callable[[Any], bytes]
) -> list[Any]:
    """Return what each step makes of the body, or that it refuses it: which of two faults it names first
    may differ."""
    raw = {key: msgspec.Raw(spell(value)) for key, value in body.items()}
    found: list[Any] = []
    try:
        facts = DIALECTS[name].inspect_request(raw)
        found.append(facts)
        rendered = DIALECTS[name].pass_through_request(raw, model, facts.outline)
        found.append((msgspec.json.encode(rendered.body), rendered.dropped))
        target = Target(model, DIALECTS[name].endpoint, name, outline=facts.outline)
        fitted = fit_request(rendered.body, target)
        found.append((msgspec.json.encode(fitted.body), fitted.dropped, fitted.rules))
    except ProxyError as error:
        found.append(type(error))
    return found


def in_ascii(value: Any) -> bytes:
    """As many clients spell JSON: every other character as an escape, some as two."""
    return json.dumps(value).encode()


spellings = st.sampled_from([msgspec.json.encode, in_ascii])


def check(
    name: DialectName, body: dict[str, Any], model: Model, spell: Callable[[Any], bytes]
) -> None:
    with patch.object(conversation_outline, "LEAST", 1 << 40):
        whole = done(name, body, model, spell)
    with patch.object(conversation_outline, "LEAST", 0):
        assert done(name, body, model, spell) == whole


@given(st.lists(turns, min_size=1, max_size=4), st.sampled_from(MODELS), spellings)
def test_a_chat_conversation(
    said: list[dict[str, Any]], model: Model, spell: Callable[[Any], bytes]
) -> None:
    check(CHAT, {"model": "m", "messages": said}, model, spell)


@given(st.lists(turns, min_size=1, max_size=4), st.just(MODELS[1]), spellings)
def test_a_messages_conversation(
    said: list[dict[str, Any]], model: Model, spell: Callable[[Any], bytes]
) -> None:
    check(MESSAGES, {"model": "m", "messages": said, "max_tokens": 5}, model, spell)


@given(st.lists(items, min_size=1, max_size=4), st.just(MODELS[0]), spellings)
def test_a_responses_conversation(
    said: list[dict[str, Any]], model: Model, spell: Callable[[Any], bytes]
) -> None:
    check(RESPONSES, {"model": "m", "input": said}, model, spell)


@pytest.mark.parametrize("text", [b"5", b'"hi"', b"[1]", b'[{"content": [3]}]', b"[", b"null"])
def test_what_is_no_conversation_is_its_own_outline(text: bytes) -> None:
    with patch.object(conversation_outline, "LEAST", 0):
        assert conversation_outline.outline(text) == text


def test_members_named_elsewhere_are_members_of_the_outline() -> None:
    named = {*REFUSED_MESSAGE_MEMBERS, *ITEM_BOOKKEEPING}
    said = msgspec.json.encode([dict.fromkeys(named, 1)])
    with patch.object(conversation_outline, "LEAST", 0):
        found = msgspec.json.decode(conversation_outline.outline(said))
    assert found[0].keys() == named


def test_the_outline_of_a_long_conversation_is_short() -> None:
    turn = {"role": "user", "content": [{"type": "text", "text": LONG * 20}]}
    said = msgspec.json.encode([turn] * 100)
    assert len(conversation_outline.outline(said)) < len(said) / 20


@pytest.mark.parametrize("before", range(12))
def test_a_pair_of_surrogates_in_escapes_is_never_cut_in_two(before: int) -> None:
    """As clients write that escape all but ASCII: Python's ``json`` does."""
    text = " " * before + "\U0001f986" * 40
    said = json.dumps(
        [{"role": "user", "content": [{"type": "input_text", "text": text}]}]
    ).encode()
    with patch.object(conversation_outline, "LEAST", 0):
        found = msgspec.json.decode(conversation_outline.outline(said))
    assert text.startswith(found[0]["content"][0]["text"])
