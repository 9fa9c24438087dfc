"""What the bundles hold and leave out, and that equal trees make equal archives."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from left_out import is_left_out
from release.archives import differences, digest, write_sums, write_tar, write_zip
from release.environments import needs_window, requirements
from release.facts import version
from release.linux import LIBRARY_PACKAGES
from release.wheel import foreign

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/translations/qt_help_zh_CN.qm",
        "PySide6/translations/qtbase_fr.qm",
        "PySide6\\plugins\\imageformats\\qjpeg.dll",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/opengl32sw.dll",
        "libgtk-3.so.0",
        "libstdc++.so.6",
        "libX11-xcb.so.1",
        "libfontconfig.so.1",
        "keyring-25.7.0.dist-info/RECORD",
    ],
)
def test_what_nobody_needs_or_the_system_brings_is_left_out(path: str) -> None:
    assert is_left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        "desktop/resources/translations/g-copilot-proxy_zh_CN.qm",
        "desktop/resources/icons/app-icon.svg",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt/lib/libQt6DBus.so.6",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt/lib/libQt6WaylandClient.so.6",
        "libxcb-cursor.so.0",
        "libssl.so.3",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "proxy_core/simulator/account/device_page.html",
    ],
)
def test_what_the_app_needs_stays(path: str) -> None:
    assert not is_left_out(path)


def test_the_edition_without_a_window_asks_for_every_library_but_qt() -> None:
    with_window, without = requirements("app"), requirements("headless")
    assert {each for each in with_window if each not in without} == {
        each for each in with_window if each.lower().startswith(("pyside6", "qasync"))
    }
    assert needs_window("PySide6_Essentials>=6.8,<7")
    assert not needs_window("aiohttp>=3")


def test_equal_trees_make_equal_archives_whenever_and_by_whomever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for number, names in enumerate((("b", "a", "c/d"), ("c/d", "a", "b"))):
        folder = tmp_path / str(number) / "app"
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name, "utf-8")
            path.chmod(0o700 if name == "a" else 0o600)
            os.utime(path, (number * 1000 + 1, number * 1000 + 1))
        tar = write_tar(folder, tmp_path / f"{number}.tar.xz")
        made.append((digest(tar), digest(write_zip(folder, tmp_path / f"{number}.zip"))))
    assert made[0] == made[1]


def test_what_differs_between_two_builds_is_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "same").write_text("x", "utf-8")
        (folder / "changed").write_text(folder.name, "utf-8")
    (one / "gone").touch()
    assert differences(one, other) == ["changed", "gone"]


def test_the_sums_are_read_by_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("1", "utf-8")
    text = write_sums(tmp_path).read_text("utf-8")
    assert text == write_sums(tmp_path).read_text("utf-8"), "the list does not list itself"
    assert text == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  one.txt\n"


@pytest.mark.parametrize("name", ["icon.ico", "icon.icns", "icon-64.png"])
def test_the_icon_is_drawn_in_each_system_s_form(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    script = ROOT / "packaging/bundles/draw_icon.py"
    subprocess.run([sys.executable, script, target], check=True)
    content = target.read_bytes()
    if name.endswith(".png"):
        assert content.startswith(b"\x89PNG")
        assert struct.unpack(">II", content[16:24]) == (64, 64)
    elif name.endswith(".icns"):
        assert content[:4] == b"icns"
        assert struct.unpack(">I", content[4:8])[0] == len(content)
    else:
        _, kind, count = struct.unpack("<HHH", content[:6])
        size, place = struct.unpack("<II", content[6 + 16 * (count - 1) + 8 : 6 + 16 * count])
        assert kind == 1
        assert place + size == len(content)


def test_members_of_an_archive_that_belong_to_development_are_seen() -> None:
    names = [
        "desktop/app.py",
        "tests/conftest.py",
        "proxy_core/test_x.py",
        "docs/a.md",
        "a.ts",
        "a.qm",
    ]
    assert foreign(names) == [*names[1:4], "a.ts"]


def test_libraries_that_the_bundle_leaves_to_the_system_have_a_package() -> None:
    for name, (debian, arch) in LIBRARY_PACKAGES.items():
        assert debian
        assert arch
        bundled = ("libc.", "libm.", "libdl.", "libpthread.", "librt.", "libutil.", "libresolv.")
        systems = (*bundled, "libcrypt.", "ld-", "libwayland-", "libxcb.", "libOpenGL.")
        assert name.startswith(systems) or is_left_out(name), f"{name} lies in the bundle"


def test_the_version_is_the_program_s_own() -> None:
    from proxy_core import __version__

    assert version() == __version__
