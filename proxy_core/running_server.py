"""Asks whatever listens on our port who it is."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any

NAME = "g-copilot-proxy"
SECONDS = 2.0
_LONGEST_ANSWER = 1_000_000


@dataclass(frozen=True, slots=True)
class RunningServer:
    """``answers``: something speaks HTTP there. ``is_ours``: it is a g-copilot-proxy."""

    url: str
    answers: bool = False
    is_ours: bool = False
    answer: dict[str, Any] = field(default_factory=dict)


def ask_server(
    host: str, port: int, *, path: str = "/health", key: str | None = None, seconds: float = SECONDS
) -> RunningServer:
    """Return who answers at ``host`` and ``port``. Never raises; blocks up to ``seconds``."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(host, host)  # noqa: S104
    shown = f"[{reachable}]" if ":" in reachable else reachable
    url = f"http://{shown}:{port}"
    if port == 0:
        return RunningServer(url)
    # http.client, and not a client that reads proxy variables: this call stays on this computer.
    connection = http.client.HTTPConnection(reachable, port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        body = response.read(_LONGEST_ANSWER)
        named = response.headers.get("Server") == NAME
    except (OSError, http.client.HTTPException) as error:
        return RunningServer(url, answers=isinstance(error, http.client.HTTPException))
    finally:
        connection.close()
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    ours = named and response.status == 200 and isinstance(answer, dict)
    return RunningServer(url, True, ours, answer if ours else {})
