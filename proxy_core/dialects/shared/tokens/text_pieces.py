"""Counts the pieces a byte pair tokenizer starts from, by byte classes: a few passes in C.

A piece is a word, a run of digits, marks or underscores, or a line's end with the indentation behind it.
A table turns the text's UTF-8 into a number with a byte for each character, in it a bit for its class:
shifting, masking and counting bits then counts the runs of all classes at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

SEPARATOR = b"\xff"
"""Stands between texts; occurs in no UTF-8, and belongs to no class."""

_LETTERS_PER_TOKEN = 7
_MARKS_PER_TOKEN = 3
"""And digits, and underscores."""
_WIDE_LETTERS_PER_TOKEN = 3
_LETTER, _WIDE, _DENSE, _DIGIT, _MARK, _LINE, _BLANK, _UNDERSCORE, _NOTHING = b"awd0.\n _|"


def _class_of(byte: int) -> int:
    """Return the class of a character, by the first byte of its UTF-8."""
    sign = chr(byte)
    if byte >= 0x80:
        return _class_of_first_byte(byte)
    if sign.isalpha():
        return _LETTER
    if sign.isdigit():
        return _DIGIT
    if sign == "\n":
        return _LINE
    if sign.isspace():
        return _BLANK
    return _UNDERSCORE if sign == "_" else _MARK


def _class_of_first_byte(byte: int) -> int:
    """Scripts without spaces are dense: a character is about one token. General punctuation, symbols,
    full-width forms and everything beyond the first plane are marks."""
    if byte == SEPARATOR[0]:
        return _NOTHING
    if 0xE3 <= byte <= 0xED:
        return _DENSE
    if byte in (0xC2, 0xCC, 0xE2) or byte >= 0xEE:
        return _MARK
    return _WIDE


_CLASSES = bytes(_class_of(byte) for byte in range(256))
_CONTINUATION = bytes(range(0x80, 0xC0))
_WITH_MARKS = re.compile(rb"\xe0[\xa0-\xbf][\x80-\xbf]")
"""Scripts whose vowels are marks of their own, and Thai, which is dense: told apart one by one."""
_THAI = range(0xE00, 0xF00)
_ARABIC_MARKS = tuple(each.encode() for each in "\u060c\u061b\u061f")


_WORD, _SHORT, _SPACE, _IS_BLANK = 1, 2, 16, 32
"""Bits of a character's class: of a word; of digits, marks and underscores, whose runs are short; of
space, and of space that ends no line."""
_BITS = bytes(
    {
        _LETTER: _WORD,
        _WIDE: _WORD,
        _DENSE: _WORD,
        _DIGIT: _SHORT,
        _MARK: _SHORT << 1,
        _UNDERSCORE: _SHORT << 2,
        _LINE: _SPACE,
        _BLANK: _SPACE | _IS_BLANK,
    }.get(byte, 0)
    for byte in range(256)
)
_LINES = bytes(_LINE if byte == _LINE else _LETTER for byte in range(256))
_MIXED = bytes(byte if byte in (_LETTER, _WIDE, _DENSE) else _BLANK for byte in range(256))


def tokens_of(texts: Iterable[str]) -> int:
    """Return the estimated tokens of all texts."""
    joined = SEPARATOR.join([each.encode(errors="surrogatepass") for each in texts])
    if joined.isascii():
        classes = joined.translate(_CLASSES)
        return _of_ascii(classes)
    # Punctuation of Chinese and Japanese begins like their letters.
    plain = joined.replace(b"\xe3\x80", b".\x80")
    if b"\xd8" in plain:
        for mark in _ARABIC_MARKS:
            plain = plain.replace(mark, b".")
    if b"\xe0" in plain:
        plain = _WITH_MARKS.sub(_by_character, plain)
    classes = plain.translate(_CLASSES, _CONTINUATION)
    return _of_ascii(classes) + _more_of_wide_words(classes)


def _by_character(found: re.Match[bytes]) -> bytes:
    sign = found[0].decode()
    if ord(sign) in _THAI and sign.isalpha():
        return b"\xe3"
    return b"\xc3" if sign.isalpha() else b"."


def _of_ascii(classes: bytes) -> int:
    size = len(classes)
    bits = int.from_bytes(classes.translate(_BITS), "little")
    words = bits & _every(_WORD, size)
    runs = bits & _every(7 * _SHORT, size)
    return (
        _runs(words, _LETTERS_PER_TOKEN)
        + _runs(runs, _MARKS_PER_TOKEN)
        + _gaps(bits, size)
        + (b"a" + classes.translate(_LINES, b" ")).count(b"a\n")
    )


def _every(bits: int, size: int) -> int:
    return int.from_bytes(bytes([bits]) * size, "little")


def _runs(bits: int, most: int) -> int:
    """Return the tokens of all runs, each of at most ``most`` characters."""
    starts = bits & ~(bits << 8)
    tokens = starts.bit_count()
    within = bits
    # ``within``: a character before which as many of its run stand as a token takes.
    for back in (1, 2, 4) if most == _LETTERS_PER_TOKEN else (1, 2):
        within &= within << 8 * back
    while starts := (starts << 8 * most) & within:
        tokens += starts.bit_count()
    return tokens


def _gaps(bits: int, size: int) -> int:
    """Return how many runs of space begin with two blanks or more; a single blank belongs to the word
    behind it, and a line's end with all space behind it is one token."""
    spaces = bits & _every(_SPACE, size)
    starts = (spaces & ~(spaces << 8)) << 1
    return ((starts & bits) << 8 & bits).bit_count()


def _more_of_wide_words(classes: bytes) -> int:
    """Return what words with other than English letters cost beyond what was counted for them."""
    more = 0
    # As classes most words are alike, so few have to be looked at.
    for word, times in Counter(classes.translate(_MIXED).split()).items():
        dense = word.count(b"d")
        if not dense and b"w" not in word:
            continue
        size = len(word)
        counted = -(-size // _LETTERS_PER_TOKEN)
        more += times * (dense + -(-(size - dense) // _WIDE_LETTERS_PER_TOKEN) - counted)
    return more
