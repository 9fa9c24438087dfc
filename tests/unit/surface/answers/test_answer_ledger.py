"""Every name that the SDKs' types give an answer is classified, and fares as the ledger says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pytest
from pydantic import BaseModel

from tests.unit.surface.answers.classified_answers import ANSWERS
from tests.unit.surface.answers.measure_answers import answer_fates
from tests.unit.surface.answers.sdk_answers import OBJECTS, UNIONS, answers
from tests.unit.surface.measure import Fate
from tests.unit.surface.sdk_surface import Named

LINES = {(each.area, name): each for each in ANSWERS for name in each.each_name()}
NAMED = [named for names in answers().values() for named in names.values()]


def unclassified(names: Iterable[Named]) -> list[str]:
    return [f"{each.area}: {each.name}" for each in names if (each.area, each.name) not in LINES]


def test_every_name_of_the_sdks_is_classified() -> None:
    new = unclassified(NAMED)
    assert not new, "names nobody classified in classified_answers.py:\n" + "\n".join(new)


def test_no_classified_name_is_gone_from_the_sdks() -> None:
    there = {(each.area, each.name) for each in NAMED}
    gone = [": ".join(key) for key in LINES if key not in there]
    assert not gone, "classified, but no SDK names them any more:\n" + "\n".join(gone)


def test_every_name_is_classified_once_and_none_as_lost() -> None:
    assert len(LINES) == sum(len(each.each_name()) for each in ANSWERS)
    assert not [each for each in ANSWERS if Fate.LOST in each.fates().values()]


@pytest.mark.parametrize("named", NAMED, ids=lambda each: f"{each.area}: {each.name}")
def test_a_name_fares_as_the_ledger_says(named: Named) -> None:
    line = LINES.get((named.area, named.name))
    expected = line.fates() if line is not None else {}
    found = {
        client: Fate.NEEDLESS
        if fate is Fate.LOST and expected.get(client) is Fate.NEEDLESS
        else fate
        for client, fate in answer_fates(named).items()
    }
    assert found == expected, named.example


class _Usage(BaseModel):
    tokens_of_tomorrow: int


class _Completion(BaseModel):
    usage: _Usage
    of_tomorrow: str


class _Event(BaseModel):
    type: Literal["response.of_tomorrow"]
    item_id: str


def test_what_an_updated_sdk_adds_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OBJECTS, "chat member", _Completion)
    monkeypatch.setitem(UNIONS, "responses event", _Event)
    found = answers()
    new = [*found["chat member"].values(), *found["responses event"].values()]
    assert unclassified(new) == [
        "chat member: of_tomorrow",
        "chat member: usage.tokens_of_tomorrow",
        "responses event: response.of_tomorrow",
    ]


@pytest.mark.parametrize(
    ("area", "example"),
    [
        ("messages block", {"type": "block_of_tomorrow", "key": "value"}),
        ("responses item", {"type": "item_of_tomorrow", "id": "x_1"}),
        ("responses event", {"type": "response.of_tomorrow", "delta": "value"}),
    ],
)
def test_what_no_sdk_knows_goes_on_and_is_named_in_translation(
    area: str, example: dict[str, str]
) -> None:
    found = answer_fates(Named(area, example["type"], example))
    assert found.pop(area.split()[0]) is Fate.PASSED
    assert set(found.values()) == {Fate.TOLD}
