"""``g-copilot-proxy``: with a command the headless part, without one the tray app."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

APP_COMMANDS = ("open", "quit")
"""Commands for the running app, not for the core."""

FAILED, INTERRUPTED = 1, 130


def _no_qt(command: str, error: ImportError) -> int:
    """Report why the app cannot be reached: its socket needs Qt."""
    print(
        f"g-copilot-proxy: {command} needs Qt's libraries, which cannot be loaded here ({error}). "
        "Without a window: g-copilot-proxy serve; what is missing: g-copilot-proxy without a command.",
        file=sys.stderr,
    )
    return FAILED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Imports are made here, so that Ctrl-C while loading ends without a traceback.
    """
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    from proxy_core.cli import main as cli
    from proxy_core.cli.exit_codes import environment_of_demo
    from proxy_core.status.logging import guard_outputs

    guard_outputs()
    parsed = cli.build_parser().parse_args(arguments)
    if parsed.command in APP_COMMANDS:
        # Imported here: the other commands must work without Qt.
        try:
            from desktop.app_commands import open_app, quit_app
        except ImportError as error:
            return _no_qt(parsed.command, error)
        if parsed.command == "quit":
            return quit_app(demo=parsed.demo)
        return open_app(demo=parsed.demo, host=parsed.host, port=parsed.port)
    if parsed.command is not None:
        return cli.run(parsed)
    if parsed.smoke:
        os.environ.setdefault("QT_API", "pyside6")  # qasync would prefer an installed PyQt
        try:
            from desktop.smoke import smoke
        except ImportError as error:
            print(f"smoke FAILED: the window's libraries cannot be loaded ({error})", flush=True)
            return FAILED
        return smoke(os.environ)
    os.environ.update(environment_of_demo(parsed))
    # Only the app imports Qt: commands must work without it.
    from desktop.app import run

    return run(demo=parsed.demo, host=parsed.host, port=parsed.port)


if __name__ == "__main__":
    sys.exit(main())
