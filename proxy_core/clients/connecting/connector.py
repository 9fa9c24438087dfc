"""Connects a tool and disconnects it: plan, write, remember, undo, repair. Blocks on the disk.

The order makes every moment safe to die in: backup, receipt that says "applying", files one by one,
receipt that says "connected". What was done of it can be read from the hashes, and repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import msgspec

from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.clients.connecting.inspection import inspect
from proxy_core.clients.connecting.merge_back import (
    WithoutOurs,
    without_backup,
    without_ours,
)
from proxy_core.clients.connecting.plan import FilePlan
from proxy_core.clients.connecting.receipt import (
    VERSION,
    EditReceipt,
    FileReceipt,
    Receipt,
    Stage,
)
from proxy_core.clients.connecting.receipt_folder import BackupLost, ReceiptFolder
from proxy_core.clients.connecting.state import ToolState
from proxy_core.clients.connecting.written_key import written_key
from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import CannotEdit, shown
from proxy_core.clients.editing.file_operations import FileOperations
from proxy_core.clients.editing.formats import edited, read_data
from proxy_core.clients.editing.replace_file import (
    ChangedMeanwhile,
    check_writable,
    hash_of,
    missing_folders,
    remove_leftovers,
    replace_file,
    target_of,
)
from proxy_core.clients.location import Location
from proxy_core.clients.tool import Tool
from proxy_core.errors import BadRequest, ProxyError
from proxy_core.storage.file_lock import locked

ATTEMPTS = 4
"""How often a file is looked at anew that another program keeps changing."""


class Keys(Protocol):
    """As ``auth.client_keys.ClientKeys`` does it."""

    def listed(self) -> tuple[ClientKey, ...]: ...

    def make(self, name: str) -> NewClientKey: ...

    def revoke(self, key_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Left:
    """A value that another program put in place of ours: it was left there."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """``restored`` are files that are byte for byte what they were; ``merged`` had others' edits.

    ``lost`` are files whose backup is gone: ours is removed, and what it had replaced is not put back.
    """

    restored: tuple[Path, ...] = ()
    merged: tuple[Path, ...] = ()
    left: tuple[Left, ...] = ()
    lost: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """A file as it is and as it will be without ours; ``key`` is the one to mask."""

    path: Path
    current: bytes | None
    after: bytes | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    receipt: Receipt
    plans: tuple[FilePlan, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class _Undone:
    """A file of a receipt, as it is and as it will be without ours."""

    receipt: FileReceipt
    current: bytes | None
    result: WithoutOurs


class Connector:
    """``now`` is in seconds since 1970."""

    def __init__(
        self,
        folder: ReceiptFolder,
        location: Location,
        keys: Keys,
        files: FileOperations,
        now: Callable[[], float],
    ) -> None:
        self._folder = folder
        self._location = location
        self._keys = keys
        self._files = files
        self._now = now

    def state(self, tool: Tool, base_url: str) -> ToolState:
        """Look at the tool's files; never raises for what is in them."""
        return inspect(tool, base_url, self._location, self._folder, self._files)

    def plan(self, tool: Tool, connection: Connection) -> tuple[FilePlan, ...]:
        """What ``connect`` would write now. Raises CannotEdit, or OSError."""
        receipt = self._folder.load(tool.app_id)
        key = None if receipt is None else self._usable_key(tool, receipt)
        return self._plans(tool, replace(connection, key=key or connection.key), receipt)

    def connect(self, tool: Tool, connection: Connection) -> Connected:
        """Write the tool's files, with a key of its own in place of the connection's.

        Raises CannotEdit, ChangedMeanwhile or OSError; the files are then as they were.
        """
        with locked(self._folder.lock_of(tool.app_id)):
            for attempt in range(ATTEMPTS):
                try:
                    return self._connect(tool, connection)
                except ChangedMeanwhile:
                    if attempt == ATTEMPTS - 1:
                        raise
        raise AssertionError("the last attempt returns or raises")

    def disconnect(self, tool: Tool, *, rest: bool = False) -> Disconnected:
        """Take ours out of the tool's files, and let nobody in with its key any more.

        ``rest``: remember that it was connected, for ``resting``. Raises BadRequest where it is not
        connected, CannotEdit, ChangedMeanwhile or OSError.
        """
        with locked(self._folder.lock_of(tool.app_id)):
            receipt = self._folder.load(tool.app_id)
            if receipt is None:
                raise BadRequest(f"{tool.name} was not connected from here.", code="not_connected")
            for attempt in range(ATTEMPTS):
                try:
                    return self._undo(receipt, rest=rest)
                except ChangedMeanwhile:
                    if attempt == ATTEMPTS - 1:
                        raise
        raise AssertionError("the last attempt returns or raises")

    def undo_plan(self, tool: Tool) -> tuple[UndoPlan, ...]:
        """What ``disconnect`` would do. Raises as it does."""
        receipt = self._folder.load(tool.app_id)
        if receipt is None:
            raise BadRequest(f"{tool.name} was not connected from here.", code="not_connected")
        key = self._written_key(tool, receipt) or ""
        undone = [self._worked_out(each) for each in receipt.files]
        return tuple(
            UndoPlan(Path(each.receipt.path), each.current, each.result.content, key)
            for each in undone
        )

    def unfinished(self, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        """Those whose files a killed process left half done: ``disconnect`` repairs each."""
        stopped = {
            each.app_id
            for each in self._folder.all()
            if each.stage in (Stage.APPLYING, Stage.REVERTING)
        }
        return tuple(each for each in tools if each.app_id in stopped)

    def unreadable(self, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        """Those whose receipt cannot be read: ``disconnect`` says what is to be done."""
        damaged = self._folder.unreadable()
        return tuple(each for each in tools if each.app_id in damaged)

    def receipts(self) -> tuple[Receipt, ...]:
        return self._folder.all()

    def key_in_use(self, tool: Tool) -> str | None:
        """The key in the tool's files, if all that carries it is as we wrote it."""
        receipt = self._folder.load(tool.app_id)
        return None if receipt is None else self._written_key(tool, receipt)

    def _connect(self, tool: Tool, connection: Connection) -> Connected:
        receipt = self._folder.load(tool.app_id)
        if receipt is not None and receipt.stage is Stage.CONNECTED:
            key = "" if tool.key_by_hand else self._usable_key(tool, receipt)
            if key is not None:
                return self._write(tool, replace(connection, key=key), receipt)
        if receipt is not None:
            self._undo(receipt, rest=False)
        # Whether it can be written at all comes before a key is made.
        self._plans(tool, connection, None)
        name = self._free_name(tool)
        begun = Receipt(
            VERSION,
            tool.app_id,
            Stage.APPLYING,
            self._now(),
            connection.base_url,
            _models(tool, connection),
            name,
        )
        self._folder.store(begun)
        try:
            if tool.key_by_hand:
                key = ""
            else:
                made = self._keys.make(name)
                begun = msgspec.structs.replace(begun, key_id=made.client_key.key_id)
                key = made.key
        except (ProxyError, OSError):
            self._folder.remove(begun)
            raise
        try:
            return self._write(tool, replace(connection, key=key), begun)
        except (ProxyError, OSError):
            left = self._folder.load(tool.app_id)
            if left is not None and not left.files:  # it failed before a file was written
                self._undo(begun, rest=False)
            raise

    def _write(self, tool: Tool, connection: Connection, receipt: Receipt) -> Connected:
        plans = self._plans(tool, connection, receipt)
        stored = self._folder.load(tool.app_id)
        changed = any(plan.changes for plan in plans)
        if not changed and stored == receipt and receipt.stage is Stage.CONNECTED:
            return Connected(receipt, plans, changed=False)
        applying = msgspec.structs.replace(
            receipt,
            stage=Stage.APPLYING,
            base_url=connection.base_url,
            models=_models(tool, connection),
            files=tuple(self._file_receipt(tool, plan, receipt) for plan in plans),
        )
        # Files that were ours and are no longer among the planned ones go back to what they were.
        dropped = [each for each in receipt.files if each.path not in {str(p.path) for p in plans}]
        for each in dropped:
            self._restore(self._worked_out(each))
        self._folder.store(applying)
        try:
            for plan in plans:
                self._apply(plan)
        except (ProxyError, OSError):
            self._undo(applying, rest=False)
            raise
        connected = msgspec.structs.replace(applying, stage=Stage.CONNECTED)
        self._folder.store(connected)
        self._folder.remove_unused_backups(connected)
        return Connected(connected, plans, changed)

    def _plans(
        self, tool: Tool, connection: Connection, receipt: Receipt | None
    ) -> tuple[FilePlan, ...]:
        changes = tool.configure(connection, self._location) if tool.configure else ()
        if not changes:
            raise CannotEdit(
                f"{tool.name} has no file here that could be written for you; follow the steps.",
                code="steps_only",
            )
        known = {each.path: each for each in receipt.files} if receipt else {}
        plans = []
        for change in changes:
            target = target_of(change.file)
            current = self._files.read(target)
            base = current
            if (old := known.get(str(change.file))) is not None:
                base = self._without_ours(current, old).content
            try:
                after = edited(base, change.form, change.settings)
            except CannotEdit as error:
                raise CannotEdit(f"{change.file}: {error.message}", code=error.code) from error
            plan = FilePlan(change.file, target, change.form, current, base, after, change.settings)
            if plan.changes:
                check_writable(change.file, target)
            plans.append(plan)
        return tuple(plans)

    def _file_receipt(self, tool: Tool, plan: FilePlan, receipt: Receipt) -> FileReceipt:
        old = next((each for each in receipt.files if each.path == str(plan.path)), None)
        made = old.made_folders if old else tuple(map(str, missing_folders(plan.target)))
        before = hash_of(plan.base)
        backup = self._folder.store_backup(tool.app_id, before, plan.base)
        data = read_data(plan.base, plan.form)
        # What had our value before us is not ours to take away.
        edits = tuple(EditReceipt.of(each) for each in plan.settings if not each.holds(data))
        return FileReceipt(
            str(plan.path),
            str(plan.target),
            plan.form,
            before,
            hash_of(plan.after),
            backup,
            edits,
            made,
            hash_of(plan.current) if plan.current != plan.base else "",
        )

    def _apply(self, plan: FilePlan) -> None:
        for folder in missing_folders(plan.target):
            self._files.make_folder(folder)
        remove_leftovers(plan.target, self._files)
        if plan.changes:
            replace_file(plan.target, plan.after, expected=hash_of(plan.current), files=self._files)

    def _undo(self, receipt: Receipt, *, rest: bool) -> Disconnected:
        # All is worked out before anything is changed: a file that cannot be read changes nothing.
        undone = [self._worked_out(each) for each in reversed(receipt.files)]
        if receipt.stage is not Stage.RESTING:
            self._folder.store(msgspec.structs.replace(receipt, stage=Stage.REVERTING))
        for each in undone:
            self._restore(each)
        self._revoke(receipt)
        if rest:
            resting = msgspec.structs.replace(receipt, stage=Stage.RESTING, files=(), key_id="")
            self._folder.store(resting)
            self._folder.remove_unused_backups(resting)
        else:
            self._folder.remove(receipt)
        return Disconnected(
            tuple(Path(each.receipt.path) for each in undone if each.result.exact),
            tuple(
                Path(each.receipt.path)
                for each in undone
                if not each.result.exact and not each.result.lost
            ),
            tuple(
                Left(Path(each.receipt.path), shown(path))
                for each in undone
                for path in each.result.left
            ),
            tuple(Path(each.receipt.path) for each in undone if each.result.lost),
        )

    def _worked_out(self, receipt: FileReceipt) -> _Undone:
        target = Path(receipt.target)
        current = self._files.read(target)
        result = self._without_ours(current, receipt)
        if result.content != current and current is not None:
            check_writable(Path(receipt.path), target)
        return _Undone(receipt, current, result)

    def _without_ours(self, current: bytes | None, receipt: FileReceipt) -> WithoutOurs:
        try:
            before = self._folder.backup(receipt)
        except BackupLost:
            return without_backup(current, receipt)
        return without_ours(current, before, receipt)

    def _restore(self, undone: _Undone) -> None:
        target, content = Path(undone.receipt.target), undone.result.content
        remove_leftovers(target, self._files)
        if content != undone.current:
            replace_file(target, content, expected=hash_of(undone.current), files=self._files)
        if content is None:
            for folder in reversed(undone.receipt.made_folders):
                self._files.remove_folder(Path(folder))

    def _revoke(self, receipt: Receipt) -> None:
        for each in self._keys.listed():
            # Killed before the key's id was noted: its name and age say that it is the one.
            ours = each.key_id == receipt.key_id or (
                not receipt.key_id
                and receipt.stage is not Stage.RESTING
                and each.name == receipt.key_name
                and each.made_at >= receipt.at
            )
            if ours:
                self._keys.revoke(each.key_id)

    def _written_key(self, tool: Tool, receipt: Receipt) -> str | None:
        return written_key(tool, receipt, self._location, self._files)

    def _usable_key(self, tool: Tool, receipt: Receipt) -> str | None:
        """The written key, unless it was revoked since, or another's stands in its place."""
        key = self._written_key(tool, receipt)
        if key is None or not receipt.key_id:
            return key
        known = (each for each in self._keys.listed() if each.key_id == receipt.key_id)
        return key if any(key.endswith(each.ending) for each in known) else None

    def _free_name(self, tool: Tool) -> str:
        """A key's name is the tool's, so that its requests count as the tool's."""
        taken = {each.name.casefold() for each in self._keys.listed()}
        name, number = tool.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{tool.name} ({number})"
        return name


def _models(tool: Tool, connection: Connection) -> dict[str, str]:
    return {role.name: connection.model_for(role.name) for role in tool.roles}
