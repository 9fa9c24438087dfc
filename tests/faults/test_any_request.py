"""Any body, path, method and frame at every route: a proper answer, and nothing that is our own fault.

OpenAI's routes are also asked by their description (``test_openai_description.py``).
``REQUEST_EXAMPLES=2000`` asks longer.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy_core.app.service import Overrides, ProxyService
from proxy_core.config.paths import find_paths
from tests.faults.processes import KEY
from tests.property.examples import SAME_EXAMPLES

EXAMPLES = int(os.environ.get("REQUEST_EXAMPLES", "60"))
SECONDS = 60.0
OWN_FAULTS = ("The proxy failed", "Its log says more")
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=SAME_EXAMPLES or "REQUEST_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
Result = TypeVar("Result")


class Server:
    """The service, and one event loop for all examples of this module."""

    def __init__(self, service: ProxyService) -> None:
        self.service = service
        self.url = service.status.server.url
        self.port = service.status.server.port
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(asyncio.wait_for(work, SECONDS))

    def close(self) -> None:
        self._runner.close()

    def ask(
        self, method: str, path: str, content: bytes = b"", **headers: str
    ) -> tuple[int, str, bytes]:
        async def asking() -> tuple[int, str, bytes]:
            sent = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            async with (
                aiohttp.ClientSession() as http,
                http.request(method, self.url + path, data=content, headers=sent) as response,
            ):
                return response.status, response.content_type, await response.read()

        return self.run(asking())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path_factory.mktemp("home"))}
    overrides = Overrides(port=0, local_key=KEY)
    service = ProxyService(find_paths(environ), demo=True, environ=environ, overrides=overrides)
    service.boot()
    try:
        service.submit(lambda commands: commands.start()).result(timeout=30)
        server = Server(service)
        yield server
        assert not service.status.active, "no request is left running"
        server.close()
    finally:
        assert service.shutdown(60)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
blocks = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image", "tool_use", "tool_result", "thinking", "document"])},
    optional={
        "text": st.text(max_size=20) | values,
        "id": st.text(max_size=10),
        "name": st.text(max_size=10),
        "input": values,
        "tool_use_id": st.text(max_size=10),
        "content": values,
        "source": values,
        "thinking": st.text(max_size=10),
        "signature": st.text(max_size=10),
        "cache_control": st.just({"type": "ephemeral"}) | values,
    },
)
messages = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system", "tool"]) | values,
            "content": st.text(max_size=30) | st.lists(blocks, max_size=4) | values,
        }
    ),
    max_size=4,
)
models = st.sampled_from(
    ["claude-sonnet-4.6", "gpt-4.1", "gpt-5.3-codex", "gemini-3-flash-preview"]
)
anthropic_bodies = st.fixed_dictionaries(
    {"model": models, "messages": messages | values, "max_tokens": st.integers(1, 500) | values},
    optional={
        "stream": st.booleans() | values,
        "system": st.text(max_size=20) | st.lists(blocks, max_size=2) | values,
        "temperature": st.floats(0, 1) | values,
        "stop_sequences": st.lists(st.text(max_size=4), max_size=3) | values,
        "tools": st.lists(
            st.fixed_dictionaries(
                {"name": st.text(max_size=8), "input_schema": values},
                optional={"description": st.text(max_size=8), "type": st.text(max_size=8)},
            ),
            max_size=3,
        )
        | values,
        "tool_choice": values,
        "thinking": st.just({"type": "enabled", "budget_tokens": 1024}) | values,
        "metadata": values,
        "top_k": values,
        "top_p": values,
    },
)


def check(status: int, kind: str, content: bytes, *, anthropic: bool) -> None:
    told = f"{status} {content[:500]!r}"
    assert not any(each.encode() in content for each in OWN_FAULTS), told
    assert status < 500 or status == 529, told
    if status == 200:
        return
    assert kind == "application/json", told
    error = json.loads(content)
    if anthropic:
        assert error["type"] == "error", told
    assert error["error"]["message"], told


@bounded
@given(asked=anthropic_bodies, path=st.sampled_from(["/v1/messages", "/v1/messages/count_tokens"]))
def test_any_anthropic_body_is_answered_or_refused(
    server: Server, asked: dict[str, Any], path: str
) -> None:
    status, kind, content = server.ask("POST", path, json.dumps(asked).encode())
    check(status, kind, content, anthropic=True)
    if status == 200 and path.endswith("messages") and asked.get("stream") is True:
        assert kind == "text/event-stream"
        assert b"event: message_stop" in content or b"event: error" in content


PATHS = [
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/responses/compact",
    "/v1/responses/input_tokens",
    "/v1/embeddings",
]


@bounded
@given(content=st.binary(max_size=300) | values.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("path", PATHS)
def test_any_bytes_are_refused_in_the_dialect_of_the_path(
    server: Server, path: str, content: bytes
) -> None:
    status, kind, answer = server.ask("POST", path, content)
    check(status, kind, answer, anthropic="messages" in path)
    assert 400 <= status < 500


OWN = [
    "/health",
    "/",
    "/v1/usage",
    "/v1/activity",
    "/v1/models",
    "/api/hello",
    "/control/approvals",
]
segments = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P"], exclude_characters="?#%\\"),
    max_size=12,
)


@bounded
@given(
    path=st.sampled_from(OWN),
    rest=st.lists(segments, max_size=3),
    query=st.dictionaries(segments, st.text(max_size=8), max_size=3),
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]),
    content=st.binary(max_size=60),
)
def test_any_path_method_and_query_at_our_own_routes_is_answered(
    server: Server,
    path: str,
    rest: list[str],
    query: dict[str, str],
    method: str,
    content: bytes,
) -> None:
    from urllib.parse import urlencode

    whole = "/".join([path.rstrip("/"), *rest]) or "/"
    if not whole.startswith("/") or whole.startswith("//"):
        whole = "/" + whole.lstrip("/")
    asked = f"{whole}?{urlencode(query)}" if query else whole
    status, kind, answer = server.ask(method, asked, b"" if method in ("GET", "HEAD") else content)
    assert status < 500, answer
    assert not any(each.encode() in answer for each in OWN_FAULTS)
    if status >= 400 and method != "HEAD":
        assert kind == "application/json"
        assert json.loads(answer)["error"]["message"]


@bounded
@given(
    noise=st.binary(min_size=1, max_size=400), begin=st.sampled_from([b"", b"GET / HTTP/1.1\r\n"])
)
def test_bytes_that_are_no_http_end_in_a_400_or_a_closed_connection(
    server: Server, noise: bytes, begin: bytes
) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)) as opened:
        opened.sendall(begin + noise + b"\r\n\r\n")
        opened.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := opened.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")) or b"200" in answer[:15]
    assert b"Traceback" not in answer


@bounded
@given(
    frames=st.lists(
        st.binary(max_size=200)
        | st.text(max_size=200)
        | values.map(json.dumps)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["response.create", "session.update", "x"])},
            optional={
                "model": models,
                "input": st.text(max_size=10) | values,
                "generate": values,
                "previous_response_id": st.text(max_size=8) | values,
                "tools": values,
            },
        ).map(json.dumps),
        min_size=1,
        max_size=4,
    )
)
def test_any_frames_on_a_websocket_are_answered_and_it_serves_on(
    server: Server, frames: list[bytes | str]
) -> None:
    async def talking() -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.ws_connect(f"{server.url}/v1/responses") as connection,
        ):
            for frame in frames:
                if isinstance(frame, str):
                    await connection.send_str(frame)
                else:
                    await connection.send_bytes(frame)
            asked = {
                "type": "response.create",
                "model": "gpt-5.3-codex",
                "input": "Say: to the end",
            }
            while True:
                # Busy with an earlier frame is an answer too: ask until it is done with that.
                await connection.send_json(asked)
                while True:
                    event = await connection.receive_json()
                    assert not any(each in json.dumps(event) for each in OWN_FAULTS), event
                    if event["type"] == "response.completed":
                        return
                    if event["type"] in ("error", "response.failed", "response.incomplete"):
                        break

    server.run(talking())


def test_the_home_of_these_tests_is_their_own(server: Server, tmp_path: Path) -> None:
    assert server.service.status.demo
