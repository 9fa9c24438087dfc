"""The container's and systemd's files, read as those who run them would: no engine, no network."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CONTAINER = ROOT / "packaging" / "container"
sys.path.insert(0, str(CONTAINER))
try:
    from steps import Image, NotReadable, copied, read_image
finally:
    sys.path.remove(str(CONTAINER))

WINDOW_ONLY = {"PySide6-Essentials", "qasync"}
OTHER_SYSTEMS = {"winloop"}


@pytest.fixture
def image() -> Image:
    return read_image((CONTAINER / "Containerfile").read_text())


def names(requirements: list[str]) -> set[str]:
    lines = (each.partition("#")[0].strip() for each in requirements)
    return {re.split(r"[<>=;\[ ]", each)[0] for each in lines if each}


def test_the_image_installs_what_the_project_needs_but_the_window() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = names(project["dependencies"]) - WINDOW_ONLY - OTHER_SYSTEMS
    assert names((CONTAINER / "requirements.txt").read_text().splitlines()) == wanted
    pinned = names((ROOT / "packaging" / "constraints.txt").read_text().splitlines())
    assert wanted <= pinned, "a version that is not pinned"


def test_the_image_runs_as_nobody_in_particular_with_one_volume(image: Image) -> None:
    user, group = image.user.split(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert image.volumes == ("/data",)
    assert image.environment["G_COPILOT_PROXY_HOME"] == "/data"
    assert image.stop_signal == "SIGTERM"
    assert image.base.endswith("-slim")


def test_the_health_check_asks_the_port_the_server_listens_on(image: Image) -> None:
    (port,) = image.ports
    assert image.command[-2:] == ("--port", str(port))
    assert f"127.0.0.1:{port}/health" in " ".join(image.health)


def test_the_health_check_does_not_ask_a_company_s_proxy(image: Image) -> None:
    asked: list[str] = []

    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        answering = threading.Thread(target=server.serve_forever, daemon=True)
        answering.start()
        code = image.health[-1].replace(":4141/", f":{server.server_port}/")
        proxies = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **proxies, "no_proxy": "", "NO_PROXY": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        server.shutdown()
        answering.join()
    assert (ended.returncode, asked) == (0, ["/health"]), ended.stderr


def test_no_secret_and_no_index_is_written_into_the_image(image: Image) -> None:
    text = (CONTAINER / "Containerfile").read_text()
    assert not re.search(r"index[-_]url|trusted-host|TOKEN|KEY|PASSWORD", text)
    assert not {each for each in image.environment if "KEY" in each or "TOKEN" in each}


def test_what_is_copied_exists_and_is_let_through_by_the_ignore_file(image: Image) -> None:
    ignored = (CONTAINER / "Containerfile.dockerignore").read_text().splitlines()
    for name, rest in image.build:
        if name == "COPY":
            for source in copied(rest)[0]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source
    assert "*" in ignored


@pytest.mark.parametrize(
    "text",
    [
        "RUN true",
        "FROM a\nFROM b",
        "FROM a\nADD http://elsewhere /",
        "FROM a\nHEALTHCHECK NONE",
        "FROM a\nCMD serve",
    ],
)
def test_a_step_that_the_trial_would_not_run_is_refused(text: str) -> None:
    with pytest.raises(NotReadable):
        read_image(text)


def test_options_of_a_copy_are_refused() -> None:
    with pytest.raises(NotReadable):
        copied("--from=elsewhere /a /b")


def test_the_compose_file_opens_the_port_to_this_computer_alone_and_locks_the_rest(
    image: Image,
) -> None:
    compose = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    (service,) = compose["services"].values()
    assert service["ports"] == [f"127.0.0.1:{image.ports[0]}:{image.ports[0]}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [each.partition(":")[2] for each in service["volumes"]] == list(image.volumes)
    assert set(compose["volumes"]) == {service["volumes"][0].partition(":")[0]}
    assert "privileged" not in service
    assert int(service["stop_grace_period"].removesuffix("s")) > 6
    context = CONTAINER / service["build"]["context"]
    assert (context / service["build"]["dockerfile"]).resolve() == CONTAINER / "Containerfile"


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(ROOT / "packaging" / "systemd" / "g-copilot-proxy.service")
    return read


def test_the_unit_is_hardened_with_what_a_user_s_manager_may_apply() -> None:
    service = unit()["Service"]
    for name in ("NoNewPrivileges", "PrivateTmp", "LockPersonality", "RestrictSUIDSGID"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["SystemCallFilter"] == "@system-service"
    for name in ("PrivateDevices", "ProtectClock", "ProtectKernelModules", "CapabilityBoundingSet"):
        assert name not in service, f"{name} ends with 218/CAPABILITIES in a user's manager"
    assert "User" not in service


def test_the_unit_may_write_where_the_program_writes() -> None:
    script = (
        "from proxy_core.config.paths import find_paths; paths = find_paths({});"
        "print(paths.config, paths.state, paths.log)"
    )
    environ = {"HOME": "/home/somebody", "PATH": "/usr/bin:/bin"}
    if sys.platform != "linux":
        pytest.skip("systemd is Linux's")
    told = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    writable = [
        Path(each.replace("%h", "/home/somebody"))
        for each in unit()["Service"]["ReadWritePaths"].split()
    ]
    for each in told.stdout.split():
        assert any(Path(each).is_relative_to(folder) for folder in writable), each


def test_the_unit_waits_longer_for_the_end_than_answers_may_take() -> None:
    from proxy_core.cli.exit_codes import USAGE

    service = unit()["Service"]
    assert int(service["TimeoutStopSec"]) > 6
    assert int(service["RestartPreventExitStatus"]) == USAGE
    assert unit()["Install"]["WantedBy"] == "default.target"


def test_the_server_s_command_loads_neither_qt_nor_the_desktop() -> None:
    script = (
        "import sys, runpy; sys.argv = ['g-copilot-proxy', '--help']\n"
        "try: runpy.run_module('proxy_core.cli', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "import proxy_core.cli.serve, proxy_core.app.service\n"
        "print(sorted(each for each in sys.modules if each.partition('.')[0] in\n"
        "      ('PySide6', 'shiboken6', 'qasync', 'desktop')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-1] == "[]"
