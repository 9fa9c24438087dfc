"""What real clients sent, word for word. The recordings lie beside the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.server.conftest import KEY, Proxy

CAPTURES = Path(__file__).resolve().parents[5] / "shared" / "reference" / "captures"
HOP_BY_HOP = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}


def recorded() -> Iterator[Any]:
    for file in sorted(CAPTURES.glob("*/*.json")):
        request = json.loads(file.read_text(encoding="utf-8"))
        if request.get("ws"):
            continue  # a WebSocket's handshake: test_responses_websocket repeats it
        yield pytest.param(request, id=f"{file.parent.name}/{file.stem}")


def test_the_recordings_are_there() -> None:
    if not CAPTURES.is_dir():
        pytest.skip("the recorded requests are not beside the repository")
    assert list(recorded())


@pytest.mark.parametrize("request_", tuple(recorded()))
async def test_a_recorded_request_is_answered_as_its_client_expects(
    proxy: Proxy, request_: dict[str, Any]
) -> None:
    request = request_
    headers = {name: value for name, value in request["headers"] if name.lower() not in HOP_BY_HOP}
    replaced = {"authorization": f"Bearer {KEY}", "x-api-key": KEY}
    headers = {name: replaced.get(name.lower(), value) for name, value in headers.items()}
    if not {"authorization", "x-api-key"} & {name.lower() for name in headers}:
        headers["Authorization"] = f"Bearer {KEY}"
    body = request.get("body")
    response = await proxy.send(
        request["method"],
        request["path"],
        headers=headers,
        data=json.dumps(body).encode() if body is not None else None,
    )
    text = await response.text()
    assert response.status == 200, text[:500]
    if isinstance(body, dict) and body.get("stream"):
        assert response.content_type == "text/event-stream"
        assert any(
            each in text for each in ("[DONE]", "event: message_stop", "event: response.completed")
        ), text[-500:]
