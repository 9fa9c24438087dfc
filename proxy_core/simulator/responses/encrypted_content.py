"""Encrypted reasoning of ``/responses``: opaque text bound to its model and to the ids of its item."""

from __future__ import annotations

import base64
import binascii
import random
from dataclasses import dataclass

from proxy_core.simulator.model_calls.signing import digest

_LEAD = "gAAAAA"
_SALT = 32
_MODEL_DIGEST = 16
_ID_DIGEST = 16
_MAC = 32


@dataclass(frozen=True, slots=True)
class Seal:
    """What genuine content knows: digests of its model and of its ids at ``added`` and ``done``."""

    model: bytes
    added: bytes
    done: bytes

    def is_of(self, model_id: str) -> bool:
        return self.model == _model_digest(model_id)


def encrypted_content(
    model_id: str, added_id: str, done_id: str, rng: random.Random, thinking: str = ""
) -> str:
    """As long as the thoughts it stands for: clients guess their tokens from that (Codex does)."""
    payload = rng.randbytes(_SALT) + _model_digest(model_id)
    payload += id_digest(added_id) + id_digest(done_id) + rng.randbytes(len(thinking) // 3 * 3)
    sealed = payload + digest("encrypted content", payload.hex(), size=_MAC)
    return _LEAD + base64.urlsafe_b64encode(sealed).decode("ascii")


def thinking_length(content: str) -> int:
    """How many characters of thought the content stands for."""
    around = _SALT + _MODEL_DIGEST + 2 * _ID_DIGEST + _MAC
    return max(0, (len(content) - len(_LEAD)) * 3 // 4 - around)


def partial_content(rng: random.Random) -> str:
    """What stands at ``added``: opaque too, but not the final content and no use to anyone."""
    return _LEAD + base64.urlsafe_b64encode(rng.randbytes(60)).decode("ascii")


def opened(content: str) -> Seal | None:
    """The seal of genuine content; None for anything altered or foreign."""
    if not content.startswith(_LEAD):
        return None
    try:
        raw = base64.b64decode(content[len(_LEAD) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if len(payload) < _SALT + _MODEL_DIGEST + 2 * _ID_DIGEST:
        return None
    if mac != digest("encrypted content", payload.hex(), size=_MAC):
        return None
    bound = payload[_SALT : _SALT + _MODEL_DIGEST + 2 * _ID_DIGEST]
    return Seal(bound[:_MODEL_DIGEST], bound[_MODEL_DIGEST:-_ID_DIGEST], bound[-_ID_DIGEST:])


def _model_digest(model_id: str) -> bytes:
    return digest("reasoning of", model_id, size=_MODEL_DIGEST)


def id_digest(item_id: str) -> bytes:
    return digest("item id", item_id, size=_ID_DIGEST)
