"""How a server proves to a command that it is the user's own, before the command sends its key.

Any program that takes the port first can answer ``/health`` as if it were ours. Both sides
therefore share a secret in a file only the user may read: the command sends a fresh nonce, the
server answers with a keyed hash (HMAC-SHA256) over the nonce, its run and the address it was
reached at. The hash is invalid for another nonce, another run, or when relayed to a server on
another port. The secret is not a key: it grants no access and is independent of the local key,
which may be a short one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from proxy_core.storage.private_files import read_private, write_private

_BYTES = 32
_PURPOSE = b"g-copilot-proxy server proof v1"
_NONCE = re.compile(r"[0-9a-f]{32,128}")


def load_or_make_secret(path: Path) -> bytes:
    """Return the secret in ``path``, making a new one if it is missing or unusable. Raises OSError.

    Either side may make it: the server reads it again for each challenge.
    """
    try:
        found = bytes.fromhex((read_private(path) or b"").decode("ascii"))
    except ValueError:
        found = b""
    if len(found) != _BYTES:
        found = secrets.token_bytes(_BYTES)
        write_private(path, found.hex().encode())
    return found


def new_nonce() -> str:
    return secrets.token_hex(_BYTES)


def is_nonce(value: object) -> bool:
    return isinstance(value, str) and _NONCE.fullmatch(value) is not None


def address_text(address: Sequence[object]) -> str:
    """Return a socket's local or peer address in the form both sides hash."""
    host = str(address[0]).partition("%")[0].removeprefix("::ffff:")
    return f"{host} {address[1]}"


def proof(secret: bytes, nonce: str, run_id: str, address: str) -> str:
    """Return the hash for this nonce from the server of this run, reached at ``address``."""
    words = (_PURPOSE, nonce.encode(), run_id.encode(), address.encode())
    return hmac.new(secret, b"\0".join(words), hashlib.sha256).hexdigest()


def is_proven(secret: bytes, nonce: str, answer: object, address: str) -> bool:
    """Whether ``answer`` to a challenge comes from a server that knows ``secret``."""
    if not isinstance(answer, dict):
        return False
    run_id, given = answer.get("run_id"), answer.get("proof")
    if not isinstance(run_id, str) or not isinstance(given, str):
        return False
    return hmac.compare_digest(proof(secret, nonce, run_id, address).encode(), given.encode())
