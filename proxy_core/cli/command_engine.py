"""Runs an engine for one command: no server, no thread, the same sign-in as the app's."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from proxy_core.app.engine import Engine
from proxy_core.app.event_loop import new_event_loop
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.status.plain_text import for_terminal
from proxy_core.status.status_board import StatusBoard

Result = TypeVar("Result")


def with_engine(
    work: Callable[[Engine, StatusBoard], Coroutine[Any, Any, Result]],
    environ: Mapping[str, str],
    *,
    demo: bool = False,
) -> Result:
    """Return what ``work`` returns. Ctrl-C cancels it. Raises ProxyError or OSError.

    ``demo``: use a simulator in place of GitHub.
    """
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_run(work, environ, demo))


async def _run(
    work: Callable[[Engine, StatusBoard], Coroutine[Any, Any, Result]],
    environ: Mapping[str, str],
    demo: bool,
) -> Result:
    board = StatusBoard()
    engine = Engine(
        find_paths(environ),
        board,
        environ=environ,
        overrides=Overrides(),
        serves=False,
        demo=demo,
    )
    try:
        await engine.open()
        return await work(engine, board)
    finally:
        await engine.close()


def asked(question: str) -> bool:
    """Ask in the loop's thread: nothing else runs in it, and Ctrl-C must end the question."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return input(for_terminal(question)).strip().lower() in ("y", "yes")
    except EOFError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
