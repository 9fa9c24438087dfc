"""The parts of a day with the real app: each does with mouse and keys what a person would, and checks.

The app runs as its own process against a simulated GitHub in another; nothing of it is reached into.
What it did is read from what its windows tell a screen reader, from its own endpoints and from what the
tools are answered.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import openai
from openai.types.chat import ChatCompletion

from tests.desktop.screen.person import MAIN_WINDOW, Person
from tests.desktop.screen.screen_reader import ScreenReader
from tests.desktop.screen.session_bus import session_bus, status_notifier_watcher
from tests.desktop.screen.trays import BusTray, PanelTray, Tray
from tests.desktop.screen.virtual_screen import VirtualScreen
from tests.desktop.views.connect_walk import (
    connects_and_undoes_by_keys,
    connects_and_undoes_by_mouse,
    put_a_tool,
)
from tests.integration.free_ports import free_port

ROOT = Path(__file__).resolve().parents[3]
QUESTION = "Ask before sending"
MODEL = "gpt-5.2"
QUIT_SECONDS = 30.0
"""Far less than a slow answer takes, and enough for a quit on a machine that does other things."""
QUESTION_WINDOW = re.compile("wants to send a request$")
_CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$")
_SIGN_IN = re.compile("^Sign in to GitHub")
_DONE = re.compile("^Done")
_SEARCH_SETTINGS = re.compile("^Search")
STORY = "A gate is opened in the morning and closed at night. "


class Day:
    def __init__(
        self,
        person: Person,
        tray: Tray,
        process: subprocess.Popen[bytes],
        home: Path,
        port: int,
        opened: Path,
        settings_of_a_tool: Path,
    ) -> None:
        self.person = person
        self.tray = tray
        self.process = process
        self.port = port
        self._home = home
        self._opened = opened
        self.settings_of_a_tool = settings_of_a_tool

    # What the app and its tools say.

    def health(self) -> dict[str, Any] | None:
        return self._get("/health")

    def requests(self) -> list[dict[str, Any]]:
        """The requests that are done, the newest first."""
        activity = self._get("/v1/activity") or {}
        return list(activity.get("recent", []))

    def settings(self) -> dict[str, Any]:
        return tomllib.loads((self._home / "settings.toml").read_text(encoding="utf-8"))

    def until_setting(self, section: str, name: str, value: object) -> None:
        self.person.until(
            lambda: self.settings().get(section, {}).get(name) == value, f"{section}.{name} {value}"
        )

    @contextmanager
    def tool(self) -> Iterator[openai.OpenAI]:
        """OpenAI's SDK as a tool has it: the address and the key that the app names."""
        with openai.OpenAI(
            base_url=f"http://127.0.0.1:{self.port}/v1",
            api_key=self._key(),
            max_retries=0,
            timeout=90,
        ) as client:
            yield client

    def ask(self, what: str = "Hello") -> ChatCompletion:
        with self.tool() as tool:
            return tool.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": what}]
            )

    @contextmanager
    def asking(self) -> Iterator[Future[ChatCompletion]]:
        """A request on its way in the background for as long as the block lasts."""
        answer: Future[ChatCompletion] = Future()

        def run() -> None:
            try:
                answer.set_result(self.ask())
            except openai.OpenAIError as error:
                answer.set_exception(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield answer
        finally:
            thread.join(95)

    # The parts of the day, in order.

    def first_run_signs_in(self, *, storage: str = "Forget it when I quit") -> None:
        """Through all three steps of the first run, with the page answered as a browser would."""
        person = self.person
        person.sees("Step 1 of 3: What this is")
        person.picture("first-run")
        person.clicks("Continue")
        person.sees("Type this code on GitHub")
        person.picture("first-run-code")
        self._approve()
        person.clicks(storage)
        person.sees("Step 3 of 3: Connect a tool")
        person.picture("first-run-tools")
        person.clicks("Later")
        person.has_window()
        person.sees("octocat")
        person.has_no_window("^Welcome$")

    def first_run_opens_the_demo(self) -> None:
        self.person.clicks("Try the demo")
        self.person.has_window()
        self.person.sees("Demo: a simulated GitHub on this computer")

    def signs_out_and_in_again(self) -> None:
        """By the account's menu and the button of the banner."""
        person = self.person
        person.clicks("Account")
        person.presses("Down", "Down", "Return")  # Leave the demo, Sign out
        person.sees("No account")
        self.tray.shows("signed_out")
        person.picture("signed-out")
        person.leaves_the_page()
        person.clicks(_SIGN_IN)
        person.sees("Type this code on GitHub")
        person.picture("sign-in")
        self._approve()
        person.sees("octocat")
        person.has_no_window("^Sign in to GitHub")  # says so, and closes by itself

    def starts_by_the_switch(self) -> None:
        person = self.person
        assert self.health() is None
        self.tray.shows("off")
        person.picture("off")
        person.clicks("Serve tools", role="check box")
        self.person.until(self.health, "an answer from the server")
        self.tray.shows("ok")
        person.sees("Running")
        person.picture("running")

    def a_request_is_seen(self) -> None:
        person = self.person
        answer = self.ask()
        assert answer.choices[0].message.content
        record = self.requests()[0]
        assert (record["model"], record["http_status"]) == (MODEL, 200)
        person.presses("ctrl+4")
        row = person.sees(_DONE, role="cell")
        assert MODEL in row.name
        assert "OpenAI" in row.name
        person.picture("activity")

    def connects_a_tool_and_back(self) -> None:
        connects_and_undoes_by_mouse(self.person, self.settings_of_a_tool)
        connects_and_undoes_by_keys(self.person, self.settings_of_a_tool)

    def is_asked_and_sends(self) -> None:
        """The question stays above, yet what is typed goes on into the other program's window."""
        person = self.person
        self.tray.chooses(QUESTION)
        self.until_setting("budget", "ask_before_sending", True)
        with person.types_elsewhere() as note:
            person.types("before ")
            with self.asking() as answer:
                person.has_window(f"^{QUESTION}$")
                person.types("and after")
                self.person.until(lambda: note() == "before and after", "what was typed elsewhere")
                assert not answer.done()
                person.sees(MODEL, window=QUESTION_WINDOW)
                person.picture("question")
                person.clicks("Send", window=QUESTION_WINDOW)
                assert answer.result(90).choices[0].message.content
            person.has_no_window(f"^{QUESTION}$")

    def is_asked_and_declines(self) -> None:
        person = self.person
        before = len(self.requests())
        with self.asking() as answer:
            person.clicks("Don't send", window=QUESTION_WINDOW)
            refused = answer.exception(90)
        assert isinstance(refused, openai.PermissionDeniedError), refused
        assert "You chose in g-copilot-proxy not to send this request" in refused.message
        assert len(self.requests()) == before + 1
        self.tray.chooses(QUESTION)
        self.until_setting("budget", "ask_before_sending", False)

    def comes_to_the_front(self) -> None:
        person = self.person
        self.tray.left_click()
        person.has_window()
        person.until(lambda: person.screen.has_keyboard(MAIN_WINDOW), "the window's keyboard")

    def sets_a_budget_that_stops(self) -> None:
        """Both settings found and changed with keys alone; then the tool is told, and the person."""
        person = self.person
        self.comes_to_the_front()
        self._finds_setting("spend", "Credits a day")
        person.types("0.01")
        person.presses("Return")
        self.until_setting("budget", "daily_credits", 0.01)
        self._finds_setting("budget is used up", "When a budget is used up", keys=("Tab",))
        person.types("Stop")
        self.until_setting("budget", "action", "stop")
        person.picture("budget-set")
        with self.asking() as answer:
            refused = answer.exception(90)
        assert isinstance(refused, openai.RateLimitError), refused
        assert refused.code == "insufficient_quota"
        assert "Your own budget for this day in g-copilot-proxy stopped this" in refused.message
        person.sees("Requests stop until midnight.")
        person.picture("budget-stop")
        person.leaves_the_page()
        person.clicks("Allow 20 more")
        assert self.ask().choices[0].message.content
        person.sees_no_more("Requests stop until midnight.")

    def moves_to_another_port_by_keys(self) -> None:
        person = self.person
        before, port = self.port, free_port()
        self._finds_setting("port", "Port")
        person.presses("ctrl+a")
        person.types(str(port))
        person.presses("Return")
        self.port = port
        health = self.person.until(self.health, "the server at its new port")
        assert health
        self.port = before
        self.person.until(lambda: self.health() is None, "nobody at the old port")
        self.port = port
        person.sees(f"\N{LEFT-TO-RIGHT ISOLATE}127.0.0.1:{port}\N{POP DIRECTIONAL ISOLATE}")
        assert self.ask().choices[0].message.content
        person.picture("other-port")

    def turns_dark_by_keys(self) -> None:
        person = self.person
        self._finds_setting("appearance", "Appearance", keys=("Tab",))
        light = person.screen.picture_of(self._main_window()).pixelColor(300, 4).lightness()
        person.types("Dark")
        self.until_setting("desktop", "theme", "dark")
        self.person.until(
            lambda: (
                person.screen.picture_of(self._main_window()).pixelColor(300, 4).lightness()
                < light // 4
            ),
            "a dark window",
        )
        person.picture("dark")

    def quits_while_an_answer_streams(self, *, by: str) -> None:
        """``by``: a key, or an entry of the tray's menu."""
        with self.tool() as tool:
            stream = tool.chat.completions.create(
                model=MODEL,
                messages=[
                    {
                        "role": "user",
                        "content": "Repeat exactly the following text and nothing else: "
                        f"[sim:slow] {STORY * 200}",
                    }
                ],
                stream=True,
            )
            next(iter(stream))
            began = time.monotonic()
            if by.startswith("ctrl"):
                self.person.presses(by)
            else:
                self.tray.chooses(by)
            self.person.clicks("Quit")
            told = None
            try:
                for _ in stream:
                    pass
            except openai.APIError as error:
                told = error
            assert told is not None, "an answer that was cut must not look whole"
            assert not isinstance(told, openai.APIConnectionError), repr(told)
            assert "stopped" in told.message, told.message
            assert self.process.wait(QUIT_SECONDS) == 0
            assert time.monotonic() - began < QUIT_SECONDS
        assert self.health() is None

    def _main_window(self) -> str:
        return self.person.screen.windows(MAIN_WINDOW)[0]

    def _finds_setting(self, search: str, name: str, *, keys: tuple[str, ...] = ("Tab",)) -> None:
        """Open Settings, search, and go to the first hit's control."""
        person = self.person
        person.presses("ctrl+comma")
        person.sees(_SEARCH_SETTINGS, role="text")
        person.presses("ctrl+f", "ctrl+a")
        person.types(search)
        person.sees(name, role="label")
        for _ in range(20):
            person.presses(*keys)
            focused = next((each for each in person.reader.everything() if each.has_focus), None)
            if focused is not None and focused.role in ("text", "combo box") and focused.name != "":
                beside = [each for each in person.reader.everything() if each.name == name]
                if any(abs(each.middle[1] - focused.middle[1]) < 20 for each in beside):
                    return
        raise AssertionError(f"Tab did not lead to {name}")

    def _approve(self) -> None:
        """Do what the person does in the browser that was opened."""
        page = self.person.until(self._page, "the page in the browser")
        decide(page, self.person.sees(_CODE).name)
        self._opened.unlink()

    def _page(self) -> str | None:
        return self._opened.read_text(encoding="utf-8").strip() if self._opened.exists() else None

    def _key(self) -> str:
        return (self._home / "state" / "local-key").read_text(encoding="utf-8").strip()

    def _get(self, path: str) -> dict[str, Any] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self._key()}"})
            answer = connection.getresponse()
            body = answer.read()
        except (ConnectionError, FileNotFoundError):
            return None
        finally:
            connection.close()
        assert answer.status == 200, body
        parsed: dict[str, Any] = json.loads(body)
        return parsed


