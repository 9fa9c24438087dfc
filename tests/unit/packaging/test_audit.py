"""What the answer about known vulnerabilities is taken to mean."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[3] / "packaging" / "audit.py"


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_pins", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "audit_pins", module)
    spec.loader.exec_module(module)
    return module


def output(*libraries: dict[str, Any]) -> str:
    return json.dumps({"dependencies": libraries, "fixes": []})


SOUND = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
UNKNOWN = {"name": "msgspec", "skip_reason": "not found"}
FLAW = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"], "description": "x"}
FLAWED = {"name": "yarl", "version": "1.0", "vulns": [FLAW]}


def test_a_vulnerable_pin_fails_with_what_mends_it(audit: ModuleType) -> None:
    verdict = audit.judge(output(SOUND, FLAWED), "")
    assert verdict.code == 1
    assert verdict.text == "yarl 1.0: PYSEC-1; mended in 2.0"


def test_an_explained_advisory_passes_with_its_reason(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "EXPLAINED", {"CVE-1": "only its server is affected"})
    verdict = audit.judge(output(SOUND, FLAWED), "")
    assert verdict.code == 0
    assert "only its server is affected" in verdict.text


def test_sound_pins_pass(audit: ModuleType) -> None:
    verdict = audit.judge(output(SOUND), "")
    assert verdict == audit.Verdict(
        0, "pip-audit: 1 pins asked about, no vulnerability that concerns us"
    )


def test_pins_nobody_could_be_asked_about_are_named(audit: ModuleType) -> None:
    verdict = audit.judge(output(SOUND, UNKNOWN), "")
    assert verdict.code == 0
    assert "could NOT ask about 1: msgspec" in verdict.text


@pytest.mark.parametrize(
    ("said", "errors"),
    [("", "a\nConnectionError: no network\n"), (output(UNKNOWN), ""), ("[]", ""), ("", "")],
)
def test_being_offline_is_said_and_neither_fails_nor_passes_for_clean(
    audit: ModuleType, said: str, errors: str
) -> None:
    verdict = audit.judge(said, errors)
    assert verdict.code == 0
    assert verdict.text.startswith("pip-audit: could NOT ask, so nothing is known of the pins")
    assert "no vulnerability" not in verdict.text
