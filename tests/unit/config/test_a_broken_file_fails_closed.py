"""A settings file that cannot be read as meant opens nothing and spends nothing; a line costs a line."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.protective_settings import CLOSED
from proxy_core.config.setting_names import setting_names
from proxy_core.config.settings import BudgetAction, Settings
from proxy_core.config.settings_file import SettingsFile
from proxy_core.config.settings_reading import read_settings
from proxy_core.config.settings_store import open_settings

GOOD = """\
# what I may spend
[budget]
daily_credits = 60.0
action = "stop"
ask_before_sending = true

[server]
port = 5000
heartbeat_seconds = 20.0
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path)})


async def known_good(paths: Paths) -> None:
    """A run that has read the good file."""
    paths.settings_file.write_text(GOOD)
    await open_settings(paths).remember()


def read(path: PurePath) -> bytes:
    return Path(path).read_bytes()


def is_protected(settings: Settings) -> bool:
    budget = settings.budget
    return (
        budget.daily_credits is not None
        and budget.daily_credits <= 60.0
        and budget.action is BudgetAction.STOP
        and budget.ask_before_sending
        and settings.server.require_key
        and settings.server.host == "127.0.0.1"
    )


BROKEN = {
    "not text": b"\xff\xfe\x00",
    "zeros after a power cut": b"\x00" * 300,
    "words": b"this is not a settings file [",
    "a broken header": GOOD.replace("[budget]", "[budget").encode(),
    "another broken header": GOOD.replace("[budget]", "[[budget").encode(),
    "a header that is nothing": GOOD.replace("[budget]", "[").encode(),
    "a misspelt header": GOOD.replace("[budget]", "[budgt]").encode(),
    "a misspelt name": GOOD.replace("daily_credits", "daily_credit").encode(),
    "a broken line": GOOD.replace("60.0", "60.0.0").encode(),
    "a line without a value": GOOD.replace('= "stop"', "=").encode(),
    "a quote that does not end": GOOD.replace('"stop"', '"stop').encode(),
    "a wrong type": GOOD.replace("60.0", '"sixty"').encode(),
    "nothing may be spent": GOOD.replace("60.0", "0").encode(),
    "less than nothing": GOOD.replace("60.0", "-5").encode(),
    "no number": GOOD.replace("60.0", "nan").encode(),
    "another word": GOOD.replace('"stop"', '"halt"').encode(),
    "yes for true": GOOD.replace("true", '"yes"').encode(),
    "a line twice": GOOD.replace("daily_credits = 60.0", "daily_credits = 60.0\n" * 2).encode(),
    "a section that is a value": b"budget = 5\n",
    "an unterminated list above": b"[server]\nallowed_hosts = [\n" + GOOD.encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
async def test_a_running_program_and_the_next_start_stay_closed(
    paths: Paths, content: bytes
) -> None:
    await known_good(paths)
    running = open_settings(paths)
    paths.settings_file.write_bytes(content)
    await running.poll()
    await running.poll()
    started = open_settings(paths)
    for each in (running, started):
        assert is_protected(each.settings)
        assert each.loaded.problem is not None
    await started.remember()
    assert is_protected(open_settings(paths).settings), "and the start after that one"
    assert paths.settings_file.read_bytes() == content, "reading never writes"


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
async def test_a_change_made_then_loses_neither_the_protection_nor_the_file(
    paths: Paths, content: bytes
) -> None:
    await known_good(paths)
    paths.settings_file.write_bytes(content)
    loaded = await open_settings(paths).update("desktop.notices", False)
    fresh = open_settings(paths)
    assert is_protected(loaded.settings)
    assert is_protected(fresh.settings)
    assert fresh.settings.desktop.notices is False
    if loaded.kept_as is not None:
        assert read(loaded.kept_as) == content
        assert any(loaded.kept_as.name in each.message for each in loaded.problems)
        await fresh.restore(loaded.kept_as.name)
        assert paths.settings_file.read_bytes() == content
        assert is_protected(fresh.settings)


STATED_ONLY_NOW = {
    "another action": '[budget]\ndaily_credits = 5.0\naction = "halt"\n',
    "a broken action": "[budget]\ndaily_credits = 5.0\naction = stop\n",
    "a section below is broken": '[budget]\ndaily_credits = 5.0\naction = "stop"\n[server\nport = 1\n',
}


@pytest.mark.parametrize("text", STATED_ONLY_NOW.values(), ids=STATED_ONLY_NOW)
def test_a_first_start_takes_the_lines_it_can_and_closes_the_others(
    paths: Paths, text: str
) -> None:
    """A setting out of its bounds must not lift the budget beside it."""
    paths.config.mkdir(exist_ok=True)
    paths.settings_file.write_text(text)
    budget = open_settings(paths).settings.budget
    assert (budget.daily_credits, budget.action) == (5.0, BudgetAction.STOP)


@pytest.mark.parametrize(
    ("stated", "held"), [("0", 0.01), ("-1", 0.01), ('"5"', 0.01), ("1e12", 1e7)]
)
def test_a_limit_that_cannot_be_read_never_means_no_limit(stated: str, held: float) -> None:
    loaded = read_settings(f"[budget]\ndaily_credits = {stated}\n", Settings())
    assert loaded.settings.budget.daily_credits == held
    assert loaded.problem is not None
    assert "budget.daily_credits" in loaded.problem.message


def test_one_wrong_line_costs_that_line() -> None:
    text = GOOD + "theme = = dark\n[usage]\nretention_days = 30\n"
    loaded = read_settings(text, Settings())
    assert loaded.settings == msgspec_replaced()
    assert len(loaded.problems) == 1
    assert "line 10" in loaded.problems[0].message


def msgspec_replaced() -> Settings:
    return read_settings(GOOD + "[usage]\nretention_days = 30\n", Settings()).settings


async def test_comments_survive_a_change_of_a_file_with_a_broken_line(paths: Paths) -> None:
    paths.config.mkdir(exist_ok=True)
    paths.settings_file.write_text(GOOD.replace("port = 5000", "port = = 5000"))
    await open_settings(paths).update("desktop.notices", False)
    text = paths.settings_file.read_text()
    assert "# what I may spend" in text
    assert "# port = = 5000" in text


@pytest.mark.parametrize("text", [GOOD, GOOD.replace("\n", "\r\n")])
def test_a_byte_order_mark_is_no_fault(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    file = SettingsFile(path)
    assert file.load().problem is None
    assert file.settings.server.port == 5000
    assert file.change("server.port", 6000).problem is None
    assert SettingsFile(path).load().settings.server.port == 6000


def test_a_file_that_is_gone_means_defaults_and_is_remembered_so(paths: Paths) -> None:
    paths.config.mkdir(exist_ok=True)
    assert open_settings(paths).settings == Settings()
    assert not paths.known_settings_file.exists()


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_what_breaks_the_parser_itself_is_told_like_any_line(text: str) -> None:
    loaded = read_settings(f"[budget]\ndaily_credits = 5.0\n{text}\n", Settings())
    assert loaded.settings.budget.daily_credits == 5.0
    assert loaded.problem is not None


def test_every_closed_setting_is_declared() -> None:
    assert set(CLOSED) <= set(setting_names())
