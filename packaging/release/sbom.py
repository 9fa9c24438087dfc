"""What the app is made of, in CycloneDX's form, and the pins with the sums of their files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from release.environments import (
    bundle_environment,
    program,
    tool_environment,
)
from release.facts import BUILD, DIST, NAME, call, version

BUILD_TOOLS = (
    "pip",
    "setuptools",
    "pyinstaller",
    "pyinstaller-hooks-contrib",
    "altgraph",
    "packaging",
)


def write_sbom() -> Path:
    """Return the bill of the app's environment in ``dist``; raises BuildFailed."""
    environment = BUILD / "environment-app"
    if not environment.is_dir():
        bundle_environment("app")
    target = DIST / f"{NAME}-{version()}-sbom.cdx.json"
    DIST.mkdir(exist_ok=True)
    command = [program(tool_environment(), "cyclonedx-py"), "environment", "--output-reproducible"]
    call([*command, "--output-file", target, program(environment, "python")])
    bill = json.loads(target.read_text("utf-8"))
    shipped = [each for each in bill["components"] if each["name"].lower() not in BUILD_TOOLS]
    refs = {each["bom-ref"] for each in shipped} | {
        bill["metadata"].get("component", {}).get("bom-ref")
    }
    bill["components"] = shipped
    bill["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in refs]}
        for each in bill.get("dependencies", ())
        if each["ref"] in refs
    ]
    target.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", "utf-8")
    return target


def write_hashes(edition: str) -> Path:
    """Write the pins of ``edition`` with the sums of what was fetched for this system.

    The file names no index: ``pip install --require-hashes -r`` takes it with any. Raises BuildFailed.
    """
    environment = BUILD / f"environment-{edition}"
    if not environment.is_dir():
        bundle_environment(edition)
    python = program(environment, "python")
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "freeze", "--exclude", "pip"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    report = BUILD / f"report-{edition}.json"
    install = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    call([*install, "--no-deps", "--report", report, *listed])
    lines: list[str] = []
    for each in json.loads(report.read_text("utf-8"))["install"]:
        sums = each["download_info"]["archive_info"]["hashes"]
        about = each["metadata"]
        lines.append(f"{about['name']}=={about['version']} --hash=sha256:{sums['sha256']}")
    target = DIST / f"{NAME}-{version()}-{edition}-requirements.txt"
    DIST.mkdir(exist_ok=True)
    target.write_text("\n".join(sorted(lines, key=str.lower)) + "\n", "utf-8")
    return target
