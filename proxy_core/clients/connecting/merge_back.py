"""Ours taken out of a file: the very bytes from before, or, where others wrote since, value by value."""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.clients.connecting.receipt import EditReceipt, FileReceipt
from proxy_core.clients.editing.document import (
    ABSENT,
    Data,
    Path,
    Setting,
    value_at,
    with_setting,
)
from proxy_core.clients.editing.formats import edited, is_empty, read_data
from proxy_core.clients.editing.replace_file import hash_of


@dataclass(frozen=True, slots=True)
class WithoutOurs:
    """``content`` None: no file. ``left`` are values that others put in place of ours: they stay.

    ``exact``: the bytes are those from before we came. ``lost``: what ours had replaced is not known.
    """

    content: bytes | None
    left: tuple[Path, ...] = ()
    exact: bool = True
    lost: bool = False


def without_ours(current: bytes | None, before: bytes | None, receipt: FileReceipt) -> WithoutOurs:
    """``before`` is the backup. Raises CannotEdit where the file cannot be read or merged."""
    found = hash_of(current)
    if found and found in (receipt.after, receipt.earlier):
        return WithoutOurs(before)
    if current is None or found == receipt.before:
        return WithoutOurs(current)
    data, old = read_data(current, receipt.form), read_data(before, receipt.form)
    left = drifted(data, receipt.edits)
    undone = [
        Setting(each.setting_path, value_at(old, each.setting_path))
        for each in reversed(receipt.edits)
        if each.setting_path not in left
    ]
    settings = _with_empty_containers(data, old, undone)
    content = edited(current, receipt.form, settings)
    if before is None and is_empty(content, receipt.form):
        return WithoutOurs(None, exact=False)
    named = tuple(
        each
        for each in left
        if value_at(data, each) is not ABSENT and value_at(data, each) != value_at(old, each)
    )
    return WithoutOurs(content, named, exact=False)


def without_backup(current: bytes | None, receipt: FileReceipt) -> WithoutOurs:
    """Where the backup is lost: our values go, and nothing comes in their place. Raises CannotEdit."""
    if current is None or hash_of(current) == receipt.before:
        return WithoutOurs(current)
    data = read_data(current, receipt.form)
    left = drifted(data, receipt.edits)
    ours = [each.setting_path for each in reversed(receipt.edits) if each.setting_path not in left]
    gone = [Setting(path, ABSENT) for path in ours]
    content = edited(
        current, receipt.form, _with_empty_containers(data, read_data(None, receipt.form), gone)
    )
    named = tuple(each for each in left if value_at(data, each) is not ABSENT)
    return WithoutOurs(content, named, exact=False, lost=True)


def drifted(data: Data, edits: tuple[EditReceipt, ...]) -> tuple[Path, ...]:
    """The places where something else stands now than what we wrote."""
    return tuple(
        each.setting_path for each in edits if not each.is_ours(value_at(data, each.setting_path))
    )


def _with_empty_containers(data: Data, old: Data, settings: list[Setting]) -> list[Setting]:
    """Take away what our values were put into and was not there before, if nothing else is in it."""
    result = data
    for setting in settings:
        result = with_setting(result, setting)
    emptied: list[Path] = []
    for setting in settings:
        for length in range(1, len(setting.path)):
            prefix = setting.path[:length]
            inside = value_at(result, prefix)
            was = value_at(old, prefix)
            if (was is ABSENT or was is None) and _is_hollow(inside) and prefix not in emptied:
                emptied.append(prefix)
                break
    remaining = [
        each
        for each in settings
        if not any(each.path[: len(prefix)] == prefix for prefix in emptied)
    ]
    return [*remaining, *(Setting(prefix, ABSENT) for prefix in emptied)]


def _is_hollow(value: Data) -> bool:
    """Whether there is nothing in it but empty containers."""
    if isinstance(value, dict):
        return all(_is_hollow(each) for each in value.values())
    return isinstance(value, list) and not value
