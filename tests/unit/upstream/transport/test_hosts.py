"""Which addresses may see a token."""

from __future__ import annotations

import pytest

from proxy_core.errors import BadRequest
from proxy_core.upstream.transport.hosts import UntrustedHost, find_hosts, normalise_github_host

PUBLIC = find_hosts("github.com", {})
LOCAL = find_hosts("github.com", {"G_COPILOT_PROXY_GITHUB_URL": "http://127.0.0.1:9000/"})


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/login",
        "https://api.github.com/x",
        "https://api.individual.githubcopilot.com",
        "https://copilot-api.octo.ghe.com/models",
        "wss://api.githubcopilot.com/responses",
        "HTTPS://API.GITHUB.COM/x",
    ],
)
def test_githubs_own_hosts_are_trusted_over_https(url: str) -> None:
    assert PUBLIC.trusts(url)
    assert PUBLIC.require_trusted(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/login",
        "http://api.individual.githubcopilot.com",
        "https://github.com.evil.example",
        "https://evil-githubcopilot.com",
        "https://githubcopilot.com.evil.example",
        "https://github.com@evil.example/",
        "https://user:pass@github.com/",
        "https://evil.example/?x=.githubcopilot.com",
        "https://raw.githubusercontent.com",
        "http://127.0.0.1:9000",
        "http://localhost:9000",
        "http://[::1]:9000",
        "https://[not-an-address",
        "https://github.com:99999999",
        "ftp://github.com",
        "",
    ],
)
def test_nothing_else_is(url: str) -> None:
    assert not PUBLIC.trusts(url)
    with pytest.raises(UntrustedHost) as caught:
        PUBLIC.require_trusted(url)
    assert "pass" not in caught.value.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:2", "http://[::1]:3"])
def test_loopback_is_trusted_only_after_an_override_to_loopback(url: str) -> None:
    assert LOCAL.trusts(url)
    assert not LOCAL.trusts("http://192.168.1.2")
    assert not LOCAL.trusts("http://127.0.0.1.evil.example")


def test_the_addresses_of_github_com_and_of_a_company() -> None:
    assert (PUBLIC.login, PUBLIC.api, PUBLIC.copilot) == (
        "https://github.com",
        "https://api.github.com",
        "https://api.githubcopilot.com",
    )
    octo = find_hosts("https://Octo.ghe.com/path", {})
    assert (octo.name, octo.login, octo.api, octo.copilot) == (
        "octo.ghe.com",
        "https://octo.ghe.com",
        "https://api.octo.ghe.com",
        "https://copilot-api.octo.ghe.com",
    )
    assert not octo.copilot_is_fixed


def test_an_override_also_serves_what_comes_after_it() -> None:
    assert LOCAL.login == LOCAL.api == LOCAL.copilot == "http://127.0.0.1:9000"
    assert LOCAL.name == "127.0.0.1:9000", "its keychain entry is not the real account's"
    split = find_hosts(
        "github.com",
        {
            "G_COPILOT_PROXY_GITHUB_API_URL": "http://127.0.0.1:1",
            "G_COPILOT_PROXY_API_URL": "http://127.0.0.1:2",
        },
    )
    assert (split.login, split.api, split.copilot) == (
        "https://github.com",
        "http://127.0.0.1:1",
        "http://127.0.0.1:2",
    )
    assert split.copilot_is_fixed


@pytest.mark.parametrize(
    "host",
    ["gitlab.com", "github.com.evil", "a.b.ghe.com", "ghe.com", "-x.ghe.com", "api.ghe.com", "x y"],
)
def test_a_host_that_is_not_githubs_is_refused_with_what_works(host: str) -> None:
    with pytest.raises(BadRequest, match=r"\.ghe\.com"):
        normalise_github_host(host)


@pytest.mark.parametrize(
    "value", ["not a url", "ftp://127.0.0.1", "http://192.168.0.1:80", "http://x:99999999"]
)
def test_an_override_that_cannot_be_used_says_so(value: str) -> None:
    with pytest.raises(BadRequest):
        find_hosts("github.com", {"G_COPILOT_PROXY_API_URL": value})


@pytest.mark.parametrize(
    ("hosts", "uri", "shown"),
    [
        (PUBLIC, "https://github.com/login/device", True),
        (PUBLIC, "http://github.com/login/device", False),
        (PUBLIC, "https://octo.ghe.com/login/device", False),
        (PUBLIC, "https://evil.example/login/device", False),
        (LOCAL, "http://localhost:9000/login/device", True),
        (LOCAL, "javascript:alert(1)", False),
    ],
)
def test_only_the_accounts_own_host_may_show_a_sign_in_page(
    hosts: object, uri: str, shown: bool
) -> None:
    assert hosts.shows_to_people(uri) is shown  # type: ignore[attr-defined]
