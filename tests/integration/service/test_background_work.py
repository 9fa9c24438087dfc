"""Background work that fails of something nobody expected goes on, and says so meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_core.app import supervised_tasks
from proxy_core.app.service import Overrides, ProxyService
from proxy_core.config.paths import find_paths
from proxy_core.config.settings_file import SettingsFile
from proxy_core.status.status import Status

SECONDS = 60.0


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ProxyService]:
    monkeypatch.setattr(supervised_tasks, "FIRST_PAUSE", 0.01)
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    made = ProxyService(
        find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
    )
    yield made
    assert made.shutdown(60)


def test_an_edit_of_the_settings_counts_after_the_watch_on_them_broke(
    service: ProxyService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broke, told, counted = threading.Event(), threading.Event(), threading.Event()
    signature = SettingsFile.signature

    def break_once(file: SettingsFile) -> tuple[int, ...] | None:
        if not broke.is_set():
            broke.set()
            raise RuntimeError("a file system of a kind nobody has heard of")
        return signature(file)

    def listen(status: Status) -> None:
        if status.background_problem is not None:
            assert "edits of the settings file" in status.background_problem.message
            told.set()
        if not status.requires_key:
            counted.set()

    service.boot()
    service.subscribe(listen)
    monkeypatch.setattr(SettingsFile, "signature", break_once)
    assert broke.wait(SECONDS)
    assert told.wait(SECONDS)
    find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path)}).settings_file.write_text(
        "[server]\nrequire_key = false\n"
    )
    assert counted.wait(SECONDS)
