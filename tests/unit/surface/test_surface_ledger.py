"""Every name in the installed SDKs' types is classified, and fares as the ledger says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required

import msgspec
import pytest
from typing_extensions import TypedDict

from proxy_core.canonical.request import DialectName
from proxy_core.copilot_facts.betas import HEADER, is_refused
from proxy_core.dialects.registry import dialect
from tests.golden.cases import MODEL, fitted
from tests.unit.sent_request import as_sent
from tests.unit.surface.classified import BETAS, LEDGER
from tests.unit.surface.ledger_line import Classified
from tests.unit.surface.measure import BASES, DIALECTS, Fate, fates
from tests.unit.surface.sdk_members import request_members
from tests.unit.surface.sdk_surface import KINDS, PARAMETERS, Named, betas, requests
from tests.unit.surface.write_table import TABLE, table

LINES = {(each.area, name): each for each in LEDGER for name in each.each_name()}
VENDORS_OWN = {
    area: frozenset(
        name
        for (of, name), line in LINES.items()
        if of == area and line.is_left_out(area.split()[0])
    )
    for area in (*KINDS, *PARAMETERS)
}
"""Kinds that no translation says: below their first level there is nothing to look at."""
SURFACE = requests() | request_members(VENDORS_OWN)
NAMED = [named for names in SURFACE.values() for named in names.values()]


def unclassified(names: Iterable[Named]) -> list[str]:
    return [f"{each.area}: {each.name}" for each in names if (each.area, each.name) not in LINES]


def test_every_name_of_the_sdks_is_classified() -> None:
    new = unclassified(NAMED)
    assert not new, "names nobody classified in tests/unit/surface/classified.py:\n" + "\n".join(
        new
    )


class _CustomTool(TypedDict, total=False):
    name: Required[str]
    of_tomorrow: str


class _ToolOfTomorrow(TypedDict, total=False):
    type: Required[Literal["custom"]]
    custom: Required[_CustomTool]
    priority: int


def test_what_an_updated_sdk_adds_inside_a_kind_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "chat tool", (_ToolOfTomorrow, "type", ""))
    added = request_members(VENDORS_OWN)["chat tool member"]
    assert unclassified(added.values()) == [
        "chat tool member: custom.custom.of_tomorrow",
        "chat tool member: custom.priority",
    ]


def test_a_kind_that_an_updated_sdk_adds_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Kind(TypedDict):
        type: Literal["tool_of_tomorrow"]

    monkeypatch.setitem(KINDS, "chat tool", (Kind, "type", ""))
    assert unclassified(requests()["chat tool"].values()) == ["chat tool: tool_of_tomorrow"]


def test_no_classified_name_is_gone_from_the_sdks() -> None:
    there = {(each.area, each.name) for each in NAMED}
    gone = [": ".join(key) for key in LINES if key not in there]
    assert not gone, "classified, but no SDK names them any more:\n" + "\n".join(gone)


def test_every_name_is_classified_once() -> None:
    assert len(LINES) == sum(len(each.each_name()) for each in LEDGER)


def test_nothing_may_be_classified_as_lost() -> None:
    assert not [each for each in LEDGER if Fate.LOST in each.fates().values()]


@pytest.mark.parametrize("named", NAMED, ids=lambda each: f"{each.area}: {each.name}")
def test_a_name_fares_as_the_ledger_says(named: Named) -> None:
    classified: Classified | None = LINES.get((named.area, named.name))
    expected = classified.fates() if classified else {}
    found = fates(named)
    unsaid = {
        target: Fate.NEEDLESS
        for target, fate in found.items()
        if fate is Fate.LOST and expected.get(target) is Fate.NEEDLESS
    }
    assert found | unsaid == expected, named.example


def test_every_beta_of_the_sdk_is_classified_and_none_is_gone() -> None:
    assert sorted(set(betas()) ^ set(BETAS)) == [], "new in the SDK, or gone from it"


@pytest.mark.parametrize("beta", betas())
def test_a_beta_goes_on_unless_it_is_refused_and_is_told_then(beta: str) -> None:
    messages = dialect(DialectName.ANTHROPIC_MESSAGES)
    raw = msgspec.json.decode(msgspec.json.encode(BASES["messages"]), type=dict[str, msgspec.Raw])
    body = messages.pass_through_request(raw, MODEL)
    headers = dict(messages.pass_through_headers({HEADER: beta}, MODEL).headers)
    sent = as_sent(messages.endpoint, body, MODEL, headers=headers)
    refused = is_refused(beta, thinks_adaptively=MODEL.supports.adaptive_thinking)
    assert (sent.headers.get(HEADER) == beta) is not refused
    assert (f"{HEADER}: {beta}" in sent.dropped) is refused


@pytest.mark.parametrize("client", DIALECTS)
def test_a_member_that_no_sdk_knows_is_passed_and_told_in_translation(client: str) -> None:
    found = fates(Named(f"{client} parameter", "of_tomorrow", {"key": "value"}))
    assert found.pop(client) is Fate.PASSED
    assert set(found.values()) == {Fate.TOLD}


@pytest.mark.parametrize("client", DIALECTS)
def test_a_tool_that_no_sdk_knows_is_never_lost_unsaid(client: str) -> None:
    tool = {"type": "tool_of_tomorrow", "name": "tomorrow"}
    assert set(fates(Named(f"{client} tool", "tool_of_tomorrow", tool)).values()) <= {
        Fate.PASSED,
        Fate.TOLD,
        Fate.REFUSED,
    }


@pytest.mark.parametrize(
    "area", ["messages block", "chat part", "responses item", "responses part"]
)
def test_content_that_no_sdk_knows_is_never_lost_unsaid(area: str) -> None:
    example = {"type": "content_of_tomorrow", "key": "value"}
    found = fates(Named(area, "content_of_tomorrow", example))
    assert set(found.values()) <= {Fate.PASSED, Fate.TOLD, Fate.REFUSED}


def test_what_a_chat_client_says_of_its_stream_beside_usage_goes_on() -> None:
    chat = DialectName.OPENAI_CHAT
    body = {**BASES["chat"], "stream_options": {"include_usage": False, "of_tomorrow": 1}}
    raw = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    passed = fitted(dialect(chat).pass_through_request(raw, MODEL), chat, chat)
    assert passed.body["stream_options"] == {"include_usage": True, "of_tomorrow": 1}


def test_the_table_in_the_documents_is_current() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), (
        "run python -m tests.unit.surface.write_table"
    )
