"""A round-robin queue over clients, so that a busy program does not starve the others. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items by client. Within one client the order is that of arrival."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Item]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._lines)

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

        Iterates over a copy, so that items may be removed meanwhile.
        """
        lines = [list(line) for line in self._lines.values()]
        for place in range(max((len(line) for line in lines), default=0)):
            yield from (line[place] for line in lines if place < len(line))

    def waiting_of(self, client: str) -> int:
        return len(self._lines.get(client, ()))

    def newest_of_longest(self) -> tuple[str, Item] | None:
        """Return the client with the most items and its newest item; None if empty."""
        if not self._lines:
            return None
        client, line = max(self._lines.items(), key=lambda each: len(each[1]))
        return client, line[-1]

    def serve(self, client: str, item: Item) -> None:
        """Remove ``item`` and move its client to the end of the turn order."""
        if self.remove(client, item) and client in self._lines:
            self._lines.move_to_end(client)

    def remove(self, client: str, item: Item) -> bool:
        """Remove ``item``; return whether it was there."""
        line = self._lines.get(client)
        if line is None or item not in line:
            return False
        line.remove(item)
        if not line:
            del self._lines[client]
        return True
