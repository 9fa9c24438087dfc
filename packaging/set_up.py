"""The work of ``bootstrap.py``, which calls this file once it knows that Python is new enough.

Standard library only, Python 3.11 or newer. Makes ``.venv`` in the clone, installs the pinned set into
it, and looks for the system libraries Qt needs before Qt aborts for want of one. System packages that
are missing are named; root on Debian and its relatives is asked whether to install them. Where nobody
can be asked, root gets those without which nothing works; ``BOOTSTRAP_SYSTEM_PACKAGES=install``: all.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"

QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What importing PySide6 needs, as soname and Debian package."""

X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What a window on X11 needs besides; without one of them Qt aborts with a misleading text."""

TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xdpyinfo": "x11-utils",
    "xprop": "x11-utils",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "openbox": "openbox",
    "tint2": "tint2",
    "dbus-run-session": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
}
"""Programs the tests on a virtual screen and with a real keychain use; they skip without them."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""One of them shows a hostile web page to the server; that test skips without."""

ROOM_NEEDED = 600_000_000
"""Bytes: what `.venv` takes with the tests' tools, 310 MB without."""

LINES_SHOWN = 3

WITH_A_VALUE = ("--host", "--port", "--world")
"""Options of the app whose next argument belongs to them."""

SCANNED = ("proxy_core", "desktop", "packaging")

TEST_PACKAGES = ("fonts-dejavu-core",)

PACKAGES_VARIABLE = "BOOTSTRAP_SYSTEM_PACKAGES"
"""``install``: yes to every package, ``name``: no to every one. What CI sets; people are asked."""


class Stop(Exception):
    """The set-up cannot go on; the text tells the person why and what to do."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bootstrap.py",
        description="Set up g-copilot-proxy in this folder, then run it, test it or check it.",
    )
    parser.add_argument("command", choices=("run", "test", "check", "agents", "honesty"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on")
    options = parser.parse_args(arguments)
    try:
        commands = {
            "run": run,
            "test": test,
            "check": check,
            "agents": agents,
            "honesty": honesty,
        }
        return commands[options.command](options.rest)
    except Stop as stop:
        print(f"bootstrap: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: interrupted; the same command goes on from here.", file=sys.stderr)
        return 130


def run(rest: list[str]) -> int:
    """Start the app; without a screen or without Qt's libraries, the server alone."""
    prepare_venv(extras=())
    if sys.platform == "linux" and not names_a_command(rest):
        has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        if has_screen:
            needed = QT_LIBRARIES | (X11_LIBRARIES if os.environ.get("DISPLAY") else {})
            install_or_name(
                missing_libraries(needed), why="the window needs them", is_essential=True
            )
    return hand_over([str(venv_program("g-copilot-proxy")), *rest])


def test(rest: list[str]) -> int:
    """Run the tests; those on a virtual screen and with a real keychain skip what is missing.

    What the system lacks comes first: who is told so waits for no libraries before.
    """
    programs = [package for program, package in TEST_PROGRAMS.items() if not which(program)]
    prepare_qt()
    install_or_name(
        [*programs, *(TEST_PACKAGES if programs else ())], why="some tests skip without"
    )
    if not any(which(each) for each in BROWSERS):
        # By itself: where it cannot be had, everything else still is.
        install_or_name(BROWSERS[:1], why="a test opens a hostile web page in a real browser")
    prepare_venv(extras=("dev",))
    os.chdir(ROOT)
    pytest = [str(venv_program("python")), "-m", "pytest"]
    if rest:
        return hand_over([*pytest, *rest])
    return hand_over([str(venv_program("python")), "packaging/whole_suite.py"])


def check(rest: list[str]) -> int:
    """Format, lint, types, known weaknesses and the import rules: what every commit must pass."""
    prepare_venv(extras=("dev",))
    prepare_qt()  # pytest-qt loads Qt for any test
    python = str(venv_program("python"))
    steps = (
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "mypy"],
        [python, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *SCANNED],
        [python, "packaging/audit.py"],
        [python, "-m", "pytest", "-q", "tests/test_architecture.py", *rest],
    )
    for step in steps:
        print("$ " + " ".join(["python", *step[1:]]), flush=True)
        code = subprocess.call(step, cwd=ROOT)
        if code:
            return code
    return 0


