"""Doctor: findings that need the user first, then the others; lines appear as checks complete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop.presenters.actions import Action
from desktop.presenters.home.server_control import next_port
from desktop.presenters.home.server_state import port_of
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words, breakable
from proxy_core.doctor.finding import CHECKS, DoctorAction, Finding, FindingState
from proxy_core.doctor.report import report_text, words_to_hide
from proxy_core.errors import ProxyError
from proxy_core.status.status import BACKEND_READY, Status, UpstreamState

_SHAPES = {
    FindingState.OK: Shape.DONE,
    FindingState.ATTENTION: Shape.ATTENTION,
    FindingState.FAILED: Shape.FAILED,
    FindingState.UNKNOWN: Shape.CANCELLED,
}
_NEEDS_YOU = (FindingState.FAILED, FindingState.ATTENTION)


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """``sentence`` is the whole line for a screen reader."""

    check: str
    shape: Shape
    name: str
    finding: str
    next_step: str
    choice: Choice | None
    sentence: str


@dataclass(frozen=True, slots=True)
class DoctorView:
    when: str
    notice: Notice
    needs_you: tuple[DoctorLine, ...]
    others: tuple[DoctorLine, ...]
    is_checking: bool
    can_copy: bool


@dataclass(frozen=True, slots=True)
class DoctorMark:
    """The sidebar's mark of the Doctor page; ``words`` are its accessible text."""

    shape: Shape
    words: str


def _judged(status: Status) -> object:
    """What the findings follow from, as far as the status tells it."""
    server, account = status.server, status.account
    return (
        (server.state, server.host, server.port, server.problem),
        (account.state, account.login, account.plan, account.problem),
        status.settings_problem,
        status.ledger_problem,
        status.background_problem,
        status.upstream.state is UpstreamState.UNREACHABLE,
        [each.number for each in status.notices if each.code == BACKEND_READY][-1:],
    )


