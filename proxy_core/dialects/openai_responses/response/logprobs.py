"""Log probabilities in the dialect's two forms: an event's have no bytes, a text part's must."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def event_logprobs(entries: Iterable[object]) -> list[object]:
    return [
        {
            "token": entry.get("token"),
            "logprob": entry.get("logprob"),
            "top_logprobs": [
                {"token": top.get("token"), "logprob": top.get("logprob")} for top in _top(entry)
            ],
        }
        for entry in entries
        if isinstance(entry, dict)
    ]


def part_logprobs(entries: Iterable[object]) -> list[object]:
    """Return the entries with their ``bytes``, which chat may leave null."""
    return [
        {**_with_bytes(entry), "top_logprobs": [_with_bytes(top) for top in _top(entry)]}
        for entry in entries
        if isinstance(entry, dict)
    ]


def _top(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in entry.get("top_logprobs") or () if isinstance(each, dict)]


def _with_bytes(entry: dict[str, Any]) -> dict[str, Any]:
    token = entry.get("token")
    stated = entry.get("bytes")
    spelled = list(str(token).encode()) if stated is None else stated
    return {"token": token, "logprob": entry.get("logprob"), "bytes": spelled}
