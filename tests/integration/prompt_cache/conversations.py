"""A whole request as the ones it grew from: cut behind every turn that was to be answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.canonical.request import DialectName
from tests.golden.cases import request_cases

_ITEMS = {
    DialectName.OPENAI_CHAT: "messages",
    DialectName.ANTHROPIC_MESSAGES: "messages",
    DialectName.OPENAI_RESPONSES: "input",
    DialectName.GEMINI: "contents",
    DialectName.OLLAMA: "messages",
}


def golden_conversations() -> list[tuple[str, DialectName, bytes]]:
    """Name, dialect and body of every golden request."""
    return [
        (case.name, DialectName(case.name.split("-")[0]), (case / "request.json").read_bytes())
        for case in request_cases()
    ]


def recorded_conversations(folder: Path) -> list[tuple[str, DialectName, bytes]]:
    """The longest request of every recorded client and dialect; none where the folder is missing."""
    longest: dict[str, tuple[str, DialectName, bytes]] = {}
    for path in sorted(folder.glob("*/*.json")):
        recorded = json.loads(path.read_text("utf-8"))
        name = _dialect_at(recorded["path"].split("?")[0])
        if name is None or not isinstance(recorded["body"], dict):
            continue
        body = msgspec.json.encode(recorded["body"])
        known = longest.get(path.parent.name)
        if known is None or len(body) > len(known[2]):
            longest[path.parent.name] = (path.parent.name, name, body)
    return list(longest.values())


def _dialect_at(path: str) -> DialectName | None:
    ends = {
        "completions": DialectName.OPENAI_CHAT,
        "messages": DialectName.ANTHROPIC_MESSAGES,
        "responses": DialectName.OPENAI_RESPONSES,
    }
    return ends.get(path.rpartition("/")[2])


def grown(name: DialectName, body: bytes) -> list[bytes]:
    """The requests that led to ``body``, oldest first, and itself, every item spelled as it is there."""
    raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(body)
    conversation = bytes(raw[_ITEMS[name]])
    if not conversation.startswith(b"["):
        return [body]
    items = msgspec.json.decode(conversation, type=list[msgspec.Raw])
    asks = [_asks(msgspec.json.decode(item)) for item in items]
    cuts = [place for place in range(1, len(items)) if asks[place - 1] and not asks[place]]
    return [
        msgspec.json.encode({**raw, _ITEMS[name]: items[:place]}) for place in (*cuts, len(items))
    ]


def _asks(item: Mapping[str, Any]) -> bool:
    """Whether a model may answer behind it."""
    kind = str(item.get("type", "message"))
    if kind == "message":
        return item.get("role") in ("user", "tool", "function", "system", "developer")
    return kind.endswith("_output") or kind == "additional_tools"
