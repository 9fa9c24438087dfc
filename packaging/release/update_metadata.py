"""The signed metadata of the update channel (The Update Framework), made when a release is published.

Two keys that stay offline sign who is trusted and what is released (``root``, ``targets``); two that the
workflow holds sign what is current (``snapshot``, ``timestamp``). Keys are PEM files of ed25519, one for
each role, in a folder that never is part of the repository.

The channel is one flat folder, as a release page has it: metadata, archives under the names that
consistent snapshots give them, and ``<edition>-<system>-<machine>.json``, which names the newest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

ROLES = ("root", "targets", "snapshot", "timestamp")
_DAYS = {"root": 3650, "targets": 365, "snapshot": 365, "timestamp": 365}
"""How long metadata is believed. Nobody may be there to sign for a year: an expired channel only means
that nothing newer is found, which the user is told.
"""


class ChannelFailed(Exception):
    """The channel cannot be made or changed; the text says why."""


def make_keys(folder: Path) -> list[Path]:
    """Write a new key for each role. Raises ChannelFailed if one is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for role in ROLES:
        path = folder / f"{role}.pem"
        if path.exists():
            raise ChannelFailed(f"{path} is there already; a key is never replaced by this")
        content = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(content)
        made.append(path)
    return made


def make_root(keys: Path, channel: Path, now: datetime) -> Path:
    """Write the first root metadata, which bundles are built with. Raises ChannelFailed."""
    path = channel / "1.root.json"
    if path.exists():
        raise ChannelFailed(f"{path} is there already; a new root needs the old one's signature")
    root = Root(expires=_expires("root", now), consistent_snapshot=True)
    for role in ROLES:
        root.add_key(_signer(keys, role).public_key, role)
    channel.mkdir(parents=True, exist_ok=True)
    _sign(root, [_signer(keys, "root")], path)
    return path


def add_release(
    keys: Path, channel: Path, version: str, archives: Iterable[tuple[str, Path]], now: datetime
) -> None:
    """Put ``archives``, each with its channel's name such as ``app-linux-x86_64``, into ``channel``.

    The folder holds what was published before. Old archives leave the metadata: nobody is offered them.
    Raises ChannelFailed.
    """
    before = _newest(channel, "targets")
    targets = Targets(expires=_expires("targets", now))
    targets.version = 1 if before is None else before.signed.version + 1
    listed = dict(before.signed.targets) if before is not None else {}
    for name, archive in archives:
        listing = channel / f"{name}.json"
        if listing.name in listed:
            listed.pop(_archive_in(channel, listed[listing.name]), None)
        content = json.dumps({"version": version, "archive": archive.name}).encode()
        for target, data in ((archive.name, archive.read_bytes()), (listing.name, content)):
            entry = TargetFile.from_data(target, data, ["sha256"])
            listed[target] = entry
            (channel / f"{entry.hashes['sha256']}.{target}").write_bytes(data)
    targets.targets = listed
    _sign(targets, [_signer(keys, "targets")], channel / f"{targets.version}.targets.json")
    _sign_current(keys, channel, targets.version, now)


def _archive_in(channel: Path, listing: TargetFile) -> str:
    published = channel / f"{listing.hashes['sha256']}.{listing.path}"
    return str(json.loads(published.read_bytes())["archive"]) if published.is_file() else ""


def _sign_current(keys: Path, channel: Path, targets: int, now: datetime) -> None:
    before = _newest(channel, "snapshot")
    snapshot = Snapshot(expires=_expires("snapshot", now))
    snapshot.version = 1 if before is None else before.signed.version + 1
    snapshot.meta["targets.json"] = MetaFile(targets)
    _sign(snapshot, [_signer(keys, "snapshot")], channel / f"{snapshot.version}.snapshot.json")
    timestamp = Timestamp(expires=_expires("timestamp", now))
    current = channel / "timestamp.json"
    if current.is_file():
        timestamp.version = Metadata[Timestamp].from_file(str(current)).signed.version + 1
    timestamp.snapshot_meta = MetaFile(snapshot.version)
    # Last, and in one step: until it is there, clients see the release before.
    written = channel / ".timestamp.json"
    _sign(timestamp, [_signer(keys, "timestamp")], written)
    shutil.move(written, current)


def _newest(channel: Path, role: str) -> Metadata | None:
    found = sorted(channel.glob(f"*.{role}.json"), key=lambda each: int(each.name.split(".")[0]))
    return Metadata.from_file(str(found[-1])) if found else None


def _sign(signed: Signed, signers: list[CryptoSigner], path: Path) -> None:
    metadata = Metadata(signed)
    for each in signers:
        metadata.sign(each, append=True)
    metadata.to_file(str(path))


def _signer(keys: Path, role: str) -> CryptoSigner:
    try:
        loaded = load_pem_private_key((keys / f"{role}.pem").read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise ChannelFailed(f"the key of {role} cannot be read: {error}") from error
    if not isinstance(loaded, Ed25519PrivateKey):
        raise ChannelFailed(f"the key of {role} is not of ed25519")
    return CryptoSigner(loaded)


def _expires(role: str, now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0) + timedelta(days=_DAYS[role])
