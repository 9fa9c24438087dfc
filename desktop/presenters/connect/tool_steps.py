"""The steps that connect a tool by hand: masked on the screen, whole on the clipboard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop.presenters.connect.connect_view import StepView
from desktop.presenters.home.home import masked
from desktop.presenters.words import Words
from proxy_core.clients.connection import Connection
from proxy_core.clients.instructions import Place, instructions
from proxy_core.clients.shells import Shell
from proxy_core.clients.tool import Tool

_KEY_MARK = "KEYINTHESESTEPS"
"""Stands for the key while it is masked: a mask of dots would be quoted by the shells."""


@dataclass(frozen=True, slots=True)
class ToolSteps:
    tool: Tool
    connection: Connection
    shell: Shell
    words: Words

    def views(self) -> tuple[StepView, ...]:
        tr, declared = self.words.tr, self.words.declared
        key = self.connection.key
        copied = instructions(self.tool, self.connection, self.shell)
        shown = instructions(self.tool, replace(self.connection, key=_KEY_MARK), self.shell)
        return tuple(
            StepView(
                number=number,
                text=declared(step.text),
                label=step.label,
                shown=hidden.content.replace(_KEY_MARK, masked(key)).rstrip("\n"),
                copied=step.content,
                copy_name=tr("Copy step {number}").format(number=number),
                in_shell=step.place is Place.SHELL,
                in_file=step.place is Place.FILE,
            )
            for number, (step, hidden) in enumerate(zip(copied, shown, strict=True), 1)
        )

    def as_one_text(self) -> str:
        """Return all steps as one text; it contains the key."""
        parts: list[str] = []
        for number, step in enumerate(instructions(self.tool, self.connection, self.shell), 1):
            head = f"{number}. {self.words.declared(step.text)}"
            label = f"{step.label}\n" if step.label else ""
            parts.append(f"{head}\n{label}{step.content}".rstrip())
        return "\n\n".join(parts) + "\n"
