"""What is released is the same bytes in every clone: of other dates, order and readers."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from release.appimage import lay_out_appdir, write_image
from release.archives import (
    copied_otherwise,
    digest,
    tree,
    write_sdist_anew,
    write_tar,
    write_zip,
)
from release.facts import NAME, call
from release.windows import installer_command


@pytest.fixture
def twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A small bundle, and the same from elsewhere."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    bundle = tmp_path / "one" / NAME
    for name in ("licences/LICENSE.txt", "_internal/b/c.so", "_internal/a.so", f"{NAME}.exe", NAME):
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 100, "utf-8")
    (bundle / f"{NAME}-app.exe").write_text("x", "utf-8")
    (bundle / NAME).chmod(0o755)
    (bundle / "_internal" / "link.so").symlink_to("a.so")
    other = copied_otherwise(bundle, tmp_path / "other" / NAME)
    assert tree(bundle) != tree(other), "modes differ"
    return bundle, other


def test_archives(twice: tuple[Path, Path], tmp_path: Path) -> None:
    for write in (write_tar, write_zip):
        one, other = (write(each, tmp_path / f"{number}.made") for number, each in enumerate(twice))
        assert digest(one) == digest(other)


def test_an_sdist_that_was_packed_by_others_at_other_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    names = ("app-1/b.py", "app-1/a.py")
    made = []
    for number, order in enumerate((names, names[::-1])):
        sdist = tmp_path / f"{number}" / "app-1.tar.gz"
        sdist.parent.mkdir()
        with tarfile.open(sdist, "w:gz") as tar:
            for name in order:
                member = tarfile.TarInfo(name)
                member.size, member.mtime = 2, number + 0.5
                member.uid, member.mode = number, 0o600 if number else 0o644
                tar.addfile(member, io.BytesIO(b"x\n"))
        made.append(write_sdist_anew(sdist))
    assert digest(made[0]) == digest(made[1])
    with tarfile.open(made[0]) as tar:
        shown = [(each.name, each.mode, each.mtime, each.uname) for each in tar]
        assert shown == [(each, 0o644, 1700000000, "root") for each in sorted(names)]
        assert tar.extractfile("app-1/a.py").read() == b"x\n"  # type: ignore[union-attr]


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="no mksquashfs here")
def test_the_image_of_an_appimage(twice: tuple[Path, Path], tmp_path: Path) -> None:
    images = []
    for bundle in twice:
        share = bundle / "usr" / "share"
        for name in (f"applications/{NAME}.desktop", f"icons/hicolor/256x256/apps/{NAME}.png"):
            (share / name).parent.mkdir(parents=True)
            (share / name).write_text("x", "utf-8")
        folder = lay_out_appdir(bundle, bundle.with_name("AppDir"))
        images.append(write_image(folder, bundle.with_name("image")))
    assert digest(images[0]) == digest(images[1])


@pytest.mark.skipif(shutil.which("makensis") is None, reason="no makensis here")
def test_the_installer_of_windows(twice: tuple[Path, Path], tmp_path: Path) -> None:
    made = [tmp_path / "one.exe", tmp_path / "other.exe"]
    for bundle, target in zip(twice, made, strict=True):
        call(installer_command(bundle, None, target, "1.2.3"))
    assert digest(made[0]) == digest(made[1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_step_s_files_can_be_read_by_all_whatever_the_caller_s_umask(tmp_path: Path) -> None:
    code = "import os, sys; from pathlib import Path; from release.facts import call; os.umask(0o077); "
    code += "call(['touch', 'made'], cwd=Path(sys.argv[1]))"
    packaging = Path(__file__).resolve().parents[3] / "packaging"
    run = [sys.executable, "-c", code, tmp_path]
    subprocess.run(run, cwd=packaging, check=True, capture_output=True)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o644
