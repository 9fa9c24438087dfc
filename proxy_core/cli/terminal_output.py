"""Standard output and error of a command, with terminal control codes escaped."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from proxy_core.cli.command_name import NAME, with_command
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
def _patient_pipe(stream: TextIO | None) -> Iterator[None]:
    """Make ``stream`` blocking for the ``with`` block.

    A parent process may pass a non-blocking pipe (Node.js does), to which Python would lose what
    does not fit. Restored afterwards, because the pipe may be shared.
    """
    if stream is None or os.name != "posix":
        yield
        return
    try:
        descriptor = stream.fileno()
        was_blocking = os.get_blocking(descriptor)
    except (OSError, ValueError):  # not a file at all
        yield
        return
    if was_blocking:
        yield
        return
    os.set_blocking(descriptor, True)
    try:
        yield
    finally:
        os.set_blocking(descriptor, False)


@contextlib.contextmanager
def guarded_output(command: str = NAME) -> Iterator[None]:
    """Replace both outputs of this process by a :class:`TerminalOutput` for the ``with`` block.

    ``command`` is the program's name in hints.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_patient_pipe(sys.stdout))
        # A program without a console has no outputs; printing then has no effect.
        if sys.stdout is not None:
            guarded = cast("TextIO", TerminalOutput(sys.stdout, command))
            stack.enter_context(contextlib.redirect_stdout(guarded))
        if sys.stderr is not None:
            guarded = cast("TextIO", TerminalOutput(sys.stderr, command))
            stack.enter_context(contextlib.redirect_stderr(guarded))
        yield
