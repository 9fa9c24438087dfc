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


SETTLED_BY = {
    "exchange a token, or use it as it is": ("token_use",),
    "who is the initiator": ("Who is the initiator: by the last message, or by any?",),
    "betas: a list, or all": ("unknown_beta", "beta_long_context"),
    "disputed members": ("chat_temperature", "chat_max_tokens", "cache_one_hour", "web_search"),
    "a reasoning item's id": ("reasoning_id", "long_item_ids"),
    "WebSocket": ("websocket",),
    "numbers of models": ("models_listed", "limits_listed"),
}


def test_every_disagreement_of_the_protocol_notes_is_asked_or_left_open() -> None:
    notes = (Path(__file__).resolve().parents[3] / "docs/copilot-protocol.md").read_text("utf-8")
    section = notes.partition("## 14.")[2].partition("## 15.")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert rows[1:] == list(SETTLED_BY), "a new row needs a probe, or a reason why not"
    known = {each.id for each in ENTRIES} | {each.question for each in UNSETTLED}
    for answers in SETTLED_BY.values():
        assert known >= set(answers)
