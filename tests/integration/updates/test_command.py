"""``g-copilot-proxy update``, and the daily look of a running proxy."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_core import __version__
from proxy_core.app.updates.daily_look import DAY_SECONDS, WAIT_SECONDS, look_daily
from proxy_core.app.updates.release_channel import Release
from proxy_core.app.updates.update_source import UpdateFailed, bundled_source, is_newer
from proxy_core.app.updates.update_watch import UpdateWatch
from proxy_core.cli.main import build_parser, run
from proxy_core.clock import Clock
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import Settings
from proxy_core.status.status import Status
from proxy_core.status.status_board import StatusBoard
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.integration.updates.release_page import CHANNEL, ReleasePage, served


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ReleasePage]:
    made = ReleasePage(tmp_path / "page")
    made.release("99.0.0")
    yield made


@pytest.fixture
def bundle(page: ReleasePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The running program is a bundle that was built for this page."""
    folder = tmp_path / "bundle" / "updates"
    folder.mkdir(parents=True)
    (folder / "root.json").write_bytes(page.root)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder.parent), raising=False)
    with served(page.published) as address:
        source = {"address": address, "channel": CHANNEL}
        (folder / "source.json").write_text(json.dumps(source), "utf-8")
        yield folder


def command(tmp_path: Path, *arguments: str) -> int:
    parsed = build_parser().parse_args(["update", *arguments])
    return run(parsed, {"G_COPILOT_PROXY_HOME": str(tmp_path / "home")})


def test_an_installation_that_is_updated_by_others_says_so_and_asks_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path) == 1
    assert "not updated by itself but by what installed it" in capsys.readouterr().err


def test_a_look_says_what_there_is(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--check") == 0
    assert f"Version 99.0.0 can be had (0.0 MB); this is {__version__}." in capsys.readouterr().out


def test_nothing_is_fetched_without_consent(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path) == 0  # nobody can be asked: the input is no terminal
    assert "Nothing was fetched. Add --yes" in capsys.readouterr().out
    assert not (tmp_path / "home" / "state" / "updates" / "app").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the released program is a script")
def test_with_consent_it_is_ready_for_the_next_start(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--yes") == 0
    assert "used from the next start" in capsys.readouterr().out
    assert command(tmp_path, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"version": __version__, "newest": "99.0.0", "ready": True}


def test_a_page_that_is_gone_fails_the_command(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "source.json").write_text(
        json.dumps({"address": "http://127.0.0.1:9/", "channel": CHANNEL}), "utf-8"
    )
    assert command(tmp_path, "--json") == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "update_failed"


@pytest.mark.parametrize("address", ["http://releases.example/", "ftp://x/", "file:///etc/", ""])
def test_only_https_is_asked(address: str, tmp_path: Path) -> None:
    (tmp_path / "root.json").write_bytes(b"{}")
    (tmp_path / "source.json").write_text(
        json.dumps({"address": address, "channel": CHANNEL}), "utf-8"
    )
    with pytest.raises(UpdateFailed, match="no https address"):
        bundled_source(tmp_path)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("1.10.0", "1.9.9", True),
        ("1.0.0", "1.0.0", False),
        ("0.9.0", "1.0.0", False),
        ("1.0.0-rc1", "0.9.0", False),
        ("../1", "0.9.0", False),
    ],
)
def test_versions_are_compared_as_numbers(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


async def test_a_running_proxy_looks_once_a_day_and_only_while_it_may() -> None:
    now = 0.0
    looked_at: list[float] = []
    told: list[str] = []
    is_allowed = False

    def look() -> Release:
        looked_at.append(now)
        if len(looked_at) == 2:
            raise UpdateFailed("the page is away")
        if len(looked_at) == 3:
            raise PermissionError("the folder is another user's")
        if len(looked_at) == 4:
            raise ConnectionFailed("the certificates cannot be read", retryable=False)
        return Release("2.0.0" if now < 3 * DAY_SECONDS else "3.0.0", "archive", 1)

    async def sleep(seconds: float) -> None:
        nonlocal now, is_allowed
        now += seconds
        is_allowed = now > DAY_SECONDS
        if now > 5.5 * DAY_SECONDS:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        await look_daily(
            lambda: is_allowed, look, lambda found: told.append(found.version), lambda: now, sleep
        )
    first = DAY_SECONDS + WAIT_SECONDS
    assert looked_at == [first + day * DAY_SECONDS for day in range(5)]
    assert told == ["2.0.0", "3.0.0"]


def watch(tmp_path: Path) -> tuple[UpdateWatch, StatusBoard]:
    board = StatusBoard(Status())
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path / "home")})
    return UpdateWatch(Settings, paths, board, Clock()), board


@pytest.mark.skipif(sys.platform == "win32", reason="the released program is a script")
async def test_the_window_fetches_and_says_when_it_is_ready(bundle: Path, tmp_path: Path) -> None:
    updates, board = watch(tmp_path)
    await updates.fetch()
    (notice,) = board.current.notices
    assert (notice.code, notice.title) == ("update_ready", "Version 99.0.0 is ready")
    await updates.fetch()  # pressed twice
    assert board.current.notices[-1].title == "Version 99.0.0 is ready"


async def test_a_window_that_is_updated_by_others_is_told(tmp_path: Path) -> None:
    updates, board = watch(tmp_path)
    with pytest.raises(UpdateFailed, match="by what installed it"):
        await updates.fetch()
    await updates.run()  # ends at once: there is nothing to look for
    assert board.current.notices == ()
