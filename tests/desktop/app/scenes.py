"""What a scene beside the app is, and how it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from desktop.desktop_app import DesktopApp

Scene = Callable[[DesktopApp], Coroutine[Any, Any, None]]
"""Runs beside the app, on its loop."""


async def until(look: Callable[[], object]) -> None:
    """Wait until ``look`` is true; the test's own limit ends a wait in vain."""
    while not look():  # noqa: ASYNC110  # many objects are looked at, none has an event
        await asyncio.sleep(0.01)
