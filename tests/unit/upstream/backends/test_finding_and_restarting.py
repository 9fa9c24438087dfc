"""Node and library found or named as missing; installed by name without scripts; restarts that wait."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from proxy_core.app.service import ProxyService
from proxy_core.cli.main import main
from proxy_core.clock import Clock
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import BackendName, UpstreamSettings
from proxy_core.doctor.backend import backend as doctor_backend
from proxy_core.doctor.finding import DoctorAction, FindingState
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable, LibraryMissing
from proxy_core.upstream.backends.pi_ai.install import InstallFailed, install, remove
from proxy_core.upstream.backends.pi_ai.lines import Head, Line
from proxy_core.upstream.backends.pi_ai.loading import check_loads
from proxy_core.upstream.backends.pi_ai.node import (
    Installation,
    Node,
    find_installation,
    find_node,
    fitting_version,
    package_folder,
)
from proxy_core.upstream.backends.pi_ai.open_call import ACK_EVERY, MOST_HELD, OpenCall
from proxy_core.upstream.backends.pi_ai.process import Restarts, since
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

posix = pytest.mark.skipif(os.name == "nt", reason="programs are shell scripts here")


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


async def test_without_node_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        await find_node("", {"PATH": str(tmp_path)})
    assert "Node.js was not found. Install Node.js" in caught.value.message
    assert caught.value.http_status == 503


@posix
async def test_node_is_taken_from_the_setting_and_its_version_decides_the_library_s(
    tmp_path: Path,
) -> None:
    new = program(tmp_path, "node22", "echo v22.20.0")
    old = program(tmp_path, "node18", "echo v18.1.0")
    node = await find_node(str(new), {})
    assert fitting_version(node) == "0.87.1"
    assert fitting_version(Node(new, (20, 20, 2))) == "0.74.2"
    with pytest.raises(BackendUnavailable, match="too old"):
        fitting_version(await find_node(str(old), {}))
    with pytest.raises(BackendUnavailable, match="backend install"):
        find_installation(node, tmp_path)


@posix
@pytest.mark.parametrize("says", ["printf 'v\\377\\376'", "exit 3"])
async def test_a_program_that_is_no_node_is_named(tmp_path: Path, says: str) -> None:
    other = program(tmp_path, "other", says)
    with pytest.raises(BackendUnavailable, match=r"not a Node\.js that starts"):
        await find_node(str(other), {})
    with pytest.raises(BackendUnavailable, match=r"not a Node\.js that starts"):
        await find_node("no\0name", {})


@posix
async def test_the_library_is_installed_by_name_without_scripts_and_removed(tmp_path: Path) -> None:
    npm = (
        f'echo "$@" > {tmp_path}/asked; while [ "$1" != --prefix ]; do shift; done; '
        'mkdir -p "$2/node_modules/@earendil-works/pi-ai"; '
        'echo {} > "$2/node_modules/@earendil-works/pi-ai/package.json"'
    )
    program(tmp_path, "npm", npm)
    node = Node(program(tmp_path, "node", "echo v20.1.0"), (20, 1, 0))
    root = tmp_path / "backends"
    found = await install(node, root, {"PATH": "/usr/bin:/bin"})
    asked = (tmp_path / "asked").read_text()
    assert "--ignore-scripts" in asked
    assert asked.strip().endswith("@earendil-works/pi-ai@0.74.2")
    assert find_installation(node, root) == found
    assert remove(root) == ("0.74.2",)
    assert not list(root.iterdir())


@posix
async def test_a_damaged_library_is_named_and_installed_again(tmp_path: Path) -> None:
    root = tmp_path / "backends"
    package = "node_modules/@earendil-works/pi-ai"
    old = package_folder(root, "0.74.2") / package
    old.mkdir(parents=True)
    (old / "package.json").write_text("{}")
    npm = f'mkdir -p {package}/dist; echo "{{}}" > {package}/package.json'
    program(tmp_path, "npm", npm)
    said = "const x = (;\\n\\nSyntaxError: Unexpected token\\n    at wrap\\n\\nNode.js v20.1.0\\n"
    loads = f"[ -e \"$2/{package}/dist\" ] && exit\nprintf '{said}' >&2; exit 1"
    node = Node(program(tmp_path, "node", loads), (20, 1, 0))
    environ = {"PATH": "/usr/bin:/bin"}
    damaged = find_installation(node, root)
    with pytest.raises(LibraryMissing) as caught:
        await check_loads(damaged, environ)
    assert caught.value.finding == (
        "The library pi-ai 0.74.2 is damaged: SyntaxError: Unexpected token."
    )
    assert "backend install" in caught.value.next_step
    await check_loads(await install(node, root, environ), environ)


@posix
async def test_an_install_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    program(tmp_path, "npm", "echo 404 no such package >&2; exit 1")
    node = Node(program(tmp_path, "node", "echo v20.1.0"), (20, 1, 0))
    with pytest.raises(InstallFailed, match="404 no such package"):
        await install(node, tmp_path / "backends", {"PATH": "/usr/bin:/bin"})
    assert not list((tmp_path / "backends").iterdir())


@posix
async def test_what_npm_says_may_be_in_any_encoding(tmp_path: Path) -> None:
    program(tmp_path, "npm", "printf 'kein Platz f\\374r pi-ai' >&2; exit 1")
    node = Node(program(tmp_path, "node", "echo v20.1.0"), (20, 1, 0))
    with pytest.raises(InstallFailed, match="npm said: kein Platz"):
        await install(node, tmp_path / "backends", {"PATH": "/usr/bin:/bin"})


@posix
async def test_an_install_that_is_cancelled_ends_npm_and_leaves_nothing(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    program(tmp_path, "npm", f"echo $$ > {started}; exec sleep 60")
    node = Node(program(tmp_path, "node", "echo v20.1.0"), (20, 1, 0))
    root = tmp_path / "backends"
    installing = asyncio.ensure_future(install(node, root, {"PATH": "/usr/bin:/bin"}))
    pid = int(await asyncio.to_thread(started.read_text))
    installing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await installing
    # What a quitting app waits for: the thread that ran npm.
    await asyncio.get_running_loop().shutdown_default_executor()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not list(root.iterdir())


async def test_the_doctor_offers_to_install_the_library_only_where_a_node_could_run_it(
    tmp_path: Path,
) -> None:
    settings = UpstreamSettings(backend=BackendName.PI_AI)

    async def without_library() -> Installation:
        return find_installation(Node(tmp_path / "node", (22, 20, 0)), tmp_path)

    async def without_node() -> Installation:
        return find_installation(await find_node("", {"PATH": str(tmp_path)}), tmp_path)

    assert (await doctor_backend(settings, without_library)).action is DoctorAction.INSTALL_BACKEND
    assert (await doctor_backend(settings, without_node)).action is DoctorAction.OPEN_SETTINGS


@posix
async def test_the_user_s_click_installs_the_library_and_a_notice_tells(tmp_path: Path) -> None:
    package = "node_modules/@earendil-works/pi-ai"
    npm = f'echo {{}} >> {tmp_path}/asked; mkdir -p {package}; echo "{{}}" > {package}/package.json'
    program(tmp_path, "npm", npm)
    node = program(tmp_path, "node", "echo v22.20.0")
    home = {"G_COPILOT_PROXY_HOME": str(tmp_path / "home"), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    service = ProxyService(find_paths(home), environ=home, demo=True)
    service.boot()
    try:
        changed = service.submit(lambda each: each.change_settings("upstream.node_path", str(node)))
        await asyncio.wrap_future(changed)
        twice = [service.submit(lambda each: each.install_backend()) for _ in range(2)]
        for each in twice:
            await asyncio.wrap_future(each)
        notice = service.status.notices[-1]
        assert (notice.code, notice.title) == ("backend_ready", "pi-ai 0.87.1 is installed")
        assert (tmp_path / "asked").read_text() == "{}\n", "two clicks are one installation"
    finally:
        assert service.shutdown(60)


def test_the_first_restart_is_at_once_and_the_next_ever_later() -> None:
    restarts = Restarts(Clock(monotonic=lambda: 5.0, wall=lambda: 9.0))
    restarts.note_failed()
    assert restarts.wait == 0
    restarts.note_failed()
    first = restarts.wait
    restarts.note_failed()
    assert 0 < first < restarts.wait <= 1.0
    for _ in range(20):
        restarts.note_failed()
    assert 29 < restarts.wait <= 30
    restarts.note_worked()
    assert restarts.wait == 0


def test_a_release_on_an_older_line_of_node_counts_for_that_line() -> None:
    releases = ((22, 21), (24, 5))
    assert since((22, 21, 0), releases)
    assert not since((22, 20, 0), releases)
    assert not since((23, 9, 0), releases)
    assert since((25, 0, 0), releases)


async def test_what_is_taken_is_acknowledged_and_too_much_held_ends_the_call() -> None:
    told: list[dict[str, object]] = []
    call = OpenCall(3, "http://x", told.append, lambda: None)
    call.receive(Line(id=3, http=Head(200, [])), 10)
    call.receive(Line(id=3, e="text_delta", d="x"), ACK_EVERY)
    assert len(await call.take(1.0)) == 2
    assert told == [{"op": "ack", "id": 3, "n": ACK_EVERY + 10}]
    call.receive(Line(id=3, e="text_delta", d="x"), MOST_HELD + 1)
    assert told[-1] == {"op": "abort", "id": 3}
    assert len(await call.take(1.0)) == 1
    with pytest.raises(ConnectionFailed):
        await call.take(1.0)


async def test_a_silent_process_is_a_time_out_and_closing_aborts_once() -> None:
    told: list[dict[str, object]] = []
    closed: list[bool] = []
    call = OpenCall(1, "http://x", told.append, lambda: closed.append(True))
    with pytest.raises(ConnectionFailed, match="did not answer in time"):
        await call.take(0.0)
    call.close()
    call.close()
    assert told == [{"op": "abort", "id": 1}]
    assert closed == [True]


async def test_the_doctor_looks_at_node_only_where_it_is_needed() -> None:
    async def missing() -> None:
        raise BackendUnavailable("Node.js was not found.", "Install it.")

    native = await doctor_backend(UpstreamSettings(), missing)  # type: ignore[arg-type]
    assert native.state is FindingState.OK
    settings = UpstreamSettings(model_backends={"gpt-4.1": BackendName.PI_AI})
    found = await doctor_backend(settings, missing)  # type: ignore[arg-type]
    assert found.state is FindingState.FAILED
    assert found.next_step == "Install it."


@pytest.mark.parametrize(("settings", "code"), [("", 0), ('backend = "pi_ai"\n', 1)])
def test_the_command_fails_only_where_what_is_missing_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: str, code: int
) -> None:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path), "PATH": str(tmp_path)}
    (tmp_path / "settings.toml").write_text(f"[upstream]\n{settings}")
    assert main(["backend", "--json"], environ) == code
    said = json.loads(capsys.readouterr().out)
    assert said["backend"] == ("pi_ai" if code else "copilot")
    assert "Node.js was not found" in said["pi_ai"]["problem"]
    assert main(["backend", "remove"], environ) == 0
    assert "Nothing was installed" in capsys.readouterr().out
    assert main(["backend", "install"], environ) == 1
    assert "nodejs.org" in capsys.readouterr().err
