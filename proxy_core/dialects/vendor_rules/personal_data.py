"""User identifiers: too long for one vendor, refused as personal data by another."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

LONGEST = 64
"""OpenAI's ``user``, ``safety_identifier`` and ``prompt_cache_key``: “string too long. Expected a string
with maximum length 64” (looplj/axonhub#1669: Claude Code's is a JSON text of 200 characters)."""
LONGEST_USER_ID = 256
"""Anthropic's ``metadata.user_id``."""
MOST_METADATA = 16
LONGEST_METADATA_VALUE = 512
"""OpenAI's ``metadata``: 16 pairs, keys of 64 and values of 512 characters."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def openai_identifiers(body: OutgoingBody) -> None:
    """Remove an identifier that is too long; a cache key is hashed, since only its equality matters."""
    for name in ("user", "safety_identifier"):
        value = body.read(name)
        if isinstance(value, str) and len(value) > LONGEST:
            body.remove(name)
            body.drop(f"{client_field_name(body.target.client, name)} (over {LONGEST} characters)")
    key = body.read("prompt_cache_key")
    if isinstance(key, str) and len(key) > LONGEST:
        body.write("prompt_cache_key", sha256(key.encode("utf-8", "replace")).hexdigest())
    _fit_metadata(body)


def _fit_metadata(body: OutgoingBody) -> None:
    metadata = body.read("metadata")
    if not isinstance(metadata, dict):
        return
    valid: dict[str, Any] = {}
    for name, value in metadata.items():
        is_long = isinstance(value, str) and len(value) > LONGEST_METADATA_VALUE
        if len(name) > LONGEST or is_long or len(valid) == MOST_METADATA:
            body.drop(f"metadata.{name[:LONGEST]}")
        else:
            valid[name] = value
    if len(valid) < len(metadata):
        body.write("metadata", valid)


def claude_user_id(body: OutgoingBody) -> None:
    """“metadata.user_id: user_id appears to contain an email address”, and at most 256 characters.

    Programs for several people send the person's address as ``user``. A digest still distinguishes
    users, which is the member's only purpose.
    """
    metadata = body.read("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(user, str):
        return
    if len(user) <= LONGEST_USER_ID and not _EMAIL.search(user):
        return
    digest = sha256(user.encode("utf-8", "replace")).hexdigest()[:32]
    body.write("metadata", {**metadata, "user_id": f"user_{digest}"})
    is_messages = body.target.client is DialectName.ANTHROPIC_MESSAGES
    word = "metadata.user_id" if is_messages else "user"
    body.drop(f"{word} (sent as a digest)")


_IDENTIFIERS = ("user", "safety_identifier", "prompt_cache_key", "metadata")

OPENAI_IDENTIFIERS = Rule(
    "identifiers",
    openai_identifiers,
    lambda body: any(name in body for name in _IDENTIFIERS),
    members=_IDENTIFIERS,
)
CLAUDE_USER_ID = Rule(
    "identifiers", claude_user_id, lambda body: "metadata" in body, members=("metadata",)
)
