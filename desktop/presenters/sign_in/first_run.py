"""The first run: what this is and its risk, signing in, connecting a tool. Shown once.

Everything can be skipped; it is shown only once, however it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.connect.connect_view import ToolRow
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from desktop.system.start_at_login import CannotStartAtLogin, LoginEntry, LoginState
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.discovery import FoundTool
from proxy_core.status.status import AccountState


class FirstRunStep(StrEnum):
    ABOUT = "about"
    SIGN_IN = "sign_in"
    CONNECT = "connect"


class FirstRunAction(StrEnum):
    NEXT = "next"
    BACK = "back"
    TRY_DEMO = "try_demo"
    SHOW_STEPS = "show_steps"
    SKIP = "skip"


class FirstRunEnd(StrEnum):
    """What to do after it: open Home, open Connect at the chosen tool, or start the demo."""

    HOME = "home"
    CONNECT = "connect"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class StepMark:
    number: int
    text: str
    current: bool
    done: bool


@dataclass(frozen=True, slots=True)
class FirstRunChoice:
    text: str
    action: FirstRunAction


@dataclass(frozen=True, slots=True)
class FirstRunView:
    """``sign_in``: this step shows the sign-in body in place of heading and text."""

    step: FirstRunStep
    marks: tuple[StepMark, ...]
    spoken_step: str
    heading: str = ""
    text: str = ""
    risk_title: str = ""
    risk: str = ""
    sign_in: bool = False
    tools: tuple[ToolRow, ...] = ()
    at_login: bool | None = None
    """Whether the app starts with the computer; None: not offered."""
    at_login_words: str = ""
    at_login_problem: str = ""
    skip: FirstRunChoice | None = None
    second: FirstRunChoice | None = None
    primary: FirstRunChoice | None = None


class FirstRunPresenter:
    """``login`` is None if starting at login is not offered."""

    def __init__(
        self, commands: ServiceCommands, words: Words, login: LoginEntry | None = None
    ) -> None:
        self._commands = commands
        self._words = words
        self._login = login
        self._login_problem = ""
        self._step = FirstRunStep.ABOUT
        self._found: tuple[FoundTool, ...] | None = None
        self._chosen = ""
        self._end: FirstRunEnd | None = None

    @property
    def step(self) -> FirstRunStep:
        return self._step

    @property
    def end(self) -> FirstRunEnd | None:
        """How it ended, or None while it runs."""
        return self._end

    @property
    def chosen(self) -> str:
        """The selected tool, or ``""``."""
        return self._chosen

    @property
    def is_signed_in(self) -> bool:
        return self._commands.status.account.state is AccountState.SIGNED_IN

    def tools_found(self, found: Sequence[FoundTool]) -> None:
        self._found = tuple(each for each in found if not TOOLS[each.app_id].refusal)
        if self._found and not self._chosen:
            self._chosen = self._found[0].app_id

    def start_at_login(self, on: bool) -> None:
        """Switch it at once: the first run may be closed at any moment."""
        if self._login is None:
            return
        self._login_problem = ""
        try:
            if on:
                self._login.switch_on()
            else:
                self._login.switch_off()
        except CannotStartAtLogin as error:
            self._login_problem = str(error)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._login_problem = self._words.tr("It could not be changed: {why}").format(
                why=reason
            )

    def choose(self, app_id: str) -> None:
        self._chosen = app_id

    def act(self, action: FirstRunAction) -> None:
        match action:
            case FirstRunAction.NEXT:
                self._go(1)
            case FirstRunAction.BACK:
                self._go(-1)
            case FirstRunAction.TRY_DEMO:
                self._end = FirstRunEnd.DEMO
            case FirstRunAction.SHOW_STEPS:
                self._end = FirstRunEnd.CONNECT
            case FirstRunAction.SKIP:
                self._end = FirstRunEnd.HOME

    def signed_in(self) -> None:
        """Continue after the embedded sign-in succeeded."""
        if self._step is FirstRunStep.SIGN_IN:
            self._go(1)

    def view(self) -> FirstRunView:
        match self._step:
            case FirstRunStep.ABOUT:
                return self._about()
            case FirstRunStep.SIGN_IN:
                return self._sign_in()
            case FirstRunStep.CONNECT:
                return self._connect()

    def _go(self, by: int) -> None:
        steps = list(FirstRunStep)
        place = steps.index(self._step) + by
        if place >= len(steps):
            self._end = FirstRunEnd.HOME
        else:
            self._step = steps[max(0, place)]

    def _about(self) -> FirstRunView:
        tr = self._words.tr
        return FirstRunView(
            self._step,
            self._marks(),
            self._spoken_step(),
            heading=tr("Your Copilot plan, in the tools you like"),
            text=tr(
                "This app gives this computer an address that speaks OpenAI and Anthropic. Tools that "
                "use it run on your own GitHub Copilot plan, and you see what each request costs."
            ),
            risk_title=tr("Please know before you start"),
            risk=tr(
                "GitHub offers this interface to its own clients. It may change it, or limit an account "
                "that uses it this way. This app is not affiliated with GitHub."
            ),
            skip=FirstRunChoice(tr("Skip"), FirstRunAction.SKIP),
            second=FirstRunChoice(tr("Try the demo"), FirstRunAction.TRY_DEMO),
            primary=FirstRunChoice(tr("Continue"), FirstRunAction.NEXT),
        )

    def _sign_in(self) -> FirstRunView:
        tr = self._words.tr
        skip = FirstRunChoice(tr("Skip"), FirstRunAction.SKIP)
        back = FirstRunChoice(tr("Back"), FirstRunAction.BACK)
        if not self.is_signed_in:
            # The sign-in body has the only primary button, or none while it waits.
            return FirstRunView(
                self._step, self._marks(), self._spoken_step(), sign_in=True, skip=skip, second=back
            )
        account = self._words.account(self._commands.status.account)
        return FirstRunView(
            self._step,
            self._marks(),
            self._spoken_step(),
            heading=tr("You are signed in"),
            text=tr("{account}. You can use another account at any time.").format(account=account),
            skip=skip,
            second=back,
            primary=FirstRunChoice(tr("Continue"), FirstRunAction.NEXT),
        )

    def _connect(self) -> FirstRunView:
        tr = self._words.tr
        rows = tuple(self._row(each) for each in self._found or ())
        text = tr(
            "These were found on this computer. Choose one: you see the change to its settings before "
            "it is made, and can undo it."
        )
        if self._found is None:
            text = tr("Looking for tools on this computer")
        elif not rows:
            text = tr(
                "No tool that we know was found here. The Connect page has steps for all of them."
            )
        chosen = TOOLS.get(self._chosen)
        writes = chosen is not None and chosen.configure is not None
        said = tr("Show the change") if writes else tr("Show the steps")
        steps = FirstRunChoice(said, FirstRunAction.SHOW_STEPS)
        return FirstRunView(
            self._step,
            self._marks(),
            self._spoken_step(),
            heading=tr("Connect a tool"),
            text=text,
            tools=rows,
            at_login=self._starts_at_login(),
            at_login_words=tr("Start when I sign in to this computer"),
            at_login_problem=self._login_problem,
            second=FirstRunChoice(tr("Later"), FirstRunAction.SKIP),
            primary=steps,
        )

    def _starts_at_login(self) -> bool | None:
        """None also where an entry is not ours, or cannot be read: Settings say more."""
        if self._login is None:
            return None
        try:
            state = self._login.state()
        except OSError:
            return None
        return None if state is LoginState.FOREIGN else state is LoginState.ON

    def _row(self, found: FoundTool) -> ToolRow:
        tr = self._words.tr
        tool = TOOLS[found.app_id]
        line = tr("Ready to connect")
        spoken_step = tr("{name} {version}, {state}") if found.version else tr("{name}, {state}")
        return ToolRow(
            tool.app_id,
            Shape.OFF,
            tool.name,
            found.version,
            line,
            spoken_step.format(name=tool.name, version=found.version, state=line),
            chosen=tool.app_id == self._chosen,
        )

    def _marks(self) -> tuple[StepMark, ...]:
        tr = self._words.tr
        names = (tr("What this is"), tr("Sign in"), tr("Connect a tool"))
        at = list(FirstRunStep).index(self._step)
        return tuple(
            StepMark(number + 1, text, number == at, number < at)
            for number, text in enumerate(names)
        )

    def _spoken_step(self) -> str:
        marks = self._marks()
        current = next(each for each in marks if each.current)
        return self._words.tr("Step {number} of {count}: {name}").format(
            number=current.number, count=len(marks), name=current.text
        )
