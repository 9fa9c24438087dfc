"""Looks at a tool's files: connected, by whom, and whether somebody changed it since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from proxy_core.clients.connecting.merge_back import drifted
from proxy_core.clients.connecting.plan import KEY_PLACEHOLDER
from proxy_core.clients.connecting.receipt import FileReceipt, Receipt, Stage
from proxy_core.clients.connecting.receipt_folder import ReceiptFolder
from proxy_core.clients.connecting.state import Condition, Drift, ToolState
from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import CannotEdit, Unreadable, shown, value_at
from proxy_core.clients.editing.file_operations import FileOperations
from proxy_core.clients.editing.formats import Format, read_data
from proxy_core.clients.editing.replace_file import hash_of, target_of
from proxy_core.clients.location import Location
from proxy_core.clients.tool import FileChange, Tool
from proxy_core.errors import translatable


def inspect(
    tool: Tool,
    base_url: str,
    location: Location,
    folder: ReceiptFolder,
    files: FileOperations,
) -> ToolState:
    changes = _changes(tool, base_url, location)
    if not changes:
        return ToolState(Condition.STEPS_ONLY)
    paths = tuple(each.file for each in changes)
    try:
        receipt = folder.load(tool.app_id)
        if receipt is not None and receipt.stage is not Stage.RESTING:
            return _of_a_receipt(receipt, paths, files)
        return _without_receipt(receipt, changes, paths, base_url, files)
    except Unreadable as error:
        return ToolState(Condition.UNREADABLE, files=paths, problem=error.said, line=error.line)
    except CannotEdit as error:
        return ToolState(Condition.UNREADABLE, files=paths, problem=error.said)
    except OSError as error:
        problem = translatable("{file}: {reason}.", file=error.filename, reason=error.strerror)
        return ToolState(Condition.UNREADABLE, files=paths, problem=problem)


def _changes(tool: Tool, base_url: str, location: Location) -> Sequence[FileChange]:
    if tool.configure is None:
        return ()
    return tool.configure(Connection(base_url, KEY_PLACEHOLDER, ""), location)


def _of_a_receipt(receipt: Receipt, paths: tuple[Path, ...], files: FileOperations) -> ToolState:
    if receipt.stage is not Stage.CONNECTED:
        return ToolState(Condition.UNFINISHED, receipt, paths)
    drift: list[Drift] = []
    edited_since = False
    for each in receipt.files:
        found = files.read(Path(each.target))
        if hash_of(found) == each.after:
            continue
        edited_since = True
        drift += _drift(each, found)
    condition = Condition.CHANGED if drift else Condition.CONNECTED
    return ToolState(
        condition, receipt, paths, receipt.base_url, tuple(drift), edited_since=edited_since
    )


def _drift(file: FileReceipt, found: bytes | None) -> list[Drift]:
    path = Path(file.path)
    if found is None:
        return [Drift(path, "")]
    data = read_data(found, file.form)
    return [Drift(path, shown(each)) for each in drifted(data, file.edits)]


def _without_receipt(
    resting: Receipt | None,
    changes: Sequence[FileChange],
    paths: tuple[Path, ...],
    base_url: str,
    files: FileOperations,
) -> ToolState:
    for change in changes:
        content = files.read(target_of(change.file))
        if content is None or change.form is Format.LINES:
            continue
        address = value_at(read_data(content, change.form), change.address_at)
        if isinstance(address, str) and address:
            ours = address.rstrip("/").removesuffix("/v1") == base_url
            condition = Condition.BY_HAND if ours else Condition.ELSEWHERE
            return ToolState(condition, resting, paths, address)
    return ToolState(Condition.NOT_CONNECTED, resting, paths)
