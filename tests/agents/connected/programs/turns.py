"""What every program here has: it reads turns, one JSON object a line, and answers each with a line."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

READ_FILE = {
    "name": "read_file",
    "description": "Read a file of this computer.",
    "schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    },
}


def read_file(path: str) -> str:
    """Read a file of this computer."""
    return Path(path).read_text(encoding="utf-8")


def picture(turn: dict[str, Any]) -> str | None:
    """The turn's picture in base64, if it has one."""
    path = turn["image"]
    return base64.b64encode(Path(path).read_bytes()).decode() if path else None


def turns() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def answer_all(answer: Callable[[dict[str, Any]], str]) -> None:
    for turn in turns():
        print(json.dumps({"answer": answer(turn)}, separators=(",", ":")), flush=True)
