"""What the app's bundle for macOS and Windows holds, assembled here from the wheels of those systems.

PyInstaller builds only for the system it runs on. This lays out the same folders from the pinned wheels
of the other system, with the starter of PyInstaller's own wheel, so that what would ship can be looked
at on every machine: which libraries have no wheel there, how large it is, whether a file is of another
system. It cannot be started: the interpreter itself comes from the system's own build.
"""

from __future__ import annotations

import compileall
import plistlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from release.environments import CONSTRAINTS, program, requirements, tool_environment
from release.facts import BUILD, NAME, PACKAGING, ROOT, BuildFailed, call, source_day, version
from release.macos import info_plist

sys.path.insert(0, str(PACKAGING / "bundles"))

from left_out import MODULES, is_left_out

PYTHON = "3.13"
"""What the release's workflow builds with."""


@dataclass(frozen=True, slots=True)
class System:
    """``platforms``: wheel tags, best first. ``magic``: how each native file begins.

    ``starters``: a program in PyInstaller's wheel, and its name in the bundle. ``more``: dependencies of
    that system alone, which pip, running on this one, does not see.
    """

    platforms: tuple[str, ...]
    starters: tuple[tuple[str, str], ...]
    magic: tuple[bytes, ...]
    endings: tuple[str, ...]
    more: tuple[str, ...] = ()


_MACH_O = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_MACOS_TAGS = tuple(
    f"macosx_{each}_0_{chip}" for each in (13, 12, 11) for chip in ("arm64", "universal2")
)
SYSTEMS = {
    "windows": System(
        ("win_amd64",),
        (
            ("Windows-64bit-intel/run.exe", f"{NAME}.exe"),
            ("Windows-64bit-intel/runw.exe", f"{NAME}-app.exe"),
        ),
        (b"MZ",),
        (".pyd", ".dll", ".exe"),
        ("pywin32-ctypes",),
    ),
    "macos": System(
        (*_MACOS_TAGS, "macosx_10_13_universal2", "macosx_10_9_universal2"),
        (("Darwin-64bit/runw", NAME),),
        _MACH_O,
        (".so", ".dylib"),
    ),
}
OF_LINUX = ("secretstorage", "jeepney", "cryptography", "cffi", "pycparser")
"""What keyring needs on Linux; pip resolves it too, because it runs there."""


OF_THE_BUILD = (
    "altgraph",
    "packaging",
    "pyinstaller_hooks_contrib",
    "setuptools",
    "macholib",
    "pefile",
)
"""What PyInstaller needs."""


def lay_out_system(name: str) -> Path:
    """Return the bundle's folder for ``windows``, or the ``.app`` for ``macos``. Raises BuildFailed."""
    system = SYSTEMS[name]
    wheels = _fetch_wheels(name, system)
    folder = BUILD / f"layout-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    if name == "macos":
        made = folder / f"{NAME}.app"
        libraries, programs = made / "Contents" / "Frameworks", made / "Contents" / "MacOS"
        texts = made / "Contents" / "Resources" / "licences"
    else:
        made = folder / NAME
        libraries, programs, texts = made / "_internal", made, made / "licences"
    for each in (libraries, programs, texts):
        each.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        if wheel.name.startswith("pyinstaller-"):
            _take_starters(wheel, system, programs)
        elif wheel.name.partition("-")[0].lower() not in (*OF_LINUX, *OF_THE_BUILD):
            _unpack(wheel, libraries, texts)
    _add_our_own(libraries)
    shutil.copyfile(ROOT / "LICENSE", texts / "LICENSE.txt")
    if name == "macos":
        plist = plistlib.dumps(info_plist(version(), source_day()))
        (made / "Contents" / "Info.plist").write_bytes(plist)
    problems = list(problems_of(made, system))
    if problems:
        raise BuildFailed(f"{name}: " + "; ".join(problems))
    return made


def problems_of(bundle: Path, system: System) -> Iterator[str]:
    """Yield what must not ship: files of another system, development files, nothing native at all."""
    native = 0
    for path in sorted(each for each in bundle.rglob("*") if each.is_file()):
        name = path.relative_to(bundle).as_posix()
        with path.open("rb") as file:
            begins = file.read(4)
        is_native = path.suffix in system.endings or begins.startswith(_FOREIGN)
        if is_native and not begins.startswith(system.magic):
            yield f"{name} is of another system"
        native += is_native
        if path.suffix in (".pyi", ".ts", ".h", ".cpp") or "/tests/" in name:
            yield f"{name} is for development"
    if native < len(system.starters) + 10:
        yield f"only {native} native files"
    for _, started in system.starters:
        if not list(bundle.rglob(started)):
            yield f"{started} is missing"


_FOREIGN = (b"\x7fELF", b"MZ", *_MACH_O)


