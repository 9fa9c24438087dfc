"""What the Connect page shows, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.presenters.connect.change_view import ChangeView
from desktop.presenters.shapes import Shape


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One tool of the list. ``sentence`` is the whole row for a screen reader."""

    app_id: str
    shape: Shape
    name: str
    version: str
    line: str
    sentence: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """``shown`` has the key masked, ``copied`` has it whole; both empty if there is nothing to copy.

    ``label`` is a file's path or a field's name.
    """

    number: int
    text: str
    label: str = ""
    shown: str = ""
    copied: str = ""
    copy_name: str = ""
    in_shell: bool = False
    in_file: bool = False


@dataclass(frozen=True, slots=True)
class KeyView:
    """Which key the steps contain; ``make_text`` is empty if no other can be made."""

    line: str
    make_text: str = ""


@dataclass(frozen=True, slots=True)
class TestView:
    """The result of the last test; ``line`` is empty if there was none."""

    __test__ = False  # not a test, whatever its name begins with

    shape: Shape = Shape.OFF
    line: str = ""
    answer: str = ""
    running: bool = False


@dataclass(frozen=True, slots=True)
class ToolView:
    """The selected tool.

    ``shell`` is empty if no step is for one; with a ``refusal`` there are no steps.

    With a ``change`` there are no steps either: its settings are written for the user.
    """

    app_id: str
    title: str
    line: str
    change: ChangeView | None = None
    steps: tuple[StepView, ...] = ()
    everything: str = ""
    caution: str = ""
    refusal: str = ""
    models: tuple[str, ...] = ()
    model: str = ""
    shells: tuple[tuple[str, str], ...] = ()
    shell: str = ""
    key: KeyView = field(default_factory=lambda: KeyView(""))
    test: TestView = field(default_factory=TestView)
    can_test: bool = False
    test_text: str = ""
    test_note: str = ""


@dataclass(frozen=True, slots=True)
class ConnectView:
    line: str
    looking: bool
    rows: tuple[ToolRow, ...]
    others: tuple[ToolRow, ...]
    others_text: str
    tool: ToolView | None
