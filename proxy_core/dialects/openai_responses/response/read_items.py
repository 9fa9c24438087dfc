"""The reader's state of the output items seen so far."""

from __future__ import annotations

from proxy_core.canonical.request import Opaque


class Block:
    """One canonical block. ``pieces`` is the text emitted so far."""

    __slots__ = ("annotations", "index", "is_settled", "kind", "pieces")

    def __init__(self, index: int, kind: str) -> None:
        self.index = index
        self.kind = kind
        self.pieces: list[str] = []
        self.annotations: list[Opaque] = []
        self.is_settled = False
        """True once the whole text was seen; later repetitions need not be compared."""

    def rest_of(self, whole: str) -> str:
        """Return the part of the whole text that no delta has contained yet."""
        if self.is_settled:
            return ""
        so_far = "".join(self.pieces)
        return whole[len(so_far) :] if whole.startswith(so_far) else ""


class Item:
    __slots__ = ("blocks", "is_call", "is_done", "kind", "open_block", "phase", "summary_index")

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self.phase: str | None = None
        self.blocks: dict[int, Block] = {}
        self.open_block: Block | None = None
        self.summary_index = 0
        self.is_call = False
        self.is_done = False
