"""A caller's own GitHub token in place of the local key, where the user allows it.

The token is used for that request and goes nowhere but to GitHub. It opens the paths that ask a model
or list them; what this server did for its owner (usage, activity) stays behind the local key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from proxy_core.server.parts import ServerParts
from proxy_core.server.paths import COUNT_TOKENS, MODELS, RESPONSES_INPUT_TOKENS, SHOWN

_GITHUB_TOKEN = re.compile(r"(?:gh[oupsr]_|github_pat_)[A-Za-z0-9_]{10,}")
_OPEN = (*SHOWN, COUNT_TOKENS, RESPONSES_INPUT_TOKENS, MODELS)


def github_token(headers: Mapping[str, str]) -> str | None:
    """Return what a caller offers as key, if it is a GitHub token by its form.

    ``headers`` are case-insensitive. Tokens that Copilot refuses count too: their refusal says why.
    """
    scheme, _, bearer = headers.get("Authorization", "").partition(" ")
    for offered in (bearer if scheme.lower() == "bearer" else "", headers.get("x-api-key", "")):
        if _GITHUB_TOKEN.fullmatch(offered.strip()):
            return offered.strip()
    return None


def is_guest(parts: ServerParts, plain: str, headers: Mapping[str, str]) -> bool:
    """Whether a request for the path ``plain`` may come in on its own GitHub token."""
    open_to_guests = plain in _OPEN or plain.startswith(f"{MODELS}/")
    return parts.accepts_guests() and open_to_guests and github_token(headers) is not None


def parts_for(parts: ServerParts, headers: Mapping[str, str]) -> ServerParts:
    """Return ``parts`` with the way upstream that belongs to the caller. Raises TokenUnusable."""
    token = github_token(headers) if parts.accepts_guests() else None
    if token is None or parts.guest_upstream is None:
        return parts
    return replace(parts, upstream=parts.guest_upstream(token))
