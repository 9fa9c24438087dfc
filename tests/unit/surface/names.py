"""Names of the ledger written short: ``{text,image}.{cache_control,citations}`` is four of them."""

from __future__ import annotations

import re
from itertools import product

_GROUP = re.compile(r"\{([^{}]*)\}")


def expanded(names: str) -> list[str]:
    """Return every name of a line of words, groups in braces written out."""
    return [name for word in names.split() for name in _expand(word)]


def _expand(word: str) -> list[str]:
    pieces = _GROUP.split(word)
    choices = [piece.split(",") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    return ["".join(each) for each in product(*choices)]
