"""Kills a busy server at random moments, again and again, and checks what its files hold.

    python -m tests.soak.kill_the_server --rounds 1000

Each life is the real service with its simulator: clients send, settings are changed, keys are made and
revoked. It tells what was answered or done before it is killed with SIGKILL: that is a promise. After
each kill the settings, the local key, the named keys and the ledger must open without a word of damage;
every setting and key that was promised must be there, and every answer that is older than a second.
Ends with 1 at the first kill that lost something. Needs ``fork`` (Linux, macOS): a life then begins in
a tenth of a second.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import select
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from operator import methodcaller
from pathlib import Path

from proxy_core import simulator  # noqa: F401 - loaded before the fork, once for all lives
from proxy_core.app.service import ProxyService
from proxy_core.auth.client_keys import ClientKeys
from proxy_core.auth.local_key import load_or_make
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings_file import SettingsFile
from proxy_core.simulator import server as _server  # noqa: F401
from tests.faults.axes import MODELS, Client
from tests.faults.clients import PATHS, body
from tests.soak.kill_the_ledger import has_rows

ALLOWED_SECONDS = 1.0
"""What the ledger may lack: answers of this time before the kill."""
LONGEST_LIFE = 1.6
CLIENTS = 3
MOST_KEYS = 8


@dataclass(slots=True)
class Promises:
    """What a life told before it was killed; times are wall seconds."""

    answered: dict[str, float] = field(default_factory=dict)
    setting: int | None = None
    keys: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)


# In the life that will be killed


def live(home: Path, number: int, tell: int) -> None:
    """Serve, send, change and make until the kill."""
    environ = {"G_COPILOT_PROXY_HOME": str(home), "PATH": os.environ.get("PATH", "")}
    paths = find_paths(environ)
    service = ProxyService(paths, demo=True, environ=environ, overrides=Overrides(port=0))
    service.boot()
    service.submit(lambda commands: commands.start()).result()
    lock = threading.Lock()

    def told(kind: str, what: object) -> None:
        with lock:
            os.write(tell, f"{kind} {what} {time.time()!r}\n".encode())

    works: list[Callable[[], None]] = [
        *(lambda n=n: send(service, number * 10 + n, told) for n in range(CLIENTS)),  # type: ignore[misc]
        lambda: change(service, number, told),
        lambda: make_keys(service, number, told),
    ]
    threading.excepthook = lambda failure: told("failed", type(failure.exc_value).__name__)
    for work in works:
        threading.Thread(target=work, daemon=True).start()
    told("ready", number)
    threading.Event().wait()


def send(service: ProxyService, seed: int, told: Callable[[str, object], None]) -> None:
    chance = random.Random(seed)
    port, key = service.status.server.port, service.local_key
    while True:
        client = chance.choice(list(Client))
        model = MODELS[client, chance.random() < 0.5]
        asked = body(client, model, f"Say something of ducks {seed}", stream=chance.random() < 0.7)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with closing(connection):
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            connection.request("POST", PATHS[client], json.dumps(asked), headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                told("failed", response.status)
                return
            told("answer", response.headers["x-request-id"])


def change(service: ProxyService, number: int, told: Callable[[str, object], None]) -> None:
    value = 1000 * number + 1
    while True:
        service.submit(
            methodcaller("change_settings", "server.allowed_hosts", [f"host-{value}.example"])
        ).result()
        told("setting", value)
        value += 1


def make_keys(service: ProxyService, number: int, told: Callable[[str, object], None]) -> None:
    mine: list[str] = []
    count = 0
    for old in service.submit(lambda commands: commands.client_keys()).result():
        service.submit(methodcaller("revoke_client_key", old.key_id)).result()
        told("revoked", old.key_id)
    while True:
        made = service.submit(methodcaller("make_client_key", f"key-{number}-{count}")).result()
        told("key", made.client_key.key_id)
        mine.append(made.client_key.key_id)
        count += 1
        if len(mine) > MOST_KEYS:
            service.submit(methodcaller("revoke_client_key", mine[0])).result()
            told("revoked", mine.pop(0))


# In the process that kills


def live_and_die(home: Path, number: int, life: float) -> tuple[Promises, float]:
    """Fork a life, kill it ``life`` seconds after it is ready; return its promises and when it died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            live(home, number, write)
        finally:
            os._exit(70)
    os.close(write)
    with closing(os.fdopen(read, "rb", buffering=0)) as pipe:
        told = b""
        deadline = time.monotonic() + 30.0
        killed_at = 0.0
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            chunk = pipe.read(65536) if ready else None
            if chunk == b"":
                break
            if chunk is not None:
                if not told:
                    deadline = time.monotonic() + life
                told += chunk
            elif not killed_at:
                killed_at = time.time()
                os.kill(child, signal.SIGKILL)
                deadline = time.monotonic() + 30.0
    _, status = os.waitpid(child, 0)
    if not killed_at or not told:
        raise SystemExit(f"kill {number}: the server ended by itself or never began ({status})")
    return read_promises(told), killed_at


