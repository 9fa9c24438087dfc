"""The notice at the top of a page: one text, at most two actions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.actions import Action


class Severity(StrEnum):
    INFO = "info"
    ATTENTION = "attention"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: a verb and an object. At most one of a view is ``primary``."""

    text: str
    action: Action
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    severity: Severity
    title: str
    line: str = ""
    choices: tuple[Choice, ...] = ()
