"""Marked words in every field of a working day, and a search through all that was written of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from proxy_core.simulator.server import SimulatorServer
from tests.security.written_files import files_with

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
SECRET_LOOKING = "ghu_Canary0123456789Canary0123456789abcd"  # for fields whose words we do keep


@dataclass
class Day:
    """A serving process, what was planted, and everything it said."""

    home: Path
    environ: dict[str, str]
    url: str
    process: asyncio.subprocess.Process
    http: aiohttp.ClientSession
    simulator: SimulatorServer
    key: str
    planted: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def plant(self, where: str) -> str:
        return self.planted.setdefault(
            where, f"canary{len(self.planted):03d}x{os.urandom(4).hex()}"
        )

    async def ask(self, path: str, body: object, **headers: str) -> int:
        all_headers = {"x-api-key": self.key} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with self.http.post(self.url + path, json=body, headers=all_headers) as answer:
            await answer.read()
            return answer.status

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        all_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(self.url + path, headers=all_headers) as answer:
            return answer.status, await answer.text()

    async def script(self, *steps: dict[str, Any]) -> None:
        async with self.http.post(
            f"{self.simulator.url}/_sim/script", json={"steps": steps}
        ) as answer:
            assert answer.status == 200, await answer.text()

    async def command(self, *arguments: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "desktop", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        self.said.append(done.stderr)
        return done.stdout

    async def ended(self) -> None:
        self.process.terminate()
        output, errors = await asyncio.wait_for(self.process.communicate(), SECONDS)
        assert self.process.returncode == 0
        self.said += [output.decode(), errors.decode()]

    def traces(self, secret: str, *, but_in: str = "") -> list[str]:
        """Return where ``secret`` was found: files by name, outputs by number."""
        files = files_with(self.home, secret)
        found = [str(each) for each in files if each.name != but_in]
        return found + [f"output {n}" for n, text in enumerate(self.said) if secret in text]


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    async with SimulatorServer() as simulator, aiohttp.ClientSession() as http:
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith(("G_COPILOT_PROXY", "COPILOT_", "HTTP"))
        } | {
            "G_COPILOT_PROXY_HOME": str(tmp_path),
            "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
            "COPILOT_GITHUB_TOKEN": simulator.github_token,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONASYNCIODEBUG": "0",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "desktop", "serve", "--port", "0"),
            cwd=ROOT,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            line = (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
            key = (tmp_path / "state" / "local-key").read_text().strip()
            url = line.removeprefix("Listening on ").strip()
            yield Day(tmp_path, environ, url, process, http, simulator, key)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()


async def test_nothing_said_and_nothing_secret_is_found_in_anything_written(day: Day) -> None:
    made = json.loads(await day.command("keys", "add", "tool", "--json"))["key"]
    await work(day)
    await fail_upstream(day)
    await knock(day, made)
    sessions = await session_tokens(day)
    assert sessions
    for path in ("/v1/activity", "/v1/usage", "/health"):
        day.said.append((await day.get(path, x_api_key=day.key))[1])
    for name in ("status", "usage", "models", "doctor", "keys"):
        day.said.append(await day.command(name, "--json"))
    await day.ended()

    log = (day.home / "log" / "g-copilot-proxy.log").read_text()
    assert log.count("req_") > 15, "there is a log to search"
    assert len(day.planted) > 30
    found = {where: traces for where, word in day.planted.items() if (traces := day.traces(word))}
    assert not found
    assert not day.traces(SECRET_LOOKING)
    assert not day.traces(made)
    assert not day.traces(day.key, but_in="local-key")
    assert not day.traces(day.simulator.github_token)
    assert not [each for each in sessions if day.traces(each)]


async def work(day: Day) -> None:
    """Requests of all kinds that are answered."""
    plant = day.plant
    tools = [
        {
            "type": "function",
            "function": {
                "name": "read_file",
                "description": plant("tool description"),
                "parameters": {
                    "type": "object",
                    "properties": {plant("argument name"): {"type": "string"}},
                },
            },
        }
    ]
    call = {"name": "read_file", "arguments": json.dumps({"path": plant("tool argument")})}
    chat = {
        "model": "gpt-4o-mini",
        "user": plant("user"),
        "messages": [
            {"role": "system", "content": plant("system")},
            {"role": "user", "content": [{"type": "text", "text": plant("prompt")}]},
            {
                "role": "assistant",
                "content": plant("earlier answer"),
                "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": plant("tool result")},
        ],
        "tools": tools,
        "stop": [plant("stop sequence")],
    }
    headers = {
        "User_Agent": f"mytool/1.0 ({plant('user agent')})",
        "Cookie": f"session={plant('cookie')}",
        "x_claude_code_session_id": plant("session id"),
        "X_Anything": plant("header"),
        "Referer": f"http://x/{plant('referer')}",
    }
    assert await day.ask("/v1/chat/completions", chat, **headers) == 200
    assert await day.ask("/v1/chat/completions", chat | {"stream": True}, **headers) == 200
    messages = {
        "model": "claude-sonnet-4.5",
        "max_tokens": 50,
        "metadata": {"user_id": plant("metadata")},
        "system": [{"type": "text", "text": plant("messages system")}],
        "messages": [{"role": "user", "content": plant("messages prompt")}],
        "stream": True,
    }
    assert await day.ask("/v1/messages?beta=" + plant("query"), messages, **headers) == 200
    responses = {
        "model": "gpt-5-mini",
        "instructions": plant("instructions"),
        "input": plant("input"),
        "metadata": {"note": plant("responses metadata")},
        "prompt_cache_key": plant("cache key"),
    }
    assert await day.ask("/v1/responses", responses, **headers) == 200
    embedding = {"model": "text-embedding-3-small", "input": plant("embedded")}
    assert await day.ask("/v1/embeddings", embedding) == 200
    assert await day.ask("/v1/messages/count_tokens", messages) == 200
    named = {"User_Agent": f"{SECRET_LOOKING}/1.0"}
    assert await day.ask("/v1/chat/completions", chat | {"model": SECRET_LOOKING}, **named) == 404


async def fail_upstream(day: Day) -> None:
    """GitHub's own words, which may quote the prompt."""
    chat = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": day.plant("asked")}]}
    for status in (400, 403, 422, 500):
        words = day.plant(f"upstream's words with {status}")
        body = {"error": {"message": words, "code": words, "param": words, "type": words}}
        await day.script(*[{"answer": {"status": status, "body": body}}] * 6)
        assert await day.ask("/v1/chat/completions", chat) >= 400
        await day.script()
    for raw in (day.plant("upstream's nonsense"), f'{{"choices": [{day.plant("half JSON")}'):
        await day.script({"answer": {"body": raw}})
        await day.ask("/v1/chat/completions", chat)
        await day.script()


