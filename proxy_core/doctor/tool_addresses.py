"""Which tools are configured for a local port where nothing answers. Reads, never writes.

The files are scanned line by line for members that hold a base address: the formats differ (JSON
with comments, TOML, YAML, shell variables), and a file that is being edited must not raise.
Addresses under other names (such as an MCP server's ``url``) are ignored.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from proxy_core.doctor.finding import CheckResult, DoctorAction, attention, ok
from proxy_core.errors import translatable

LARGEST_FILE = 1_000_000
CONNECT_SECONDS = 0.5
_TOOL_FILES: Mapping[str, tuple[str, ...]] = {
    "Claude Code": (".claude/settings.json", ".claude/settings.local.json"),
    "Codex": (".codex/config.toml",),
    "opencode": (
        ".config/opencode/opencode.json",
        ".config/opencode/opencode.jsonc",
        ".config/opencode/config.json",
    ),
    "aider": (".aider.conf.yml", ".env"),
    "Continue": (".continue/config.yaml", ".continue/config.json"),
    "Zed": (".config/zed/settings.json", "Library/Application Support/Zed/settings.json"),
    "Qwen Code": (".qwen/settings.json", ".qwen/.env"),
    "Crush": (".config/crush/crush.json",),
    "Goose": (".config/goose/config.yaml",),
    "pi": (".pi/agent/models.json",),
    "llm": (".config/io.datasette.llm/extra-openai-models.yaml",),
}
"""Configuration files below the home folder, by tool."""
_VARIABLES = (
    "ANTHROPIC_BASE_URL",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "COPILOT_PROVIDER_BASE_URL",
)
_ADDRESS = re.compile(
    r"""(?ix)
    (?: [\w-]*base[_-]?url | [\w-]*api[_-]?base | api[_-]?url | openai[_-]?host )
    ["']? \s* [:=] \s* ["']?
    https?://(?: 127\.0\.0\.1 | localhost | \[::1\] ) : (\d{1,5}) \b
    """
)
_COMMENTS = ("#", "//")


@dataclass(frozen=True, slots=True)
class PointedAt:
    tool: str
    port: int


def find_addresses(home: Path, environ: Mapping[str, str]) -> tuple[PointedAt, ...]:
    """Return each pair of a tool and a local port it is configured for. Reads files, so it blocks."""
    found: dict[PointedAt, None] = {}
    for tool, names in _TOOL_FILES.items():
        for name in names:
            for port in ports_in(_text(home / name)):
                found[PointedAt(tool, port)] = None
    for variable in _VARIABLES:
        for port in ports_in(f"{variable}={environ.get(variable, '')}"):
            found[PointedAt(variable, port)] = None
    return tuple(found)


def ports_in(text: str) -> tuple[int, ...]:
    """Return the local ports that base addresses in ``text`` name; commented lines do not count."""
    return tuple(
        int(match[1])
        for line in text.splitlines()
        if not line.lstrip().startswith(_COMMENTS)
        for match in _ADDRESS.finditer(line)
        if 0 < int(match[1]) <= 65535
    )


async def answers(port: int) -> bool:
    """Whether anything on this computer takes connections at ``port``."""
    for host in ("127.0.0.1", "::1"):
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(host, port)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True
    return False


async def tool_addresses(
    found: Iterable[PointedAt],
    own_ports: Iterable[int],
    is_answered: Callable[[int], Awaitable[bool]] = answers,
) -> CheckResult:
    """``own_ports`` are ours, also while we do not listen: a tool configured for one is correct."""
    found = tuple(found)
    ours = frozenset(own_ports)
    others = sorted({each.port for each in found} - ours)
    responding = dict(
        zip(others, await asyncio.gather(*(is_answered(each) for each in others)), strict=True)
    )
    stale = [each for each in found if not responding.get(each.port, True)]
    if stale:
        first = stale[0]
        sentence = translatable(
            "{tool} points at port {port}, where nothing answers.",
            tool=first.tool,
            port=first.port,
        )
        if len(stale) > 1:
            sentence = translatable(
                "{tool} points at port {port}, where nothing answers, and {count} more like it.",
                tool=first.tool,
                port=first.port,
                count=len(stale) - 1,
            )
        return attention(
            sentence,
            translatable("Connect the tool to this proxy, or start the program it points at."),
            DoctorAction.CONNECT_TOOLS,
        )
    tools = dict.fromkeys(each.tool for each in found if each.port in ours)
    if tools:
        return ok(translatable("Set to this proxy: {tools}.", tools=", ".join(tools)))
    return ok(translatable("No tool points at a port where nothing answers."))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return ""
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return ""  # missing, or not readable