def _fetch_wheels(name: str, system: System) -> list[Path]:
    """Download every wheel of the app for that system, with the pinned versions."""
    folder = BUILD / f"wheels-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    marked = [each.partition(";") for each in requirements("app")]
    wanted = [
        requirement.strip()
        for requirement, _, marker in marked
        if not marker or ("win32'" in marker) == ((name == "windows") == ("==" in marker))
    ]
    tags = [f"--platform={each}" for each in system.platforms]
    options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    options += [f"--python-version={PYTHON}", *tags, f"--constraint={CONSTRAINTS}"]
    pip = [program(tool_environment(), "python"), "-m", "pip", "download", *options]
    call([*pip, f"--dest={folder}", *wanted, *system.more, "pyinstaller"])
    return sorted(folder.glob("*.whl"))


def _take_starters(wheel: Path, system: System, programs: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for inside, name in system.starters:
            target = programs / name
            target.write_bytes(packed.read(f"PyInstaller/bootloader/{inside}"))
            target.chmod(0o755)


def _unpack(wheel: Path, libraries: Path, texts: Path) -> None:
    """Unpack what a bundle keeps of a wheel; its licence texts go to ``texts``."""
    part = wheel.name.partition("-")[0]
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.endswith("/"):
                continue
            if ".dist-info/" in name:
                if any(word in name.upper() for word in ("LICEN", "COPYING", "NOTICE", "AUTHORS")):
                    (texts / part).mkdir(exist_ok=True)
                    (texts / part / Path(name).name).write_bytes(packed.read(name))
                if not name.endswith("/entry_points.txt"):
                    continue
            elif _is_dropped(name):
                continue
            packed.extract(name, libraries)


def _is_dropped(name: str) -> bool:
    """Whether PyInstaller's bundle has nothing of this file: it follows imports, this looks at names."""
    path = Path(name)
    dotted = ".".join(path.with_suffix("").parts)
    return (
        is_left_out(name)
        or any(dotted == each or dotted.startswith(each + ".") for each in MODULES)
        or not _DROPPED_FOLDERS.isdisjoint(path.parts)
        or path.suffix in (".pyi", ".pxd", ".pyx", ".c", ".h", ".lib", ".a", ".qmltypes", ".json5")
        or (path.parts[0] == "PySide6" and _unused_of_qt(path))
    )


_DROPPED_FOLDERS = frozenset(
    (
        *("tests", "test", "test_data", "testing", "examples", "include", "docs", "doc", "scripts"),
        *("glue", "libexec", "sqldrivers", "designer", "qmllint", "qmlls", "assetimporters"),
    )
)

_QT_USED = ("Core", "Gui", "Widgets", "Svg", "Network", "DBus")
"""Qt's modules the app imports, and those that they need."""


def _unused_of_qt(path: Path) -> bool:
    """Programs of a developer, and modules that nothing of ours imports."""
    name = path.name
    if "qml" in name or (not path.suffix and path.parent.name == "PySide6"):
        return True
    if path.suffix in (".exe", ".app") or "Resources" in path.parts or ".app/" in path.as_posix():
        return True
    for prefix in ("Qt6", "Qt", "libQt6"):
        rest = name.removeprefix(prefix)
        if rest != name and path.parent.name in ("PySide6", "lib"):
            return rest.split(".")[0] not in _QT_USED
    framework = next((each for each in path.parts if each.endswith(".framework")), "")
    if framework:
        return framework.removeprefix("Qt").removesuffix(".framework") not in _QT_USED
    return False


def _add_our_own(libraries: Path) -> None:
    """Copy our packages as PyInstaller does: byte code beside data, no texts of translators."""
    for package in ("proxy_core", "desktop"):
        shutil.copytree(
            ROOT / package,
            libraries / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.ts", "*.pyi", "py.typed"),
        )
    compileall.compile_dir(libraries / "proxy_core", quiet=1)
    compileall.compile_dir(libraries / "desktop", quiet=1)


def sign_for_trial(program_file: Path, folder: Path) -> str:
    """Sign a Windows program with a certificate made for it; return what osslsigncode says of it.

    Shows that our files can carry a signature, which no release has yet. Raises BuildFailed.
    """
    if shutil.which("osslsigncode") is None or shutil.which("openssl") is None:
        raise BuildFailed("signing needs osslsigncode and openssl")
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate, signed = (folder / each for each in ("key.pem", "trial.pem", "signed.exe"))
    signed.unlink(missing_ok=True)
    subject = ["-subj", "/CN=g-copilot-proxy trial", "-addext", "extendedKeyUsage=codeSigning"]
    made = ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-nodes"]
    call(["openssl", "req", "-x509", "-newkey", "rsa:3072", *made, *subject])
    who = ["-certs", certificate, "-key", key, "-h", "sha256", "-n", NAME]
    call(["osslsigncode", "sign", *who, "-in", program_file, "-out", signed])
    said = call(["osslsigncode", "verify", "-CAfile", str(certificate), "-in", str(signed)])
    altered = folder / "altered.exe"
    content = bytearray(signed.read_bytes())
    content[0x400] ^= 1
    altered.write_bytes(content)
    check = ["osslsigncode", "verify", "-CAfile", str(certificate), "-in", str(altered)]
    if subprocess.run(check, capture_output=True, check=False).returncode == 0:
        raise BuildFailed("a changed program still verifies")
    return next(line for line in said.splitlines() if "Signature verification" in line)
