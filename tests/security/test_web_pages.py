"""What a browser would send for a page, without a browser."""

from __future__ import annotations

import json

import pytest

from tests.security.conftest import KEY, Proxy, send_raw

OPEN = "[server]\nrequire_key = false\n"
LISTED = '[server]\nallowed_origins = ["https://app.example", "null", "*"]\n'
QUESTION = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]})


@pytest.mark.parametrize("settings_text", [OPEN])
@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:4141",
        "0.0.0.0:4141",
        "127.0.0.1.rebound.example",
        "localhost.rebound.example:4141",
        "127.0.0.1@rebound.example",
        "192.168.1.7:4141",
        "[::ffff:192.168.1.7]",
        "xn--localhost-.example",
        "",
    ],
)
async def test_dns_rebinding_fails_on_the_host_name(proxy: Proxy, host: str) -> None:
    """To the browser it is the page's own origin: nothing but the name gives it away."""
    head = f"GET /v1/models HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
    answer = await send_raw(proxy, head.encode())
    assert answer.status == 403
    assert answer.json["error"]["code"] == "host_not_allowed"
    assert b"gpt-4" not in answer.body


@pytest.mark.parametrize("settings_text", [OPEN])
@pytest.mark.parametrize("host", ["localhost:4141", "127.0.0.1", "[::1]:4141", "LOCALHOST."])
async def test_names_of_this_computer_come_in(proxy: Proxy, host: str) -> None:
    head = f"GET /v1/models HTTP/1.1\r\nHost: {host}\r\n\r\n"
    assert (await send_raw(proxy, head.encode())).status == 200


@pytest.mark.parametrize("settings_text", [OPEN])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "chrome-extension://abcdefghijklmnopabcdefghijklmnop"},
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", "text/plain"])
async def test_a_cross_origin_post_is_refused_and_told_nothing(
    proxy: Proxy, headers: dict[str, str], media_type: str
) -> None:
    all_headers = headers | {"Content-Type": media_type}
    response = await proxy.send("POST", "/v1/chat/completions", all_headers, data=QUESTION)
    assert response.status == 403
    assert not any(name.lower().startswith("access-control") for name in response.headers)
    preflight = await proxy.send(
        "OPTIONS", "/v1/chat/completions", headers | {"Access-Control-Request-Method": "POST"}
    )
    assert preflight.status in (403, 405)
    assert not any(name.lower().startswith("access-control") for name in preflight.headers)


@pytest.mark.parametrize("settings_text", [LISTED])
async def test_a_listed_page_gets_a_whole_preflight(proxy: Proxy) -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    response = await proxy.send("OPTIONS", "/v1/chat/completions", asked)
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert response.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert response.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("settings_text", [LISTED])
async def test_a_listed_page_needs_the_key_and_may_read_the_refusal(proxy: Proxy) -> None:
    headers = {"Origin": "https://app.example", "Content-Type": "application/json"}
    response = await proxy.send("POST", "/v1/chat/completions", headers, data=QUESTION)
    assert response.status == 401
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example"
    keyed = headers | {"Authorization": f"Bearer {KEY}"}
    response = await proxy.send("POST", "/v1/chat/completions", keyed, data=QUESTION)
    assert response.status == 200


@pytest.mark.parametrize("settings_text", [LISTED])
@pytest.mark.parametrize(
    "origin", ["null", "*", "https://app.example.evil.example", "https://app.example:444"]
)
async def test_nobody_can_be_listed_by_accident(proxy: Proxy, origin: str) -> None:
    response = await proxy.send("GET", "/v1/models", proxy.headers(Origin=origin))
    assert response.status == 403


@pytest.mark.parametrize("settings_text", [LISTED])
async def test_header_names_of_a_preflight_are_not_copied_blindly(proxy: Proxy) -> None:
    head = (
        "OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n"
        'Access-Control-Request-Headers: <script>"x"</script>\r\n\r\n'
    )
    assert b"<script>" not in repr(await send_raw(proxy, head.encode())).encode()


@pytest.mark.parametrize("settings_text", [OPEN])
async def test_a_page_cannot_open_a_socket(proxy: Proxy) -> None:
    head = (
        "GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: https://evil.example\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert (await send_raw(proxy, head.encode())).status == 403
