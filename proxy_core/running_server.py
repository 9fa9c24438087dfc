"""Asks whatever listens on our port who it is."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = "g-copilot-proxy"
SECONDS = 2.0
_LONGEST_ANSWER = 32_000_000
"""A report of ten years, by day and client."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """``answers``: something speaks HTTP there. ``is_ours``: it is a g-copilot-proxy, and it answered
    ``answer``; ``status`` and ``refusal`` say why a g-copilot-proxy did not."""

    url: str
    address: tuple[str, int]
    """The host and port that were asked for."""
    answers: bool = False
    is_ours: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    refusal: str = ""
    """In its own words; set only where a g-copilot-proxy refused."""


def ask_server(
    host: str,
    port: int,
    *,
    path: str = "/health",
    key: str | None = None,
    seconds: float = SECONDS,
    body: Mapping[str, Any] | None = None,
) -> RunningServer:
    """Return who answers at ``host`` and ``port``, and what. Never raises; blocks up to ``seconds``.

    With ``body`` it is a POST.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(host, host)  # noqa: S104  # looked up, not listened on
    shown = f"[{reachable}]" if ":" in reachable else reachable
    url = f"http://{shown}:{port}"
    if port == 0:
        return RunningServer(url, (host, port))
    # http.client, and not a client that reads proxy variables: this call stays on this computer.
    connection = http.client.HTTPConnection(reachable, port, timeout=seconds)
    try:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if body is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/json"
            connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        content = response.read(_LONGEST_ANSWER)
        named = response.headers.get("Server") == NAME
    except (OSError, http.client.HTTPException) as error:
        return RunningServer(
            url, (host, port), answers=isinstance(error, http.client.HTTPException)
        )
    finally:
        connection.close()
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    ours = named and response.status == 200 and isinstance(answer, dict)
    refusal = _message(answer) if named and not ours else ""
    return RunningServer(
        url, (host, port), True, ours, answer if ours else {}, response.status, refusal
    )


def _message(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else "It refused without a reason."