class DoctorPresenter:
    """``post`` runs a function in the window's thread: findings arrive in the engine's.

    ``own_checks`` are the window's own checks, run synchronously in the window's thread.
    """

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        post: Callable[[Callable[[], None]], object],
        changed: Callable[[], None],
        own_checks: Callable[[], tuple[Finding, ...]] = tuple,
        home: Path | None = None,
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._monotonic = monotonic
        self._post = post
        self._changed = changed
        self._own_checks = own_checks
        self._home = home or Path.home()
        self._findings: dict[str, Finding] = {}
        self._run = 0
        self._began = 0.0
        self._took: float | None = None
        self._checked_at: float | None = None
        self._failure: ProxyError | None = None
        self._mark: DoctorMark | None = None
        self._judged: object = None

    @property
    def is_checking(self) -> bool:
        return self._run > 0 and self._took is None

    @property
    def is_outdated(self) -> bool:
        """Whether what the last complete run judged has changed since."""
        return self._took is not None and self._judged != _judged(self._commands.status)

    @property
    def mark(self) -> DoctorMark | None:
        """The mark for the last complete run; None if nothing needs the user, or it is outdated."""
        if self.is_checking:
            return self._mark
        if self.is_outdated:
            return None
        found = [each.state for each in self._findings.values() if each.state in _NEEDS_YOU]
        if not found:
            return None
        failed = FindingState.FAILED in found
        return DoctorMark(
            Shape.FAILED if failed else Shape.ATTENTION,
            self._words.numbered("%n finding(s) to look at", len(found)),
        )

    async def check(self) -> None:
        """Run all checks; a running check run continues instead."""
        if self.is_checking:
            return
        self._mark = self.mark
        self._run += 1
        run = self._run
        self._began = self._monotonic()
        self._took, self._failure = None, None
        self._findings = {}
        self._changed()

        def on_finding(finding: Finding) -> None:
            self._post(lambda: self._take(run, finding))

        future = self._commands.submit(lambda commands: commands.run_doctor(on_finding))
        for each in self._own_checks():
            self._findings[each.check] = each
        try:
            for each in await asyncio.wrap_future(future):
                self._findings[each.check] = each
        except ProxyError as error:
            self._failure = error
        finally:
            self._took = self._monotonic() - self._began
            self._judged = _judged(self._commands.status)
            self._checked_at = self._now()
            self._changed()

    def _take(self, run: int, finding: Finding) -> None:
        if run == self._run and self.is_checking:
            self._findings[finding.check] = finding
            self._changed()

    def view(self) -> DoctorView:
        known = [*CHECKS, *(each for each in self._findings if each not in CHECKS)]
        lines = [self._line(check) for check in known]
        need = [each for each in known if self._state(each) in _NEEDS_YOU]
        need.sort(key=lambda each: self._state(each) is not FindingState.FAILED)
        by_check = dict(zip(known, lines, strict=True))
        return DoctorView(
            when=self._when(),
            notice=self._summary(len(known)),
            needs_you=tuple(by_check[each] for each in need),
            others=tuple(by_check[each] for each in known if each not in need),
            is_checking=self.is_checking,
            can_copy=self._took is not None and self._failure is None,
        )

    def report(self) -> str:
        """The text of Copy report, without identifying data."""
        checked = datetime.fromtimestamp(self._checked_at or self._now()).astimezone()
        ordered = [self._findings[each] for each in CHECKS if each in self._findings]
        ordered += [each for key, each in self._findings.items() if key not in CHECKS]
        return report_text(
            ordered, checked, words_to_hide(self._commands.status.account, self._home)
        )

    def _state(self, check: str) -> FindingState | None:
        found = self._findings.get(check)
        return found.state if found is not None else None

    def _when(self) -> str:
        tr, words = self._words.tr, self._words
        if self.is_checking or self._took is None or self._checked_at is None:
            return ""
        return tr("Checked {time}, took {seconds}").format(
            time=words.locale.hours_and_minutes(self._checked_at), seconds=words.took(self._took)
        )

    def _summary(self, count: int) -> Notice:
        tr = self._words.tr
        states = [each.state for each in self._findings.values()]
        if self._failure is not None:
            return Notice(
                Severity.FAILURE,
                tr("The checks could not be run"),
                self._words.said(self._failure.said),
            )
        if self._took is None:
            return Notice(
                Severity.INFO,
                tr("Checking"),
                tr("{done} of {count} are done.").format(done=len(states), count=count),
            )
        failed = states.count(FindingState.FAILED)
        need = failed + states.count(FindingState.ATTENTION)
        fine = states.count(FindingState.OK)
        open_ends = states.count(FindingState.UNKNOWN)
        if need:
            title = (
                tr("{need} thing needs you, {fine} passed")
                if need == 1
                else tr("{need} things need you, {fine} passed")
            ).format(need=need, fine=fine)
        elif open_ends:
            title = tr("{fine} passed, {unknown} could not be told").format(
                fine=fine, unknown=open_ends
            )
        else:
            title = tr("All {fine} passed").format(fine=fine)
        if failed:
            return Notice(
                Severity.FAILURE, title, tr("Requests do not work until this is put right.")
            )
        severity = Severity.ATTENTION if need else Severity.INFO
        return Notice(severity, title, tr("Nothing stops requests right now."))

    def _line(self, check: str) -> DoctorLine:
        tr = self._words.tr
        found = self._findings.get(check)
        if found is None:
            name = self._words.declared(CHECKS[check])
            words = tr("Checking") if self.is_checking else tr("Not checked yet")
            shape = Shape.STREAMING if self.is_checking else Shape.OFF
            return DoctorLine(check, shape, name, words, "", None, f"{name}, {words}")
        word = {
            FindingState.OK: tr("Passed"),
            FindingState.ATTENTION: tr("Needs you"),
            FindingState.FAILED: tr("Failed"),
            FindingState.UNKNOWN: tr("Not known"),
        }[found.state]
        name = self._words.declared(found.name)
        finding, next_step = (self._words.said(each) for each in (found.finding, found.next_step))
        sentence = " ".join(part for part in (finding, next_step) if part)
        return DoctorLine(
            check,
            _SHAPES[found.state],
            name,
            breakable(finding),
            breakable(next_step),
            self._choice(found.action),
            f"{word}, {name}: {sentence}",
        )

    def _choice(self, action: DoctorAction) -> Choice | None:
        tr = self._words.tr
        match action:
            case DoctorAction.SIGN_IN:
                return Choice(tr("Sign in to GitHub"), Action.SIGN_IN)
            case DoctorAction.OPEN_PLANS_PAGE:
                return Choice(tr("Open plans page"), Action.OPEN_PLANS_PAGE)
            case DoctorAction.USE_NEXT_PORT:
                port = next_port(port_of(self._commands.status, self._commands.settings))
                return Choice(tr("Use {port}").format(port=port), Action.USE_NEXT_PORT)
            case DoctorAction.OPEN_SETTINGS:
                return Choice(tr("Open Settings"), Action.OPEN_SETTINGS)
            case DoctorAction.CONNECT_TOOLS:
                return Choice(tr("Put right"), Action.OPEN_CONNECT)
            case DoctorAction.INSTALL_BACKEND:
                return Choice(tr("Install it"), Action.INSTALL_BACKEND)
            case DoctorAction.SHOW_TRAY_HELP:
                return Choice(tr("Show how to add it"), Action.SHOW_TRAY_HELP)
        return None
