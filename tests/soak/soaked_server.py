"""The server of a soak, in a process of its own: the engine with spoken faults in front of its network.

Answers each line on its input with its figures as one line of JSON, and ends with its input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from proxy_core.app.engine import Engine
from proxy_core.app.event_loop import new_event_loop
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.status.status_board import StatusBoard
from tests.faults.injector import SpokenFaults
from tests.faults.processes import KEY
from tests.faults.traces import open_descriptors, running_tasks

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


async def main() -> None:
    loop = asyncio.get_running_loop()
    board, faults = StatusBoard(), SpokenFaults()
    environ = dict(os.environ)
    overrides = Overrides(port=0, local_key=KEY)
    engine = Engine(
        find_paths(environ), board, environ=environ, overrides=overrides, handlers=(faults,)
    )
    await engine.open()
    try:
        await engine.commands.start()
        await engine.commands.models()
        print(board.current.server.url, flush=True)
        asked: asyncio.Queue[str] = asyncio.Queue()

        def listen() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(asked.put_nowait, line)
            loop.call_soon_threadsafe(asked.put_nowait, "")

        threading.Thread(target=listen, daemon=True).start()
        while await asked.get():
            print(json.dumps(figures(board, faults)), flush=True)
    finally:
        await engine.close()


def figures(board: StatusBoard, faults: SpokenFaults) -> dict[str, Any]:
    gc.collect()
    return {
        "resident": resident_bytes(),
        "tasks": len(running_tasks()),
        "names": running_tasks(),
        "descriptors": open_descriptors(),
        "open": faults.open,
        "active": len(board.current.active),
    }


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
