"""What a bundle is told of its updates, and which files become part of the channel."""

from __future__ import annotations

import json
from pathlib import Path

from release.update_channel import archives_in, bundled_files

ADDRESS = "https://github.com/someone/g-copilot-proxy/releases/download/updates/"


def test_a_bundle_of_a_repository_without_keys_does_not_update_itself(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "none.json")
    environ = {"UPDATES_ADDRESS": ADDRESS, "UPDATES_ROOT": nowhere}
    assert bundled_files("app", tmp_path, environ) == []
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_told_where_to_look_and_whom_to_trust(tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_bytes(b"{}")
    environ = {"UPDATES_ADDRESS": ADDRESS, "UPDATES_ROOT": str(root)}
    source, trusted = bundled_files("headless", tmp_path / "work", environ)
    assert trusted.read_bytes() == b"{}"
    written = json.loads(source.read_text("utf-8"))
    assert written["address"] == ADDRESS
    assert written["channel"].startswith("headless-")


def test_only_archives_of_the_released_version_are_offered(tmp_path: Path) -> None:
    for name in (
        "g-copilot-proxy-1.2.0-linux-x86_64.tar.xz",
        "g-copilot-proxy-1.2.0-windows-x86_64.zip",
        "g-copilot-proxy-headless-1.2.0-macos-arm64.tar.xz",
        "g-copilot-proxy-1.1.0-linux-x86_64.tar.xz",
        "g-copilot-proxy-1.2.0-windows-x86_64-setup.exe",
        "g-copilot-proxy_1.2.0-1_amd64.deb",
        "g_copilot_proxy-1.2.0.tar.gz",
        "SHA256SUMS",
    ):
        (tmp_path / name).touch()
    assert [name for name, _ in archives_in(tmp_path, "1.2.0")] == [
        "app-linux-x86_64",
        "app-windows-x86_64",
        "headless-macos-arm64",
    ]
