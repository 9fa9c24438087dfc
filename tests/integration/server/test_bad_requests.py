"""Whatever is wrong with a request, its sender learns so in the shape of the API it spoke."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.integration.server.conftest import KEY, Proxy

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
MODEL_PATHS = (CHAT, MESSAGES, RESPONSES)
MODEL = "gpt-4o-mini"

VALID: dict[str, dict[str, Any]] = {
    CHAT: {"model": MODEL, "messages": [{"role": "user", "content": "x"}]},
    MESSAGES: {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]},
    RESPONSES: {"model": MODEL, "input": "x"},
}


async def error_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Check the outer shape of an error answer and return its inner object."""
    assert response.content_type == "application/json"
    body = await response.json()
    assert response.headers["x-request-id"].startswith("req_")
    if "/messages" in response.url.path:
        assert body["type"] == "error"
        assert body["request_id"] == response.headers["request-id"]
        assert set(body["error"]) >= {"type", "message"}
    else:
        assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["message"]
    return dict(body["error"])


async def send(
    proxy: Proxy, path: str, data: bytes | BytesIO, **headers: str
) -> aiohttp.ClientResponse:
    all_headers = {"Content-Type": "application/json"} | proxy.headers(**headers)
    return await proxy.send("POST", path, data=data, headers=all_headers)


@pytest.mark.parametrize("path", MODEL_PATHS)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"{", "not valid JSON"),
        (b'{"model": "gpt-4o-mini",}', "not valid JSON"),
        (b'{"model": NaN}', "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"messages": "\xff\xfe"}', "not valid UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not valid UTF-8"),
        (b'{"messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"messages": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "nested too deeply"),
    ],
)
async def test_a_body_that_is_no_json_object_is_a_400(
    proxy: Proxy, path: str, data: bytes, said: str
) -> None:
    response = await send(proxy, path, data)
    assert response.status == 400
    error = await error_of(response)
    assert said in error["message"]
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", MODEL_PATHS)
@pytest.mark.parametrize(
    "change",
    [
        {"model": None},
        {"model": 5},
        {"model": ["gpt-4o-mini"]},
        {"model": ""},
        {"messages": None, "input": None},
        {"messages": "text", "input": 5},
        {"messages": 5, "input": {"role": "user"}},
        {"messages": {"role": "user"}, "input": True},
        {"messages": [], "input": None},
        {"messages": [1], "input": [1]},
        {"messages": [{"role": "user", "content": 5}], "input": [{"role": "user", "content": 5}]},
        {"messages": [{"content": "x"}], "input": [{"type": "message", "role": 5}]},
        {"stream": "yes"},
        {"tools": "all of them"},
    ],
)
async def test_a_member_of_the_wrong_kind_is_a_4xx_that_says_which(
    proxy: Proxy, path: str, change: dict[str, Any]
) -> None:
    body = {name: value for name, value in (VALID[path] | change).items() if value is not None}
    response = await proxy.post(path, {k: v for k, v in body.items() if k in _members(path)})
    assert response.status in (400, 404), await response.text()
    error = await error_of(response)
    (name,) = {each for each in change if each in _members(path)}
    assert name.removesuffix("s") in error["message"]


def _members(path: str) -> set[str]:
    return {*VALID[path], "stream", "tools"}


@pytest.mark.parametrize("path", MODEL_PATHS)
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_anything_but_json_is_a_415(proxy: Proxy, path: str, media_type: str) -> None:
    data = json.dumps(VALID[path]).encode()
    headers = proxy.headers() | ({"Content-Type": media_type} if media_type else {})
    response = await proxy.send(
        "POST", path, data=data, headers=headers, skip_auto_headers=["Content-Type"]
    )
    assert response.status == 415
    assert "application/json" in (await error_of(response))["message"]


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_by_any_of_its_spellings_is_served(proxy: Proxy, media_type: str) -> None:
    data = json.dumps(VALID[CHAT]).encode()
    response = await send(proxy, CHAT, data, Content_Type=media_type)
    assert response.status == 200


@pytest.mark.parametrize("window", [15, -15])
async def test_both_readings_of_deflate_are_understood(proxy: Proxy, window: int) -> None:
    packer = zlib.compressobj(wbits=window)
    data = packer.compress(json.dumps(VALID[CHAT]).encode()) + packer.flush()
    assert (await send(proxy, CHAT, data, Content_Encoding="deflate")).status == 200


async def test_a_compressed_body_is_read_and_a_broken_one_is_a_400(proxy: Proxy) -> None:
    data = gzip.compress(json.dumps(VALID[CHAT]).encode())
    assert (await send(proxy, CHAT, data, Content_Encoding="gzip")).status == 200
    for broken in (b"this is not gzip", data[:-9], b""):
        response = await send(proxy, CHAT, broken, Content_Encoding="gzip")
        assert response.status == 400
        assert "compressed" in (await error_of(response))["message"]
    unknown = await send(proxy, CHAT, data, Content_Encoding="br")
    assert unknown.status == 415
    assert "content encoding" in (await error_of(unknown))["message"]


@pytest.mark.parametrize("path", MODEL_PATHS)
@pytest.mark.parametrize("key", [None, "wrong"])
async def test_a_missing_or_wrong_key_is_a_401(proxy: Proxy, path: str, key: str | None) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = await proxy.send("POST", path, json=VALID[path], headers=headers)
    assert response.status == 401
    assert response.headers["x-should-retry"] == "false"
    assert KEY not in await response.text()


