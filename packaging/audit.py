#!/usr/bin/env python3
"""Ask whether any pinned library has a known vulnerability; a step of ``bootstrap.py check``.

The answers come from the advisory service of the package index. Without a network there are none: that
is said, and does not fail the check. Neither does it pass as clean: pip-audit itself ends with 0 when it
could look up nothing at all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parent / "constraints.txt"
SECONDS = 120

EXPLAINED: Mapping[str, str] = {}
"""Advisories that do not concern us, by id, each with the reason."""


@dataclass(frozen=True)
class Verdict:
    code: int
    text: str


def main() -> int:
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS), "--no-deps"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        verdict = not_asked(f"no answer within {SECONDS} seconds")
    else:
        verdict = judge(done.stdout, done.stderr)
    print(verdict.text, flush=True)
    return verdict.code


def judge(output: str, errors: str) -> Verdict:
    """Return what pip-audit's JSON ``output`` means; ``errors`` is what else it said."""
    try:
        libraries: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = [line for line in errors.splitlines() if line.strip()]
        return not_asked(said[-1] if said else "it said nothing")
    asked = [each for each in libraries if "vulns" in each]
    unknown = [each["name"] for each in libraries if "vulns" not in each]
    found = [(each, flaw) for each in asked for flaw in each["vulns"]]
    serious = [(each, flaw) for each, flaw in found if not _reason(flaw)]
    if serious:
        return Verdict(1, "\n".join(_line(each, flaw) for each, flaw in serious))
    if not asked:
        return not_asked("the service knows none of the pins")
    lines = [f"pip-audit: {len(asked)} pins asked about, no vulnerability that concerns us"]
    lines += [f"  {flaw['id']} in {each['name']}: {_reason(flaw)}" for each, flaw in found]
    if unknown:
        lines.append(f"pip-audit: could NOT ask about {len(unknown)}: {', '.join(unknown)}")
    return Verdict(0, "\n".join(lines))


def not_asked(why: str) -> Verdict:
    return Verdict(0, f"pip-audit: could NOT ask, so nothing is known of the pins ({why})")


def _reason(flaw: dict[str, Any]) -> str | None:
    ids = (flaw["id"], *flaw.get("aliases", ()))
    return next((EXPLAINED[each] for each in ids if each in EXPLAINED), None)


def _line(library: dict[str, Any], flaw: dict[str, Any]) -> str:
    mended = ", ".join(flaw.get("fix_versions", ())) or "no version yet"
    return f"{library['name']} {library['version']}: {flaw['id']}; mended in {mended}"


if __name__ == "__main__":
    sys.exit(main())
