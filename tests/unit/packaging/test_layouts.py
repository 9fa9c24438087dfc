"""What the layouts of other systems keep of a wheel, and what they find wrong with a folder."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import yaml
from release.appimage import lay_out_appdir
from release.facts import NAME, BuildFailed
from release.layouts import OF_THE_BUILD, SYSTEMS, _is_dropped, _unpack, problems_of

ROOT = Path(__file__).resolve().parents[3]


def whole(folder: Path, system: str) -> Path:
    """A folder with the starters and enough native files of ``system``."""
    declared = SYSTEMS[system]
    for _, name in declared.starters:
        (folder / name).write_bytes(declared.magic[0])
    for number in range(12):
        (folder / f"library-{number}{declared.endings[0]}").write_bytes(declared.magic[0] + b"rest")
    return folder


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_whole_folder_has_no_problems(system: str, tmp_path: Path) -> None:
    assert list(problems_of(whole(tmp_path, system), SYSTEMS[system])) == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_library_of_another_system_is_found_by_how_it_begins(system: str, tmp_path: Path) -> None:
    folder = whole(tmp_path, system)
    (folder / "speedups.so").write_bytes(b"\x7fELF\x02")
    (folder / "renamed").write_bytes(b"\x7fELF\x02")
    found = list(problems_of(folder, SYSTEMS[system]))
    assert found == ["renamed is of another system", "speedups.so is of another system"]


def test_a_missing_starter_and_files_of_developers_are_found(tmp_path: Path) -> None:
    folder = whole(tmp_path, "windows")
    (folder / f"{NAME}-app.exe").unlink()
    (folder / "QtCore.pyi").touch()
    assert list(problems_of(folder, SYSTEMS["windows"])) == [
        "QtCore.pyi is for development",
        f"{NAME}-app.exe is missing",
    ]


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("PySide6/Qt6Core.dll", False),
        ("PySide6/Qt6Quick.dll", True),
        ("PySide6/designer.exe", True),
        ("PySide6/qmlls", True),
        ("PySide6/plugins/platforms/qwindows.dll", False),
        ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", False),
        ("PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml", True),
        ("aiohttp/_http_parser.cp313-win_amd64.pyd", False),
        ("aiohttp/_http_parser.pyx", True),
        ("securesystemslib/_vendor/ed25519/test_data/ed25519", True),
        ("tuf/ngclient/updater.py", False),
    ],
)
def test_a_layout_keeps_what_the_app_imports(name: str, dropped: bool) -> None:
    assert _is_dropped(name) is dropped


def test_licence_texts_of_a_wheel_are_kept_apart(tmp_path: Path) -> None:
    wheel = tmp_path / "some_library-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("some_library/__init__.py", "")
        packed.writestr("some_library-1.0.dist-info/licenses/LICENSE", "MIT")
        packed.writestr("some_library-1.0.dist-info/RECORD", "")
    libraries, texts = tmp_path / "libraries", tmp_path / "texts"
    libraries.mkdir()
    texts.mkdir()
    _unpack(wheel, libraries, texts)
    assert [each.name for each in libraries.rglob("*.py")] == ["__init__.py"]
    assert (texts / "some_library" / "LICENSE").read_text("utf-8") == "MIT"
    assert not list(libraries.rglob("RECORD"))


def test_what_only_the_build_needs_is_named_as_wheels_are() -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", each) for each in OF_THE_BUILD)


def test_the_appdir_starts_the_program_from_where_it_lies(tmp_path: Path) -> None:
    root = tmp_path / "root"
    icons = root / "usr/share/icons/hicolor/256x256/apps"
    for folder in (icons, root / "usr/share/applications", root / f"usr/lib/{NAME}"):
        folder.mkdir(parents=True)
    (icons / f"{NAME}.png").touch()
    (root / f"usr/share/applications/{NAME}.desktop").touch()
    made = lay_out_appdir(root, tmp_path / "made")
    assert f'exec "$here/usr/lib/{NAME}/{NAME}" "$@"' in (made / "AppRun").read_text("utf-8")
    assert (made / ".DirIcon").resolve() == made / f"{NAME}.png"


def test_without_the_layout_of_the_packages_there_is_no_appdir(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"build\.py linux"):
        lay_out_appdir(tmp_path / "missing", tmp_path / "made")


def test_the_flatpak_may_reach_no_more_than_it_says() -> None:
    manifest = yaml.safe_load((ROOT / "packaging/linux/flatpak.yaml").read_text("utf-8"))
    allowed = set(manifest["finish-args"])
    assert "--share=network" in allowed
    assert not {"--filesystem=host", "--device=all", "--socket=system-bus"} & allowed
    assert not [each for each in allowed if each.startswith("--own-name")]
