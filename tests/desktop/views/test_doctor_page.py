"""Doctor: lines fill in as they finish, what needs you comes first, and the report tells no names."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.pages.context import PageContext
from desktop.pages.doctor import Doctor
from desktop.presenters.actions import Action
from desktop.presenters.doctor.doctor import DoctorPresenter, DoctorView
from desktop.presenters.doctor.own_findings import login_finding, tray_finding
from desktop.presenters.notices.notices import Choice, Severity
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Locale, Words
from desktop.views.pages.doctor_page import DoctorPage
from desktop.views.theme.theme import Theme
from proxy_core.doctor.finding import CHECKS, DoctorAction, Finding, FindingState
from proxy_core.errors import Cancelled
from proxy_core.status.status import ServerState, ServerStatus
from tests.desktop.fake_service import RUNNING, Clock, FakeService
from tests.desktop.screen.seen import accessible_name, focusable

ALL = len(CHECKS)

WORDS = Words(locale=Locale(hours_and_minutes=lambda _: "14:30"))


def finding(check: str, state: FindingState = FindingState.OK, **more: object) -> Finding:
    return Finding(check, CHECKS[check], state, f"about {check}", **more)  # type: ignore[arg-type]


def all_fine(**others: Finding) -> tuple[Finding, ...]:
    return tuple(others.get(check) or finding(check) for check in CHECKS)


class Visit:
    """One presenter with what it asked to be shown."""

    def __init__(self, service: FakeService, clock: Clock, own: tuple[Finding, ...] = ()) -> None:
        self.service = service
        self.clock = clock
        self.shown = 0
        self.presenter = DoctorPresenter(
            service,
            WORDS,
            now=clock,
            monotonic=clock,
            post=lambda call: call(),
            changed=self._count,
            own_checks=lambda: own,
            home=Path("/home/mona"),
        )

    def _count(self) -> None:
        self.shown += 1

    async def check(self, *findings: Finding) -> DoctorView:
        running = asyncio.ensure_future(self.presenter.check())
        await asyncio.sleep(0)
        self.clock.advance(2.1)
        self.service.futures["run_doctor"].set_result(findings or all_fine())
        await running
        return self.presenter.view()


@pytest.fixture
def visit(service: FakeService, clock: Clock) -> Visit:
    return Visit(service, clock)


def test_before_the_first_run_nothing_is_claimed(visit: Visit) -> None:
    view = visit.presenter.view()
    assert [line.name for line in view.others] == list(CHECKS.values())
    assert {line.shape for line in view.others} == {Shape.OFF}
    assert not view.can_copy


async def test_lines_fill_in_as_they_finish(visit: Visit) -> None:
    running = asyncio.ensure_future(visit.presenter.check())
    await asyncio.sleep(0)
    visit.service.on_finding(finding("clock"))
    view = visit.presenter.view()
    shapes = {line.check: line.shape for line in view.others}
    assert shapes["clock"] is Shape.DONE
    assert shapes["network"] is Shape.STREAMING
    assert view.is_checking
    assert (view.notice.title, view.notice.line) == ("Checking", f"1 of {ALL} are done.")
    visit.service.futures["run_doctor"].set_result(all_fine())
    await running
    assert not visit.presenter.view().is_checking


async def test_all_is_well(visit: Visit) -> None:
    view = await visit.check()
    assert view.notice.title == f"All {ALL} passed"
    assert view.notice.severity is Severity.INFO
    assert view.when == "Checked 14:30, took 2.1 s"
    assert view.needs_you == ()
    assert view.can_copy


async def test_what_needs_you_comes_first_and_failures_before_all(visit: Visit) -> None:
    view = await visit.check(
        *all_fine(
            tools=finding(
                "tools", FindingState.ATTENTION, action=DoctorAction.CONNECT_TOOLS, next_step="Do."
            ),
            sign_in=finding("sign_in", FindingState.FAILED, action=DoctorAction.SIGN_IN),
        )
    )
    assert [line.check for line in view.needs_you] == ["sign_in", "tools"]
    assert [line.choice.action for line in view.needs_you if line.choice] == [
        Action.SIGN_IN,
        Action.OPEN_CONNECT,
    ]
    assert view.notice.title == f"2 things need you, {ALL - 2} passed"
    assert view.notice.severity is Severity.FAILURE
    assert view.needs_you[1].sentence == "Needs you, Tools: about tools Do."
    assert "tools" not in {line.check for line in view.others}


async def test_attention_alone_stops_nothing(visit: Visit) -> None:
    view = await visit.check(*all_fine(clock=finding("clock", FindingState.ATTENTION)))
    assert view.notice.title == f"1 thing needs you, {ALL - 1} passed"
    assert view.notice.line == "Nothing stops requests right now."
    assert view.notice.severity is Severity.ATTENTION


async def test_what_needs_you_marks_the_page_until_another_run_says_otherwise(visit: Visit) -> None:
    assert visit.presenter.mark is None
    port = finding("port", FindingState.FAILED)
    clock = finding("clock", FindingState.ATTENTION)
    await visit.check(*all_fine(port=port, clock=clock))
    mark = visit.presenter.mark
    assert mark is not None
    assert (mark.shape, mark.words) == (Shape.FAILED, "2 findings to look at")
    running = asyncio.ensure_future(visit.presenter.check())
    await asyncio.sleep(0)
    assert visit.presenter.mark == mark, "half a run takes nothing back"
    visit.service.futures["run_doctor"].set_result(all_fine())
    await running
    assert visit.presenter.mark is None


async def test_a_finding_marks_nothing_once_what_it_judged_has_changed(visit: Visit) -> None:
    await visit.check(*all_fine(port=finding("port", FindingState.FAILED)))
    assert visit.presenter.mark is not None
    visit.service.change(server=ServerStatus(ServerState.OFF))
    assert visit.presenter.is_outdated
    assert visit.presenter.mark is None
    await visit.check()
    assert not visit.presenter.is_outdated


async def test_the_page_looks_again_when_it_is_opened_and_when_the_state_changes(
    theme: Theme, qtbot, service: FakeService, clock: Clock
) -> None:
    tasks: list[asyncio.Task[None]] = []
    page = Doctor(
        PageContext(
            service=service,
            theme=theme,
            words=WORDS,
            now=clock,
            monotonic=clock,
            act=lambda _: None,
            spawn=lambda work: tasks.append(asyncio.ensure_future(work)),
            post=lambda call: call(),
            refresh=lambda: None,
            copy=lambda _: None,
            toast=lambda _: None,
            memory=None,
        )
    )
    qtbot.addWidget(page.widget)

    async def runs() -> int:
        """How often the checks ran, with all of them ended."""
        await asyncio.sleep(0)
        running = service.futures["run_doctor"]
        if not running.done():
            running.set_result(all_fine())
        await asyncio.gather(*tasks)
        return len(service.called("run_doctor"))

    page.opened()
    assert await runs() == 1
    page.left()
    page.opened()
    assert await runs() == 2, "what was found before may be over"
    page.refresh()
    assert await runs() == 2
    service.change(server=ServerStatus(ServerState.OFF))
    page.refresh()
    assert await runs() == 3
    page.left()
    service.change(server=RUNNING)
    page.refresh()
    assert await runs() == 3, "nobody sees it"


async def test_what_could_not_be_told_is_neither_fine_nor_yours(visit: Visit) -> None:
    view = await visit.check(*all_fine(clock=finding("clock", FindingState.UNKNOWN)))
    assert view.notice.title == f"{ALL - 1} passed, 1 could not be told"
    assert view.needs_you == ()


async def test_the_port_s_button_names_the_next_one(visit: Visit) -> None:
    taken = finding("port", FindingState.FAILED, action=DoctorAction.USE_NEXT_PORT)
    view = await visit.check(*all_fine(port=taken))
    assert view.needs_you[0].choice is not None
    assert view.needs_you[0].choice.text == "Use 4142"


async def test_a_missing_library_is_installed_by_the_finding_s_button(visit: Visit) -> None:
    missing = finding("backend", FindingState.FAILED, action=DoctorAction.INSTALL_BACKEND)
    view = await visit.check(*all_fine(backend=missing))
    assert view.needs_you[0].choice == Choice("Install it", Action.INSTALL_BACKEND)


async def test_the_window_s_own_findings_stand_beside_the_core_s(
    service: FakeService, clock: Clock
) -> None:
    own = (
        tray_finding(WORDS, is_available=False),
        login_finding(WORDS, "on", "/somewhere"),
    )
    view = await Visit(service, clock, own).check()
    assert [line.name for line in view.needs_you] == ["Tray"]
    assert view.needs_you[0].choice is not None
    assert view.needs_you[0].choice.action is Action.SHOW_TRAY_HELP
    assert view.others[-1].finding == "On, and it points at this app."


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("off", FindingState.OK),
        ("switched_off", FindingState.OK),
        ("points_elsewhere", FindingState.ATTENTION),
        ("foreign", FindingState.ATTENTION),
    ],
)
def test_every_state_of_the_start_at_login_is_told(state: str, expected: FindingState) -> None:
    assert login_finding(WORDS, state, "/somewhere").state is expected


async def test_findings_of_an_earlier_run_are_not_mixed_in(visit: Visit) -> None:
    late = None

    async def first() -> None:
        nonlocal late
        running = asyncio.ensure_future(visit.presenter.check())
        await asyncio.sleep(0)
        late = visit.service.on_finding
        visit.service.futures["run_doctor"].set_result(all_fine())
        await running

    await first()
    running = asyncio.ensure_future(visit.presenter.check())
    await asyncio.sleep(0)
    assert late is not None
    late(finding("clock", FindingState.FAILED))
    assert visit.presenter.view().needs_you == ()
    visit.service.futures["run_doctor"].set_result(all_fine())
    await running


async def test_a_second_wish_does_not_start_a_second_run(visit: Visit) -> None:
    running = asyncio.ensure_future(visit.presenter.check())
    await asyncio.sleep(0)
    await visit.presenter.check()
    assert len(visit.service.called("run_doctor")) == 1
    visit.service.futures["run_doctor"].set_result(all_fine())
    await running


async def test_checks_that_cannot_be_run_say_so(visit: Visit) -> None:
    running = asyncio.ensure_future(visit.presenter.check())
    await asyncio.sleep(0)
    visit.service.futures["run_doctor"].set_exception(Cancelled("The proxy is not running."))
    await running
    view = visit.presenter.view()
    assert view.notice.severity is Severity.FAILURE
    assert not view.can_copy


async def test_the_report_tells_neither_account_nor_home(visit: Visit) -> None:
    secret = Finding("files", "Files", FindingState.OK, "octocat keeps it in /home/mona/state")
    await visit.check(*all_fine(files=secret))
    report = visit.presenter.report()
    assert "<account> keeps it in ~/state" in report
    assert "octocat" not in report


async def test_the_page_has_names_for_everything_and_keeps_its_lines(
    visit: Visit, theme: Theme, qtbot
) -> None:
    page = DoctorPage(theme)
    qtbot.addWidget(page)
    page.resize(844, 688)
    page.show_view(visit.presenter.view())
    page.show()
    line = page.others.lines["network"]
    tools = finding("tools", FindingState.ATTENTION, action=DoctorAction.CONNECT_TOOLS)
    page.show_view(await visit.check(*all_fine(tools=tools)))
    assert page.others.lines["network"] is line, "a line that stays keeps its widgets"
    assert list(page.needs_you.lines) == ["tools"]
    assert "tools" not in page.others.lines
    names = [accessible_name(each) for each in focusable(page)]
    assert {"Copy report", "Check again", "Put right: Tools"} <= set(names)
    button = page.needs_you.lines["tools"].button
    assert button is not None
    with qtbot.waitSignal(page.chosen) as chosen:
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert chosen.args == [Action.OPEN_CONNECT]
    for asked, control in ((page.check_asked, page.again), (page.copy_asked, page.copy)):
        with qtbot.waitSignal(asked):
            qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
