"""A real tool that our own command connects: how to get it, and how it runs unattended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from proxy_core.clients.catalogue import TOOLS
from tests.agents.declared import AGENTS_FOLDER

PROGRAMS = Path(__file__).with_name("programs")


class Scene(StrEnum):
    """What a tool is tried with, in this order and in one session."""

    TASK = "task"
    SWITCH = "model switched"
    RESTART = "proxy restarted"
    IMAGE = "image"
    COMPACTION = "after compaction"


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a person asks. ``resumes``: in the session of the turn before.

    ``compacts``: the tool is told to compact its session, in place of the prompt.
    """

    prompt: str
    note: Path
    model: str
    resumes: bool = False
    image: Path | None = None
    compacts: bool = False
    home: Path = Path()


@dataclass(frozen=True, slots=True)
class ConnectedTool:
    """``existing`` are files a person already had, by their path below the home.

    ``arguments`` are those after the program's name, for a turn. ``models``: the first passes through,
    the second is translated; with a third, each is of the API that the tool then speaks. ``cannot`` are
    scenes it has no way to, each with the reason. ``shell``: its settings are variables, so it starts
    from a shell that read its start file. ``fills``: it compacts by itself when its window is full.
    ``reads_pictures``: with the tool it has for files. ``always_translated``: Copilot has no such API.
    """

    app_id: str
    package: str
    version: str
    program: str
    models: tuple[str, ...]
    arguments: Callable[[Turn], list[str]]
    existing: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    python: bool = False
    shell: bool = False
    fills: bool = False
    reads_pictures: bool = False
    always_translated: bool = False
    cannot: Mapping[Scene, str] = field(default_factory=dict)
    lacks: str = ""

    @property
    def key(self) -> str:
        """What the command calls it."""
        return self.app_id

    @property
    def title(self) -> str:
        return TOOLS[self.app_id].name

    @property
    def packages(self) -> tuple[str, ...]:
        return (f"{self.package}{'==' if self.python else '@'}{self.version}",)

    @property
    def folder(self) -> Path:
        return AGENTS_FOLDER / f"{self.program}-{self.version}"

    @property
    def installed(self) -> Path:
        if self.python:
            return self.folder / ("Scripts" if os.name == "nt" else "bin") / self.program
        return self.folder / "node_modules" / ".bin" / self.program

    @property
    def chains(self) -> tuple[tuple[str, str], ...]:
        """Pairs of models: one the session begins with, and one it is switched to."""
        return tuple(zip(self.models, (*self.models[1:], self.models[0]), strict=True))

    def command(self, turn: Turn) -> list[str]:
        return [str(self.installed), *self.arguments(turn)]


@dataclass(frozen=True, slots=True)
class ConnectedLibrary:
    """A library, used by a small program of ours (``programs/``) that goes on for a whole session.

    The program reads a turn a line, as JSON, and answers with a line of JSON. ``pinned`` are all
    packages.
    """

    key: str
    title: str
    app_id: str
    program: str
    pinned: tuple[str, ...]
    models: tuple[str, ...]
    options: tuple[str, ...] = ()
    cannot: Mapping[Scene, str] = field(default_factory=dict)
    lacks: str = ""
    existing: Mapping[str, str] = field(
        default_factory=lambda: {".bashrc": "alias ll='ls -l'\n# no line end"}
    )
    environment: Mapping[str, str] = field(default_factory=dict)
    shell: bool = True
    fills: bool = False
    reads_pictures: bool = False
    always_translated: bool = False

    @property
    def python(self) -> bool:
        return self.program.endswith(".py")

    @property
    def version(self) -> str:
        return self.pinned[0].rsplit("==" if self.python else "@", 1)[1]

    @property
    def packages(self) -> tuple[str, ...]:
        return self.pinned

    @property
    def folder(self) -> Path:
        """Libraries of one list of packages share a folder."""
        name = self.pinned[0].partition("[")[0].partition("==")[0].strip("@").replace("/", "-")
        name = name.partition("@")[0]
        return AGENTS_FOLDER / f"library-{name}-{self.version}"

    @property
    def installed(self) -> Path:
        if self.python:
            return self.folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        return self.folder / "node_modules" / ".bin" / "node"

    @property
    def chains(self) -> tuple[tuple[str, str], ...]:
        return tuple(zip(self.models, (*self.models[1:], self.models[0]), strict=True))

    def command(self) -> list[str]:
        """Programs in JavaScript lie where their packages are found from."""
        place = PROGRAMS if self.python else self.folder
        return [str(self.installed), str(place / self.program), *self.options]


AnyTool = ConnectedTool | ConnectedLibrary
