"""The receipts and backups of connected tools: one folder of ours, for the user alone.

A backup is named by its content's hash, so that storing one twice is storing it once.
"""

from __future__ import annotations

import logging
from pathlib import Path

from proxy_core.clients.connecting.receipt import FileReceipt, Receipt, decode, encode
from proxy_core.clients.editing.document import CannotEdit
from proxy_core.clients.editing.file_operations import FileOperations
from proxy_core.clients.editing.replace_file import hash_of

log = logging.getLogger("g_copilot_proxy.connect")


class BackupLost(CannotEdit):
    """The copy of what was there before is not what we put there."""


class ReceiptFolder:
    """Every method raises OSError."""

    def __init__(self, folder: Path, files: FileOperations) -> None:
        self._folder = folder
        self._files = files

    def lock_of(self, app_id: str) -> Path:
        """What is locked while a tool's files are changed: never a file beside the tool's own."""
        return self._folder / app_id

    def load(self, app_id: str) -> Receipt | None:
        """Raises CannotEdit for a damaged one: what it says to undo is not known then."""
        content = self._files.load(self._receipt(app_id))
        if content is None:
            return None
        try:
            return decode(content)
        except ValueError as error:
            raise CannotEdit(
                f"The receipt {self._receipt(app_id)} cannot be read. The backups lie beside it: put "
                "back what was there before, then remove the receipt.",
                code="receipt",
            ) from error

    def all(self) -> tuple[Receipt, ...]:
        """Every receipt that can be read; the others are named in the log."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                receipt = self.load(path.stem)
            except CannotEdit as error:
                log.warning("%s", error.message)
                continue
            if receipt is not None:
                found.append(receipt)
        return tuple(found)

    def unreadable(self) -> tuple[str, ...]:
        """The ids of tools whose receipts cannot be read."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                self.load(path.stem)
            except CannotEdit:
                found.append(path.stem)
        return tuple(found)

    def store(self, receipt: Receipt) -> None:
        self._files.store(self._receipt(receipt.app_id), encode(receipt))

    def remove(self, receipt: Receipt) -> None:
        self._files.discard(self._receipt(receipt.app_id))
        self._remove_backups(receipt.app_id, set())

    def store_backup(self, app_id: str, content_hash: str, content: bytes | None) -> str:
        """Return the backup's name, empty where there is nothing to back up."""
        if content is None:
            return ""
        name = f"{app_id}.{content_hash[:32]}.backup"
        self._files.store(self._folder / name, content)
        return name

    def backup(self, file: FileReceipt) -> bytes | None:
        """Return the content from before; None where there was no file. Raises BackupLost."""
        if not file.backup:
            return None
        content = self._files.load(self._folder / file.backup)
        if hash_of(content) != file.before:
            raise BackupLost(f"The backup of {file.path} is gone.", code="backup")
        return content

    def backup_path(self, file: FileReceipt) -> Path | None:
        return self._folder / file.backup if file.backup else None

    def remove_unused_backups(self, receipt: Receipt) -> None:
        self._remove_backups(receipt.app_id, {each.backup for each in receipt.files})

    def _remove_backups(self, app_id: str, wanted: set[str]) -> None:
        for path in sorted(self._folder.glob(f"{app_id}.*.backup")):
            if path.name not in wanted:
                self._files.discard(path)

    def _receipt(self, app_id: str) -> Path:
        return self._folder / f"{app_id}.json"
