"""How requests that the program itself makes are named in records. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from proxy_core.status.status import RequestRecord

OWN_CLIENT = "g-copilot-proxy"
PROBE_PATH = "doctor --probe"
"""Stands in place of a path of ours: nobody called the server."""


def of_a_probe(records: Iterable[RequestRecord]) -> tuple[RequestRecord, ...]:
    """Return those of ``records`` that a probe made."""
    return tuple(each for each in records if each.client == OWN_CLIENT and each.path == PROBE_PATH)
