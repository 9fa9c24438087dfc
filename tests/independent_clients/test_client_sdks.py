"""Google's and Ollama's official Python SDKs against the real server, each over every kind of model.

``python3 packaging/bootstrap.py honesty`` installs them (``install.py``); ``CLIENT_SDKS_PYTHON`` names
another interpreter that has them. Without them this is skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.agents.demo_server import DemoServer, running_demo_server
from tests.independent_clients.install import CLIENT_SDKS_PYTHON
from tests.independent_clients.test_independent_clients import output_of

HERE = Path(__file__).resolve().parent
PYTHON = Path(os.environ.get("CLIENT_SDKS_PYTHON", CLIENT_SDKS_PYTHON))
MODELS = ("gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex", "gemini-3.1-pro-preview")
FAILURES = ("wrong key", "unknown model", "cut")

pytestmark = pytest.mark.skipif(
    not PYTHON.is_file(),
    reason="the SDKs are not installed: python3 packaging/bootstrap.py honesty",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    settings = "[server]\ngemini_api = true\nollama_api = true\n"
    with running_demo_server(tmp_path_factory, settings) as running:
        yield running


async def told_by(client: str, server: DemoServer) -> dict[str, Any]:
    out = await output_of(
        str(PYTHON),
        str(HERE / client),
        *MODELS,
        environment={"SERVER": server.url, "SERVER_KEY": server.key},
    )
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


@pytest.mark.parametrize("client", ["google_genai_client.py", "ollama_client.py"])
async def test_an_official_sdk_does_all_it_can_over_every_kind_of_model(
    client: str, server: DemoServer
) -> None:
    told = await told_by(client, server)
    assert set(told["models"]) == set(MODELS)
    for model, seen in told["models"].items():
        assert seen["whole"] == seen["streamed"] == "żółty 🦆 duck", model
        assert seen["called"] == ["Paris"], model
        assert "sunny" in seen["answer"], model
        assert "sunny" in seen["streamed_answer"], model
        assert seen["tokens"] > 0, model
    assert all(model in told["listed"] for model in MODELS)
    assert told["picture"]
    for failure in FAILURES:
        assert told["failures"][failure], failure
