"""Settings written oddly that their tools read all the same: edited, or refused in fair words."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
import yaml

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.editing.document import ABSENT, CannotEdit, Setting, Unreadable
from proxy_core.clients.editing.file_operations import SystemFiles
from proxy_core.clients.editing.formats import Format, edited
from tests.unit.clients.connecting.workbench import CONNECTION, Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.mark.parametrize("text", ["// mine\n", "/* mine */", "// mine\r\n\r\n", "\ufeff// mine"])
def test_a_json_file_of_comments_alone_gets_an_object_below_them(
    text: str, bench: Workbench
) -> None:
    path = bench.put(".config/zed/settings.json", text.encode())
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(TOOLS["zed"], CONNECTION)
        after = path.read_bytes().decode("utf-8-sig")
        comments, opening, members = after.partition("{")
        assert comments.startswith(text.removeprefix("\ufeff"))
        assert "agent" in json.loads(opening + members)
        connector.disconnect(TOOLS["zed"])


def test_a_number_that_equals_nothing_is_no_reason_to_refuse_a_file() -> None:
    after = edited(b"limit = nan\n", Format.TOML, [Setting(("model",), "ours")])
    assert tomllib.loads(after.decode())["model"] == "ours"
    assert after.startswith(b"limit = nan\n")


def test_of_two_members_of_one_name_the_last_is_ours_and_both_go() -> None:
    twice = b"model: one\nread: x\nmodel: two\n"
    after = edited(twice, Format.YAML, [Setting(("model",), "ours")])
    assert after == b'model: one\nread: x\nmodel: "ours"\n'
    assert edited(twice, Format.YAML, [Setting(("model",), ABSENT)]) == b"read: x\n"
    braces = b"{model: one, read: x, model: two}\n"
    assert yaml.safe_load(edited(braces, Format.YAML, [Setting(("model",), ABSENT)])) == {
        "read": "x"
    }


@pytest.mark.parametrize(
    "text", ["{\n  a: b, # why, indeed\n}\n", "{a: b ,}\n", "{\n  a: b # c, d\n}\n"]
)
def test_what_is_put_in_braces_minds_the_comma_that_is_there(text: str) -> None:
    after = edited(text.encode(), Format.YAML, [Setting(("model",), "ours")])
    assert yaml.safe_load(after) == {"a": "b", "model": "ours"}


def test_a_change_that_cannot_be_made_does_not_blame_a_line_of_the_file() -> None:
    with pytest.raises(CannotEdit, match="without changing more") as caught:
        edited(b"a: &x b\nmodel: *x\n", Format.YAML, [Setting(("model",), "ours")])
    assert not isinstance(caught.value, Unreadable)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
def test_a_file_stays_its_owners_where_root_changes_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{}")
    os.chown(path, 12345, 23456)
    new = SystemFiles().write_beside(path, b"{ }")
    assert (new.stat().st_uid, new.stat().st_gid) == (12345, 23456)


def test_a_file_of_another_user_keeps_its_group_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{}")
    asked: list[tuple[int, int]] = []

    def chown(_path: object, uid: int, gid: int) -> None:
        asked.append((uid, gid))
        raise PermissionError

    monkeypatch.setattr(os, "chown", chown, raising=False)
    found = path.stat()
    assert SystemFiles().write_beside(path, b"{ }").read_bytes() == b"{ }"
    assert asked in ([], [(found.st_uid, found.st_gid), (-1, found.st_gid)])
