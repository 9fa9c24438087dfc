"""Requests that two readers might understand differently, sent byte by byte."""

from __future__ import annotations

import pytest

from tests.security.conftest import KEY, Proxy, connect, send_raw

POST = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /health HTTP/1.1\r\n"
KEYED = b"Host: localhost\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"
CHUNKED = (
    POST + KEYED[17:] + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)

SMUGGLED = {
    "a length and chunks": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   ",
    "the same length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n{}   ",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\n{}   ",
    "a signed length": POST + b"Content-Length: +5\r\n\r\n{}   ",
    "a negative length": POST + b"Content-Length: -5\r\n\r\n{}   ",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\n{}   ",
    "an empty length": POST + b"Content-Length: \r\n\r\n{}   ",
    "a length beyond counting": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}   ",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding that is not chunks": POST + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "a coding behind a control character": POST
    + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is no number": CHUNKED + b"ZZ\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n",
    "chunks ended by bare line feeds": CHUNKED + b"2\n{}\n0\n\n",
    "a folded header": GET + b"Host: localhost\r\nX-A: b\r\n c\r\n\r\n",
    "a folded host": GET + b"Host: localhost\r\n .evil.example\r\n\r\n",
    "bare line feeds": b"GET /health HTTP/1.1\nHost: localhost\n\n",
    "one bare line feed": GET + b"Host: localhost\nX: y\r\n\r\n",
    "a bare carriage return": GET + b"Host: localhost\rX: y\r\n\r\n",
    "a space before the colon": GET + b"Host : localhost\r\n\r\n",
    "a zero byte in a value": GET + b"Host: localhost\r\nX: a\x00b\r\n\r\n",
    "a zero byte in a name": GET + b"Host: localhost\r\nX\x00: a\r\n\r\n",
    "two hosts": GET + b"Host: localhost\r\nHost: evil.example\r\n\r\n",
    "no host": GET + b"\r\n",
    "two keys": GET + KEYED + b"Authorization: Bearer other\r\n\r\n",
    "two origins": GET + b"Host: localhost\r\nOrigin: https://a.example\r\nOrigin: null\r\n\r\n",
    "a backslash path": b"GET \\v1\\models HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version nobody knows": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no HTTP at all": b"\x00\x01\x02\x03 hello there\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_ends(
    proxy: Proxy, name: str
) -> None:
    connection = await connect(proxy)
    # The second request must not be answered: it may be the first one's body.
    hidden = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connection.writer.write(SMUGGLED[name] + hidden)
    answer = await connection.answer()
    assert answer.status == 400, answer
    assert answer.closed
    assert answer.headers["x-request-id"].startswith("req_")
    error = answer.json["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    await connection.close()
    assert (await proxy.get("/health")).status == 200


async def test_broken_http_is_answered_in_the_dialect_of_its_path(proxy: Proxy) -> None:
    broken = b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"
    messages = (await send_raw(proxy, b"POST /v1/messages" + broken)).json
    assert messages["type"] == "error"
    assert messages["request_id"].startswith("req_")
    chat = (await send_raw(proxy, b"POST /v1/chat/completions" + broken)).json
    assert set(chat["error"]) == {"message", "type", "param", "code"}


async def test_nothing_of_a_broken_request_is_repeated(proxy: Proxy) -> None:
    answer = await send_raw(proxy, b"GET /secret-word HTTP/1.1\r\nHost secret-word\r\n\r\n")
    assert answer.status == 400
    assert b"secret-word" not in answer.body


async def test_whoever_speaks_tls_is_told_so(proxy: Proxy) -> None:
    answer = await send_raw(proxy, SMUGGLED["a TLS handshake"])
    assert "http://, not https://" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "target",
    [
        "/health/../v1/models",
        "/health/%2e%2e/v1/models",
        "/health%2f..%2fv1/models",
        "/v1%2fmodels",
        "//v1/models",
        "//evil.example/health",
        "/health;/../v1/models",
        "/health%00/v1/models",
        "/./v1/models",
        "/V1/MODELS",
        "/v1/models#/health",
        "/%68ealth/../v1/activity",
    ],
)
async def test_no_way_of_writing_a_path_gets_past_the_key(proxy: Proxy, target: str) -> None:
    answer = await send_raw(proxy, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.status in (400, 401, 404), answer
    assert b"gpt-4" not in answer.body
    assert b"recent" not in answer.body


@pytest.mark.parametrize("target", ["/v1/models", "/v1/%6dodels"])
async def test_a_path_is_the_same_however_it_is_written(proxy: Proxy, target: str) -> None:
    head = f"GET {target} HTTP/1.1\r\n".encode()
    assert (await send_raw(proxy, head + b"Host: localhost\r\n\r\n")).status == 401
    assert (await send_raw(proxy, head + KEYED + b"\r\n")).status == 200


@pytest.mark.parametrize(
    "target", ["http://evil.example/health", "https://evil.example:4141/health", "evil.example:443"]
)
async def test_a_request_line_that_names_another_host_is_refused(proxy: Proxy, target: str) -> None:
    method = "GET" if "/" in target else "CONNECT"
    answer = await send_raw(proxy, f"{method} {target} HTTP/1.1\r\n".encode() + KEYED + b"\r\n")
    assert answer.status == 403
    assert "evil.example" in answer.json["error"]["message"]


async def test_a_request_line_that_names_us_is_served(proxy: Proxy) -> None:
    data = b"GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert (await send_raw(proxy, data)).status == 200


async def test_an_unknown_expectation_is_answered_in_json(proxy: Proxy) -> None:
    data = GET + b"Host: localhost\r\nExpect: a-miracle\r\n\r\n"
    assert (await send_raw(proxy, data)).json["error"]["type"] == "invalid_request_error"
