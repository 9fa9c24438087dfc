"""The key of a connected tool, read from where it was written: nowhere else is it stored."""

from __future__ import annotations

from proxy_core.clients.connecting.plan import KEY_PLACEHOLDER
from proxy_core.clients.connecting.receipt import Receipt
from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import CannotEdit, Setting, value_at
from proxy_core.clients.editing.file_operations import FileOperations
from proxy_core.clients.editing.formats import read_data
from proxy_core.clients.editing.replace_file import target_of
from proxy_core.clients.location import Location
from proxy_core.clients.tool import Tool


def written_key(
    tool: Tool, receipt: Receipt, location: Location, files: FileOperations
) -> str | None:
    """Find it by configuring with a mark in its place, and looking what stands there."""
    assert tool.configure is not None
    mark = Connection(receipt.base_url, KEY_PLACEHOLDER, receipt.models.get("main", ""))
    known = {each.path: each for each in receipt.files}
    for change in tool.configure(mark, location):
        file = known.get(str(change.file))
        current = files.read(target_of(change.file)) if file else None
        if file is None or current is None:
            continue
        try:
            data = read_data(current, change.form)
        except CannotEdit:
            continue
        for setting in change.settings:
            key = _key_in(setting, value_at(data, setting.path))
            if key:
                return key
    return None


def _key_in(setting: Setting, found: object) -> str:
    """Return what stands in place of the mark in a value of the same shape, or nothing."""
    wanted = setting.value
    if isinstance(wanted, str) and isinstance(found, str) and KEY_PLACEHOLDER in wanted:
        head, _, tail = wanted.partition(KEY_PLACEHOLDER)
        if "\n" in wanted:
            # Lines: the key is in the line that begins as ours does.
            head = head.rpartition("\n")[2]
            tail = tail.partition("\n")[0]
            lines = [each for each in found.split("\n") if each.startswith(head)]
            found = lines[0] if lines else ""
        fits = found.startswith(head) and found.endswith(tail) and len(found) > len(head + tail)
        return found[len(head) : len(found) - len(tail)] if fits else ""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name, each in wanted.items():
            key = _key_in(Setting((), each), found.get(name))
            if key:
                return key
    return ""
