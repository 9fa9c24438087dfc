"""docs/doctor-probe.md lists every probe and everything that is left open."""

from __future__ import annotations

from pathlib import Path

from proxy_core.doctor.probe.entries import ENTRIES, UNSETTLED, requests_of

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs/doctor-probe.md").read_text("utf-8")


def test_every_probe_is_told() -> None:
    for each in ENTRIES:
        row = f"| `{each.id}` | {each.question} | {'; '.join(each.settles)} |"
        assert row in DOCUMENT


def test_everything_left_open_is_told_with_its_reason() -> None:
    for each in UNSETTLED:
        assert f"| {each.question} | {each.source} | {each.reason} |" in DOCUMENT


def test_probes_and_requests_have_names_of_their_own() -> None:
    assert len({each.id for each in ENTRIES}) == len(ENTRIES)
    by_name = {}
    for entry in ENTRIES:
        for request in entry.requests:
            assert by_name.setdefault(request.name, request) is request
    assert len(requests_of(ENTRIES)) >= len(by_name)