async def knock(day: Day, made: str) -> None:
    """What is refused at the door."""
    plant = day.plant
    assert (await day.get(f"/v1/{plant('path')}", x_api_key=day.key))[0] == 404
    assert (await day.get(f"/v1/models/{plant('model path')}", x_api_key=day.key))[0] == 404
    assert (await day.get("/v1/models", x_api_key=plant("wrong key")))[0] == 401
    assert (await day.get("/v1/models", Authorization=f"Bearer {plant('wrong bearer')}"))[0] == 401
    assert (await day.get("/v1/models", Authorization=f"Basic {plant('basic')}"))[0] == 401
    assert (await day.get("/v1/models", x_api_key=made))[0] == 200
    assert (await day.get("/v1/activity", x_api_key=made))[0] == 403
    assert (await day.get("/v1/models", Host=f"{plant('host')}.example"))[0] == 403
    assert (await day.get("/v1/models", Origin=f"http://{plant('origin')}.example"))[0] == 403
    broken = f'{{"model": "gpt-4o-mini", "messages": [{plant("broken body")}'
    headers = {"x-api-key": day.key, "Content-Type": "application/json"}
    async with day.http.post(f"{day.url}/v1/messages", data=broken, headers=headers) as answer:
        assert answer.status == 400
    reader, writer = await asyncio.open_connection("127.0.0.1", int(day.url.rsplit(":", 1)[1]))
    writer.write(f"{plant('no http')} {plant('no http either')}\r\n\r\n".encode())
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def session_tokens(day: Day) -> set[str]:
    """Return the short tokens that were used towards upstream."""
    async with day.http.get(f"{day.simulator.url}/_sim/requests") as answer:
        log = await answer.json()
    values = (each["headers"].get("authorization", "") for each in log["requests"])
    words = {each.split(" ", 1)[1] for each in values if " " in each}
    return words - {day.simulator.github_token}


CRASHES = {
    "an exception nobody caught": "raise ValueError(word)",
    "a thread's exception": (
        "import threading\ndef fail(): raise ValueError(word)\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()"
    ),
    "a destructor's exception": (
        "class Failing:\n    def __del__(self): raise ValueError(word)\nFailing()"
    ),
    "a library's warning": "import logging; logging.getLogger('asyncio').error('failed %s', word)",
    "a task nobody waited for": (
        "import asyncio, gc\nasync def fail(): raise ValueError(word)\n"
        "async def main():\n    asyncio.get_running_loop().create_task(fail())\n"
        "    await asyncio.sleep(0); gc.collect()\nasyncio.run(main()); gc.collect()"
    ),
    "upstream's words": (
        "from proxy_core.errors import UpstreamRefused\nimport logging\n"
        "try: raise UpstreamRefused(word)\n"
        "except UpstreamRefused: logging.getLogger('g_copilot_proxy.x').exception('failed')"
    ),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_is_reported_by_its_places_and_without_its_words(
    tmp_path: Path, crash: str
) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom proxy_core.config.paths import Paths\n"
        "from proxy_core.status.logging import guard_outputs, set_up_logging\n"
        f"home = Path({str(tmp_path)!r}); guard_outputs()\n"
        "set_up_logging(Paths(home, home, home), screen=sys.stderr)\n"
        "word = 'can' + 'ary' + 'in' + 'memory'\n" + CRASHES[crash]
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    log = (tmp_path / "g-copilot-proxy.log").read_text()
    assert log, done.stderr
    assert done.stderr
    assert "canaryinmemory" not in log + done.stdout + done.stderr


def test_an_exception_before_there_is_a_log_has_no_words_either(tmp_path: Path) -> None:
    program = "from proxy_core.status.logging import guard_outputs\nguard_outputs()\n"
    program += "raise ValueError('can' + 'ary' + 'in' + 'memory')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert "canaryinmemory" not in done.stderr
