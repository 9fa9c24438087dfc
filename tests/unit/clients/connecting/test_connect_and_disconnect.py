"""A tool is connected and disconnected: what was there before is there again, to the byte."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.state import Condition
from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.document import CannotEdit
from proxy_core.clients.tool import Tool
from proxy_core.errors import BadRequest
from tests.unit.clients.connecting.workbench import (
    BASE_URL,
    CONNECTION,
    OTHER_MODEL,
    DyingFiles,
    Workbench,
)

CLAUDE, CODEX = TOOLS["claude-code"], TOOLS["codex"]
WRITTEN = [tool for tool in TOOLS.values() if tool.configure is not None]
SETTINGS = b'{\r\n\t// mine\r\n\t"model": "opus",\r\n\t"env": {"EDITOR": "nvim"}, // yes\r\n}\r\n'


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def settings_of(bench: Workbench) -> dict[str, object]:
    data: dict[str, object] = json.loads((bench.home / ".claude/settings.json").read_text())
    return data


@pytest.mark.parametrize("tool", WRITTEN, ids=lambda tool: tool.app_id)
def test_where_nothing_was_nothing_is_left(tool: Tool, bench: Workbench) -> None:
    connector = bench.connector()
    with bench.unchanged():
        done = connector.connect(tool, CONNECTION)
        assert done.changed
        assert connector.state(tool, BASE_URL).condition is Condition.CONNECTED
        written = b"".join(each for each in bench.tree().values() if each)
        assert b"127.0.0.1:4141" in written
        if not tool.key_by_hand:
            assert [each.name for each in bench.keys.listed()] == [tool.name]
            assert next(iter(bench.keys.made.values())).key.encode() in written
        assert connector.disconnect(tool).restored == tuple(
            reversed([plan.path for plan in done.plans])
        )


@pytest.mark.parametrize("tool", WRITTEN, ids=lambda tool: tool.app_id)
def test_connecting_twice_is_connecting_once(tool: Tool, bench: Workbench) -> None:
    connector = bench.connector()
    connector.connect(tool, CONNECTION)
    before, keys = bench.tree(), dict(bench.keys.made)
    again = connector.connect(tool, CONNECTION)
    assert not again.changed
    assert (bench.tree(), bench.keys.made) == (before, keys)


@pytest.mark.parametrize("tool", WRITTEN, ids=lambda tool: tool.app_id)
def test_another_model_takes_the_place_of_the_first_and_undo_still_finds_the_beginning(
    tool: Tool, bench: Workbench
) -> None:
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(tool, CONNECTION)
        key = connector.key_in_use(tool)
        connector.connect(tool, OTHER_MODEL)
        assert connector.key_in_use(tool) == key, "the key stays the tool's"
        written = b"".join(each for each in bench.tree().values() if each)
        assert b"gpt-one" in written or not tool.roles
        connector.disconnect(tool)


def test_what_a_person_wrote_stays_and_comes_back(bench: Workbench) -> None:
    bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(CLAUDE, CONNECTION)
        text = (bench.home / ".claude/settings.json").read_bytes()
        assert b"// mine\r\n" in text
        assert b'"EDITOR": "nvim"' in text
        assert text.count(b"\n") == text.count(b"\r\n")
        connector.disconnect(CLAUDE)


def test_a_link_stays_a_link_and_rights_stay_as_they_were(bench: Workbench) -> None:
    real = bench.put("dotfiles/claude.json", SETTINGS)
    real.chmod(0o640)
    (bench.home / ".claude").mkdir()
    link = bench.home / ".claude/settings.json"
    link.symlink_to(real)
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(CLAUDE, CONNECTION)
        assert link.is_symlink()
        assert real.stat().st_mode & 0o777 == 0o640
        assert b"ANTHROPIC_BASE_URL" in real.read_bytes()
        connector.disconnect(CLAUDE)
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_a_new_file_with_a_key_is_for_its_user_alone(bench: Workbench) -> None:
    bench.connector().connect(CODEX, CONNECTION)
    assert (bench.home / ".codex/config.toml").stat().st_mode & 0o777 == 0o600


def test_a_read_only_file_is_left_alone(bench: Workbench) -> None:
    bench.put(".claude/settings.json", SETTINGS).chmod(0o444)
    with bench.unchanged(), pytest.raises(CannotEdit, match="read-only"):
        bench.connector().connect(CLAUDE, CONNECTION)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"model": }', "line 1, column 11"),
        (b'{"env": "none"}', "env.ANTHROPIC"),
        (b"[]", "model would have to be in a table"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone_and_named(
    content: bytes, said: str, bench: Workbench
) -> None:
    bench.put(".claude/settings.json", content)
    with bench.unchanged(), pytest.raises(CannotEdit, match=said) as caught:
        bench.connector().connect(CLAUDE, CONNECTION)
    assert "settings.json" in caught.value.message


def test_a_key_of_anthropic_goes_aside_and_comes_back(bench: Workbench) -> None:
    mine = b'{"env": {"ANTHROPIC_API_KEY": "sk-ant-mine", "X": "1"}, "apiKeyHelper": "get-key"}'
    bench.put(".claude/settings.json", mine)
    connector = bench.connector()
    with bench.unchanged():
        connector.connect(CLAUDE, CONNECTION)
        data = settings_of(bench)
        assert "apiKeyHelper" not in data
        assert "ANTHROPIC_API_KEY" not in str(data)
        connector.disconnect(CLAUDE)


def test_an_edit_made_since_stays_and_only_ours_goes(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    path.write_bytes(path.read_bytes().replace(b'"nvim"', b'"helix"') + b"// later\r\n")
    state = connector.state(CLAUDE, BASE_URL)
    assert (state.condition, state.edited_since) == (Condition.CONNECTED, True)
    undone = connector.disconnect(CLAUDE)
    assert (undone.restored, undone.merged, undone.left) == ((), (path,), ())
    assert path.read_bytes() == SETTINGS.replace(b'"nvim"', b'"helix"') + b"// later\r\n"


def test_a_value_of_ours_that_another_program_replaced_is_left_and_named(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    path.write_bytes(path.read_bytes().replace(b'"claude-one"', b'"sonnet"'))
    state = connector.state(CLAUDE, BASE_URL)
    assert state.condition is Condition.CHANGED
    assert [each.what for each in state.drift] == ["model"]
    undone = connector.disconnect(CLAUDE)
    assert [each.what for each in undone.left] == ["model"]
    assert path.read_bytes() == SETTINGS.replace(b'"opus"', b'"sonnet"')


def test_a_file_that_was_not_there_and_got_others_lines_keeps_those(bench: Workbench) -> None:
    connector = bench.connector()
    connector.connect(CODEX, CONNECTION)
    path = bench.home / ".codex/config.toml"
    path.write_text(path.read_text() + '\n[projects."/w"]\ntrust_level = "trusted"\n')
    connector.disconnect(CODEX)
    assert tomllib.loads(path.read_text()) == {"projects": {"/w": {"trust_level": "trusted"}}}


def test_a_file_that_was_deleted_since_stays_deleted(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    path.unlink()
    assert connector.state(CLAUDE, BASE_URL).condition is Condition.CHANGED
    connector.disconnect(CLAUDE)
    assert not path.exists()
    assert bench.keys.made == {}


def test_connecting_over_anothers_edit_keeps_it_for_the_way_back(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    path.write_bytes(path.read_bytes().replace(b'"claude-one"', b'"sonnet"'))
    connector.connect(CLAUDE, OTHER_MODEL)
    assert b'"gpt-one"' in path.read_bytes()
    connector.disconnect(CLAUDE)
    assert path.read_bytes() == SETTINGS.replace(b'"opus"', b'"sonnet"')


def test_two_tools_that_share_a_file_do_not_disturb_each_other(bench: Workbench) -> None:
    path = bench.put(".bashrc", b"alias ll='ls -l'\n")
    connector = bench.connector()
    sdk, cli = TOOLS["openai-sdk"], TOOLS["copilot-cli"]
    for first, second in ((sdk, cli), (cli, sdk)):
        connector.connect(sdk, CONNECTION)
        connector.connect(cli, CONNECTION)
        assert path.read_text().count("# >>> g-copilot-proxy") == 2
        connector.disconnect(first)
        connector.disconnect(second)
        assert path.read_bytes() == b"alias ll='ls -l'\n"


def test_an_edit_in_the_very_moment_before_the_rename_is_not_lost(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    edits = [SETTINGS.replace(b"nvim", b"vim"), SETTINGS.replace(b"nvim", b"emacs")]

    class Racing(DyingFiles):
        def write_beside(self, target: Path, content: bytes) -> Path:
            new = super().write_beside(target, content)
            if edits:  # another program saves between our reading and our renaming
                path.write_bytes(edits.pop())
            return new

    connector = bench.connector(Racing())
    connector.connect(CLAUDE, CONNECTION)
    assert not edits
    assert b'"EDITOR": "vim"' in path.read_bytes()
    assert bench.leftovers() == []
    connector.disconnect(CLAUDE)
    assert path.read_bytes() == SETTINGS.replace(b"nvim", b"vim")


def test_a_full_disk_leaves_everything_as_it_was(bench: Workbench) -> None:
    bench.put(".claude/settings.json", SETTINGS)

    class Full(DyingFiles):
        def write_beside(self, target: Path, content: bytes) -> Path:
            raise OSError(28, "No space left on device", str(target))

    with bench.unchanged(), pytest.raises(OSError, match="No space"):
        bench.connector(Full()).connect(CLAUDE, CONNECTION)


def test_a_tool_that_was_not_connected_cannot_be_disconnected(bench: Workbench) -> None:
    with bench.unchanged(), pytest.raises(BadRequest, match="was not connected"):
        bench.connector().disconnect(CLAUDE)


def test_a_name_that_a_persons_key_has_is_left_to_it(bench: Workbench) -> None:
    mine = bench.keys.make("Claude Code")
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    assert [each.name for each in bench.keys.listed()] == ["Claude Code", "Claude Code (2)"]
    connector.disconnect(CLAUDE)
    assert list(bench.keys.made.values()) == [mine]


def test_resting_is_remembered_and_nothing_of_ours_stays_in_the_file(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    connector.disconnect(CLAUDE, rest=True)
    assert path.read_bytes() == SETTINGS
    assert bench.keys.made == {}
    (receipt,) = connector.receipts()
    assert (receipt.stage.value, receipt.models["main"]) == ("resting", "claude-one")
    assert connector.state(CLAUDE, BASE_URL).condition is Condition.NOT_CONNECTED
    connector.connect(CLAUDE, CONNECTION)
    connector.disconnect(CLAUDE)
    assert path.read_bytes() == SETTINGS


@pytest.mark.parametrize(
    ("address", "expected"),
    [("http://127.0.0.1:4141", Condition.BY_HAND), ("https://gw.example", Condition.ELSEWHERE)],
)
def test_who_configured_it_without_us_is_seen(
    address: str, expected: Condition, bench: Workbench
) -> None:
    content = json.dumps({"env": {"ANTHROPIC_BASE_URL": address}}).encode()
    bench.put(".claude/settings.json", content)
    state = bench.connector().state(CLAUDE, BASE_URL)
    assert (state.condition, state.address) == (expected, address)


def test_a_receipt_holds_no_key_and_no_value(bench: Workbench) -> None:
    bench.put(".claude/settings.json", b'{"env": {"TOKEN": "hunter2"}}')
    bench.connector().connect(CLAUDE, CONNECTION)
    text = (bench.state / "claude-code.json").read_text()
    assert "hunter2" not in text
    assert next(iter(bench.keys.made.values())).key not in text


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (Endpoint.MESSAGES, ("anthropic", "completions", "http://127.0.0.1:4141")),
        (Endpoint.RESPONSES, ("openai", "responses", "http://127.0.0.1:4141/v1")),
        (Endpoint.CHAT_COMPLETIONS, ("openai", "completions", "http://127.0.0.1:4141/v1")),
    ],
)
def test_copilot_cli_speaks_the_api_its_model_has(
    endpoint: Endpoint, expected: tuple[str, str, str], bench: Workbench
) -> None:
    model = Model("m", "m", "v", endpoints=(endpoint,))
    bench.connector().connect(TOOLS["copilot-cli"], Connection(BASE_URL, "", "m", listed=(model,)))
    text = (bench.home / ".bashrc").read_text()
    provider, wire, url = expected
    assert f"COPILOT_PROVIDER_TYPE={provider}\n" in text
    assert f"COPILOT_PROVIDER_WIRE_API={wire}\n" in text
    assert f"COPILOT_PROVIDER_BASE_URL={url}\n" in text


@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_where_a_backup_is_lost_ours_still_goes_and_the_loss_is_named(
    damage: str, bench: Workbench
) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    (backup,) = bench.state.rglob("*.backup")
    backup.unlink() if damage == "gone" else backup.write_bytes(SETTINGS[:20])
    assert connector.state(CLAUDE, BASE_URL).condition is Condition.CONNECTED
    undone = connector.disconnect(CLAUDE)
    assert (undone.restored, undone.merged, undone.lost) == ((), (), (path,))
    without_model = SETTINGS.replace(b'\t"model": "opus",\r\n', b"")
    assert path.read_bytes() == without_model, "the model of before is not known"
    assert bench.keys.made == {}
    assert connector.state(CLAUDE, BASE_URL).condition is Condition.NOT_CONNECTED


def test_a_receipt_that_cannot_be_read_is_named_and_not_passed_over(bench: Workbench) -> None:
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    (receipt,) = bench.state.rglob("claude-code.json")
    receipt.write_bytes(b"{")
    assert connector.receipts() == ()
    assert connector.unreadable(TOOLS.values()) == (CLAUDE,)
    with pytest.raises(CannotEdit, match="remove the receipt"):
        connector.disconnect(CLAUDE)


def test_connecting_again_makes_a_new_key_where_the_old_one_was_revoked(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    with bench.unchanged():
        receipt = connector.connect(CLAUDE, CONNECTION).receipt
        first = connector.key_in_use(CLAUDE) or ""
        bench.keys.revoke(receipt.key_id)
        assert connector.connect(CLAUDE, CONNECTION).changed
        second = connector.key_in_use(CLAUDE) or ""
        assert second != first
        assert [each.key for each in bench.keys.made.values()] == [second]
        assert second.encode() in path.read_bytes()
        connector.disconnect(CLAUDE)


def test_another_programs_key_in_place_of_ours_is_not_taken_for_ours(bench: Workbench) -> None:
    path = bench.put(".claude/settings.json", SETTINGS)
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    first = connector.key_in_use(CLAUDE) or ""
    path.write_bytes(path.read_bytes().replace(first.encode(), b"sk-of-another-gateway"))
    assert connector.connect(CLAUDE, CONNECTION).changed
    (made,) = bench.keys.made.values()
    assert f'"ANTHROPIC_AUTH_TOKEN": "{made.key}"' in path.read_text()
    connector.disconnect(CLAUDE)
    assert b"sk-of-another-gateway" in path.read_bytes(), "what they wrote is theirs again"