def decide(page: str, code: str, decision: str = "authorize") -> None:
    """Type the code on the page and press a button, as the browser would."""
    form = urlencode({"user_code": code, "decision": decision}).encode()
    with urlopen(Request(page, form), timeout=60) as answer:  # loopback
        assert answer.status == 200
        answer.read()


@contextmanager
def day_over_a_panel(folder: Path) -> Iterator[Day]:
    """The icon as a window in a panel, a simulated GitHub at the far end of the person's own app."""
    with VirtualScreen() as screen, simulated_github(screen) as url:
        environ = {"G_COPILOT_PROXY_GITHUB_URL": url}
        with _day(screen, PanelTray(screen), folder, environ) as day:
            yield day


@contextmanager
def day_over_a_bus(folder: Path) -> Iterator[Day]:
    """The icon over D-Bus, the app as it comes."""
    with (
        VirtualScreen(has_tray=False) as screen,
        session_bus(screen),
        status_notifier_watcher(screen) as watcher,
        _day(screen, BusTray(screen, watcher), folder, {}) as day,
    ):
        yield day


PROGRAM_VARIABLE = "TESTED_PROGRAM"
"""Names a bundle's program to spend the day with, in place of this folder's code."""


def app_command(*arguments: str) -> list[str]:
    program = os.environ.get(PROGRAM_VARIABLE)
    start = [str(Path(program).absolute())] if program else [sys.executable, "-m", "desktop"]
    return [*start, *arguments]


