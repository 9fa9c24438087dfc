"""``thoughtSignature``: the one place in which a client of this dialect carries proofs of thinking.

A client returns the parts it was given, but many leave out those that show thoughts (Gemini CLI
does), so the signature of the part behind them carries the thinking whole: its text and the data by
which its issuer knows it. A signature is base64; the official SDKs decode it and write it anew in
either alphabet, so it is compared by what it decodes to.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from proxy_core.canonical.request import DialectName, Opaque, ThinkingPart
from proxy_core.dialects.shared.opaque_envelope import DAMAGED

PREFIX = b"g-copilot-proxy.thoughts.1."
GEMINI = DialectName.GEMINI
KIND = "thought_signature"
_TO_STANDARD = str.maketrans("-_", "+/")


class _Proof(msgspec.Struct, array_like=True, frozen=True):
    dialect: DialectName
    kind: str
    data: str
    model: str | None
    extra: tuple[tuple[str, str], ...]


class _Thought(msgspec.Struct, array_like=True, frozen=True):
    text: str
    proof: _Proof | None


class _Sealed(msgspec.Struct, array_like=True, frozen=True):
    thoughts: tuple[_Thought, ...]
    call: _Proof | None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Sealed).decode


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature carries: the thinking before its part, and the proof of a call's own."""

    thinking: tuple[ThinkingPart, ...] = ()
    call: Opaque | None = None
    is_ours: bool = False
    """It was made here, so ``thinking`` is whole; otherwise there is only the signature itself."""


def seal(thinking: Iterable[ThinkingPart], call: Opaque | None = None) -> str | None:
    """Return a signature that carries both; None if there is no proof to carry."""
    parts = tuple(thinking)
    if call is None and all(part.opaque is None for part in parts):
        return None
    thoughts = tuple(_Thought(part.text, _proof(part.opaque)) for part in parts)
    return b64encode(PREFIX + _encode(_Sealed(thoughts, _proof(call)))).decode("ascii")


def unseal(text: str) -> Signature:
    """Return what a client's ``thoughtSignature`` carries.

    One that Google issued stays as it is, for its issuer alone; one of ours that was cut or altered is
    marked as damaged.
    """
    data = _decoded(text)
    if data is None or not data.startswith(PREFIX):
        return _unread(text, KIND)
    try:
        sealed = _decode(data[len(PREFIX) :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _unread(text, DAMAGED)
    thinking = tuple(ThinkingPart(each.text, _opaque(each.proof)) for each in sealed.thoughts)
    return Signature(thinking, _opaque(sealed.call), is_ours=True)


def _unread(text: str, kind: str) -> Signature:
    return Signature(call=Opaque(GEMINI, kind, text))


def _decoded(text: str) -> bytes | None:
    standard = text.translate(_TO_STANDARD).rstrip("=")
    try:
        return b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError:
        return None


def _proof(opaque: Opaque | None) -> _Proof | None:
    if opaque is None:
        return None
    return _Proof(opaque.dialect, opaque.kind, opaque.data, opaque.model, opaque.extra)


def _opaque(proof: _Proof | None) -> Opaque | None:
    if proof is None:
        return None
    return Opaque(proof.dialect, proof.kind, proof.data, proof.model, proof.extra)
