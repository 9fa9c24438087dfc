"""How a tool stands to the proxy, as its files and our receipt say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from proxy_core.clients.connecting.receipt import Receipt


class Condition(StrEnum):
    """``by_hand``: points at this server without a receipt. ``elsewhere``: at another address.

    ``changed``: another program replaced something of ours. ``unfinished``: we were stopped midway.
    ``steps_only``: nothing can be written for this tool here.
    """

    STEPS_ONLY = "steps_only"
    NOT_CONNECTED = "not_connected"
    CONNECTED = "connected"
    CHANGED = "changed"
    UNFINISHED = "unfinished"
    BY_HAND = "by_hand"
    ELSEWHERE = "elsewhere"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Drift:
    """``what`` is the setting as a person says it; empty where the file itself is gone."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class ToolState:
    """``address`` is whom the tool asks now, as far as its files say; ``problem`` a sentence."""

    condition: Condition
    receipt: Receipt | None = None
    files: tuple[Path, ...] = ()
    address: str = ""
    drift: tuple[Drift, ...] = ()
    edited_since: bool = False
    """Whether another program wrote the file since, beside or over what is ours."""
    problem: str = ""
    line: int = 0
