"""Standard output and error of a command, with terminal control codes escaped."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from proxy_core.cli.command_name import NAME, with_command
from proxy_core.cli.patient_output import patient
from proxy_core.status.plain_text import for_terminal


class TerminalOutput:
    """Writes to ``stream`` with control codes escaped; delegates everything else to it."""

    def __init__(self, stream: TextIO, command: str = NAME) -> None:
        self._stream = stream
        self._command = command

    def write(self, text: str, /) -> int:
        self._stream.write(for_terminal(with_command(text, self._command)))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def guarded_output(command: str = NAME) -> Iterator[None]:
    """Replace both outputs of this process by a :class:`TerminalOutput` for the ``with`` block.

    ``command`` is the program's name in hints.
    """
    with contextlib.ExitStack() as stack:
        # A program without a console has no outputs; printing then has no effect.
        if sys.stdout is not None:
            guarded = cast("TextIO", TerminalOutput(patient(sys.stdout), command))
            stack.enter_context(contextlib.redirect_stdout(guarded))
        if sys.stderr is not None:
            guarded = cast("TextIO", TerminalOutput(patient(sys.stderr), command))
            stack.enter_context(contextlib.redirect_stderr(guarded))
        yield
