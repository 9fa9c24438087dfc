"""The packages of Linux distributions: laid out here, packed by nfpm.

Everything of the bundle lies below ``/usr/lib/g-copilot-proxy``; nothing is started, enabled or written
anywhere else, so a removal leaves only what users' own homes hold.
"""

from __future__ import annotations

import datetime
import email.utils
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from release.archives import entries
from release.environments import program, tool_environment
from release.facts import (
    BUILD,
    DESCRIPTION,
    DIST,
    NAME,
    PACKAGING,
    ROOT,
    BuildFailed,
    bundle_name,
    call,
    machine,
    repository,
    source_date,
    source_day,
    version,
)

SOURCES = PACKAGING / "linux"
LIBRARY = f"usr/lib/{NAME}"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ZSH_OF_DEBIAN = f"/usr/share/zsh/vendor-completions/_{NAME}"
ZSH_ELSEWHERE = f"/usr/share/zsh/site-functions/_{NAME}"
PACKERS = ("deb", "rpm", "archlinux")

LIBRARY_PACKAGES = {
    "libc.so.6": ("libc6", "glibc"),
    "libm.so.6": ("libc6", "glibc"),
    "libdl.so.2": ("libc6", "glibc"),
    "libpthread.so.0": ("libc6", "glibc"),
    "librt.so.1": ("libc6", "glibc"),
    "libutil.so.1": ("libc6", "glibc"),
    "libresolv.so.2": ("libc6", "glibc"),
    "libcrypt.so.1": ("libcrypt1", "libxcrypt-compat"),
    "ld-linux-x86-64.so.2": ("libc6", "glibc"),
    "ld-linux-aarch64.so.1": ("libc6", "glibc"),
    "libstdc++.so.6": ("libstdc++6", "gcc-libs"),
    "libgcc_s.so.1": ("libgcc-s1", "gcc-libs"),
    "libGL.so.1": ("libgl1", "libglvnd"),
    "libEGL.so.1": ("libegl1", "libglvnd"),
    "libGLX.so.0": ("libglx0", "libglvnd"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype2"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus"),
    "libglib-2.0.so.0": ("libglib2.0-0 | libglib2.0-0t64", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0 | libglib2.0-0t64", "glib2"),
    "libX11.so.6": ("libx11-6", "libx11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libx11"),
    "libXau.so.6": ("libxau6", "libxau"),
    "libXdmcp.so.6": ("libxdmcp6", "libxdmcp"),
    "libbsd.so.0": ("libbsd0", "libbsd"),
    "libdrm.so.2": ("libdrm2", "libdrm"),
    "libwayland-client.so.0": ("libwayland-client0", "wayland"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "wayland"),
    "libwayland-egl.so.1": ("libwayland-egl1", "wayland"),
    "libbrotlidec.so.1": ("libbrotli1", "brotli"),
    "libbrotlicommon.so.1": ("libbrotli1", "brotli"),
    "libexpat.so.1": ("libexpat1", "expat"),
    "libzstd.so.1": ("libzstd1", "zstd"),
    "libcap.so.2": ("libcap2", "libcap"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
}
"""Libraries the system has to bring: their packages of Debian and of Arch. RPM asks for their names."""

DATA_PACKAGES = ("ca-certificates",)
"""Without trusted certificates nobody can sign in."""


def build_packages(packers: Sequence[str] = PACKERS) -> list[Path]:
    """Make ``.deb``, ``.rpm`` and Arch package, or some of them, from the app's bundle.

    Raises BuildFailed.
    """
    bundle = BUILD / "bundles" / bundle_name("app")
    if not bundle.is_dir():
        raise BuildFailed(f"{bundle} is missing: python3 packaging/build.py bundle app")
    return pack(bundle, lay_out(bundle, BUILD / "linux-root"), DIST, packers)


def pack(bundle: Path, root: Path, out: Path, packers: Sequence[str] = PACKERS) -> list[Path]:
    """Return the packages in ``out`` of what ``lay_out`` made of ``bundle``. Raises BuildFailed."""
    needed = sorted(system_libraries(bundle))
    unknown = [each for each in needed if each not in LIBRARY_PACKAGES]
    if unknown:
        raise BuildFailed(f"no package is known that brings {', '.join(unknown)}")
    config = root.with_name(f"{root.name}-nfpm.yaml")
    config.write_text(
        json.dumps(nfpm_config(root, needed, glibc_needed(bundle)), indent=2), "utf-8"
    )
    nfpm = program(tool_environment(), "nfpm")
    made: list[Path] = []
    out.mkdir(parents=True, exist_ok=True)
    for packer in packers:
        said = call([nfpm, "package", "--config", config, "--packager", packer, "--target", out])
        found = re.search(r"created package: (.+)", said)
        if found is None:
            raise BuildFailed(f"nfpm made no {packer}: {said}")
        made.append(Path(found[1].strip()))
    return made


def lay_out(bundle: Path, root: Path) -> Path:
    """Return ``root`` with every file at its place of the installed system."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(bundle, root / LIBRARY, symlinks=True)
    # What a package manager installed, it updates.
    shutil.rmtree(root / LIBRARY / "_internal" / "updates", ignore_errors=True)
    texts = BUILD / "command-texts"
    python = program(BUILD / "environment-app", "python")
    writer = PACKAGING / "release" / "command_texts" / "write_command_texts.py"
    call([python, writer, texts, version(), source_day()])
    share = root / "usr/share"
    metainfo = (SOURCES / f"{NAME}.metainfo.xml").read_text("utf-8")
    metainfo = metainfo.replace("@VERSION@", version()).replace("@DATE@", source_day())
    copies = {
        SOURCES / f"{NAME}.desktop": share / f"applications/{NAME}.desktop",
        texts / f"{NAME}.1.gz": share / f"man/man1/{NAME}.1.gz",
        texts / f"{NAME}.bash": share / f"bash-completion/completions/{NAME}",
        texts / f"_{NAME}": share / f"zsh/vendor-completions/_{NAME}",
        texts / f"{NAME}.fish": share / f"fish/vendor_completions.d/{NAME}.fish",
        ROOT / "desktop/resources/icons/app-icon.svg": share
        / f"icons/hicolor/scalable/apps/{NAME}.svg",
        SOURCES / "lintian-overrides": share / f"lintian/overrides/{NAME}",
        SOURCES / "copyright": share / f"doc/{NAME}/copyright",
    }
    for source, target in copies.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    metainfo_file = share / "metainfo/io.github.g_copilot_proxy.metainfo.xml"
    metainfo_file.parent.mkdir(parents=True)
    metainfo_file.write_text(metainfo, "utf-8")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (share / f"doc/{NAME}/changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=0))
    debian = (SOURCES / "changelog").read_text("utf-8").replace("@VERSION@", version())
    debian = debian.replace("@DATE@", email.utils.formatdate(source_date()))
    packed = gzip.compress(debian.encode(), 9, mtime=0)
    (share / f"doc/{NAME}/changelog.Debian.gz").write_bytes(packed)
    for size in ICON_SIZES:
        icon = share / f"icons/hicolor/{size}x{size}/apps/{NAME}.png"
        icon.parent.mkdir(parents=True)
        drawn = BUILD / f"icon-{size}.png"
        call([python, PACKAGING / "bundles" / "draw_icon.py", drawn])
        shutil.copyfile(drawn, icon)
    return root


def nfpm_config(root: Path, libraries: list[str], glibc: str) -> dict[str, object]:
    """Return what nfpm packs: every file of ``root`` by name, sorted. ``libraries``: needed sonames."""
    contents: list[dict[str, object]] = [
        {"src": f"../lib/{NAME}/{NAME}", "dst": f"/usr/bin/{NAME}", "type": "symlink"}
    ]
    for each in entries(root):
        target = f"/{each.relative_to(root).as_posix()}"
        if each.is_symlink():
            contents.append({"src": str(each.readlink()), "dst": target, "type": "symlink"})
        elif each.is_dir() and NAME in each.relative_to(root).parts:
            # rpm leaves a folder behind that no package owns. Shared folders are not ours.
            mode = {"mode": 0o755, "mtime": _rfc3339(), "owner": "root", "group": "root"}
            contents.append({"dst": target, "type": "dir", "file_info": mode})
        elif each.is_file():
            runs = is_program(each)
            info = {"mode": 0o755 if runs else 0o644, "mtime": _rfc3339(), "owner": "root"}
            file = {"src": str(each), "dst": target, "file_info": {**info, "group": "root"}}
            contents += [{**file, **more} for more in _by_packer(target)]
    debian = {LIBRARY_PACKAGES[each][0] for each in libraries} - {"libc6"}
    arch = {LIBRARY_PACKAGES[each][1] for each in libraries} | {"ca-certificates-utils"}
    rpm = {each + ("()(64bit)" if not each.startswith("ld-") else "") for each in libraries}
    rpm = {each for each in rpm if not each.startswith("ld-")}
    return {
        **({"homepage": repository()} if repository() else {}),
        "name": NAME,
        "arch": {"x86_64": "amd64"}.get(machine(), machine()),
        "platform": "linux",
        "version": version(),
        "release": "1",
        "section": "net",
        "priority": "optional",
        "maintainer": "The g-copilot-proxy contributors <noreply@users.noreply.github.com>",
        "description": _described(),
        "license": "MIT",
        "mtime": _rfc3339(),
        "contents": contents,
        "deb": {"compression": "xz"},
        "rpm": {"compression": "xz", "summary": DESCRIPTION, "buildhost": "localhost"},
        "overrides": {
            "deb": {
                "depends": [f"libc6 (>= {glibc})", *sorted(debian), *DATA_PACKAGES],
                "recommends": ["gnome-keyring | kwalletmanager | keepassxc"],
            },
            "rpm": {"depends": [*sorted(rpm), *DATA_PACKAGES]},
            "archlinux": {"depends": [f"glibc>={glibc}", *sorted(arch - {"glibc"})]},
        },
    }


def _by_packer(target: str) -> list[dict[str, str]]:
    """Return what nfpm is told of a file that not every distribution has, or has elsewhere."""
    if target == ZSH_OF_DEBIAN:
        elsewhere = [{"packager": each, "dst": ZSH_ELSEWHERE} for each in PACKERS if each != "deb"]
        return [{"packager": "deb"}, *elsewhere]
    if "/lintian/" in target or target.endswith(".Debian.gz"):
        return [{"packager": "deb"}]
    return [{}]


def _described() -> str:
    """Return a one-line summary and a longer text, as Debian's control file has them."""
    return (
        "GitHub Copilot subscription as OpenAI and Anthropic API\n"
        "A small server in the tray that speaks the OpenAI and Anthropic APIs on this\n"
        "computer and uses your own GitHub Copilot subscription.\n"
    )


def _rfc3339() -> str:
    moment = datetime.datetime.fromtimestamp(source_date(), datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_program(path: Path) -> bool:
    """Whether a file is to be executable: programs are, shared libraries need not."""
    return path.name == NAME and path.stat().st_mode & 0o100 != 0


def elf_files(folder: Path) -> Iterator[Path]:
    for each in entries(folder):
        if each.is_file() and not each.is_symlink():
            with each.open("rb") as content:
                if content.read(4) == b"\x7fELF":
                    yield each


def system_libraries(bundle: Path) -> set[str]:
    """Return the sonames that the bundle's files ask for and that it does not hold itself."""
    files = list(elf_files(bundle))
    held = {each.name for each in entries(bundle)}
    needed: set[str] = set()
    for each in files:
        needed.update(re.findall(r"\(NEEDED\).*\[(.+)\]", _readelf("--dynamic", each)))
    return needed - held


def glibc_needed(bundle: Path) -> str:
    """Return the newest version of glibc that any file of the bundle asks for."""
    found: set[tuple[int, ...]] = {(2, 17)}
    for each in elf_files(bundle):
        for name in re.findall(r"Name: GLIBC_(\d+(?:\.\d+)+)", _readelf("--version-info", each)):
            found.add(tuple(int(number) for number in name.split(".")))
    return ".".join(map(str, max(found)))


def _readelf(option: str, path: Path) -> str:
    return subprocess.run(
        ["readelf", "--wide", option, path], capture_output=True, text=True, check=True
    ).stdout
