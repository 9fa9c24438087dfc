"""Who gets in: Host, Origin and key."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from proxy_core.errors import BadRequest, ErrorKind, Refused
from proxy_core.server.access.request_guard import (
    ONLY_ONCE,
    AccessPolicy,
    check_headers,
    check_host,
    check_key,
    check_origin,
    host_name,
    offered_keys,
)

LOCAL = AccessPolicy(host="127.0.0.1", key="the-key")
LAN = AccessPolicy(host="0.0.0.0", allowed_hosts=("Desk.local",), key="the-key")


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:4141", "LocalHost:4141", "127.0.0.1:4141", "[::1]:4141", "127.0.0.9"],
)
def test_names_of_this_computer_are_let_in(host: str) -> None:
    check_host(host, LOCAL)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:4141",
        "192.168.1.5:4141",
        "evil.example#localhost",
        "localhost@evil.example",
        "localhost/x",
        "[::1",
        "localhost:notaport",
        "",
        None,
    ],
)
def test_any_other_host_name_is_refused(host: str | None) -> None:
    with pytest.raises(Refused, match="Host header"):
        check_host(host, LOCAL)


def test_on_the_lan_addresses_and_listed_names_are_let_in() -> None:
    check_host("192.168.1.5:4141", LAN)
    check_host("[fe80::1]:4141", LAN)
    check_host("desk.local:4141", LAN)
    with pytest.raises(Refused):
        check_host("evil.example", LAN)


def test_a_trailing_dot_and_capitals_do_not_change_a_name() -> None:
    assert host_name("LocalHost.:80") == "localhost"


def test_a_program_that_sends_no_origin_is_no_page() -> None:
    assert check_origin({}, LOCAL) is None
    assert check_origin({"Sec-Fetch-Site": "none"}, LOCAL) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "anything"},
    ],
)
def test_web_pages_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused, match="Web pages may not"):
        check_origin(headers, LOCAL)


def test_a_listed_page_is_let_in() -> None:
    policy = AccessPolicy(host="127.0.0.1", allowed_origins=("http://localhost:3000/",))
    headers = {"Origin": "http://LOCALHOST:3000", "Sec-Fetch-Site": "same-site"}
    assert check_origin(headers, policy) == "http://LOCALHOST:3000"
    with pytest.raises(Refused):
        check_origin({"Origin": "http://localhost:3001"}, policy)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer the-key"},
        {"Authorization": "bearer  the-key "},
        {"x-api-key": "the-key"},
        {"Authorization": "Bearer something-else", "x-api-key": "the-key"},
    ],
)
def test_the_key_comes_as_bearer_or_as_x_api_key(headers: dict[str, str]) -> None:
    check_key(offered_keys(headers), LOCAL)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "No API key was sent"),
        ({"Authorization": "Basic the-key"}, "No API key was sent"),
        ({"Authorization": "Bearer "}, "No API key was sent"),
        ({"Authorization": "Bearer the-kez"}, "not this computer's local key"),
        ({"x-api-key": "the-key2"}, "not this computer's local key"),
        ({"x-api-key": "schlüssel"}, "not this computer's local key"),
        ({"x-api-key": "\udcff"}, "not this computer's local key"),
    ],
)
def test_a_missing_or_wrong_key_is_told_apart_and_never_repeated(
    headers: dict[str, str], said: str
) -> None:
    with pytest.raises(Refused, match=said) as caught:
        check_key(offered_keys(headers), LOCAL)
    assert caught.value.kind is ErrorKind.AUTHENTICATION
    assert caught.value.http_status == 401
    assert "the-k" not in caught.value.message


def test_without_a_key_everyone_gets_in() -> None:
    check_key([], AccessPolicy(host="127.0.0.1"))


@pytest.mark.parametrize("name", ONLY_ONCE)
def test_a_header_that_must_be_there_once_is_counted_as_the_server_has_it(name: str) -> None:
    """The names of aiohttp's headers are given once each, their pairs as often as they came."""
    headers = CIMultiDictProxy(CIMultiDict([(name, "a"), ("Accept", "b"), (name.lower(), "c")]))
    with pytest.raises(BadRequest, match=name):
        check_headers(headers.items())


def test_other_headers_may_be_there_several_times() -> None:
    check_headers([("Accept", "a"), ("accept", "b"), ("Host", "localhost")])
