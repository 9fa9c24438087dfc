"""Variables for every program that is started from the user's shell: a block of lines in its file."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location
from proxy_core.clients.shells import environment_lines
from proxy_core.clients.tool import Configure, Environment, FileChange


def shell_variables(
    owner: str, variables: Sequence[tuple[str, str]], location: Location
) -> tuple[FileChange, ...]:
    """Return nothing where the shell's file is not known."""
    file = location.shell_file()
    if file is None:
        return ()
    lines = environment_lines(location.shell, variables)
    return (FileChange(file, Format.LINES, (Setting((owner,), lines),), ()),)


def variables_of(owner: str, environment: Environment) -> Configure:
    """Return what writes the variables that a step shows, filled in, into the shell's file."""

    def configure(connection: Connection, location: Location) -> tuple[FileChange, ...]:
        values = connection.values()
        filled = [(name, Template(text).substitute(values)) for name, text in environment.variables]
        return shell_variables(owner, filled, location)

    return configure
