"""What is counted by bits is what an expression finds, piece by piece."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.dialects.shared.tokens.text_pieces import tokens_of

PIECES = re.compile(r"[^\W\d_]+|\d{1,3}|[^\w\s]+|_+|\n\s*|[^\S\n]{2,}")
DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SIGNS = "aZ\u00e9\u00fc\u0436\u4e2d\u3042\ud55c09_-+{}.,\u2014\u3002\u00bf\u060c \t\r\n\x07"


def found(text: str) -> int:
    tokens = 0
    for piece in PIECES.findall(text):
        size = len(piece)
        if piece.isascii():
            is_one = piece.isspace() or piece.isdigit()
            tokens += 1 if is_one else -(-size // (7 if piece.isalpha() else 3))
        elif piece[0].isalpha():
            dense = len(DENSE.findall(piece))
            tokens += dense + -(-(size - dense) // 3)
        else:
            tokens += -(-size // 3)
    return tokens


@given(st.lists(st.text(SIGNS, max_size=60), max_size=4))
def test_any_texts(texts: list[str]) -> None:
    assert tokens_of(texts) == sum(map(found, texts))


@given(st.text("ab", max_size=400), st.text("1.", max_size=200), st.text(" \n", max_size=60))
def test_long_runs(word: str, marks: str, space: str) -> None:
    text = f"{word}{space}{marks}{space}x"
    assert tokens_of([text]) == found(text)


@pytest.mark.parametrize(
    "text", ["", "\ud800", "\u0e2a\u0e27\u0e31\u0e2a", "\U0001f680", "\u0928\u092e"]
)
def test_every_script_counts_for_something_and_nothing_fails(text: str) -> None:
    assert (tokens_of([text]) > 0) is bool(text)