def agents(rest: list[str]) -> int:
    """Install the pinned real agents into ``.agents`` and let them work through the proxy."""
    parser = argparse.ArgumentParser(prog="bootstrap.py agents")
    parser.add_argument("names", nargs="*", help="which; the beginning of a name is enough")
    parser.add_argument("--profile", help="of the simulator; several with commas (strict)")
    parser.add_argument("--all-profiles", action="store_true", help="one after the other")
    parser.add_argument("--world", help="the date the simulator plays; several with commas")
    parser.add_argument("--all-worlds", action="store_true", help="one after the other")
    options = parser.parse_args(rest)
    names = options.names
    prepare_venv(extras=("dev",))
    prepare_qt()
    os.chdir(ROOT)
    if options.all_profiles or options.profile:
        os.environ["AGENT_PROFILES"] = "all" if options.all_profiles else options.profile
    if options.all_worlds or options.world:
        os.environ["AGENT_WORLDS"] = "all" if options.all_worlds else options.world
    python = str(venv_program("python"))
    code = subprocess.call([python, "-m", "tests.agents.install", *names])
    if code:
        return code
    chosen = ["-k", " or ".join(names)] if names else []
    return hand_over([python, "-m", "pytest", "tests/agents", "-rxX", *chosen])


def honesty(rest: list[str]) -> int:
    """Install pinned clients of the real service and let them work against the simulator."""
    prepare_venv(extras=("dev",))
    prepare_qt()
    os.chdir(ROOT)
    python = str(venv_program("python"))
    code = subprocess.call([python, "-m", "tests.independent_clients.install"])
    if code:
        return code
    return hand_over([python, "-m", "pytest", "tests/independent_clients", "-v", *rest])


def names_a_command(rest: Iterable[str]) -> bool:
    """Whether the arguments ask for a command without a window (``serve``, ``status``, ...)."""
    is_value = False
    for argument in rest:
        if not is_value and not argument.startswith("-"):
            return True
        is_value = argument in WITH_A_VALUE
    return False


def hand_over(arguments: list[str]) -> int:
    """Become the given program, so that signals and the exit code are its own."""
    sys.stdout.flush()
    if os.name == "nt":
        # Windows has no exec: the parent would return to the prompt while the child still runs.
        return subprocess.call(arguments)
    return os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted


# --- the virtual environment --------------------------------------------------------------------


def venv_program(name: str) -> Path:
    return VENV / (f"Scripts/{name}.exe" if os.name == "nt" else f"bin/{name}")


def prepare_venv(extras: tuple[str, ...]) -> None:
    """Make ``.venv`` and install into it, unless this was done for just these pins already."""
    stamp = VENV / ("installed-" + "-".join(("run", *extras)))
    fingerprint = pins_fingerprint()
    if venv_program("python").exists() and stamp.is_file() and stamp.read_text() == fingerprint:
        return
    if not venv_is_usable():
        make_venv()
    wanted = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    print(f"Installing into {VENV} (once; this takes a minute or so) ...", flush=True)
    command = [str(venv_program("python")), "-m", "pip", "install", "--quiet", "--editable", wanted]
    command += ["--constraint", str(CONSTRAINTS)]
    failed = quietly(command, env=pip_environment())
    if failed is not None:
        put_old_venv_back()
        raise Stop(
            f"the libraries could not be installed.{why_not()}\npip says:\n{gist(failed)}\n"
            f"All its words: {shlex.join(['env', f'PIP_CONSTRAINT={CONSTRAINTS.as_uri()}', *command])}"
        )
    for old in VENV.glob("installed-*"):
        if old.read_text() != fingerprint:
            old.unlink()
    stamp.write_text(fingerprint)
    if extras:
        (VENV / "installed-run").write_text(fingerprint)
    shutil.rmtree(old_venv(), ignore_errors=True)


