"""What is made for Linux, in a bare Debian: installed, tried, removed without a trace.

The ``.deb`` comes first and brings the libraries of a desktop. The archives, the ``.rpm`` and Arch's
package are then tried in the same system, each with the tool that installs it; what they depend on is
named as other systems name it, and not looked at.

Needs root, debootstrap and a mirror. There is no Python and no screen in that system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from release.facts import BUILD, DIST, NAME, BuildFailed, call, version

RELEASES = ("bookworm", "trixie")
USER = "somebody"
VARIABLES = "env -i PATH=/usr/bin:/bin HOME=/home/somebody QT_QPA_PLATFORM=offscreen LANG=C.UTF-8"


def prove(releases: list[str]) -> None:
    """Raises BuildFailed when the package does not work, needs more than it says or leaves anything."""
    found = sorted(DIST.glob(f"{NAME}_{version()}*_*.deb"))
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise BuildFailed("prove needs root and debootstrap")
    if not found:
        raise BuildFailed("there is no .deb in dist: python3 packaging/build.py linux")
    for release in releases or RELEASES:
        with bare_root(release) as root:
            for line in (*_install_and_remove(found[-1], root), *_others(root)):
                print(f"{release}: {line}", flush=True)


@contextmanager
def bare_root(release: str) -> Iterator[Path]:
    """A minimal system; made once for each release, copied for each proof."""
    model, root = BUILD / "roots" / release, BUILD / "roots" / f"{release}-tried"
    mirror = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
    if not (model / "bin").exists():
        shutil.rmtree(model, ignore_errors=True)
        call(["debootstrap", "--variant=minbase", release, model, mirror])
    _remove(root)
    call(["cp", "--archive", "--one-file-system", model, root])
    shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")
    call(["mount", "-t", "proc", "proc", root / "proc"])
    try:
        yield root
    finally:
        subprocess.run(["umount", root / "proc"], check=False)
        _remove(root)


def _remove(root: Path) -> None:
    if os.path.ismount(root / "proc"):
        raise BuildFailed(f"{root}/proc is mounted")
    shutil.rmtree(root, ignore_errors=True)


def _install_and_remove(package: Path, root: Path) -> Iterator[str]:
    _inside(root, "useradd --create-home " + USER)
    _inside(root, "apt-get -q update")
    if _fails(root, "command -v python3") is False:
        raise BuildFailed("the bare system has a Python: nothing would be proved")
    shutil.copyfile(package, root / "package.deb")
    # What it depends on comes first, so that the difference afterwards is our package alone.
    depends = _inside(root, "dpkg-deb --field /package.deb Depends").strip()
    _inside(root, f"apt-get -q -y --no-install-recommends satisfy '{depends}'")
    before = _files(root)
    _inside(root, "apt-get -q -y --no-install-recommends install /package.deb")
    yield f"installed; {len(_files(root) - before)} files"
    said = _inside(root, f"su {USER} -s /bin/sh -c '{VARIABLES} {NAME} --smoke'")
    if "smoke ok" not in said:
        raise BuildFailed(said)
    yield next(line for line in said.splitlines() if line.startswith("smoke ok"))
    yield _inside(root, f"su {USER} -s /bin/sh -c '{VARIABLES} {NAME} --version'").strip()
    written = [each for each in _files(root) if each.startswith(f"home/{USER}/")]
    if extra := [each for each in written if "/." not in each]:
        raise BuildFailed(f"--smoke wrote {extra}")
    _inside(root, f"apt-get -q -y remove --purge {NAME}")
    left = sorted(each for each in _files(root) - before if not each.startswith("home/"))
    if left:
        raise BuildFailed(f"left after the removal: {left}")
    yield "removed without a trace"


@dataclass(frozen=True, slots=True)
class _Other:
    """A file that ``tool`` installs by ``put`` and removes by ``take``. ``starts``: its program."""

    pattern: str
    tool: str
    put: str
    take: str
    starts: str = NAME
    asks: str = "--smoke"


_OTHERS = (
    _Other(
        f"{NAME}-{{version}}-linux-*.tar.xz",
        "xz-utils",
        "mkdir /opt/tried && tar -C /opt/tried -xf {file}",
        "rm -r /opt/tried",
        f"/opt/tried/{NAME}/{NAME}",
    ),
    _Other(
        f"{NAME}-headless-{{version}}-linux-*.tar.xz",
        "xz-utils",
        "mkdir /opt/tried && tar -C /opt/tried -xf {file}",
        "rm -r /opt/tried",
        f"/opt/tried/{NAME}-headless/{NAME}",
        "serve --smoke",
    ),
    _Other(f"{NAME}-{{version}}-*.rpm", "rpm", "rpm -i --nodeps {file}", f"rpm -e {NAME}"),
    _Other(
        f"{NAME}-{{version}}-*.pkg.tar.zst",
        "pacman-package-manager",
        # A changed root has no table of mounts, in which pacman would look for free space.
        "sed -i /^CheckSpace/d /etc/pacman.conf && pacman -U --noconfirm --nodeps --nodeps {file}",
        f"pacman -R --noconfirm {NAME}",
    ),
)


def _others(root: Path) -> Iterator[str]:
    """Try what else is in dist; say what is not there. Raises BuildFailed."""
    for other in _OTHERS:
        found = sorted(DIST.glob(other.pattern.format(version=version())))
        if not found:
            yield f"{other.pattern} is not in dist: not tried"
            continue
        file = f"/{found[-1].name}"
        _inside(root, f"apt-get -q -y --no-install-recommends install {other.tool}")
        shutil.copyfile(found[-1], root / found[-1].name)
        before = _files(root)
        _inside(root, other.put.format(file=file))
        count = len(_files(root) - before)
        said = _inside(root, f"su {USER} -s /bin/sh -c '{VARIABLES} {other.starts} {other.asks}'")
        if "smoke ok" not in said:
            raise BuildFailed(f"{found[-1].name}: {said}")
        _inside(root, other.take)
        left = sorted(each for each in _files(root) - before if not each.startswith("home/"))
        left = [each for each in left if not each.startswith(_OF_THE_TOOL)]
        # Folders that many programs share belong to packages of the system the file is made for.
        left = [each for each in left if NAME in each or not (root / each).is_dir()]
        if left:
            raise BuildFailed(f"{found[-1].name}: left after the removal: {left}")
        yield f"{found[-1].name}: {count} files, smoke ok, removed without a trace"


_OF_THE_TOOL = ("root/.rpmdb", "var/lib/rpm", "var/lib/pacman", "var/cache", "usr/lib/sysimage/rpm")
"""Where package managers note what they did."""


def _files(root: Path) -> set[str]:
    """Return every path of the system but what changes by itself."""
    changing = ("proc", "var/log", "var/cache", "var/lib/apt", "var/lib/dpkg", "tmp", "run")
    found: set[str] = set()
    for folder, folders, files in os.walk(root):
        place = Path(folder).relative_to(root).as_posix()
        folders[:] = [
            each for each in folders if f"{place}/{each}".removeprefix("./") not in changing
        ]
        found.update(f"{place}/{each}".removeprefix("./") for each in (*files, *folders))
    return found


def _inside(root: Path, command: str) -> str:
    inside = [
        "chroot",
        str(root),
        "/bin/sh",
        "-c",
        f"export DEBIAN_FRONTEND=noninteractive; {command}",
    ]
    return call(inside)


def _fails(root: Path, command: str) -> bool:
    inside = ["chroot", str(root), "/bin/sh", "-c", command]
    return subprocess.run(inside, capture_output=True, check=False).returncode != 0
