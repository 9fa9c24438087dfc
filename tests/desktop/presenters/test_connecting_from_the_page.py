"""The Connect page changes a tool's settings and changes them back; the files are real."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.presenters.connect.change_view import ChangeView
from desktop.presenters.connect.connect import ConnectPresenter
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.shapes import Shape
from proxy_core.clients.catalogue import TOOLS
from proxy_core.errors import SignedOut
from proxy_core.status.status import AccountState, AccountStatus
from tests.desktop.fake_service import FakeService, record
from tests.desktop.presenters.connect_scene import PLAN, SETTINGS, ConnectScene
from tests.unit.clients.connecting.workbench import CONNECTION


@pytest.fixture
def scene(tmp_path: Path, service: FakeService) -> ConnectScene:
    return ConnectScene(tmp_path, service)


def change(presenter: ConnectPresenter) -> ChangeView:
    tool = presenter.view().tool
    assert tool is not None
    assert tool.change is not None
    return tool.change


def row(presenter: ConnectPresenter, app_id: str) -> tuple[Shape, str]:
    found = next(each for each in presenter.view().rows if each.app_id == app_id)
    return found.shape, found.line


async def test_the_change_is_shown_before_anything_is_written(scene: ConnectScene) -> None:
    await scene.look()
    view = change(scene.presenter)
    assert [(each.title, each.model, each.prices) for each in view.roles] == [
        ("Main", "claude-sonnet-4.6", "300, 30, 1,500"),
        ("Small tasks", "claude-haiku-4.5", "100, 10, 500"),
        ("Subagents", "claude-sonnet-4.6", "300, 30, 1,500"),
    ]
    (file,) = view.files
    assert (file.path, file.added, file.removed) == ("~/.claude/settings.json", "+6", "−2")
    signs = [(each.sign, each.number, each.text) for each in file.lines]
    assert ("-", 2, '  "model": "opus",') in signs
    assert ("+", 2, '  "model": "claude-sonnet-4.6",') in signs
    assert (view.connect_text, view.disconnect_text) == ("Connect Claude Code", "")
    assert scene.settings.read_text() == SETTINGS
    assert scene.bench.keys.made == {}, "a key is made when it is needed"


async def test_connect_writes_and_says_so_and_undo_brings_back_the_bytes(
    scene: ConnectScene,
) -> None:
    await scene.look()
    await scene.presenter.connect()
    view = change(scene.presenter)
    assert (view.shape, view.note) == (Shape.DONE, "Claude Code is connected")
    assert (view.connect_text, view.disconnect_text) == ("", "Undo")
    assert view.files_title == "What was changed"
    key = next(iter(scene.bench.keys.made.values())).key
    assert key in scene.settings.read_text()
    assert key not in str(view), "the screen masks it"
    assert row(scene.presenter, "claude-code") == (Shape.DONE, "Connected")

    await scene.presenter.disconnect()
    view = change(scene.presenter)
    assert (view.note, view.detail) == (
        "Claude Code is disconnected",
        "Its settings are what they were before.",
    )
    assert view.connect_text == "Connect Claude Code"
    assert scene.settings.read_text() == SETTINGS
    assert scene.bench.keys.made == {}


async def test_the_api_that_a_tool_speaks_is_switched_on_with_it(
    scene: ConnectScene, service: FakeService
) -> None:
    await scene.look()
    scene.presenter.choose("gemini-cli")
    settings = scene.bench.put(".gemini/settings.json", b"no settings")
    await scene.presenter.connect()
    assert "line 1" in change(scene.presenter).note
    assert not service.called("change_settings"), "what is not connected needs no API"
    settings.unlink()
    settings.parent.rmdir()

    service.answer("change_settings", OSError(30, "Read-only file system", "settings.toml"))
    await scene.presenter.connect()
    assert change(scene.presenter).note == "settings.toml: Read-only file system"
    assert not (scene.bench.home / ".gemini").exists()

    service.answer("change_settings", None)
    await scene.presenter.connect()
    assert service.called("change_settings")[-1] == ("server.gemini_api", True)
    assert (scene.bench.home / ".gemini/settings.json").exists()
    assert change(scene.presenter).note == "Gemini CLI is connected"


async def test_another_model_is_a_change_to_apply(scene: ConnectScene) -> None:
    await scene.look()
    await scene.presenter.connect()
    scene.presenter.choose_model("claude-sonnet-4.6", "small")
    await scene.presenter.plan()
    view = change(scene.presenter)
    assert view.connect_text == "Apply the change"
    assert (view.files[0].added, view.files[0].removed) == ("+1", "−1")
    await scene.presenter.connect()
    assert '"ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-sonnet-4.6"' in scene.settings.read_text()
    assert change(scene.presenter).connect_text == ""


async def test_what_it_was_connected_with_is_there_after_a_start(scene: ConnectScene) -> None:
    await scene.look()
    scene.presenter.choose_model("gpt-5.3-codex")
    await scene.presenter.connect()
    scene.presenter = scene.build()
    await scene.look()
    view = change(scene.presenter)
    assert view.roles[0].model == "gpt-5.3-codex"
    assert (view.is_connected, view.connect_text) == (True, ""), "nothing is to be applied"


async def test_a_model_that_retired_is_named_with_its_successor(scene: ConnectScene) -> None:
    old = TOOLS["claude-code"]
    before = CONNECTION.__class__("http://127.0.0.1:4141", "", "claude-sonnet-4")
    scene.bench.connector().connect(old, before)
    await scene.look()
    view = change(scene.presenter)
    assert view.roles[0].model == "claude-sonnet-4.6"
    said = "claude-sonnet-4 is no longer offered; claude-sonnet-4.6 takes its place."
    assert said in view.detail
    assert view.connect_text == "Apply the change"


async def test_another_programs_edit_is_named_and_left(scene: ConnectScene) -> None:
    await scene.look()
    await scene.presenter.connect()
    text = scene.settings.read_text().replace("claude-sonnet-4.6", "sonnet")
    scene.settings.write_text(text)
    await scene.look()
    view = change(scene.presenter)
    assert view.shape is Shape.ATTENTION
    assert "Another program has changed model since" in view.note
    assert row(scene.presenter, "claude-code")[1] == "Changed by another program since"
    await scene.presenter.disconnect()
    assert "Another program had changed model; that was left." in change(scene.presenter).detail
    assert scene.settings.read_text() == SETTINGS.replace("opus", "sonnet")


async def test_a_file_that_cannot_be_read_is_a_failure_with_line_and_column(
    scene: ConnectScene,
) -> None:
    scene.settings.write_text('{"model": }')
    await scene.look()
    view = change(scene.presenter)
    assert view.shape is Shape.FAILED
    assert "line 1, column 11" in view.note
    assert view.connect_text == ""
    assert scene.settings.read_text() == '{"model": }'


async def test_a_server_at_another_address_is_seen(
    scene: ConnectScene, service: FakeService
) -> None:
    scene.bench.connector().connect(
        TOOLS["claude-code"], CONNECTION.__class__("http://127.0.0.1:9", "", PLAN[0].id)
    )
    await scene.look()
    assert row(scene.presenter, "claude-code") == (
        Shape.ATTENTION,
        "Points at a port that is silent",
    )
    view = change(scene.presenter)
    assert "It points at http://127.0.0.1:9" in view.note
    assert view.connect_text == "Apply the change"
    await scene.presenter.connect()
    assert "http://127.0.0.1:4141" in scene.settings.read_text()


async def test_an_edit_made_while_another_page_was_open_is_seen_when_it_is_opened_again(
    scene: ConnectScene,
) -> None:
    await scene.look()
    await scene.presenter.connect()
    edited = scene.settings.read_text().replace("claude-sonnet-4.6", "opus")
    scene.settings.write_text(edited)
    await scene.presenter.look_at_files()
    assert row(scene.presenter, "claude-code")[0] is Shape.ATTENTION
    assert "Another program has changed" in change(scene.presenter).note


async def test_a_connected_tool_says_so_beside_its_last_request(
    scene: ConnectScene, service: FakeService
) -> None:
    service.change(recent=(record(1, client="Claude Code"),))
    await scene.look()
    shape, before = row(scene.presenter, "claude-code")
    assert before.startswith("Last request")
    await scene.presenter.connect()
    shape, line = row(scene.presenter, "claude-code")
    assert (shape, line) == (Shape.DONE, f"Connected, l{before.removeprefix('L')}")


async def test_after_a_change_of_port_the_change_shown_is_the_one_that_would_be_written(
    scene: ConnectScene, service: FakeService
) -> None:
    await scene.look()
    assert not scene.presenter.is_outdated()
    service.change(server=replace(service.status.server, port=4142))
    assert scene.presenter.is_outdated()
    await scene.presenter.catch_up()
    (file,) = change(scene.presenter).files
    shown = "\n".join(each.text for each in file.lines)
    assert "http://127.0.0.1:4142" in shown
    assert "http://127.0.0.1:4141" not in shown
    assert not scene.presenter.is_outdated()


async def test_the_models_are_read_once_somebody_has_signed_in(
    scene: ConnectScene, service: FakeService
) -> None:
    signed_in = service.status.account
    service.change(account=AccountStatus(AccountState.SIGNED_OUT))
    service.answer("models", error=SignedOut("Sign in first"))
    await scene.presenter.look()
    assert "claude-haiku-4.5" not in [each for each, _ in change(scene.presenter).roles[0].models]
    service.change(account=signed_in)
    service.answer("models", result=PLAN)
    assert scene.presenter.is_outdated()
    await scene.presenter.catch_up()
    assert not scene.presenter.is_outdated()
    assert "claude-haiku-4.5" in [each for each, _ in change(scene.presenter).roles[0].models]


async def test_what_cannot_be_written_has_steps(scene: ConnectScene) -> None:
    await scene.look()
    scene.presenter.choose("vs-code")
    await scene.presenter.plan()
    tool = scene.presenter.view().tool
    assert tool is not None
    assert tool.change is None
    assert len(tool.steps) > 3


async def test_the_ports_of_connected_tools_are_known_from_their_receipts(
    scene: ConnectScene,
) -> None:
    changes = ToolChanges(scene.bench.connector(), scene.bench.location, scene.words)
    assert await changes.ports() == {}
    await scene.look()
    await scene.presenter.connect()
    assert await changes.ports() == {"Claude Code": 4141}