@contextmanager
def simulated_github(screen: VirtualScreen) -> Iterator[str]:
    """Give the address of ``g-copilot-proxy simulate`` in a process of its own."""
    with subprocess.Popen(
        app_command("simulate", "--port", "0"),
        env={**screen.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as simulator:
        assert simulator.stdout is not None
        try:
            yield simulator.stdout.readline().removeprefix("Simulator listening on ").strip()
        finally:
            simulator.terminate()


@contextmanager
def app_on(
    screen: VirtualScreen, folder: Path, *arguments: str, environ: dict[str, str] | None = None
) -> Iterator[tuple[Person, subprocess.Popen[bytes]]]:
    """The app in an empty home, with a screen reader on it; pictures and its log go to ``folder``."""
    with ExitStack() as stack:
        bus = screen.environ.get("DBUS_SESSION_BUS_ADDRESS")
        if bus is None:
            bus = stack.enter_context(session_bus(screen))
        browser = folder / "xdg-open"  # nothing must really open
        browser.write_text(f'#!/bin/sh\necho "$1" > "{folder}/opened"\n', encoding="utf-8")
        browser.chmod(0o755)
        screen.environ.update(
            {
                "G_COPILOT_PROXY_HOME": str(folder / "home"),
                "PYTHONPATH": str(ROOT),
                "PATH": f"{folder}:{os.environ['PATH']}",
                "AT_SPI_BUS_ADDRESS": bus,
                "LC_ALL": "C.UTF-8",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                **(environ or {}),
            }
        )
        running = screen.running(app_command(*arguments), log=folder / "log")
        process = stack.enter_context(running)
        reader = stack.enter_context(ScreenReader(bus, process.pid))
        yield Person(screen, reader, folder), process


@contextmanager
def _day(screen: VirtualScreen, tray: Tray, folder: Path, environ: dict[str, str]) -> Iterator[Day]:
    home, port = folder / "home", free_port()
    home.mkdir()
    # The usual port may be taken by another run on this machine; the rest is as after installing.
    (home / "settings.toml").write_text(
        f"[server]\nport = {port}\n\n[desktop]\nstart_server = false\n", encoding="utf-8"
    )
    persons_home = folder / "person"
    settings = put_a_tool(folder, persons_home)
    environ = {"HOME": str(persons_home), **environ}
    with app_on(screen, folder, environ=environ) as (person, process):
        yield Day(person, tray, process, home, port, folder / "opened", settings)
