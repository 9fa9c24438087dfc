"""``g-copilot-proxy open`` and ``quit``: the tray's commands, for desktops without a tray."""

from __future__ import annotations

import sys

from desktop.app import run
from desktop.system.single_instance import ask_to_quit, ask_to_show, instance_name
from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths


def open_app(*, demo: bool, host: str | None = None, port: int | None = None) -> int:
    """Show the running app's window, or start the app at that address with its window open."""
    if ask_to_show(instance_name(find_paths().config, demo=demo)):
        return DONE
    return run(demo=demo, shows_window=True, host=host, port=port)


def quit_app(*, demo: bool) -> int:
    """Return once the app has ended; succeeds if none runs."""
    ended = ask_to_quit(instance_name(find_paths().config, demo=demo))
    if ended is None:
        print("g-copilot-proxy does not run.")
        return DONE
    if not ended:
        print("g-copilot-proxy: the app was asked to end, and still runs.", file=sys.stderr)
        return FAILED
    return DONE