def read_promises(told: bytes) -> Promises:
    promises = Promises()
    # The last line may be cut in half.
    for line in told.decode().split("\n")[:-1]:
        kind, what, at = line.split(" ")
        if kind == "answer":
            promises.answered[what] = float(at)
        elif kind == "setting":
            promises.setting = int(what)
        elif kind == "key":
            promises.keys.add(what)
        elif kind == "revoked":
            promises.revoked.add(what)
        elif kind == "failed":
            raise SystemExit(f"a client or command failed: {what}")
    return promises


def problem_with(
    paths: Paths, promises: Promises, killed_at: float, due_after: float
) -> str | None:
    """Return what is damaged or lost after a kill, or None."""
    return (
        settings_problem(paths, promises)
        or keys_problem(paths, promises)
        or ledger_problem(paths, promises, killed_at - due_after)
    )


def settings_problem(paths: Paths, promises: Promises) -> str | None:
    loaded = SettingsFile(paths.settings_file).load()
    if loaded.problems:
        return f"settings: {loaded.problems}"
    hosts = loaded.settings.server.allowed_hosts
    found = int(hosts[0].partition("-")[2].partition(".")[0]) if hosts else None
    if promises.setting is not None and found not in (promises.setting, promises.setting + 1):
        return f"settings: {found} where {promises.setting} was promised"
    return None


def keys_problem(paths: Paths, promises: Promises) -> str | None:
    if paths.local_key_file.exists():
        before = paths.local_key_file.read_bytes().decode().strip()
        if load_or_make(paths.local_key_file) != before:
            return "the local key had to be made anew"
    there = {each.key_id for each in ClientKeys(paths.client_keys_file, time.time).listed()}
    # One may have been revoked, and not told of yet, when the kill came.
    lost = promises.keys - promises.revoked - there
    if len(lost) > 1:
        return f"keys are lost: {lost}"
    if back := promises.revoked & there:
        return f"revoked keys are back: {back}"
    return None


def ledger_problem(paths: Paths, promises: Promises, due_at: float) -> str | None:
    due = [name for name, at in promises.answered.items() if at < due_at]
    ledger = ledger_of(paths)
    if not ledger.exists():
        return f"there is no ledger although {len(due)} answers are due" if due else None
    with closing(sqlite3.connect(ledger)) as connection:
        (state,) = connection.execute("PRAGMA integrity_check").fetchone()
        if state != "ok":
            return f"the ledger is damaged: {state}"
        found: set[str] = set()
        if has_rows(connection):
            found = {name for (name,) in connection.execute("SELECT request_id FROM requests")}
    lost = [name for name in due if name not in found]
    return f"{len(lost)} of {len(due)} answers are lost" if lost else None


def ledger_of(paths: Paths) -> Path:
    """A demo has a ledger of its own."""
    return paths.of_the_demo().usage_file


def set_aside(home: Path) -> list[str]:
    """Return what a life put aside as damaged: a kill damages nothing."""
    return [
        each.name for each in home.rglob("*") if "damaged" in each.name or ".broken-" in each.name
    ]


def cut_off(home: Path) -> int:
    """Return how many temporary files are left of writes that a kill cut off in the last minute."""
    return sum(each.suffix == ".new" for each in home.rglob("*"))


def soak(
    home: Path, rounds: int, chance: random.Random, longest_life: float, due_after: float
) -> int:
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(home)})
    answers = due = changes = keys = 0
    for number in range(rounds):
        promises, killed_at = live_and_die(home, number, chance.uniform(0.0, longest_life))
        problem = problem_with(paths, promises, killed_at, due_after) or (
            f"put aside as damaged: {aside}" if (aside := set_aside(home)) else None
        )
        if problem is not None:
            print(f"kill {number}: {problem}")
            return 1
        answers += len(promises.answered)
        due += sum(killed_at - at > due_after for at in promises.answered.values())
        changes += promises.setting is not None
        keys += len(promises.keys)
    kept = 0
    if ledger_of(paths).exists():
        with closing(sqlite3.connect(ledger_of(paths))) as connection:
            (kept,) = connection.execute("SELECT COUNT(*) FROM requests").fetchone()
    print(
        f"{rounds} kills: {answers} answers ({due} of them due in the ledger when it was killed, all "
        f"there; {kept} kept in the end), {changes} lives that changed settings, {keys} keys made; "
        f"temporary files left of cut-off writes: {cut_off(home)}"
    )
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--longest-life", type=float, default=LONGEST_LIFE, help="seconds")
    parser.add_argument(
        "--due-after", type=float, default=ALLOWED_SECONDS, help="seconds for the ledger"
    )
    parsed = parser.parse_args(arguments)
    seed = random.randrange(2**32) if parsed.seed is None else parsed.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        return soak(
            Path(folder), parsed.rounds, random.Random(seed), parsed.longest_life, parsed.due_after
        )


if __name__ == "__main__":
    sys.exit(main())
