"""``python -m proxy_core.cli``: the commands without the app, and what the bundle without Qt starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from proxy_core.cli.exit_codes import INTERRUPTED, USAGE

NEEDS_THE_APP = ("open", "quit", None)
"""Commands of the tray app, which is not part of this."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Imports are made here: Ctrl-C ends them quietly."""
    try:
        from proxy_core.cli import main as cli
        from proxy_core.status.logging import guard_outputs

        guard_outputs()
        parsed = cli.build_parser().parse_args(arguments)
        if parsed.command is None and parsed.smoke:
            parsed.command = "serve"
        if parsed.command in NEEDS_THE_APP:
            print(
                "g-copilot-proxy: this is the edition without a window; start the server with "
                "`g-copilot-proxy serve`.",
                file=sys.stderr,
            )
            return USAGE
        return cli.run(parsed)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
