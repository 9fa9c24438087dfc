"""Does with the keychain what its arguments say, and prints what came of each as a line of JSON.

A process of its own: keyring remembers what it found, and a prompt that hangs must not hold up our end.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from proxy_core.config.settings import TokenStorage
from proxy_core.status.status import TokenPlace
from proxy_core.upstream.sign_in.credentials import GitHubCredential, GitHubCredentials
from proxy_core.upstream.sign_in.keychain import SERVICE, Keychain, KeychainFailed


def items() -> list[str]:
    """Return the secrets of ours that the service really holds, asked without our code."""
    import secretstorage

    with secretstorage.dbus_init() as bus:
        found = secretstorage.search_items(bus, {"service": SERVICE})
        return sorted(each.get_secret().decode() for each in found if not each.is_locked())


class Turns:
    """How often the event loop came round, at most a hundred times a second."""

    def __init__(self) -> None:
        self.count = 0
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self.count += 1

    def end(self) -> int:
        self._task.cancel()
        return self.count


async def main(home: Path, steps: list[str]) -> None:
    storage = TokenStorage.ASK
    credentials = GitHubCredentials(
        keychain=Keychain(time_limit=float(os.environ.get("TIME_LIMIT", "10"))),
        file=home / "github-token",
        environ={},
    )
    host = "github.com"
    was_kept = False
    for step in steps:
        word, _, argument = step.partition("=")
        turns, began = Turns(), time.monotonic()
        said: dict[str, Any] = {"step": step}
        try:
            match word:
                case "save":
                    saved = await credentials.save(host, storage, GitHubCredential(argument))
                    was_kept = was_kept or saved.place is TokenPlace.KEYCHAIN
                    said |= _held(saved)
                case "load":
                    said |= _held(await credentials.find(host, storage))
                case "move":
                    found = await credentials.find(host, storage)
                    assert found is not None
                    storage = TokenStorage(argument)
                    moved = await credentials.save(host, storage, found.credential)
                    await credentials.remove(host, set(TokenPlace) - {moved.place})
                    said |= _held(moved)
                case "wipe":
                    reasons = await credentials.remove(host, set(TokenPlace), known=was_kept)
                    said["problem"] = " ".join(reasons.values()) or None
                case "items":
                    said["items"] = items()
        except KeychainFailed as error:
            said |= {"failed": str(error), "absent": error.absent}
        said |= {"seconds": time.monotonic() - began, "turns": turns.end()}
        said["file"] = (home / "github-token").exists()
        print(json.dumps(said), flush=True)


def _held(held: Any) -> dict[str, Any]:
    if held is None:
        return {"place": None}
    problem = held.problem and held.problem.message
    return {"place": held.place, "asks": held.needs_choice, "problem": problem, "token": held.token}


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
