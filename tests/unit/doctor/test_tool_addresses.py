"""Tools set to a port where nothing answers: found in their own files, which stay as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from proxy_core.doctor.finding import DoctorAction, FindingState
from proxy_core.doctor.tool_addresses import (
    LARGEST_FILE,
    PointedAt,
    answers,
    find_addresses,
    ports_in,
    tool_addresses,
)


@pytest.mark.parametrize(
    "line",
    [
        '"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000",',
        'base_url = "http://localhost:4000/v1"',
        '"baseURL": "http://localhost:4000/v1"',
        "openai-api-base: http://127.0.0.1:4000/v1",
        "export OPENAI_API_BASE=http://[::1]:4000",
        "  apiBase: http://localhost:4000",
        '"api_url": "http://localhost:4000/v1",',
    ],
)
def test_base_addresses_are_found_in_every_notation(line: str) -> None:
    assert ports_in(f"first\n{line}\n") == (4000,)


@pytest.mark.parametrize(
    "line",
    [
        '"url": "http://localhost:3000/mcp"',
        '# base_url = "http://localhost:4000/v1"',
        '// "baseURL": "http://localhost:4000"',
        'base_url = "https://api.openai.com/v1"',
        'base_url = "http://localhost.example.com:4000"',
        'base_url = "http://127.0.0.1:99999"',
        "base_url = http://localhost/v1",
    ],
)
def test_other_addresses_and_comments_do_not_count(line: str) -> None:
    assert ports_in(line) == ()


def test_files_and_variables_are_read_and_left_alone(tmp_path: Path) -> None:
    settings = tmp_path / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4141"}}')
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_bytes(b"\xff\xfe broken")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    found = find_addresses(tmp_path, {"OPENAI_BASE_URL": "http://localhost:4000/v1"})
    assert found == (PointedAt("Claude Code", 4141), PointedAt("OPENAI_BASE_URL", 4000))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_huge_file_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / ".aider.conf.yml"
    path.write_text("openai-api-base: http://localhost:4000\n" + "#" * LARGEST_FILE)
    assert find_addresses(tmp_path, {}) == ()


async def test_a_silent_port_is_told_with_its_tool() -> None:
    async def silent(_: int) -> bool:
        return False

    verdict = await tool_addresses([PointedAt("opencode", 4000)], [4141], silent)
    assert verdict.state is FindingState.ATTENTION
    assert verdict.finding == "opencode points at port 4000, where nothing answers."
    assert verdict.action is DoctorAction.CONNECT_TOOLS


async def test_our_own_port_counts_as_right_also_while_we_are_off() -> None:
    async def silent(port: int) -> bool:
        raise AssertionError(port)

    verdict = await tool_addresses([PointedAt("Codex", 4141)], [4141], silent)
    assert (verdict.state, verdict.finding) == (FindingState.OK, "Set to this proxy: Codex.")


async def test_whether_a_port_answers_is_tried() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert await answers(port)
    assert not await answers(port)
