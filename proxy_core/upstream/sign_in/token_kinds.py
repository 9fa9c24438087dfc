"""How a GitHub token is used, by its prefix. Pure."""

from __future__ import annotations

from enum import StrEnum

from proxy_core.errors import Actor, ErrorKind, ProxyError, translatable


class TokenUse(StrEnum):
    EXCHANGE = "exchange"
    """Exchanged for a short Copilot token (the editor's sign-in, ``ghu_``)."""
    DIRECT = "direct"
    """Used as the bearer itself: its exchange returns 404 (``gho_``, ``github_pat_``)."""


class TokenUnusable(ProxyError):
    """A token that Copilot does not accept; it was not sent anywhere."""

    kind = ErrorKind.AUTHENTICATION
    http_status = 401
    title: str = translatable("This kind of token does not work with Copilot")
    actor = Actor.USER


_DIRECT = ("gho_", "github_pat_")
_REFUSED = {
    "ghp_": translatable("a classic personal access token"),
    "ghs_": translatable("a server-to-server token"),
    "ghr_": translatable("a refresh token"),
}
_WORKING = translatable(
    "Tokens that work begin with ghu_ (signing in here), gho_ (GitHub's command line tools) or "
    "github_pat_ (a fine-grained token with the permission “Copilot Requests”)."
)
_LONGEST = 1024


def token_use(token: str) -> TokenUse:
    """Return how ``token`` is used. Raises TokenUnusable; the message never holds the token."""
    for prefix, name in _REFUSED.items():
        if token.startswith(prefix):
            raise TokenUnusable(
                translatable(
                    "This is {name} ({prefix}…), which Copilot refuses. {working}",
                    name=name,
                    prefix=prefix,
                    working=_WORKING,
                )
            )
    if not token or len(token) > _LONGEST or not token.isascii() or not token.isprintable():
        raise TokenUnusable(
            translatable("This does not look like a GitHub token. {working}", working=_WORKING)
        )
    if any(each.isspace() for each in token):
        raise TokenUnusable(
            translatable(
                "This token holds a space, so it is not complete. {working}", working=_WORKING
            )
        )
    # Tokens from before 2021 have no prefix; the exchange decides whether they are valid.
    return TokenUse.DIRECT if token.startswith(_DIRECT) else TokenUse.EXCHANGE
