"""Packs opaque data into one string, so that a client of another dialect can carry it back.

A model's opaque data about its thinking (a signature, encrypted content) is useless to any other
model, but the client's dialect has one field for it and none for its issuer. Foreign data is
therefore put in that field as a self-describing string; a bare string is the dialect's own.

The envelope is ``PREFIX`` followed by base64url of a JSON array of entries. It is not secret: the
client could read upstream's data anyway.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence

import msgspec

from proxy_core.canonical.request import DialectName, Opaque, ThinkingPart

PREFIX = "g-copilot-proxy.1."
"""Contains no character that JSON encoders escape, so a search in raw bytes finds every envelope."""

PREFIX_BYTES = PREFIX.encode()

DAMAGED = "damaged"
"""``Opaque.kind`` of data no issuer would accept: a client cut the envelope or edited its text.

Renderers send only kinds they know, so it is dropped and named.
"""


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    dialect: DialectName | None
    kind: str
    data: str
    model: str | None
    extra: tuple[tuple[str, str], ...]
    text_length: int = -1
    """Characters of the thinking text the entry belongs to; -1 for an envelope without text."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[_Entry, ...])


def pack(opaque: Opaque) -> str:
    """Return ``opaque`` as one string for a field of another dialect."""
    return _seal((_entry(opaque, -1),))


def unpack(text: str, dialect: DialectName, kind: str) -> Opaque:
    """Return what a client sent back: an envelope's content, or else ``dialect``'s own ``kind``."""
    if not text.startswith(PREFIX):
        return Opaque(dialect, kind, text)
    entries = _open(text)
    if len(entries) != 1 or (opaque := _opaque(entries[0])) is None:
        return Opaque(dialect, DAMAGED, text)
    return opaque


def pack_thinking(parts: Iterable[ThinkingPart]) -> str:
    """Pack the opaque data of several thinking parts whose texts the client sees as one."""
    return _seal(tuple(_entry(part.opaque, len(part.text)) for part in parts))


def unpack_thinking(
    text: str, sealed: str, dialect: DialectName, kind: str
) -> tuple[ThinkingPart, ...]:
    """Undo ``pack_thinking``: cut the joined ``text`` into the parts it was made of.

    A text of another length was edited, and its opaque data is invalid.
    """
    if not sealed.startswith(PREFIX):
        return (ThinkingPart(text, Opaque(dialect, kind, sealed)),)
    entries = _open(sealed)
    if len(entries) == 1 and entries[0].text_length < 0:
        return (ThinkingPart(text, unpack(sealed, dialect, kind)),)
    if not entries or sum(entry.text_length for entry in entries) != len(text):
        return (ThinkingPart(text, Opaque(dialect, DAMAGED, sealed)),)
    parts = []
    start = 0
    for entry in entries:
        parts.append(ThinkingPart(text[start : start + entry.text_length], _opaque(entry)))
        start += entry.text_length
    return tuple(parts)


def _entry(opaque: Opaque | None, text_length: int) -> _Entry:
    if opaque is None:
        return _Entry(None, "", "", None, (), text_length)
    return _Entry(opaque.dialect, opaque.kind, opaque.data, opaque.model, opaque.extra, text_length)


def _opaque(entry: _Entry) -> Opaque | None:
    if entry.dialect is None:
        return None
    return Opaque(entry.dialect, entry.kind, entry.data, entry.model, entry.extra)


def _seal(entries: Sequence[_Entry]) -> str:
    return PREFIX + urlsafe_b64encode(_encoder.encode(entries)).decode("ascii")


def _open(text: str) -> tuple[_Entry, ...]:
    """Return the entries, or none for an envelope that was cut or altered."""
    try:
        return _decoder.decode(urlsafe_b64decode(text[len(PREFIX) :]))
    except (ValueError, msgspec.DecodeError):
        return ()
