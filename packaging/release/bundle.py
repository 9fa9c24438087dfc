"""Both bundles: made by PyInstaller, with licences, icon and version, then tried by ``--smoke``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from release.environments import bundle_environment, program
from release.facts import (
    BUILD,
    DESCRIPTION,
    IDENTIFIER,
    NAME,
    PACKAGING,
    ROOT,
    BuildFailed,
    bundle_name,
    call,
    reproducible,
    source_day,
    version,
)
from release.icu_data import replaced_libraries
from release.licences import write_licences
from release.macos import info_plist
from release.update_channel import bundled_files
from release.windows import version_resource

SPEC = PACKAGING / "bundles" / "g-copilot-proxy.spec"


def build_bundle(edition: str, folder: Path = BUILD / "bundles") -> Path:
    """Return the folder of the finished bundle, or on macOS the ``.app``. Raises BuildFailed."""
    environment = bundle_environment(edition)
    work = BUILD / f"work-{edition}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    facts, collected = work / "facts.json", work / "collected.json"
    facts.write_text(json.dumps(_facts(edition, environment, work, collected)), "utf-8")
    command = [program(environment, "python"), "-m", "PyInstaller", "--noconfirm", "--log-level"]
    command += ["WARN", "--workpath", str(work), "--distpath", str(folder), str(SPEC)]
    call([*command, "--", edition, str(facts)], PYTHONPATH=str(ROOT))
    made = folder / bundle_name(edition)
    write_licences(environment, json.loads(collected.read_text("utf-8")), made / "licences")
    application = folder / f"{NAME}.app"
    if edition == "app" and sys.platform == "darwin":
        shutil.copytree(made / "licences", application / "Contents" / "Resources" / "licences")
        return application
    return made


def _facts(edition: str, environment: Path, work: Path, collected: Path) -> dict[str, object]:
    icon = resource = None
    if sys.platform in ("win32", "darwin") and edition == "app":
        icon = work / ("icon.ico" if sys.platform == "win32" else "icon.icns")
        call([program(environment, "python"), PACKAGING / "bundles" / "draw_icon.py", icon])
    if sys.platform == "win32":
        resource = work / "version.txt"
        resource.write_text(version_resource(version(), DESCRIPTION), "utf-8")
    return {
        "name": bundle_name(edition),
        "version": version(),
        "icon": str(icon) if icon else None,
        "version_resource": str(resource) if resource else None,
        "identity": os.environ.get("MACOS_SIGNING_IDENTITY") or None,
        "entitlements": str(PACKAGING / "macos" / "entitlements.plist"),
        "identifier": IDENTIFIER,
        "info_plist": info_plist(version(), source_day()),
        "collected": str(collected),
        "replaced": replaced_libraries(environment, work / "icu"),
        "updates": [str(each) for each in bundled_files(edition, work)],
    }


def started_by(bundle: Path) -> Path:
    """Return the program that starts ``bundle``."""
    if bundle.suffix == ".app":
        return bundle / "Contents" / "MacOS" / NAME
    return bundle / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def try_bundle(bundle: Path) -> str:
    """Return what ``--smoke`` of the bundle says. Raises BuildFailed if a part does not work."""
    return try_program(started_by(bundle))


def try_program(program_file: Path) -> str:
    """Return what ``--smoke`` of a program says. Raises BuildFailed if a part does not work."""
    with tempfile.TemporaryDirectory() as home:
        environ = {**reproducible(), "G_COPILOT_PROXY_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
            environ.pop(name, None)
        done = subprocess.run(
            [program_file, "--smoke"],
            cwd=home,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    if done.returncode or not done.stdout.startswith("smoke ok"):
        raise BuildFailed(f"{program_file} --smoke: {done.stdout}{done.stderr}")
    return done.stdout.strip()
