"""The commands and options of the program, read from its own parser: for completions and the manual."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

from proxy_core.clients.catalogue import TOOLS
from proxy_core.config.setting_names import setting_names


@dataclass(frozen=True, slots=True)
class Option:
    """``flags`` is empty for an argument by its place. ``value``: what follows it, empty for nothing.

    ``words`` are what a shell can complete; only ``choices`` are all there is. ``repeats``: it may stand
    several times.
    """

    flags: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def takes_file(self) -> bool:
        return self.value == "FILE"


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` holds the words that lead here, ``settings set``; empty for the program itself."""

    name: str
    help: str
    options: tuple[Option, ...]
    commands: tuple[Command, ...] = ()


def command_tree(
    parser: argparse.ArgumentParser, name: str = "", text: str | None = None
) -> Command:
    options: list[Option] = []
    commands: list[Command] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            for word, below in action.choices.items():
                commands.append(command_tree(below, f"{name} {word}".strip(), helps[word]))
        elif action.help != argparse.SUPPRESS:
            options.append(_option(action))
    return Command(name, text or parser.description or "", tuple(options), tuple(commands))


def _option(action: argparse.Action) -> Option:
    takes_none = action.nargs == 0
    value = "" if takes_none else str(action.metavar or action.dest).replace(" ", "-")
    if action.option_strings and not takes_none and action.metavar is None:
        value = value.upper()
    choices = tuple(str(each) for each in action.choices or ())
    known = () if action.option_strings else _known_words().get(value, ())
    return Option(
        tuple(action.option_strings),
        value,
        " ".join((action.help or "").split()),
        choices,
        choices or known,
        action.nargs in ("*", "+"),
    )


def _known_words() -> Mapping[str, tuple[str, ...]]:
    """What stands in an argument's place, by the name the help gives it."""
    return {"APP": tuple(TOOLS), "KEY": setting_names()}
