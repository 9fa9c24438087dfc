"""What was written into a tool's files, as it is remembered: hashes and places, no key and no value."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any

import msgspec

from proxy_core.clients.editing.document import ABSENT, Named, Path, Setting
from proxy_core.clients.editing.formats import Format

VERSION = 1


class Stage(StrEnum):
    """``resting``: undone when the app quit, to be done again at its next start."""

    APPLYING = "applying"
    CONNECTED = "connected"
    REVERTING = "reverting"
    RESTING = "resting"


class EditReceipt(msgspec.Struct, frozen=True):
    """One value of ours. A part of ``path`` that is a pair names an entry of a list.

    ``is_entry``: the place itself is ours, such as a provider by our name. What its tool writes into it
    (a time, a price) makes it nobody else's.
    """

    path: tuple[str | tuple[str, str], ...]
    ours: str
    is_entry: bool = False

    @classmethod
    def of(cls, setting: Setting) -> EditReceipt:
        parts = (
            (each.key, each.value) if isinstance(each, Named) else each for each in setting.path
        )
        return cls(tuple(parts), value_hash(setting.value), isinstance(setting.value, dict))

    def is_ours(self, found: Any) -> bool:
        """Whether ``found`` is what we put at this place, or was made of it by its own tool."""
        if self.is_entry and isinstance(found, dict):
            return True
        return value_hash(found) == self.ours

    @property
    def setting_path(self) -> Path:
        return tuple(Named(*each) if isinstance(each, tuple) else each for each in self.path)


class FileReceipt(msgspec.Struct, frozen=True):
    """One file. ``target`` is what links led to; hashes are of the whole content, empty for no file.

    ``backup`` is the name of the copy in our own folder, empty where there was no file. ``earlier`` is
    what an earlier connection of ours had left there, until ``after`` took its place.
    """

    path: str
    target: str
    form: Format
    before: str
    after: str
    backup: str
    edits: tuple[EditReceipt, ...]
    made_folders: tuple[str, ...] = ()
    earlier: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """``at`` is in seconds since 1970. ``models`` are by role. ``key_id`` is empty before it is made."""

    version: int
    app_id: str
    stage: Stage
    at: float
    base_url: str
    models: dict[str, str]
    key_name: str
    key_id: str = ""
    files: tuple[FileReceipt, ...] = ()


def encode(receipt: Receipt) -> bytes:
    return msgspec.json.format(msgspec.json.encode(receipt)) + b"\n"


_decode = msgspec.json.Decoder(Receipt).decode


def decode(content: bytes) -> Receipt:
    """Raises ValueError for what is no receipt, or one of a later version."""
    receipt = _decode(content)
    if receipt.version != VERSION:
        raise ValueError(f"receipt of version {receipt.version}")
    return receipt


def value_hash(value: Any) -> str:
    """A value's hash, the same for equal values however they are written; empty for none."""
    if value is ABSENT:
        return ""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