def quietly(command: list[str], env: Mapping[str, str] | None = None) -> str | None:
    """Run ``command``; return all it printed where it failed, None where it did its work."""
    done = subprocess.run(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.stdout if done.returncode else None


def gist(printed: str) -> str:
    """Return the few lines that say why: pip repeats one warning for every try and library."""
    lines = list(dict.fromkeys(line.strip() for line in printed.splitlines() if line.strip()))
    errors = [line for line in lines if line.lower().startswith("error")]
    return "\n".join(f"    {line}" for line in (errors or lines)[-LINES_SHOWN:])


def why_not() -> str:
    """Return what most likely keeps pip from installing, as a sentence behind another."""
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_NEEDED:
        needed = ROOM_NEEDED // 1_000_000
        return f" Only {free // 1_000_000} MB are free here, and it takes up to {needed}."
    return " Is this computer online, and does a proxy need HTTPS_PROXY to be set?"


def pins_fingerprint() -> str:
    digest = hashlib.sha256()
    # A copied or moved folder is another one: the environment's own files name the old one.
    digest.update(f"{sys.version_info[:2]} {platform.machine()} {ROOT}".encode())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    digest.update(repr(project).encode())
    digest.update(CONSTRAINTS.read_bytes())
    return digest.hexdigest()


def venv_is_usable() -> bool:
    """Whether ``.venv`` runs this Python's version, has pip, and was made in this folder."""
    if not venv_program("python").exists():
        return False
    made_for = VENV / "made-in"
    if not made_for.is_file() or made_for.read_text(encoding="utf-8") != str(VENV):
        return False
    probe = "import sys, pip; print(sys.version_info[:2] == " + repr(sys.version_info[:2]) + ")"
    try:
        answer = subprocess.run(
            [str(venv_program("python")), "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:  # its Python is a script or a link to one that is gone
        return False
    return answer.stdout.strip() == "True"


def make_venv() -> None:
    """Make a new ``.venv``; an old one is put aside until the new one has all its libraries.

    The programs in it name its path, so it is made in its place. Raises Stop.
    """
    if importlib.util.find_spec("ensurepip") is None:
        # Debian splits ensurepip off into a package of its own.
        install_or_name(["python3-venv"], why="the virtual environment needs it", must=True)
    if old_venv().exists():  # left by a try that was killed: the other one never was complete
        shutil.rmtree(VENV, ignore_errors=True)
    elif VENV.exists():
        VENV.rename(old_venv())
    print(f"Making {VENV} ...", flush=True)
    failed = quietly([sys.executable, "-m", "venv", str(VENV)])
    if failed is not None:
        shutil.rmtree(VENV, ignore_errors=True)
        put_old_venv_back()
        raise Stop(f"the virtual environment could not be made. Python says:\n{gist(failed)}")
    (VENV / "made-in").write_text(str(VENV), encoding="utf-8")


def old_venv() -> Path:
    return VENV.with_name(VENV.name + ".old")


def put_old_venv_back() -> None:
    """Undo what ``make_venv`` did to a ``.venv`` that was there before."""
    if old_venv().exists():
        shutil.rmtree(VENV, ignore_errors=True)
        old_venv().rename(VENV)


def pip_environment() -> Mapping[str, str]:
    environ = dict(os.environ)
    environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    environ["PIP_NO_INPUT"] = "1"
    # Also for the build's own environment. pip splits the variable at blanks, which a URI has none of.
    environ["PIP_CONSTRAINT"] = CONSTRAINTS.as_uri()
    return environ


# --- the system ---------------------------------------------------------------------------------


def prepare_qt() -> None:
    """See to it that tests can load Qt. Raises Stop when they cannot."""
    if sys.platform != "linux":
        return
    libraries = missing_libraries(QT_LIBRARIES | X11_LIBRARIES)
    install_or_name(libraries, why="the tests need them", is_essential=True)
    still_missing = missing_libraries(QT_LIBRARIES)
    if still_missing:
        raise Stop("the tests cannot load Qt without: " + " ".join(still_missing))


def missing_libraries(libraries: Mapping[str, str]) -> list[str]:
    """Return the Debian packages of those shared libraries that cannot be loaded."""
    return [package for name, package in libraries.items() if not can_load(name)]


def can_load(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def which(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def install_or_name(
    packages: Iterable[str], *, why: str, is_essential: bool = False, must: bool = False
) -> None:
    """Install Debian packages where root on Debian wants it, else tell which are missing.

    Raises Stop when ``must`` is set and they are not there afterwards. ``is_essential``, which ``must``
    implies: without them the command cannot do its work.
    """
    wanted = list(dict.fromkeys(packages))
    if not wanted:
        return
    names = " ".join(wanted)
    if not is_debian():
        advice = f"missing ({why}), by their Debian names: {names}"
    elif os.geteuid() != 0:
        advice = f"missing ({why}). Install them with:\n    sudo apt-get install {names}"
    elif not may_install(names, why, is_essential=is_essential or must):
        advice = f"missing ({why}). Install them with:\n    apt-get install {names}"
    else:
        print(f"Installing {names} ({why}) ...", flush=True)
        if apt_install(wanted):
            return
        advice = f"apt-get could not install: {names}"
    if must:
        raise Stop(advice)
    print(f"bootstrap: {advice}", file=sys.stderr, flush=True)


def may_install(names: str, why: str, *, is_essential: bool) -> bool:
    """Return what the variable, the person at the terminal, or the need says, in this order."""
    decided = os.environ.get(PACKAGES_VARIABLE)
    if decided in ("install", "name"):
        return decided == "install"
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return is_essential
    sys.stdout.flush()
    print(f"Missing ({why}): {names}", file=sys.stderr)
    print("Install them with apt-get? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def is_debian() -> bool:
    if not shutil.which("apt-get"):
        return False
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "debian" in (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def apt_install(packages: list[str]) -> bool:
    environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    quiet = subprocess.DEVNULL
    if subprocess.call(install, env=environ, stdout=quiet, stderr=quiet) == 0:
        return True
    # A fresh machine has no package lists yet.
    subprocess.call(["apt-get", "update", "--quiet"], env=environ, stdout=quiet)
    return subprocess.call(install, env=environ, stdout=quiet) == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
