"""What one vendor's model must get back byte for byte survives a client of another dialect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.request import DialectName, Opaque, ThinkingPart
from proxy_core.dialects.shared.opaque_envelope import (
    DAMAGED,
    PREFIX,
    pack,
    pack_thinking,
    unpack,
    unpack_thinking,
)

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES

opaques = st.builds(
    Opaque,
    dialect=st.sampled_from(DialectName),
    kind=st.text(max_size=20),
    data=st.text(),
    model=st.none() | st.text(max_size=20),
    extra=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
)
thinking_parts = st.builds(
    ThinkingPart,
    text=st.text(max_size=20),
    opaque=st.none() | opaques,
)


@given(opaques)
def test_what_is_packed_comes_out_unaltered(opaque: Opaque) -> None:
    assert unpack(pack(opaque), CHAT, "reasoning_opaque") == opaque


@given(st.lists(thinking_parts, min_size=1, max_size=4))
def test_several_thinking_parts_come_back_apart(parts: list[ThinkingPart]) -> None:
    joined = "".join(part.text for part in parts)
    assert unpack_thinking(joined, pack_thinking(parts), CHAT, "x") == tuple(parts)


def test_a_bare_string_is_the_dialects_own() -> None:
    assert unpack("RXhh", MESSAGES, "signature") == Opaque(MESSAGES, "signature", "RXhh")
    assert unpack_thinking("hm", "RXhh", CHAT, "reasoning_opaque") == (
        ThinkingPart("hm", Opaque(CHAT, "reasoning_opaque", "RXhh")),
    )


def test_an_envelope_of_one_proof_without_text_is_the_proof_of_the_whole_text() -> None:
    opaque = Opaque(RESPONSES, "encrypted_content", "gAAAA", "gpt-5.5", (("id", "rs_1"),))
    assert unpack_thinking("hm", pack(opaque), CHAT, "x") == (ThinkingPart("hm", opaque),)


@pytest.mark.parametrize("tail", ["", "!", "AAAA", "bnVsbA==", "W10="])
def test_a_cut_envelope_is_damaged_and_belongs_to_nobody(tail: str) -> None:
    assert unpack(PREFIX + tail, MESSAGES, "signature").kind == DAMAGED
    (part,) = unpack_thinking("hm", PREFIX + tail, MESSAGES, "signature")
    assert part.text == "hm"
    assert part.opaque is not None
    assert part.opaque.kind == DAMAGED


def test_thinking_edited_by_the_client_loses_its_proofs_but_not_its_text() -> None:
    sealed = pack_thinking([ThinkingPart("one"), ThinkingPart("two")])
    (part,) = unpack_thinking("onetw", sealed, CHAT, "x")
    assert part == ThinkingPart("onetw", Opaque(CHAT, DAMAGED, sealed))


def test_an_envelope_without_any_proof_is_damaged_when_one_is_asked_for() -> None:
    assert unpack(pack_thinking([ThinkingPart("a")]), CHAT, "x").kind == DAMAGED


def test_the_prefix_survives_every_json_encoder_unescaped() -> None:
    assert PREFIX.isascii()
    assert not set(PREFIX) & set('/\\"<>&')
