"""A strict simulator that knows the vendors' rules."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import Client, StartSimulator


@pytest.fixture
async def vendor(start: StartSimulator) -> Client:
    return await start(switches={"vendor_rules": True})
