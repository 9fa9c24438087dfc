"""Identifies the server on our port, and sends it a key only after it has proven itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy_core.auth.server_proof import address_text, is_proven, new_nonce

NAME = "g-copilot-proxy"
CHALLENGE = "/control/challenge"
SECONDS = 5.0
_LONGEST_ANSWER = 32_000_000
"""Bytes. Enough for a report of ten years, by day and client."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """``answers``: an HTTP server is there.

    ``is_ours``: it is a g-copilot-proxy and its response is ``answer``; otherwise ``status`` and
    ``refusal`` say why it refused.

    ``is_proven``: it proved to be this user's own; otherwise its identity is only claimed.
    """

    url: str
    address: tuple[str, int]
    """The host and port that were requested."""
    answers: bool = False
    is_ours: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    refusal: str = ""
    """The server's message; set only if a g-copilot-proxy refused."""
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """``key`` is sent only to a server that proves to know ``proof_secret``."""

    key: str = field(repr=False)
    proof_secret: bytes = field(repr=False)


def ask_server(
    host: str,
    port: int,
    *,
    path: str = "/health",
    proof_secret: bytes | None = None,
    credentials: Credentials | None = None,
    seconds: float = SECONDS,
    body: Mapping[str, Any] | None = None,
) -> RunningServer:
    """Return who answers at ``host`` and ``port``, and its response.

    Never raises; blocks up to ``seconds``. With ``proof_secret`` or ``credentials``, ``path`` is
    requested only from a server that proved itself, on the same connection: another program could
    listen there a moment later. With ``body`` it is a POST.
    """
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(host, host)  # noqa: S104  # looked up, not listened on
    shown = f"[{reachable}]" if ":" in reachable else reachable
    url = f"http://{shown}:{port}"
    if port == 0:
        return RunningServer(url, (host, port))
    secret = credentials.proof_secret if credentials else proof_secret
    # http.client, because it ignores proxy variables: this call is local.
    connection = http.client.HTTPConnection(reachable, port, timeout=seconds)
    try:
        connection.connect()
        connection.auto_open = 0
        if secret is not None and not _proves_itself(connection, secret):
            return RunningServer(url, (host, port), answers=True)
        headers = {"Authorization": f"Bearer {credentials.key}"} if credentials else {}
        status, content, named = _exchange(connection, path, headers, body)
    except (OSError, http.client.HTTPException) as error:
        return RunningServer(
            url, (host, port), answers=isinstance(error, http.client.HTTPException)
        )
    finally:
        connection.close()
    answer = _decoded(content)
    ours = named and status == 200 and isinstance(answer, dict)
    refusal = _message(answer) if named and not ours else ""
    return RunningServer(
        url, (host, port), True, ours, answer if ours else {}, status, refusal, secret is not None
    )


def _proves_itself(connection: http.client.HTTPConnection, secret: bytes) -> bool:
    nonce = new_nonce()
    status, content, _ = _exchange(connection, CHALLENGE, {}, {"nonce": nonce})
    far = address_text(connection.sock.getpeername()) if connection.sock else ""
    return status == 200 and is_proven(secret, nonce, _decoded(content), far)


def _exchange(
    connection: http.client.HTTPConnection,
    path: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None,
) -> tuple[int, bytes, bool]:
    """Return status, body, and whether the response carries our server name."""
    if body is None:
        connection.request("GET", path, headers=dict(headers))
    else:
        typed = {**headers, "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body).encode(), typed)
    response = connection.getresponse()
    content = response.read(_LONGEST_ANSWER)
    return response.status, content, response.headers.get("Server") == NAME


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _message(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else "It refused without a reason."
