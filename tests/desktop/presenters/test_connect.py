"""The Connect page's rules, without Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from desktop.presenters.connect.connect import ConnectPresenter
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.app.trial import Trial
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.discovery import FoundTool
from proxy_core.clients.libraries.other import OTHER
from proxy_core.clients.shells import Shell
from proxy_core.clients.tool import ToolKind
from proxy_core.errors import UpstreamRefused
from proxy_core.status.status import RequestState, ServerState, ServerStatus
from tests.desktop.fake_service import Clock, FakeService, record

HERE = (
    FoundTool("claude-code", "2.1.329", "/usr/bin/claude"),
    FoundTool("codex", "", "/usr/bin/codex"),
    FoundTool("cursor", "2.4", "/usr/bin/cursor"),
)
PLAN = (
    Model("claude-sonnet-4.6", "Sonnet", "a", endpoints=(Endpoint.MESSAGES,)),
    Model("gpt-4.1", "GPT", "o"),
    Model("text-embedding-3", "E", "o", kind="embeddings"),
)


@pytest.fixture
def keys() -> list[str]:
    return []


@pytest.fixture
def presenter(service: FakeService, clock: Clock, keys: list[str]) -> ConnectPresenter:
    return connect(service, clock, HERE, keys)


def connect(
    service: FakeService,
    clock: Clock,
    here: Sequence[FoundTool],
    keys: list[str] | None = None,
) -> ConnectPresenter:
    def make_key(name: str) -> Future[str]:
        made: Future[str] = Future()
        assert keys is not None
        keys.append(name)
        made.set_result("sk-local-a-key-of-its-own-77aa")
        return made

    return ConnectPresenter(
        service,
        Words(),
        clock,
        find_tools=lambda: tuple(here),
        shell=Shell.POSIX,
        make_key=make_key if keys is not None else None,
    )


async def looked(presenter: ConnectPresenter, service: FakeService) -> None:
    service.answer("models", result=PLAN)
    await presenter.look()


async def test_before_the_look_nothing_is_claimed(presenter: ConnectPresenter) -> None:
    view = presenter.view()
    assert view.line == "Looking for tools on this computer"
    assert view.tool is None
    libraries = [each.name for each in TOOLS.values() if each.kind is ToolKind.LIBRARY]
    assert [row.name for row in view.rows][:-1] == [
        each for each in libraries if each != OTHER.name
    ]
    assert view.rows[-1].name == OTHER.name


async def test_found_tools_come_first_and_the_rest_is_counted(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    view = presenter.view()
    assert [row.name for row in view.rows[:3]] == ["Claude Code", "Codex", "Cursor"]
    assert [row.version for row in view.rows[:3]] == ["2.1.329", "", "2.4"]
    assert len(view.rows) + len(view.others) == len(TOOLS)
    assert view.others_text == f"{len(view.others)} more tools, not found here"
    assert view.rows[0].chosen, "the first that can be connected"
    assert view.line == "0 of 3 found tools used this proxy"
    assert view.rows[0].sentence == "Claude Code 2.1.329, Ready to connect"
    assert view.rows[1].sentence == "Codex, Ready to connect"
    assert (view.rows[2].shape, view.rows[2].line) == (Shape.CANCELLED, "Cannot use the proxy")


async def test_a_tool_that_was_seen_says_when(
    presenter: ConnectPresenter, service: FakeService, clock: Clock
) -> None:
    await looked(presenter, service)
    service.change(
        recent=(
            record(1, client="Codex", state=RequestState.FAILED),
            record(4, client="Claude Code"),
        )
    )
    view = presenter.view()
    assert (view.rows[0].shape, view.rows[0].line) == (Shape.DONE, "Last request 4 min ago")
    assert view.rows[1].shape is Shape.OFF, "a refused request connects nothing"
    assert view.line == "1 of 3 found tools used this proxy"


async def test_the_steps_show_the_key_masked_and_copy_it_whole(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    tool = presenter.view().tool
    assert tool is not None
    variables = tool.steps[0]
    assert service.local_key in variables.copied
    assert service.local_key not in variables.shown
    assert "ANTHROPIC_AUTH_TOKEN=sk-local-••••••••3f9a" in variables.shown
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:4141" in variables.shown
    assert variables.shown.replace("sk-local-••••••••3f9a", service.local_key) == variables.copied
    assert service.local_key in tool.everything
    for app_id in TOOLS:
        presenter.choose(app_id)
        view = presenter.view().tool
        assert view is not None
        assert all(service.local_key not in step.shown for step in view.steps), app_id


async def test_model_and_shell_change_the_steps(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    tool = presenter.view().tool
    assert tool is not None
    assert tool.models == ("claude-sonnet-4.6", "gpt-4.1"), "none that cannot talk"
    assert tool.model == "claude-sonnet-4.6"
    presenter.choose_model("gpt-4.1")
    presenter.choose_shell("powershell")
    tool = presenter.view().tool
    assert tool is not None
    assert "$env:ANTHROPIC_MODEL = 'gpt-4.1'" in tool.steps[0].shown
    presenter.choose("codex")
    tool = presenter.view().tool
    assert tool is not None
    assert tool.model == "gpt-4.1", "what suits Codex, not what was chosen for another"
    assert tool.shell == "powershell"


async def test_a_model_from_the_models_page_is_in_the_steps_of_every_tool(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    presenter.choose_model("claude-sonnet-4.6")
    presenter.use_model("gpt-4.1")
    for app_id in ("claude-code", "codex"):
        presenter.choose(app_id)
        tool = presenter.view().tool
        assert tool is not None
        assert tool.model == "gpt-4.1"
    presenter.choose_model("claude-sonnet-4.6")
    tool = presenter.view().tool
    assert tool is not None
    assert tool.model == "claude-sonnet-4.6", "a choice after it counts"


async def test_without_a_catalogue_the_steps_leave_the_model_to_github(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    service.answer("models", UpstreamRefused("GitHub does not answer."))
    await presenter.look()
    tool = presenter.view().tool
    assert tool is not None
    assert tool.models == ("auto",)


async def test_a_key_of_its_own_takes_the_place_of_the_local_one(
    presenter: ConnectPresenter, service: FakeService, keys: list[str]
) -> None:
    await looked(presenter, service)
    tool = presenter.view().tool
    assert tool is not None
    assert tool.key.make_text == "Make a key for Claude Code"
    await presenter.make_own_key()
    assert keys == ["Claude Code"]
    tool = presenter.view().tool
    assert tool is not None
    assert "sk-local-a-key-of-its-own-77aa" in tool.steps[0].copied
    assert tool.steps[0].shown.count("77aa") == 1
    assert (tool.key.make_text, "shown until you quit" in tool.key.line) == ("", True)
    presenter.choose("codex")
    other = presenter.view().tool
    assert other is not None
    assert service.local_key in other.everything


async def test_where_keys_cannot_be_made_none_is_offered(
    service: FakeService, clock: Clock
) -> None:
    presenter = connect(service, clock, HERE)
    await looked(presenter, service)
    tool = presenter.view().tool
    assert tool is not None
    assert tool.key.make_text == ""
    assert "local key" in tool.key.line


async def test_a_test_shows_the_answer_in_place(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    task = asyncio.ensure_future(presenter.test())
    await asyncio.sleep(0)
    tool = presenter.view().tool
    assert tool is not None
    assert (tool.test.running, tool.can_test) == (True, False)
    assert tool.test.line == "Waiting for claude-sonnet-4.6"
    model, _prompt = service.called("try_model")[0]
    assert model == "claude-sonnet-4.6"
    service.futures["try_model"].set_result(Trial(model, "ready", 1.3, 20, 2, 1_500_000_000))
    await task
    tool = presenter.view().tool
    assert tool is not None
    assert tool.test.line == "claude-sonnet-4.6 answered in 1.3 s, 1.5 credits"
    assert (tool.test.answer, tool.test.shape, tool.can_test) == ("ready", Shape.DONE, True)
    presenter.choose("codex")
    other = presenter.view().tool
    assert other is not None
    assert other.test.line == "", "each tool has its own"


async def test_a_small_price_is_not_called_nothing(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    service.answer("try_model", result=Trial("m", "ready", 1.0, 2, 1, 12_000_000))
    await presenter.test()
    tool = presenter.view().tool
    assert tool is not None
    assert tool.test.line.endswith("less than 0.1 credits")


async def test_a_test_that_fails_says_why(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    service.answer("try_model", UpstreamRefused("Not on your plan.", title="Refused"))
    await presenter.test()
    tool = presenter.view().tool
    assert tool is not None
    assert (tool.test.line, tool.test.answer) == ("Refused", "Not on your plan.")
    assert tool.test.shape is Shape.FAILED


async def test_while_the_server_is_off_nothing_can_be_tested(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    service.change(server=ServerStatus(ServerState.OFF))
    tool = presenter.view().tool
    assert tool is not None
    assert (tool.can_test, tool.test_note) == (False, "Start the server to test it")
    await presenter.test()
    assert service.called("try_model") == []


async def test_a_tool_that_cannot_use_the_proxy_says_why_and_has_no_steps(
    presenter: ConnectPresenter, service: FakeService
) -> None:
    await looked(presenter, service)
    presenter.choose("cursor")
    tool = presenter.view().tool
    assert tool is not None
    assert "cannot reach an address on this computer" in tool.refusal
    assert tool.steps == ()


async def test_nothing_found_begins_with_the_users_own_code(
    service: FakeService, clock: Clock
) -> None:
    presenter = connect(service, clock, ())
    await looked(presenter, service)
    view = presenter.view()
    assert view.line == "No tool that we know was found on this computer"
    assert view.tool is not None
    assert view.tool.app_id == "openai-sdk"


async def test_a_look_that_fails_is_told_and_can_be_repeated(
    service: FakeService, clock: Clock
) -> None:
    def fails() -> tuple[FoundTool, ...]:
        raise OSError("no more threads")

    presenter = ConnectPresenter(service, Words(), clock, find_tools=fails, shell=Shell.POSIX)
    with pytest.raises(OSError, match="no more threads"):
        await presenter.look()
    assert not presenter.view().looking
