"""Whatever a settings file looks like: our values go in and come out, and all else stays as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.clients.editing.document import ABSENT, Named, Setting
from proxy_core.clients.editing.formats import Format, edited, read_data
from tests.property.settings_texts import (
    Source,
    json_sources,
    line_sources,
    names,
    objects,
    toml_sources,
    values,
    yaml_sources,
)

OURS = (
    Setting(("our model",), "a"),
    Setting(("our env", "BASE_URL"), "http://127.0.0.1:4141"),
    Setting(("our env", "KEY"), 'with "quotes", äß and \\'),
)
PROVIDER = Setting(("our providers", "g-copilot-proxy"), {"name": "g", "n": 3, "on": True})
ENTRY = Setting(("our list", Named("name", "ours")), {"name": "ours", "roles": ["chat", "edit"]})
BLOCK = Setting(("our-block",), "export A='1'\nexport B=2")
CASES = {
    Format.JSON: (json_sources(), (*OURS, PROVIDER, ENTRY)),
    Format.TOML: (toml_sources(), (*OURS, PROVIDER)),
    Format.YAML: (yaml_sources(), (*OURS[:1], ENTRY)),
    Format.LINES: (line_sources(), (BLOCK,)),
}
every_format = st.sampled_from(list(CASES)).flatmap(
    lambda form: st.tuples(st.just(form), CASES[form][0], st.just(CASES[form][1]))
)


def taken_out(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    return tuple(Setting(each.path, ABSENT) for each in reversed(settings))


@given(every_format)
def test_our_values_go_in_and_nothing_else_changes(
    case: tuple[Format, Source, tuple[Setting, ...]],
) -> None:
    form, source, ours = case
    after = edited(source.content, form, ours)
    data = read_data(after, form)
    for name, value in source.data.items():
        assert data[name] == value
    assert data | {} != source.data
    text = after.decode("utf-8-sig")
    assert all(comment in text for comment in source.comments)
    assert after.startswith(b"\xef\xbb\xbf") is source.content.startswith(b"\xef\xbb\xbf")


@given(every_format)
def test_every_line_that_was_there_is_there_still_in_its_order(
    case: tuple[Format, Source, tuple[Setting, ...]],
) -> None:
    form, source, ours = case
    after = iter(edited(source.content, form, ours).decode("utf-8-sig"))
    before = source.content.decode("utf-8-sig")
    assert all(letter in after for letter in before if not letter.isspace()), "a subsequence"


@given(every_format)
def test_a_second_time_changes_nothing(case: tuple[Format, Source, tuple[Setting, ...]]) -> None:
    form, source, ours = case
    once = edited(source.content, form, ours)
    assert edited(once, form, ours) == once


@given(every_format)
def test_line_ends_stay_of_one_kind(case: tuple[Format, Source, tuple[Setting, ...]]) -> None:
    form, source, ours = case
    if b"\r\n" not in source.content:
        return
    after = edited(source.content, form, ours)
    assert after.count(b"\n") == after.count(b"\r\n")


@given(every_format)
def test_taken_out_one_by_one_what_is_left_says_what_it_said(
    case: tuple[Format, Source, tuple[Setting, ...]],
) -> None:
    form, source, ours = case
    if form is Format.YAML:
        ours = ours[:1]  # a list that would be left empty is left to the backup
    left = edited(edited(source.content, form, ours), form, taken_out(ours))
    data = read_data(left, form)
    assert {name: each for name, each in data.items() if not name.startswith("our")} == (
        source.data if form is not Format.LINES else read_data(source.content, form)
    )
    assert all(comment in left.decode("utf-8-sig") for comment in source.comments)


@given(json_sources(), st.data())
def test_any_member_of_a_json_file_can_be_changed_and_taken_away(
    source: Source, data: st.DataObject
) -> None:
    paths = list(leaves(source.data))
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    value = data.draw(values)
    changed = edited(source.content, Format.JSON, [Setting(path, value)])
    assert read_data(changed, Format.JSON) == put(source.data, path, value)
    gone = edited(source.content, Format.JSON, [Setting(path, ABSENT)])
    assert at(read_data(gone, Format.JSON), path[:-1]).get(path[-1], ABSENT) is ABSENT


def leaves(data: Any, path: tuple[str, ...] = ()) -> Any:
    for name, each in data.items():
        yield (*path, name)
        if isinstance(each, dict):
            yield from leaves(each, (*path, name))


def at(data: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def put(data: Any, path: tuple[str, ...], value: Any) -> Any:
    first, *rest = path
    return data | {first: put(data[first], tuple(rest), value) if rest else value}


@given(objects, names)
def test_of_two_members_of_one_name_the_one_that_counts_is_changed(
    data: dict[str, Any], name: str
) -> None:
    import json

    twice = f"{{{json.dumps(name)}: 1, {json.dumps(name)}: 2}}".encode()
    assert read_data(edited(twice, Format.JSON, [Setting((name,), 3)]), Format.JSON) == {name: 3}
    assert read_data(edited(twice, Format.JSON, [Setting((name,), ABSENT)]), Format.JSON) == {}


@pytest.mark.parametrize("form", list(Format))
def test_an_empty_file_can_be_begun(form: Format) -> None:
    setting = BLOCK if form is Format.LINES else OURS[0]
    if form is Format.YAML_LIST:
        setting = Setting((Named("name", "ours"),), {"name": "ours", "x": "y"})
    for empty in (b"", b"\n"):
        assert read_data(edited(empty, form, [setting]), form)
