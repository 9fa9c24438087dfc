"""A queue that serves its clients in turns: a busy program does not starve the others. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items by client. Within one client the order is that of arrival."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, client: str, item: Item, *, first: bool = False) -> None:
        """``first``: in front of what the same client has waiting."""
        line = self._lines.setdefault(client, deque())
        if first:
            line.appendleft(item)
        else:
            line.append(item)

    def in_turn(self) -> Iterator[Item]:
        """Everything that waits: the first of each client, then the second of each, ...

        Reads a copy, so that what is found may be removed meanwhile.
        """
        lines = [list(line) for line in self._lines.values()]
        for place in range(max((len(line) for line in lines), default=0)):
            yield from (line[place] for line in lines if place < len(line))

    def waiting_of(self, client: str) -> int:
        return len(self._lines.get(client, ()))

    def newest_of_longest(self) -> tuple[str, Item] | None:
        """Who has most waiting, and what it brought last; None: nothing waits."""
        if not self._lines:
            return None
        client, line = max(self._lines.items(), key=lambda each: len(each[1]))
        return client, line[-1]

    def serve(self, client: str, item: Item) -> None:
        """Take ``item`` out; its client's turn comes again after the others'."""
        if self.remove(client, item) and client in self._lines:
            self._lines.move_to_end(client)

    def remove(self, client: str, item: Item) -> bool:
        """Take ``item`` out; return whether it was there."""
        line = self._lines.get(client)
        if line is None or item not in line:
            return False
        line.remove(item)
        if not line:
            del self._lines[client]
        return True
