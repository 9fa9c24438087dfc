"""What another user of this computer finds: files, processes, the port."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import proxy_core
from proxy_core.storage.private_files import close_to_others, keep_aside
from tests.security.written_files import everything_below, read_whole

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
NOBODY = 65534
SERVE = (sys.executable, "-m", "desktop", "serve", "--demo", "--port", "0")
KEY = "sk-local-only-for-this-test"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")


@dataclass(frozen=True)
class Serving:
    home: Path
    process: subprocess.Popen[str]
    url: str


@contextmanager
def a_folder_anyone_may_enter() -> Iterator[Path]:
    """What is in it must protect itself."""
    folder = Path(tempfile.mkdtemp(prefix="g-copilot-proxy-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def home() -> Iterator[Path]:
    with a_folder_anyone_may_enter() as folder:
        yield folder


def environ(home: Path) -> Mapping[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("G_COPILOT_PROXY", "COPILOT_", "HTTP"))
    }
    return kept | {
        "G_COPILOT_PROXY_HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


def command(home: Path, *arguments: str, umask: int = 0o022) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "desktop", *arguments],
        cwd=ROOT,
        env=environ(home),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        umask=umask,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with a_folder_anyone_may_enter() as home, started(home) as running:
        yield running


@contextmanager
def started(home: Path) -> Iterator[Serving]:
    """A server that lives under the worst umask, with a key of its own for this run."""
    key_file = home / "run-key"
    key_file.write_text(f"{KEY}\n")
    key_file.chmod(0o600)
    process = subprocess.Popen(
        [*SERVE, "--key-file", str(key_file)],
        cwd=ROOT,
        env=environ(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        yield Serving(home, process, line.removeprefix("Listening on ").strip())
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


def modes(folder: Path) -> dict[str, int]:
    return read_whole(
        lambda: {
            str(each.relative_to(folder)): stat.S_IMODE(each.lstat().st_mode)
            for each in (folder, *everything_below(folder))
            if not stat.S_ISSOCK(each.lstat().st_mode)
        }
    )


def wrong_modes(folder: Path) -> dict[str, str]:
    return {
        name: oct(mode)
        for name, mode in modes(folder).items()
        if mode != (0o700 if (folder / name).is_dir() else 0o600)
    }


def test_everything_written_is_the_user_s_alone_under_any_umask(serving: Serving) -> None:
    command(serving.home, "keys", "add", "tool", umask=0)
    command(serving.home, "key", umask=0)
    for folder in (serving.home / "state", serving.home / "log"):
        assert not wrong_modes(folder)
        assert list(folder.iterdir())


def test_what_was_open_to_others_is_closed_again(home: Path) -> None:
    """Restored from a backup, copied, or made by an older version."""
    for name in ("state", "log"):
        (home / name).mkdir()
    key = "sk-local-from-an-older-version"
    for name in ("state/local-key", "log/g-copilot-proxy.log"):
        (home / name).write_text(f"{key}\n")
        (home / name).chmod(0o666)
    for name in ("state", "log"):
        (home / name).chmod(0o777)
    assert command(home, "key") == key
    command(home, "status")
    assert not wrong_modes(home / "state")
    assert not wrong_modes(home / "log")


def test_a_folder_is_never_closed_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs").chmod(0o755)
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    close_to_others(tmp_path / "link")
    close_to_others(tmp_path / "missing")
    assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o755


def test_what_is_kept_aside_replaces_nothing(tmp_path: Path) -> None:
    names = set()
    for content in ("one", "two", "three"):
        (tmp_path / "a.json").write_text(content)
        names.add(keep_aside(tmp_path / "a.json", datetime(2026, 1, 2, tzinfo=UTC)))
    assert {each.read_text() for each in names} == {"one", "two", "three"}


SNOOPING = """
import http.client, os, sys
home, pid, port = sys.argv[1:]
def tried(name, work):
    try: print(name, "GOT", work())
    except (OSError, http.client.HTTPException) as error: print(name, "refused", type(error).__name__)
def read(path):
    with open(path, "rb") as file: return file.read(1000)
for name in ("state/local-key", "run-key", "log/g-copilot-proxy.log", "state/usage.sqlite3"):
    tried(name, lambda: read(os.path.join(home, name)))
