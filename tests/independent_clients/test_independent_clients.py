"""Clients of the real service, only redirected, find the simulator just like it.

``python3 packaging/bootstrap.py honesty`` installs and runs them. ``INDEPENDENT_CLIENTS`` (a folder with
``node_modules``) and ``LITELLM_PYTHON`` name others; what is not there is skipped.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from tests.independent_clients.install import LITELLM_PYTHON, NODE_FOLDER

HERE = Path(__file__).resolve().parent
PACKAGES = Path(os.environ.get("INDEPENDENT_CLIENTS", NODE_FOLDER)) / "node_modules"
PI_AI = ("@mariozechner/pi-ai", "@earendil-works/pi-ai")
NODE = shutil.which("node")
PRELOAD = f"--import={(HERE / 'redirect_fetch.mjs').as_uri()}"
SECONDS = 120

CLAUDE = ("claude-sonnet-4.6", "claude-haiku-4.5", "claude-opus-4.6")
PLAIN_CHAT = ("gpt-4.1", "gpt-4o", "gemini-2.5-pro")
GEMINI = ("gemini-3.1-pro-preview",)
GPT = ("gpt-5-mini", "gpt-5.2", "gpt-5.3-codex", "gpt-5.4")


def needs(package: str) -> None:
    if NODE is None or not (PACKAGES / package / "package.json").is_file():
        pytest.skip(f"{package} is not installed: python3 packaging/bootstrap.py honesty")


@asynccontextmanager
async def simulator(**options: Any) -> AsyncIterator[SimulatorServer]:
    async with SimulatorServer(SimulatorOptions(**options)) as server:
        yield server


async def output_of(*command: str, environment: Mapping[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, problems = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, problems.decode()
    return out.decode()


async def pi_ai(server: SimulatorServer, package: str, *models: str) -> list[dict[str, Any]]:
    assert NODE is not None
    out = await output_of(
        NODE,
        PRELOAD,
        str(HERE / "pi_ai.mjs"),
        str(PACKAGES / package),
        *models,
        environment={"SIMULATOR": server.url},
    )
    return [json.loads(line) for line in out.splitlines()]


def check(said: dict[str, Any], *, can_think: bool) -> None:
    assert "error" not in said, said
    assert said["texts"][1:] == ["The secret word is plum.", "żółć 🎉"], said
    assert {"toolcall_start", "toolcall_delta", "toolcall_end"} <= set(said["kinds"])
    if can_think:
        assert said["thinking"] == (said.get("reasoning") is not None), said


@pytest.mark.parametrize("package", PI_AI)
async def test_pi_ai_signs_in_thinks_calls_and_replays_in_strict(package: str) -> None:
    needs(package)
    async with simulator() as server:
        for said in await pi_ai(server, package, *CLAUDE):
            check(said, can_think=True)
        for said in await pi_ai(server, package, *PLAIN_CHAT):
            check(said, can_think=False)


@pytest.mark.parametrize("package", PI_AI)
async def test_pi_ai_replays_responses_items_and_gemini_3_only_where_the_profile_forgives(
    package: str,
) -> None:
    """It sends Copilot's own long item ids back, and no ``reasoning_opaque``."""
    needs(package)
    async with simulator(profile="forgives_replay") as server:
        for said in await pi_ai(server, package, *GPT):
            check(said, can_think=True)
        for said in await pi_ai(server, package, *GEMINI):
            check(said, can_think=False)
    async with simulator() as server:
        for said in await pi_ai(server, package, *GPT, *GEMINI):
            assert "string too long" in said["error"] or "thought_signature" in said["error"]


async def copilot_api(
    server: SimulatorServer, home: Path
) -> tuple[str, asyncio.subprocess.Process]:
    """Start copilot-api on a port it chooses itself is not possible: take a free one."""
    assert NODE is not None
    probe = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()
    process = await asyncio.create_subprocess_exec(
        NODE,
        PRELOAD,
        str(PACKAGES / "copilot-api" / "dist" / "main.js"),
        "start",
        "--port",
        str(port),
        "--github-token",
        server.github_token,
        env={**os.environ, "HOME": str(home), "SIMULATOR": server.url},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return f"http://127.0.0.1:{port}", process


async def once_it_answers(session: aiohttp.ClientSession, url: str) -> Any:
    async with asyncio.timeout(30):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return await response.json()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


@pytest.mark.parametrize(("profile", "status"), [("lenient", 200), ("strict", 403)])
async def test_copilot_api_adds_max_tokens_which_lenient_takes_and_strict_refuses(
    tmp_path: Path, profile: str, status: int
) -> None:
    needs("copilot-api")
    async with simulator(profile=profile) as server, aiohttp.ClientSession() as session:
        url, process = await copilot_api(server, tmp_path)
        try:
            listed = await once_it_answers(session, f"{url}/v1/models")
            assert "gpt-4.1" in {entry["id"] for entry in listed["data"]}
            body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hello"}]}
            async with session.post(f"{url}/v1/chat/completions", json=body) as response:
                assert response.status == status
            assert server.requests[-1].body["max_tokens"] > 0
        finally:
            process.kill()
            await process.wait()


def litellm_python() -> str:
    python = os.environ.get("LITELLM_PYTHON") or str(LITELLM_PYTHON)
    if not Path(python).is_file():
        pytest.skip("litellm is not installed: python3 packaging/bootstrap.py honesty")
    return python


async def test_litellm_streams_calls_and_responds_in_lenient(tmp_path: Path) -> None:
    python = litellm_python()
    async with simulator(profile="lenient", tolerates_duplicate_headers=True) as server:
        out = await output_of(
            python,
            str(HERE / "litellm_client.py"),
            server.url,
            str(tmp_path),
            server.github_token,
            environment={},
        )
    found = json.loads(out.splitlines()[-1])
    assert set(found["streamed"].values()) == {"żółć 🎉"}
    for arguments in found["called"].values():
        assert [json.loads(each)["location"] for each in arguments] == ["Paris", "Rome"]
    assert "simulated" in found["responded"]
