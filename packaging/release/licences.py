"""The licences of every part of a bundle: Python and its libraries, Qt, libraries of the system."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from release.environments import program
from release.facts import PACKAGING, ROOT, BuildFailed

TEXTS = PACKAGING / "bundles" / "licences"
BUILD_TOOLS = (
    "pip",
    "setuptools",
    "pyinstaller",
    "pyinstaller-hooks-contrib",
    "altgraph",
    "packaging",
)
"""Installed in the build's environment, not part of a bundle; PyInstaller's start program, which is,
has an exception in its licence that allows any use."""

_LIST_LIBRARIES = """
import importlib.metadata, json
found = []
for each in importlib.metadata.distributions():
    about = each.metadata
    short = about.get("License-Expression") or about.get("License") or ""
    lines = about.get_all("Classifier") or ()
    classified = ", ".join(line.rpartition(":: ")[2] for line in lines if "License ::" in line)
    files = [str(each.locate_file(path)) for path in each.files or ()
             if ".dist-info/" in str(path) and any(word in path.name.upper() for word in
             ("LICEN", "COPYING", "NOTICE", "AUTHORS")) or ".dist-info/licenses/" in str(path)]
    found.append([each.name, each.version, short.splitlines()[0] if short else classified, files])
print(json.dumps(sorted(found)))
"""

QT_NOTICE = """\
This program uses Qt, PySide6 and Shiboken 6, (c) The Qt Company Ltd. and other contributors, under the
GNU Lesser General Public License, version 3 (LGPL-3.0.txt, and GPL-3.0.txt, to which it refers).

They are dynamically linked and lie as separate files in _internal/PySide6 and _internal/shiboken6 of
this folder (on macOS in Contents/Frameworks). You may replace them with changed or other versions that
have the same interface, and you may study how this program works with them to find errors in your
changes. Their source text is offered by The Qt Company at https://download.qt.io/official_releases/
(qt and QtForPython, of the version that index.txt names).

Qt itself contains parts of others, such as ICU, zlib, FreeType and HarfBuzz, under permissive licences:
https://doc.qt.io/qt-6/licenses-used-in-qt.html lists them with their texts.
"""


def write_licences(environment: Path, collected: Iterable[tuple[str, str]], folder: Path) -> None:
    """Write ``folder``: one folder of texts for each part, and ``index.txt`` that lists them.

    ``collected``: name in the bundle and place on this machine of every shared library. Raises
    BuildFailed if a part has neither a text nor a licence's name.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE.txt")
    lines = ["g-copilot-proxy: MIT, LICENSE.txt"]
    lines += [_python(folder)]
    listed = subprocess.run(
        [program(environment, "python"), "-c", _LIST_LIBRARIES],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    has_qt = False
    for name, version, short, files in json.loads(listed):
        if name.lower() in BUILD_TOOLS:
            continue
        has_qt = has_qt or name.lower().startswith(("pyside6", "shiboken6"))
        if not files and not short:
            raise BuildFailed(f"{name} {version} names no licence")
        _copy(files, folder / name)
        lines.append(f"{name} {version}: {short or 'see its texts'}")
    if has_qt:
        for text in sorted(TEXTS.glob("*.txt")):
            shutil.copyfile(text, folder / text.name)
        (folder / "Qt.txt").write_text(QT_NOTICE, "utf-8")
        lines.append("Qt: LGPL-3.0-only, Qt.txt")
    lines += _system_libraries(environment, collected, folder)
    (folder / "index.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _python(folder: Path) -> str:
    standard = Path(sys.base_prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    places = (standard / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    found = [each for each in places if each.is_file()]
    debian = Path(f"/usr/share/doc/python{sys.version_info[0]}.{sys.version_info[1]}/copyright")
    if not found and debian.is_file():
        found = [debian]
    if not found:
        raise BuildFailed(f"the licence of Python lies in none of {[str(each) for each in places]}")
    _copy([str(found[0])], folder / "Python")
    return f"Python {sys.version.split()[0]}: PSF-2.0"


def _system_libraries(
    environment: Path, collected: Iterable[tuple[str, str]], folder: Path
) -> list[str]:
    """Name the libraries of this machine's system that lie in the bundle, with Debian's texts."""
    own = (str(environment), sys.base_prefix + "/lib/python", sys.base_prefix + "/lib/libpython")
    foreign = sorted(source for _, source in collected if not source.startswith(own))
    if sys.platform != "linux" or not foreign:
        return []
    lines: list[str] = []
    for package, files in sorted(_by_package(foreign).items()):
        text = Path("/usr/share/doc") / package / "copyright"
        if text.is_file():
            _copy([str(text)], folder / package)
        names = ", ".join(sorted(Path(each).name for each in files))
        lines.append(f"{package}: {names}" + ("" if text.is_file() else " (no text found)"))
    return lines


def _by_package(files: list[str]) -> dict[str, list[str]]:
    """Return the files by the system's package they belong to; ``other`` where nobody knows."""
    if shutil.which("dpkg-query") is None:
        return {"other": files}
    packages: dict[str, list[str]] = {}
    for each in files:
        # Debian's list has one of two names of a file where /lib is a link.
        for place in (str(Path(each).resolve()), str(Path(each).resolve()).removeprefix("/usr")):
            asked = subprocess.run(
                ["dpkg-query", "--search", place], capture_output=True, text=True, check=False
            )
            if asked.returncode == 0:
                package = asked.stdout.partition(":")[0]
                break
        else:
            package = "other"
        packages.setdefault(package, []).append(each)
    return packages


def _copy(files: Iterable[str], folder: Path) -> None:
    for each in sorted(files):
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / Path(each).name
        if target.exists():
            target = folder / f"{Path(each).parent.name}-{Path(each).name}"
        shutil.copyfile(each, target)
