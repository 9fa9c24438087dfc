"""The hop for clients that send a header twice."""

from __future__ import annotations

import asyncio
import json

from proxy_core.simulator.http.duplicate_header_hop import repaired
from tests.simulator.conftest import Client, StartSimulator, until


async def raw_post(client: Client, extra: str) -> bytes:
    body = json.dumps({"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}]})
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    writer.write(
        (
            "POST /chat/completions HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {client.token}\r\nEditor-Version: vscode/1\r\n"
            f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n{extra}"
            f"Connection: close\r\n\r\n{body}"
        ).encode()
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


TWICE = "content-type: application/json\r\nUser-Agent: a\r\nuser-agent: b\r\n"


async def test_headers_sent_twice_pass_only_with_the_option(start: StartSimulator) -> None:
    plain, forgiving = await start(), await start(tolerates_duplicate_headers=True)
    assert (await raw_post(plain, TWICE)).startswith(b"HTTP/1.0 400")
    assert (await raw_post(forgiving, TWICE)).startswith(b"HTTP/1.1 200")


async def test_everything_else_works_through_the_hop_as_without(start: StartSimulator) -> None:
    client = await start(tolerates_duplicate_headers=True)
    assert (await client.exchange(client.server.github_token)).json()["endpoints"]["api"] == (
        client.server.url
    )
    assert "simulated" in (await client.chat("hi", stream=True)).text
    async with client.session.ws_connect(
        f"{client.server.url}/responses", headers=client.headers
    ) as socket:
        await socket.send_json({"type": "response.create", "model": "gpt-5.4", "input": "hi"})
        assert (await socket.receive_json())["type"] == "response.created"


async def test_a_client_that_leaves_ends_its_call_behind_the_hop(start: StartSimulator) -> None:
    client = await start(tolerates_duplicate_headers=True)
    body = {
        "model": "gpt-4.1",
        "messages": [{"role": "user", "content": "[sim:stall]"}],
        "stream": True,
    }
    async with client.session.post(
        f"{client.server.url}/chat/completions", json=body, headers=client.headers
    ) as response:
        await response.content.readany()
        assert client.server.active == 1
        response.close()
    await until(lambda: client.server.active == 0)


def test_a_head_is_repaired_and_an_upgrade_keeps_its_connection() -> None:
    head = b"GET / HTTP/1.1\r\nContent-Type: a\r\ncontent-type: b\r\nX: 1\r\nX: 2\r\n\r\n"
    assert repaired(head) == (
        b"GET / HTTP/1.1\r\nContent-Type: a\r\nX: 1\r\nX: 2\r\nConnection: close\r\n\r\n"
    )
    upgrade = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    assert repaired(upgrade) == upgrade
