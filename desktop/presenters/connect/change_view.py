"""What the Connect page shows of a change to a tool's settings, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.presenters.shapes import Shape


@dataclass(frozen=True, slots=True)
class RoleView:
    """``models`` are pairs of value and text; ``prices`` in credits per million tokens, or empty."""

    name: str
    title: str
    models: tuple[tuple[str, str], ...]
    model: str
    prices: str = ""


@dataclass(frozen=True, slots=True)
class DiffLineView:
    """``sign`` is ``+``, ``-`` or a blank. Number 0: lines that stay as they are stand here."""

    sign: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class FileView:
    """``counts`` are of added and removed lines, as text. ``said`` is all of it for a screen reader."""

    path: str
    added: str
    removed: str
    said: str
    lines: tuple[DiffLineView, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """``note`` says how it stands, in words. The texts of buttons are empty where there is none.

    ``prices_title`` heads the prices; ``files`` are what would change or what was changed.
    """

    roles: tuple[RoleView, ...] = ()
    prices_title: str = ""
    files_title: str = ""
    files: tuple[FileView, ...] = ()
    shape: Shape = Shape.OFF
    note: str = ""
    detail: str = ""
    connect_text: str = ""
    disconnect_text: str = ""
    is_connected: bool = False
    busy: bool = False
    backup: str = ""
    undo_on_quit: bool = False
