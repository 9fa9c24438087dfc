"""``g-copilot-proxy``: with a command the headless part, without one the tray app."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from proxy_core import cli
from proxy_core.logging_setup import guard_outputs


def main(arguments: Sequence[str] | None = None) -> int:
    guard_outputs()
    parsed = cli.build_parser().parse_args(arguments)
    if parsed.command is not None:
        return cli.run(parsed)
    # Qt is loaded for the app alone: commands work where it cannot be loaded.
    from desktop.app import run

    return run(demo=parsed.demo)


if __name__ == "__main__":
    sys.exit(main())
