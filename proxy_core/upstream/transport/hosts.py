"""Which addresses we call, and which of them may receive a token. Pure.

A token is sent only to GitHub's own hosts over https. Loopback is allowed only if an environment
variable names it (simulator, tests): a response of the real GitHub can never redirect a token to a
program on this machine.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from proxy_core.errors import Actor, BadRequest, ErrorKind, ProxyError, translatable

GITHUB_URL_VARIABLE = "G_COPILOT_PROXY_GITHUB_URL"
GITHUB_API_URL_VARIABLE = "G_COPILOT_PROXY_GITHUB_API_URL"
API_URL_VARIABLE = "G_COPILOT_PROXY_API_URL"

_TRUSTED_NAMES = frozenset({"github.com", "api.github.com"})
_TRUSTED_SUFFIXES = (".githubcopilot.com", ".ghe.com")
_ENTERPRISE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.ghe\.com")


class UntrustedHost(ProxyError):
    """An address that must not receive a token."""

    kind = ErrorKind.PERMISSION
    http_status = 502
    title: str = translatable("That address is not GitHub's")
    actor = Actor.USER


@dataclass(frozen=True, slots=True)
class GitHubHosts:
    """Base addresses without a slash at the end.

    ``name`` is the account's host, which keys the keychain entry. ``copilot`` is the models'
    address unless GitHub's response names another; ``copilot_is_fixed``: it may not.
    """

    name: str
    login: str
    api: str
    copilot: str
    copilot_is_fixed: bool = False
    loopback_allowed: bool = False

    def trusts(self, url: str) -> bool:
        """Whether a token may be sent to ``url``."""
        return _is_trusted(url, self.loopback_allowed)

    def require_trusted(self, url: str) -> str:
        """Return ``url``. Raises UntrustedHost."""
        if self.trusts(url):
            return url
        raise UntrustedHost(
            translatable(
                "Refused to send your sign-in to {url}: it is not one of GitHub's addresses. "
                "Nothing was sent.",
                url=_shown(url),
            )
        )

    def shows_to_people(self, url: str) -> bool:
        """Whether a sign-in page at ``url`` may be opened: GitHub's own or this account's host."""
        if not self.trusts(url):
            return False
        page, login = urlsplit(url), urlsplit(self.login)
        if page.scheme not in ("http", "https"):
            return False
        named, ours = page.hostname or "", login.hostname or ""
        return named == ours or (_is_loopback(named) and _is_loopback(ours))


@functools.lru_cache(maxsize=256)
def _is_trusted(url: str, loopback_allowed: bool) -> bool:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    if _is_loopback(host):
        return loopback_allowed and parts.scheme in ("http", "https", "ws", "wss")
    if parts.scheme not in ("https", "wss"):
        return False
    return host in _TRUSTED_NAMES or host.endswith(_TRUSTED_SUFFIXES)


def _shown(url: str) -> str:
    """The scheme and host of a URL, for a message: a URL may carry a secret in its other parts."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return translatable("an unreadable address")
    return f"{parts.scheme}://{parts.hostname}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def normalise_github_host(text: str) -> str:
    """Return ``github.com`` or ``name.ghe.com`` from user input. Raises BadRequest."""
    host = text.strip().lower()
    host = re.sub(r"^[a-z]+://", "", host).split("/", 1)[0].rstrip(".")
    if host in ("", "github.com", "www.github.com"):
        return "github.com"
    if _ENTERPRISE.fullmatch(host) and host.removesuffix(".ghe.com") not in ("api", "copilot-api"):
        return host
    raise BadRequest(
        translatable(
            "{text} is not an address Copilot can be reached at. Use github.com, or your "
            "company's address that ends in .ghe.com.",
            text=repr(text.strip()),
        ),
        param="account.github_host",
    )


def find_hosts(github_host: str, environ: Mapping[str, str]) -> GitHubHosts:
    """Return the addresses for an account's host, with the environment's overrides.

    A single override also applies to those after it (GitHub, its API, Copilot): the simulator
    serves all three on one port. Raises BadRequest for an unusable host or override.
    """
    name = normalise_github_host(github_host)
    if name == "github.com":
        login, api, copilot = (
            "https://github.com",
            "https://api.github.com",
            "https://api.githubcopilot.com",
        )
    else:
        login, api, copilot = (
            f"https://{name}",
            f"https://api.{name}",
            f"https://copilot-api.{name}",
        )

    github_override = _override(environ, GITHUB_URL_VARIABLE)
    api_override = _override(environ, GITHUB_API_URL_VARIABLE)
    copilot_override = _override(environ, API_URL_VARIABLE)
    if github_override is not None:
        login = github_override
        name = urlsplit(github_override).netloc
        api = copilot = github_override
    if api_override is not None:
        api = copilot = api_override
    if copilot_override is not None:
        copilot = copilot_override
    loopback = any(
        each is not None and _is_loopback(urlsplit(each).hostname or "")
        for each in (github_override, api_override, copilot_override)
    )
    hosts = GitHubHosts(
        name=name,
        login=login,
        api=api,
        copilot=copilot,
        copilot_is_fixed=copilot_override is not None,
        loopback_allowed=loopback,
    )
    for each in (login, api, copilot):
        if not hosts.trusts(each):
            raise BadRequest(
                translatable(
                    "{each} is not one of GitHub's addresses, so your sign-in cannot be sent "
                    "there. Only GitHub over https and this computer itself are possible.",
                    each=_shown(each),
                )
            )
    return hosts


def _override(environ: Mapping[str, str], variable: str) -> str | None:
    value = environ.get(variable, "").strip().rstrip("/")
    if not value:
        return None
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise BadRequest(
            translatable(
                "{variable} must be an http or https address, not {value}.",
                variable=variable,
                value=repr(value),
            )
        )
    return value
