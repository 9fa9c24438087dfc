"""A connected WebSocket client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.server.conftest import Proxy
from tests.integration.server.responses_api.websocket_client import Client, connected


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[Client]:
    async with connected(proxy) as client:
        yield client
