"""Bodies whose members stay raw: what is looked at before anything is decoded; headers beside them."""

from __future__ import annotations

import msgspec
import pytest

from proxy_core.canonical.model import Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS, dialect
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.raw_body import check_tools
from proxy_core.errors import BadRequest

PLAIN = Model("m", "M", "Anthropic")
ADAPTIVE = Model("m", "M", "Anthropic", supports=Supports(adaptive_thinking=True))


def raw(text: bytes) -> dict[str, msgspec.Raw]:
    return {"tools": msgspec.Raw(text)}


@pytest.mark.parametrize("text", [b"[]", b" [1]", b"null", b" null"])
def test_tools_may_be_a_list_or_nothing(text: bytes) -> None:
    check_tools(raw(text))
    check_tools({})


@pytest.mark.parametrize("text", [b"{}", b'"x"', b"7", b"true"])
def test_tools_of_another_type_are_refused_by_name(text: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        check_tools(raw(text))
    assert caught.value.param == "tools"
    assert "an array" in caught.value.message


def test_a_member_is_decoded_once_and_only_if_it_is_raw() -> None:
    assert decode_raw({"a": msgspec.Raw(b'{"b":1}')}, "a") == {"b": 1}
    assert decode_raw({"a": [1]}, "a") == [1]
    assert decode_raw({}, "a") is None
    with pytest.raises(BadRequest) as caught:
        decode_raw({"a": msgspec.Raw(b"[")}, "a")
    assert caught.value.param == "a"
    assert caught.value.message.startswith("a: not valid JSON")


@pytest.mark.parametrize("name", [DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES])
@pytest.mark.parametrize("content", [7, {}, True])
def test_content_of_a_wrong_type_is_named_before_it_passes(
    name: DialectName, content: object
) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": content}]}
    members = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in body.items()}
    with pytest.raises(BadRequest) as caught:
        dialect(name).inspect_request(members)
    assert caught.value.param == "messages[0].content"


def test_every_beta_goes_on_once_whether_it_is_known_or_not() -> None:
    sent = {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "compact-2026-01-12, made-up-1,compact-2026-01-12,, "
        "interleaved-thinking-2025-05-14,made-up-1",
        "x-app": "cli",
    }
    for model in (PLAIN, ADAPTIVE):
        rendered = dialect(DialectName.ANTHROPIC_MESSAGES).pass_through_headers(sent, model)
        assert rendered.headers == {
            "anthropic-version": "2023-06-01",
            "anthropic-beta": "compact-2026-01-12,made-up-1,interleaved-thinking-2025-05-14",
        }
        assert rendered.dropped == ()
    assert dialect(DialectName.ANTHROPIC_MESSAGES).pass_through_headers({}, PLAIN).headers == {}


@pytest.mark.parametrize("name", sorted(set(DIALECTS) - {DialectName.ANTHROPIC_MESSAGES}))
def test_openais_clients_have_no_headers_for_upstream(name: DialectName) -> None:
    rendered = dialect(name).pass_through_headers({"openai-beta": "x", "accept": "*/*"}, PLAIN)
    assert (rendered.headers, rendered.dropped) == ({}, ())
