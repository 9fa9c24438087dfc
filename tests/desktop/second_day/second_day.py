"""The parts of the second day, in order; each leaves pictures."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.desktop.screen.day_on_the_screen import Day, app_on, simulated_github
from tests.desktop.screen.person import MAIN_WINDOW
from tests.desktop.screen.pictured_app import CLAUDE, CODEX, add_fonts
from tests.desktop.screen.session_bus import session_bus
from tests.desktop.screen.trays import PanelTray
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually
from tests.desktop.second_day.relay import Relay
from tests.desktop.views.connect_walk import CONNECT, TEST, UNDO, put_a_tool
from tests.integration.free_ports import free_port

PAGES = {
    "home": "ctrl+1",
    "models": "ctrl+2",
    "usage": "ctrl+3",
    "activity": "ctrl+4",
    "connect": "ctrl+5",
    "settings": "ctrl+comma",
}
TRAFFIC = (
    (CLAUDE, "/v1/messages", "claude-sonnet-4.6", "Say hello."),
    (CLAUDE, "/v1/messages", "claude-sonnet-4.6", "Say it again."),
    (CODEX, "/v1/responses", "gpt-5.3-codex", "Write a haiku about gates."),
    ("aider/0.86.2", "/v1/chat/completions", "gpt-5.2", "Name three colours."),
    ("aider/0.86.2", "/v1/chat/completions", "gpt-5.2", "[sim:402]"),
    ("aider/0.86.2", "/v1/chat/completions", "no-such-model", "Who are you?"),
    (CODEX, "/v1/responses", "gpt-5.3-codex", "And one about rain."),
)
SMALLEST = (720, 520)
DRAWN_SECONDS = 2.5
OUTAGE_SECONDS = 60.0
_BROKEN = 'this is no settings file\n[budget]\ndaily_credits = "many"\n'


class SecondDay:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._home = folder / "home"
        self._home.mkdir()
        self.port = free_port()

    def spend(self) -> None:
        self._settings.write_text(
            f'[server]\nport = {self.port}\n\n[desktop]\nstart_server = false\nlanguage = "en"\n',
            encoding="utf-8",
        )
        with VirtualScreen(width=1280, height=900) as screen, session_bus(screen):
            add_fonts(screen)
            with simulated_github(screen) as url, Relay(urlsplit(url).port or 0) as relay:
                self._environ = dict.fromkeys(
                    (
                        "G_COPILOT_PROXY_GITHUB_URL",
                        "G_COPILOT_PROXY_GITHUB_API_URL",
                        "G_COPILOT_PROXY_API_URL",
                    ),
                    relay.url,
                )
                with self._app(screen, "1-work") as day:
                    self._signs_in(day)
                    self._works(day)
                    self._loses_and_finds_github(day, relay)
                    self._meets_a_taken_port(day)
                    day.person.presses("ctrl+q")
                    day.process.wait(20)
                with self._app(screen, "2-restart") as day:
                    self._has_history(day)
                    self._breaks_the_settings(day)
                    self._speaks_chinese(day)
                    self._turns_dark(day)
                    self._gets_narrow(day)
                    day.person.presses("ctrl+q")
                    day.process.wait(20)
        with VirtualScreen(width=1280, height=900, has_tray=False) as screen, session_bus(screen):
            add_fonts(screen)
            self._edit_settings(r'language = ".*"', 'language = "en"')
            with simulated_github(screen) as url:
                self._environ = {"G_COPILOT_PROXY_GITHUB_URL": url}
                with self._app(screen, "3-no-tray") as day:
                    self._closes_the_only_window(day)

    def _signs_in(self, day: Day) -> None:
        day.first_run_signs_in(storage="Keep it in a file")
        day.person.clicks("Serve tools", role="check box")
        eventually(day.health, "the server")
        self._pictures(day, "new")

    def _works(self, day: Day) -> None:
        for call in TRAFFIC:
            self._send(*call)
        self._pictures(day, "used")
        day.person.presses("ctrl+4", "ctrl+f", *["Tab"] * 4, "Down", "Down")
        self._picture(day, "a-failed-request")

    def _loses_and_finds_github(self, day: Day, relay: Relay) -> None:
        relay.cut()
        for call in TRAFFIC[:3]:
            self._send(*call)
        day.person.sees("Open Doctor")
        self._pictures(day, "outage", ("home", "activity"))
        relay.mend()
        eventually(lambda: self._send(*TRAFFIC[0]) == 200, "GitHub to answer", OUTAGE_SECONDS)
        day.person.sees_no_more("Open Doctor")
        self._pictures(day, "recovered", ("home", "activity"))

    def _meets_a_taken_port(self, day: Day) -> None:
        person = day.person
        person.presses("ctrl+1")
        person.clicks("Serve tools", role="check box")
        eventually(lambda: day.health() is None, "the server to stop")
        self._picture(day, "stopped")
        with socket.create_server(("127.0.0.1", self.port)):
            person.clicks("Serve tools", role="check box")
            button = re.compile(r"^Use \d+$")
            person.sees(button)
            self._picture(day, "port-taken")
            person.leaves_the_page()
            person.clicks(button)
            person.sees_no_more(button)
            self._picture(day, "next-port")
            self._pictures(day, "next-port", ("settings", "connect"))
        self._edit_settings(r"port = \d+", f"port = {self.port}")
        eventually(day.health, "the server back at its port")
        self._picture(day, "port-back")

    def _has_history(self, day: Day) -> None:
        day.tray.shows("off")  # signed in: it starts without a window
        day.tray.left_click()
        day.person.has_window()
        self._pictures(day, "history", ("home", "usage", "activity"))

    def _breaks_the_settings(self, day: Day) -> None:
        whole = self._settings.read_text(encoding="utf-8")
        self._settings.write_text(f"{_BROKEN}{whole}", encoding="utf-8")
        time.sleep(4)  # the file is looked at now and then
        self._pictures(day, "broken-settings", ("home", "settings"))
        self._settings.write_text(whole.replace("port =", "porrt = 5\nport ="), encoding="utf-8")
        time.sleep(4)
        self._pictures(day, "wrong-line", ("home",))

    def _speaks_chinese(self, day: Day) -> None:
        self._edit_settings(r'language = ".*"', 'language = "zh_CN"')
        day.person.sees("活动", role="check box")
        self._pictures(day, "chinese")

    def _turns_dark(self, day: Day) -> None:
        """Every page, and what Connect shows from the first look to the undone change."""
        self._edit_settings(r"porrt = 5\n", "")
        self._edit_settings(r'language = ".*"', 'language = "en"\ntheme = "dark"')
        person = day.person
        person.sees("Activity", role="check box")
        person.clicks("Serve tools", role="check box")
        eventually(day.health, "the server")
        self._pictures(day, "dark")
        person.clicks(re.compile("^Doctor"), role="check box")
        self._picture(day, "dark-doctor")
        person.presses("ctrl+5")
        person.clicks(CONNECT)
        person.sees("Claude Code is connected")
        self._picture(day, "dark-connected")
        person.clicks(TEST)
        person.sees(re.compile("answered in"))
        self._picture(day, "dark-tested")
        person.presses("ctrl+1")
        settings = day.settings_of_a_tool
        edited = settings.read_text(encoding="utf-8").replace("claude-sonnet-4.6", "opus")
        settings.write_text(edited, encoding="utf-8")
        person.presses("ctrl+5")
        person.sees(re.compile("Another program has changed"))
        self._picture(day, "dark-edited-since")
        person.clicks(UNDO)
        person.sees("Claude Code is disconnected")
        self._picture(day, "dark-undone")

    def _gets_narrow(self, day: Day) -> None:
        screen = day.person.screen
        window = screen.windows(MAIN_WINDOW)[0]
        screen.said("xdotool", "windowsize", window, *map(str, SMALLEST))
        self._pictures(day, "narrow")

    def _closes_the_only_window(self, day: Day) -> None:
        day.person.has_window()
        self._picture(day, "without-a-tray")
        day.person.presses("ctrl+w")
        self._picture(day, "closed")

    @property
    def _settings(self) -> Path:
        return self._home / "settings.toml"

    def _edit_settings(self, pattern: str, line: str) -> None:
        """As a person would in an editor; the rest stays."""
        text = self._settings.read_text(encoding="utf-8")
        self._settings.write_text(re.sub(pattern, line, text), encoding="utf-8")

    @contextmanager
    def _app(self, screen: VirtualScreen, name: str) -> Iterator[Day]:
        """The app of this home; its pictures go to a folder of their own."""
        pictures = self._folder / name
        pictures.mkdir()
        person_home = pictures / "person"
        person_home.mkdir()
        tool = put_a_tool(pictures, person_home)
        home = {"G_COPILOT_PROXY_HOME": str(self._home), "HOME": str(person_home)}
        with ExitStack() as stack:
            app = app_on(screen, pictures, environ={**self._environ, **home})
            person, process = stack.enter_context(app)
            tray = PanelTray(screen)
            opened = pictures / "opened"
            yield Day(person, tray, process, self._home, self.port, opened, tool)

    def _pictures(self, day: Day, name: str, pages: tuple[str, ...] = tuple(PAGES)) -> None:
        for page in pages:
            day.person.presses(PAGES[page])
            self._picture(day, f"{name}-{page}")

    def _picture(self, day: Day, name: str) -> None:
        time.sleep(DRAWN_SECONDS)
        day.person.picture(name)

    def _send(self, agent: str, path: str, model: str, ask: str) -> int:
        """One request of a tool; return the status it is answered with."""
        body: dict[str, object] = {"model": model, "stream": True}
        body["input" if path == "/v1/responses" else "messages"] = (
            ask if path == "/v1/responses" else [{"role": "user", "content": ask}]
        )
        if path == "/v1/messages":
            body["max_tokens"] = 512
        key = (self._home / "state" / "local-key").read_text(encoding="utf-8").strip()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "User-Agent": agent,
            "anthropic-version": "2023-06-01",
        }
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
