"""Starts the app, or reports why no window is possible and serves without one.

Imports Qt only after the screen check has passed.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable

from desktop.system.screen_check import Obstacle, find_screen_problem


def load() -> Callable[..., int]:
    """Import the app and return what runs it.

    What is imported stays, so collecting garbage meanwhile finds none; the running app does it in turns
    of its own (``desktop/system/garbage_collection.py``).
    """
    gc.disable()
    os.environ.setdefault("QT_API", "pyside6")  # qasync would prefer an installed PyQt
    from desktop.system.pyside_features import without_reading_sources
    from proxy_core.app.quick_start import import_aiohttp

    import_aiohttp()

    without_reading_sources()
    from desktop.composition import run_app

    return run_app


def run(
    *,
    demo: bool = False,
    shows_window: bool = False,
    host: str | None = None,
    port: int | None = None,
) -> int:
    """Run until the user quits; return the process's exit code.

    ``shows_window``: open it at once, not only when the user is needed. ``host`` and ``port``: the
    server's, for this run only.
    """
    problem = find_screen_problem(os.environ)
    if problem is None:
        return load()(demo=demo, shows_window=shows_window, host=host, port=port)
    print(f"g-copilot-proxy: {problem.message}", file=sys.stderr)
    if problem.obstacle is Obstacle.MISSING_LIBRARIES:
        print(
            "Without a window: g-copilot-proxy serve" + (" --demo" if demo else ""),
            file=sys.stderr,
        )
        return 1
    print("Starting without a window instead; Ctrl+C stops it.", file=sys.stderr, flush=True)
    from proxy_core.cli import main

    arguments = ["serve", "--demo"] if demo else ["serve"]
    if host is not None:
        arguments += ["--host", host]
    if port is not None:
        arguments += ["--port", str(port)]
    return main.run(main.build_parser().parse_args(arguments))