async def test_both_key_headers_are_taken(proxy: Proxy) -> None:
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"x-api-key": KEY}):
        response = await proxy.send("POST", CHAT, json=VALID[CHAT], headers=headers)
        assert response.status == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST"),
        ("DELETE", MESSAGES, "POST"),
        ("PUT", RESPONSES, "POST"),
        ("POST", "/v1/models", "GET"),
        ("POST", "/health", "GET"),
        ("PATCH", "/messages/count_tokens", "POST"),
    ],
)
async def test_a_wrong_method_is_a_405_that_names_the_right_one(
    proxy: Proxy, method: str, path: str, allowed: str
) -> None:
    response = await proxy.send(method, path, headers=proxy.headers())
    assert response.status == 405
    assert allowed in response.headers["Allow"]
    await error_of(response)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/v1/nothing", "There is no GET /v1/nothing here"),
        ("/v1/chat/completion", "Did you mean /v1/chat/completions?"),
        ("/v1/v1/messages", "must not end in /v1"),
        ("/favicon.ico", "There is no GET"),
        ("/v1/%2e%2e/etc/passwd", "There is no GET"),
    ],
)
async def test_an_unknown_path_is_a_404_in_openai_s_shape(
    proxy: Proxy, path: str, hint: str
) -> None:
    response = await proxy.get(path)
    assert response.status == 404
    body = await response.json()
    assert hint in body["error"]["message"]


@pytest.mark.parametrize("path", MODEL_PATHS)
@pytest.mark.parametrize("spelling", ["/{}", "{}/", "/{}/"])
async def test_a_slash_too_many_is_no_mistake(proxy: Proxy, path: str, spelling: str) -> None:
    response = await proxy.post(spelling.format(path), VALID[path])
    assert response.status == 200, await response.text()
    assert (await proxy.get(spelling.format("/v1/models"))).status == 200


@pytest.mark.parametrize("path", MODEL_PATHS)
async def test_a_slash_too_many_opens_nothing_without_a_key(proxy: Proxy, path: str) -> None:
    for spelling in (f"/{path}", f"{path}/"):
        response = await proxy.send("POST", spelling, headers={}, json=VALID[path])
        assert response.status == 401


async def test_an_unknown_path_is_in_anthropic_s_shape_for_its_clients(proxy: Proxy) -> None:
    response = await proxy.get("/v1/files", anthropic_version="2023-06-01")
    assert response.status == 404
    assert (await response.json())["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("path", MODEL_PATHS)
async def test_a_request_of_64_megabytes_gets_its_answer(proxy: Proxy, path: str) -> None:
    """The sender is still sending when it is refused, and must see why all the same."""
    response = await send(proxy, path, BytesIO(b" " * 64_000_000))
    assert response.status == 413
    error = await error_of(response)
    assert "32 MB" in error["message"]


async def test_a_large_body_without_an_announced_size_is_refused_too(proxy: Proxy) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 1_000_000

    response = await proxy.send(
        "POST",
        CHAT,
        data=pieces(),
        headers=proxy.headers() | {"Content-Type": "application/json"},
    )
    assert response.status == 413


async def test_a_bomb_is_measured_unpacked(proxy: Proxy) -> None:
    data = gzip.compress(b" " * 40_000_000)
    assert (await send(proxy, CHAT, data, Content_Encoding="gzip")).status == 413


async def test_a_sender_that_asks_first_is_refused_before_it_sends(proxy: Proxy) -> None:
    reader, writer = await _connect(proxy)
    writer.write(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        "Content-Type: application/json\r\nContent-Length: 64000000\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()
    await writer.wait_closed()


async def test_a_sender_that_asks_first_is_invited(proxy: Proxy) -> None:
    data = json.dumps(VALID[CHAT]).encode()
    reader, writer = await _connect(proxy)
    writer.write(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert await reader.readline() == b"\r\n"
    writer.write(data)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"not http at all\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_400_and_the_server_lives(
    proxy: Proxy, request_bytes: bytes
) -> None:
    reader, writer = await _connect(proxy)
    writer.write(request_bytes)
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await writer.wait_closed()
    assert (await proxy.get("/health")).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_web_page_is_refused_even_with_the_key(
    proxy: Proxy, headers: dict[str, str]
) -> None:
    for path in ("/health", "/v1/models"):
        response = await proxy.send("GET", path, headers=proxy.headers() | headers)
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
        await error_of(response)


async def test_a_disabled_model_is_refused_with_its_reason(proxy: Proxy) -> None:
    response = await proxy.post(CHAT, VALID[CHAT] | {"model": "claude-opus-4.7"})
    assert response.status == 404, "Claude Code takes a 403 for a failed sign-in"
    assert "claude-opus-4.7 cannot be used" in (await error_of(response))["message"]


async def test_an_embeddings_model_cannot_be_talked_to(proxy: Proxy) -> None:
    response = await proxy.post(CHAT, VALID[CHAT] | {"model": "text-embedding-3-small"})
    assert response.status == 400
    assert "embeddings" in (await error_of(response))["message"]


async def test_a_websocket_is_answered_426_so_that_codex_falls_back_at_once(proxy: Proxy) -> None:
    response = await proxy.get(RESPONSES)
    assert response.status == 426
    await error_of(response)


async def test_failures_are_in_the_activity_without_their_content(proxy: Proxy) -> None:
    await proxy.post(CHAT, VALID[CHAT] | {"model": "nothing", "messages": "a secret"})
    record = proxy.last_request
    assert (record.state, record.http_status) == ("failed", 400)
    activity = await (await proxy.get("/v1/activity")).text()
    assert '"path":"POST /v1/chat/completions"' in activity
    assert "a secret" not in activity


async def _connect(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(proxy.url.rsplit(":", 1)[1])
    return await asyncio.open_connection("127.0.0.1", port)
