"""A newer version is found, verified, tried, and used from the next start; or nothing changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.start_newest import start_newest
from proxy_core.app.updates.update_source import UpdateFailed
from proxy_core.app.updates.updates import Updates
from proxy_core.config.paths import INSTALLED_VARIABLE
from tests.integration.updates.release_page import (
    BREAKS,
    INSTALLED,
    ReleasePage,
    make_keys,
    served,
    updates_at,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the released programs are scripts")


@pytest.fixture
def page(tmp_path: Path) -> ReleasePage:
    made = ReleasePage(tmp_path / "page")
    made.release("1.1.0")
    return made


@pytest.fixture
def address(page: ReleasePage) -> Iterator[str]:
    with served(page.published) as found:
        yield found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def started(versions: InstalledVersions, *arguments: str) -> str | None:
    """Return what the chosen version says when it is started; None if the installed one runs."""
    said: list[str] = []

    def run(program: Path, arguments: object, environ: object) -> int:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # type: ignore[misc]
        said.append(done.stdout.strip())
        if done.returncode == 0:
            versions.confirm(versions.choice.version)
        return done.returncode

    def replace_process(program: Path, arguments: object, environ: object) -> None:
        run(program, arguments, environ)

    start_newest(versions, INSTALLED, arguments, {}, run=run, replace_process=replace_process)
    return said[-1] if said else None


def test_a_newer_version_is_fetched_verified_tried_and_used_from_the_next_start(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, versions = updates_at(address, page.root, state)
    release = updates.look()
    assert release is not None
    assert release.version == "1.1.0"
    assert started(versions) is None

    updates.prepare(release)

    assert updates.is_ready(release)
    assert started(versions, "serve", "--port", "0") == "1.1.0 serve --port 0"
    assert versions.choice.is_confirmed
    assert started(versions) == "1.1.0"
    assert not list((state / "archives").iterdir())


def test_looking_changes_nothing_of_what_starts(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, versions = updates_at(address, page.root, state)
    updates.look()
    assert started(versions) is None
    assert not (state / "app").exists()


def test_a_version_that_fails_its_trial_is_not_chosen_and_leaves_nothing(
    page: ReleasePage, address: str, state: Path
) -> None:
    page.release("1.2.0", BREAKS)
    updates, versions = updates_at(address, page.root, state)
    release = updates.look()
    assert release is not None
    with pytest.raises(UpdateFailed, match="does not work here: smoke FAILED: no window"):
        updates.prepare(release)
    assert started(versions) is None
    assert not list((state / "app" / "versions").iterdir())


def test_a_version_that_does_not_start_is_given_up_for_the_one_before(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, versions = updates_at(address, page.root, state)
    first = updates.look()
    assert first is not None
    updates.prepare(first)
    assert started(versions) == "1.1.0"
    page.release("1.2.0", BREAKS)
    updates, versions = updates_at(address, page.root, state)
    updates._try_program = lambda program: None  # what works in a trial may break on the day
    second = updates.look()
    assert second is not None
    updates.prepare(second)

    assert started(versions) == "1.1.0"  # in the same start, not the next one

    assert versions.choice.rejected == ("1.2.0",)
    assert updates.did_not_start(second)
    assert updates.look() == second
    assert updates.unasked() is None
    page.release("1.3.0")
    updates, _ = updates_at(address, page.root, state)
    announced = updates.unasked()
    assert announced is not None
    assert announced.version == "1.3.0"


def test_a_version_is_announced_until_it_is_fetched(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, _ = updates_at(address, page.root, state)
    release = updates.unasked()
    assert release is not None
    assert updates.unasked() == release
    updates.prepare(release)
    assert updates.unasked() is None


def test_a_start_that_is_cut_off_twice_before_it_confirms_is_given_up(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, versions = updates_at(address, page.root, state)
    release = updates.look()
    assert release is not None
    updates.prepare(release)
    terminated = 143
    codes = [start_newest(versions, INSTALLED, (), {}, run=lambda *_: terminated) for _ in range(3)]
    assert codes == [terminated, terminated, None]


@pytest.mark.parametrize(
    ("own", "starts"),
    [("g-copilot-proxy-app.exe", "g-copilot-proxy-app.exe"), ("renamed", "g-copilot-proxy")],
)
def test_a_newer_version_is_of_the_same_kind_and_is_told_which_program_stays(
    page: ReleasePage, address: str, state: Path, own: str, starts: str
) -> None:
    """Windows has two programs, one without a console; entries that stay name the installed one."""
    updates, versions = updates_at(address, page.root, state)
    release = updates.look()
    assert release is not None
    updates.prepare(release)
    there = versions.program("1.1.0")
    assert there is not None
    there.with_name("g-copilot-proxy-app.exe").touch()
    seen: list[tuple[str, str]] = []

    def run(program: Path, _arguments: object, environ: Mapping[str, str]) -> int:
        seen.append((program.name, environ[INSTALLED_VARIABLE]))
        return 0

    start_newest(versions, INSTALLED, (), {}, own_program=f"/opt/app/{own}", run=run)
    assert seen == [(starts, f"/opt/app/{own}")]


def test_a_program_of_a_later_release_than_the_fetched_one_runs_itself(
    page: ReleasePage, address: str, state: Path
) -> None:
    updates, versions = updates_at(address, page.root, state)
    release = updates.look()
    assert release is not None
    updates.prepare(release)
    never = start_newest(versions, "1.1.0", (), {}, run=lambda *_: 99)
    assert never is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"version": 7}',
        b"\xff\xfe",
        json.dumps(
            {
                "version": "../../evil",
                "starts": 0,
                "confirmed": True,
                "before": "",
                "rejected": [],
            }
        ).encode(),
    ],
)
def test_a_choice_that_cannot_be_understood_leaves_the_installed_program(
    content: bytes, tmp_path: Path
) -> None:
    versions = InstalledVersions(tmp_path)
    (tmp_path / "chosen.json").write_bytes(content)
    assert started(versions) is None


def refused(updates: Updates) -> str:
    with pytest.raises(UpdateFailed) as failed:
        release = updates.look()
        assert release is not None
        updates.prepare(release)
    return failed.value.message


def test_an_archive_of_other_bytes_is_refused(page: ReleasePage, address: str, state: Path) -> None:
    archive = page.file("1.1.0-linux-x86_64.tar.xz")
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    updates, versions = updates_at(address, page.root, state)
    assert "was not used" in refused(updates)
    assert started(versions) is None


def test_a_release_signed_by_others_is_refused(
    page: ReleasePage, address: str, state: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    make_keys(others)
    page.release("1.2.0", keys=others)
    updates, _ = updates_at(address, page.root, state)
    assert "not signed as it must be" in refused(updates)


def test_a_page_that_goes_back_to_an_older_state_is_refused(
    page: ReleasePage, address: str, state: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(page.published, older)
    page.release("1.2.0")
    updates, _ = updates_at(address, page.root, state)
    assert updates.look() is not None
    with served(older) as old_address:
        updates, _ = updates_at(old_address, page.root, state)
        assert "not signed as it must be" in refused(updates)


@pytest.mark.parametrize("cut", ["length", "chunked"])
def test_an_archive_that_breaks_off_is_told_as_such_and_fetched_whole_the_next_time(
    page: ReleasePage, address: str, state: Path, cut: str
) -> None:
    with served(page.published, cut) as broken:
        updates, versions = updates_at(broken, page.root, state)
        release = updates.look()
        assert release is not None
        with pytest.raises(UpdateFailed, match="The release page cannot be reached"):
            updates.prepare(release)
    updates, versions = updates_at(address, page.root, state)
    updates.prepare(release)
    assert started(versions) == "1.1.0"


def test_a_page_that_cannot_be_reached_is_told_in_words(page: ReleasePage, state: Path) -> None:
    with served(page.published) as gone:
        pass
    updates, _ = updates_at(gone, page.root, state)
    assert refused(updates).startswith("The release page cannot be reached: ")


def test_a_page_without_a_channel_says_the_status(
    page: ReleasePage, state: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with served(empty) as address:
        updates, _ = updates_at(address, page.root, state)
        assert refused(updates) == "The release page answered with status 404."


def test_a_system_that_has_no_release_is_told(page: ReleasePage, address: str, state: Path) -> None:
    updates, _ = updates_at(address, page.root, state)
    channel = updates._channel
    channel._source = replace(channel._source, channel="app-plan9-mips")
    assert refused(updates) == "The release page has nothing for app-plan9-mips."


def test_unused_versions_are_removed_and_the_one_to_go_back_to_stays(
    page: ReleasePage, address: str, state: Path
) -> None:
    for version in ("1.1.0", "1.2.0", "1.3.0"):
        if version != "1.1.0":
            page.release(version)
        updates, versions = updates_at(address, page.root, state)
        release = updates.look()
        assert release is not None
        updates.prepare(release)
        assert started(versions) == version
    kept = sorted(each.name for each in (state / "app" / "versions").iterdir())
    assert kept == ["1.2.0", "1.3.0"]


def test_the_version_that_runs_stays_until_another_one_updates(
    page: ReleasePage, address: str, state: Path
) -> None:
    """One that was started days ago still reads from its folder."""
    installed, versions = updates_at(address, page.root, state)
    old = Updates(installed._channel, versions, "1.1.0")
    for version, updates in (("1.1.0", installed), ("1.2.0", installed), ("1.3.0", old)):
        if version != "1.1.0":
            page.release(version)
        release = updates.look()
        assert release is not None
        updates.prepare(release)
        assert started(versions) == version
    kept = sorted(each.name for each in (state / "app" / "versions").iterdir())
    assert kept == ["1.1.0", "1.2.0", "1.3.0"]
