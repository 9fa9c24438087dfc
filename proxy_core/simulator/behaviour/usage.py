"""Token figures of one answer, from real lengths, with cache reads for a repeated prefix."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_IMAGE = 765
BLOCK_TOKENS = 16
_BLOCK = BLOCK_TOKENS * CHARACTERS_PER_TOKEN
_REMEMBERED_BLOCKS = 200_000


def tokens_in(text: str) -> int:
    """About four characters a token, never zero for a text that is not empty."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Usage:
    """``prompt`` counts everything read, ``cached`` and ``cache_written`` included; ``output`` counts
    everything written, ``reasoning`` included."""

    prompt: int
    output: int
    cached: int = 0
    cache_written: int = 0
    reasoning: int = 0


class PrefixCache:
    """Remembers prompts as chained blocks, per owner, so that a repeated beginning counts as cached."""

    def __init__(self) -> None:
        self._blocks: OrderedDict[tuple[str, int], None] = OrderedDict()

    def read_and_store(self, owner: str, rendered: str) -> int:
        """How many tokens at the start of ``rendered`` this owner has sent before."""
        cached = 0
        unbroken = True
        chain = 0
        for start in range(0, len(rendered) - _BLOCK + 1, _BLOCK):
            chain = hash((chain, rendered[start : start + _BLOCK]))
            key = (owner, chain)
            if unbroken and key in self._blocks:
                self._blocks.move_to_end(key)
                cached += BLOCK_TOKENS
            else:
                unbroken = False
                self._blocks[key] = None
        while len(self._blocks) > _REMEMBERED_BLOCKS:
            self._blocks.popitem(last=False)
        return cached
