"""Work that blocks, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """Run ``work`` in a daemon thread: quitting does not wait for it."""
    done: Future[Result] = Future()
    done.set_running_or_notify_cancel()  # who no longer waits does not stop the thread

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # goes to whoever awaits it
            done.set_exception(error)
        else:
            done.set_result(result)

    threading.Thread(target=run, name="g-copilot-proxy-looks-for-tools", daemon=True).start()
    return await asyncio.wrap_future(done)
