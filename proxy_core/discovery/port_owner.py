"""Which program listens on a port, as far as the system reports it. Best effort, never raises."""

from __future__ import annotations

import asyncio
import csv
import os
import re
import sys
from pathlib import Path

from proxy_core.config.child_processes import NO_CONSOLE

SECONDS = 5.0
_LISTENING = "0A"


async def find_port_owner(
    port: int, seconds: float = SECONDS, platform: str = sys.platform
) -> str | None:
    """Return a text such as ``python3 (process 1234)``; None if unknown within ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            if platform == "linux":
                return await asyncio.to_thread(linux_owner, port)
            if platform == "win32":
                return await _windows_owner(port)
            return await _lsof_owner(port)
    except (OSError, TimeoutError, ValueError):
        return None


def linux_owner(port: int, proc: Path = Path("/proc")) -> str | None:
    """Find the listening socket's inode among the processes visible to this user."""
    inodes = set[str]()
    for table in ("net/tcp", "net/tcp6"):
        try:
            inodes |= listening_inodes((proc / table).read_text(encoding="ascii"), port)
        except OSError:
            continue
    if not inodes:
        return None
    wanted = {f"socket:[{each}]" for each in inodes}
    for process in proc.iterdir():
        if process.name.isdigit() and _holds(process, wanted):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"{name} (process {process.name})"
    return None


def listening_inodes(table: str, port: int) -> set[str]:
    """Return the inodes of sockets that listen on ``port``, from the text of ``/proc/net/tcp``."""
    found = set[str]()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == _LISTENING:
            _, _, local_port = fields[1].rpartition(":")
            if int(local_port, 16) == port:
                found.add(fields[9])
    return found


def _holds(process: Path, wanted: set[str]) -> bool:
    try:
        # pathlib's readlink is far slower here, and there are thousands of descriptors.
        with os.scandir(process / "fd") as entries:
            return any(os.readlink(each.path) in wanted for each in entries)  # noqa: PTH115
    except OSError:
        return False  # another user's process, or one that has just ended


async def _lsof_owner(port: int) -> str | None:
    output = await _output("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc")
    return lsof_answer(output)


def lsof_answer(output: str) -> str | None:
    """Read ``lsof -Fpc``: lines ``p<process>`` and ``c<command>``."""
    process = re.search(r"^p(\d+)$", output, re.MULTILINE)
    command = re.search(r"^c(.+)$", output, re.MULTILINE)
    if process is None:
        return None
    return f"{command[1] if command else 'a program'} (process {process[1]})"


async def _windows_owner(port: int) -> str | None:
    process = netstat_process(await _output("netstat", "-ano", "-p", "tcp"), port)
    if process is None:
        return None
    listing = await _output("tasklist", "/FI", f"PID eq {process}", "/FO", "CSV", "/NH")
    name = tasklist_name(listing) or "a program"
    return f"{name} (process {process})"


def netstat_process(output: str, port: int) -> str | None:
    """Read ``netstat -ano``; the state's name is translated on some systems, so it is not read."""
    for line in output.splitlines():
        fields = line.split()
        if len(fields) == 5 and fields[1].endswith(f":{port}") and fields[2].endswith(":0"):
            return fields[4]
    return None


def tasklist_name(output: str) -> str | None:
    row = next(csv.reader(output.strip().splitlines()), [])
    return row[0] if len(row) > 1 else None


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        creationflags=NO_CONSOLE,
    )
    try:
        output, _ = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    return output.decode(errors="replace")