tried("list", lambda: os.listdir(os.path.join(home, "state")))
tried("plant", lambda: open(os.path.join(home, "state", "local-key"), "w"))
tried("new", lambda: open(os.path.join(home, "state", "new"), "w"))
tried("environ", lambda: read(f"/proc/{pid}/environ"))
tried("memory", lambda: read(f"/proc/{pid}/mem"))
tried("kill", lambda: os.kill(int(pid), 0))
print("cmdline", read(f"/proc/{pid}/cmdline") if os.path.isdir("/proc") else b"")
def ask():
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    connection.request("GET", "/v1/models")
    return connection.getresponse().status
print("port", ask())
"""
SNOOP = (shutil.which("python3", path="/usr/bin:/bin") or sys.executable, "-c", SNOOPING)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root can act as another user, and /proc is Linux's",
)
def test_another_user_reads_nothing_and_needs_a_key(serving: Serving) -> None:
    process, url = serving.process, serving.url
    done = subprocess.run(
        [*SNOOP, str(serving.home), str(process.pid), url.rsplit(":", 1)[1]],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    lines = dict(each.split(" ", 1) for each in done.stdout.splitlines())
    assert len(lines) == 12, done.stdout
    assert lines.pop("port") == "401"
    cmdline = lines.pop("cmdline")
    assert "--key-file" in cmdline
    assert KEY not in cmdline
    assert all(each.startswith("refused Permission") for each in lines.values()), lines


def test_the_key_of_a_run_can_be_given_without_the_process_list(home: Path) -> None:
    """By file, by input and by variable; ``--key`` is there for those who know who else is here."""
    help_text = command(home, "serve", "--help")
    assert "--key-file" in help_text
    assert "process list" in help_text


SECRETIVE = re.compile(r"(^|_)(key|keys|token|secret|password|bearer|authorization)$")
NO_SECRETS = {
    # What these hold is the name of a key or the place of a token, not the thing.
    ("ClientKey", "key_id"),
    ("Status", "requires_key"),
    ("NewClientKey", "client_key"),
    ("Overrides", "require_key"),
    ("ServerSettings", "require_key"),
    ("_KeyFile", "keys"),  # hashes
    ("HeaderSet", "bearer"),  # which one to send
    ("Check", "key"),  # what the check is called
    ("DiagnosticsContext", "github_token"),  # functions that fetch it
    ("ProbeSender", "github_token"),
    ("CommandParts", "keys"),
    ("CommandParts", "local_key"),
    ("ServerParts", "main_key"),
    ("DeclaredSetting", "key"),  # its name
    ("_Setting", "key"),
    ("Named", "key"),  # of a member
    ("Entry", "key"),
    ("ModelCall", "token"),  # a CopilotToken, which hides itself
}


def test_no_secret_is_in_any_repr() -> None:
    """Records are logged, shown by debuggers and put into assertion texts by their repr."""
    shown = []
    for found in pkgutil.walk_packages(proxy_core.__path__, "proxy_core."):
        if ".simulator" in found.name:
            continue  # its secrets are nobody's
        try:
            module = importlib.import_module(found.name)
        except ImportError:
            assert ".integrations." in found.name, "all else needs no optional library"
            continue
        for each in vars(module).values():
            if not isinstance(each, type) or each.__module__ != found.name:
                continue
            if dataclasses.is_dataclass(each):
                names = [name.name for name in dataclasses.fields(each) if name.repr]
            elif issubclass(each, msgspec.Struct) and "__repr__" not in vars(each):
                names = list(each.__struct_fields__)
            else:
                continue
            shown += [
                (each.__qualname__, name)
                for name in names
                if SECRETIVE.search(name) and (each.__qualname__, name) not in NO_SECRETS
            ]
    assert not shown


def test_no_token_is_put_into_a_url() -> None:
    """Addresses end up in logs, histories and error texts; secrets travel in headers."""
    pattern = re.compile(r"[?&](access_token|token|key|api_key)=", re.IGNORECASE)
    for path in (ROOT / "proxy_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not pattern.search(node.value), f"{path}:{node.lineno}"
