"""A ``thoughtSignature`` carries thinking whole and brings it back byte for byte."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.request import DialectName, Opaque, ThinkingPart
from proxy_core.dialects.gemini.signatures import GEMINI, KIND, seal, unseal
from proxy_core.dialects.shared.opaque_envelope import DAMAGED

opaques = st.builds(
    Opaque,
    dialect=st.sampled_from(DialectName),
    kind=st.text(max_size=20),
    data=st.text(),
    model=st.none() | st.text(max_size=20),
    extra=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
)
thoughts = st.lists(
    st.builds(ThinkingPart, text=st.text(max_size=20), opaque=st.none() | opaques), max_size=3
)
SIGNED = ThinkingPart("I think.", Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "Eo+/="))


@given(thoughts, st.none() | opaques)
def test_what_is_sealed_comes_out_unaltered(
    thinking: list[ThinkingPart], call: Opaque | None
) -> None:
    sealed = seal(thinking, call)
    if sealed is None:
        assert call is None
        assert all(part.opaque is None for part in thinking)
        return
    found = unseal(sealed)
    assert (list(found.thinking), found.call, found.is_ours) == (thinking, call, True)


@given(thoughts.filter(lambda parts: any(part.opaque for part in parts)))
def test_the_official_sdks_decode_it_and_write_it_in_the_other_alphabet(
    thinking: list[ThinkingPart],
) -> None:
    sealed = seal(thinking)
    assert sealed is not None
    data = b64decode(sealed, validate=True)
    for again in (urlsafe_b64encode(data), b64encode(data), urlsafe_b64encode(data).rstrip(b"=")):
        assert list(unseal(again.decode()).thinking) == thinking


def test_thinking_without_a_proof_needs_no_signature() -> None:
    assert seal([ThinkingPart("Just words.")]) is None
    assert seal([]) is None


@pytest.mark.parametrize("theirs", ["CtQBAdHtim9Y", "skip_thought_signature_validator", "%%%", "é"])
def test_a_signature_of_googles_own_is_kept_for_its_issuer(theirs: str) -> None:
    found = unseal(theirs)
    assert (found.thinking, found.is_ours) == ((), False)
    assert found.call == Opaque(GEMINI, KIND, theirs)


def test_a_signature_that_was_cut_is_nobodys() -> None:
    sealed = seal([SIGNED])
    assert sealed is not None
    cut = unseal(sealed[: len(sealed) // 4 * 3])
    assert cut.call is not None
    assert (cut.call.kind, cut.thinking) == (DAMAGED, ())
