"""A tool's steps filled in with the user's address, key and model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from string import Template

from proxy_core.clients.connection import Connection
from proxy_core.clients.shells import Shell, command_line, environment_lines
from proxy_core.clients.tool import Command, Environment, Field, FilePart, Step, Tool


class Place(StrEnum):
    """Where to put the content of a step."""

    NOWHERE = "nowhere"
    SHELL = "shell"
    FILE = "file"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Instruction:
    """``label`` is the file's path or the field's name; ``content`` is what to copy, ``""`` for none."""

    text: str
    place: Place = Place.NOWHERE
    label: str = ""
    content: str = ""


def instructions(tool: Tool, connection: Connection, shell: Shell) -> tuple[Instruction, ...]:
    return tuple(_filled(step, connection.values(), shell) for step in tool.steps)


def _filled(step: Step, values: dict[str, str], shell: Shell) -> Instruction:
    def fill(text: str) -> str:
        return Template(text).substitute(values)

    match step.content:
        case None:
            return Instruction(step.text)
        case Environment(variables, if_window_known):
            if values["window"]:
                variables = (*variables, *if_window_known)
            filled = [(name, fill(value)) for name, value in variables]
            return Instruction(step.text, Place.SHELL, "", environment_lines(shell, filled))
        case Command(arguments):
            line = command_line(shell, [fill(each) for each in arguments])
            return Instruction(step.text, Place.SHELL, "", line)
        case Field(label, value):
            return Instruction(step.text, Place.FIELD, label, fill(value))
        case FilePart(path, text, with_small):
            if with_small and values["small_model"] != values["model"]:
                text = with_small
            quoted = {name: json.dumps(value) for name, value in values.items()}
            return Instruction(step.text, Place.FILE, path, Template(text).substitute(quoted))
