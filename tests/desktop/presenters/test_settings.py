"""Settings as a person meets them: every declared one, found by any word, applied only when valid."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.presenters.actions import Action
from desktop.presenters.settings.setting_text import rule_of, text_of, value_of
from desktop.presenters.settings.setting_words import Section, words_of_each
from desktop.presenters.settings.settings import (
    HISTORY,
    KEYS,
    LOGIN,
    OTHER_COMPUTERS,
    Control,
    SettingRow,
    SettingsPresenter,
)
from desktop.presenters.words import Words
from desktop.system.start_at_login import CannotStartAtLogin, DesktopFileEntry, LoginState
from proxy_core.config.paths import find_paths
from proxy_core.config.setting_effects import Commit, SettingOwner
from proxy_core.config.setting_names import setting_names
from proxy_core.config.settings import (
    BudgetSettings,
    ServerSettings,
    Settings,
    Theme,
    UpstreamSettings,
)
from proxy_core.config.settings_schema import DeclaredSetting, SettingKind, declared_settings
from proxy_core.config.settings_store import SettingsStore, open_settings
from proxy_core.errors import BadRequest, PortInUse
from tests.desktop.fake_service import RUNNING, FakeService

WORDS = Words()
DECLARED = {each.key: each for each in declared_settings()}


class Obeying(FakeService):
    """Puts what it is told in force, as the engine does with a valid value."""

    def change_settings(self, dotted: str, value: Any) -> Any:
        section, _, name = dotted.partition(".")
        future = super().change_settings(dotted, value)
        parts = {each: getattr(self.settings, each) for each in self.settings.__struct_fields__}
        group = {each: getattr(parts[section], each) for each in parts[section].__struct_fields__}
        default = DECLARED[dotted].default
        group[name] = default if value is None else value
        parts[section] = type(parts[section])(**group)
        self.settings = Settings(**parts)
        if not future.done():
            future.set_result(None)
        return future


@pytest.fixture
def service() -> Obeying:
    return Obeying()


@pytest.fixture
def settings(service: Obeying) -> SettingsPresenter:
    return SettingsPresenter(service, WORDS, changed=lambda: None)


def row(settings: SettingsPresenter, key: str) -> SettingRow:
    for section, _ in settings.view().sections:
        settings.choose_section(section)
        for each in settings.view().rows:
            if each.key == key:
                return each
    raise AssertionError(f"no row {key}")


def test_every_declared_setting_has_a_row_in_one_section(settings: SettingsPresenter) -> None:
    seen: list[str] = []
    for section, _ in settings.view().sections:
        settings.choose_section(section)
        rows = settings.view().rows
        assert rows, section
        seen += [each.key for each in rows]
    assert len(seen) == len(set(seen))
    assert set(setting_names()) <= set(seen)
    assert set(seen) - set(setting_names()) == {OTHER_COMPUTERS, KEYS, HISTORY}


def test_a_setting_nobody_gave_words_appears_by_itself(service: Obeying) -> None:
    fresh = DeclaredSetting(
        "budget.ask_before_sending", SettingKind.SWITCH, default=False, help="Whether to hum."
    )
    unknown = DeclaredSetting("server.port", SettingKind.WHOLE_NUMBER, 4141, "A port.", 0, 65535)
    renamed = DeclaredSetting("usage.retention_days", SettingKind.WHOLE_NUMBER, 400, "Days.", 1, 9)
    presenter = SettingsPresenter(
        service, WORDS, changed=lambda: None, declared=(fresh, unknown, renamed)
    )
    assert row(presenter, "server.port").control is Control.FIELD
    nameless = DeclaredSetting("desktop.quiet_hours", SettingKind.LIST, (), "When to be silent.")
    said = words_of_each([nameless], WORDS)["desktop.quiet_hours"]
    assert (said.section, said.name, said.why) == (
        Section.GENERAL,
        "Quiet hours",
        "When to be silent.",
    )
    elsewhere = words_of_each([DeclaredSetting("brand_new.thing", SettingKind.TEXT, "")], WORDS)
    assert elsewhere["brand_new.thing"].section is Section.ADVANCED


def test_every_row_has_a_name_and_most_say_why(settings: SettingsPresenter) -> None:
    for key in setting_names():
        shown = row(settings, key)
        assert shown.name
        assert "_" not in shown.name
        if not key.startswith("identity."):
            assert shown.why, key


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("port", "server.port"),
        ("dark mode", "desktop.theme"),
        ("lan", OTHER_COMPUTERS),
        ("spend DAILY", "budget.daily_credits"),
        ("alias", "upstream.model_aliases"),
        ("cors", "server.allowed_origins"),
        ("delete usage", HISTORY),
        ("server.heartbeat_seconds", "server.heartbeat_seconds"),
    ],
)
def test_search_goes_over_names_lines_and_other_words(
    settings: SettingsPresenter, words: str, key: str
) -> None:
    settings.search(words)
    view = settings.view()
    assert key in [each.key for each in view.rows]
    assert all(each.section for each in view.rows), "results name their section"
    assert view.section == "", "no section is chosen meanwhile"


def test_a_search_without_a_result_says_so_and_a_section_ends_it(
    settings: SettingsPresenter,
) -> None:
    settings.search("zebra")
    assert settings.view().rows == ()
    assert settings.view().nothing_found == "No setting matches “zebra”"
    settings.choose_section("server")
    assert settings.view().rows
    assert settings.view().nothing_found == ""


def test_the_placeholder_counts_what_can_be_searched(settings: SettingsPresenter) -> None:
    assert settings.view().placeholder == f"Search {len(setting_names()) + 3} settings"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("server.port", " 8080 ", 8080),
        ("server.heartbeat_seconds", "2.5", 2.5),
        ("server.heartbeat_seconds", "2,5", 2.5),
        ("budget.daily_credits", "", None),
        ("budget.daily_credits", "60", 60.0),
        ("server.allowed_hosts", "a.example, b.example,", ("a.example", "b.example")),
        ("server.allowed_hosts", "", ()),
        (
            "upstream.model_aliases",
            "fast = gpt-5-mini\n\nbig=x",
            {"fast": "gpt-5-mini", "big": "x"},
        ),
        ("account.github_host", "octo.ghe.com", "octo.ghe.com"),
        ("desktop.theme", "dark", "dark"),
    ],
)
def test_texts_become_values_and_back(key: str, text: str, value: object) -> None:
    setting = DECLARED[key]
    read, problem = value_of(setting, text, WORDS)
    assert problem is None
    assert read == value
    again, problem = value_of(setting, text_of(setting, read), WORDS)
    assert (again, problem) == (value, None)


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("server.port", "80a", "A whole number from 0 to 65,535."),
        ("server.port", "70000", "A whole number from 0 to 65,535."),
        ("server.port", "", "A whole number from 0 to 65,535."),
        ("server.heartbeat_seconds", "nan", "A number from 1 to 300."),
        ("budget.daily_credits", "0", "A number from 0.01 to 10,000,000."),
        ("budget.daily_credits", "inf", "A number from 0.01 to 10,000,000."),
        ("account.github_host", "evil.example", "Such as github.com or octo.ghe.com."),
        ("upstream.model_aliases", "fast", "One on each line, such as: fast = gpt-5-mini"),
        ("upstream.model_aliases", "a = b\na = c", "“a” is there twice."),
    ],
)
def test_what_is_not_allowed_is_told_in_the_field_s_own_terms(
    key: str, text: str, problem: str
) -> None:
    _, told = value_of(DECLARED[key], text, WORDS)
    assert told == problem


def test_every_number_has_a_rule() -> None:
    for setting in DECLARED.values():
        if setting.kind in (SettingKind.WHOLE_NUMBER, SettingKind.NUMBER):
            assert "from" in rule_of(setting, WORDS), setting.key


async def test_typing_is_judged_at_once_and_applied_only_when_meant(
    settings: SettingsPresenter, service: Obeying
) -> None:
    settings.typed("server.port", "80a")
    assert row(settings, "server.port").problem == "A whole number from 0 to 65,535."
    assert row(settings, "server.port").value == "80a", "what was typed stays"
    settings.typed("server.port", "8080")
    assert row(settings, "server.port").problem == ""
    assert service.called("change_settings") == []
    await settings.apply("server.port", "8080")
    assert service.called("change_settings") == [("server.port", 8080)]
    assert row(settings, "server.port").value == "8080"


async def test_a_value_that_is_not_allowed_is_never_sent(
    settings: SettingsPresenter, service: Obeying
) -> None:
    await settings.apply("server.port", "99999")
    assert service.called("change_settings") == []
    assert row(settings, "server.port").problem


async def test_leaving_a_field_as_it_was_changes_nothing(
    settings: SettingsPresenter, service: Obeying
) -> None:
    await settings.apply("server.port", "4141")
    assert service.called("change_settings") == []


async def test_changed_settings_offer_their_default(
    settings: SettingsPresenter, service: Obeying
) -> None:
    assert row(settings, "upstream.max_concurrent_calls").reset == ""
    service.settings = Settings(
        upstream=UpstreamSettings(max_concurrent_calls=12),
        budget=BudgetSettings(daily_credits=60),
        server=ServerSettings(require_key=False),
    )
    usual = DECLARED["upstream.max_concurrent_calls"].default
    assert row(settings, "upstream.max_concurrent_calls").reset == f"Reset to {usual}"
    assert row(settings, "budget.daily_credits").reset == "Reset to none"
    assert row(settings, "server.require_key").reset == "Reset to on"
    await settings.reset("upstream.max_concurrent_calls")
    assert service.called("change_settings") == [("upstream.max_concurrent_calls", None)]
    assert row(settings, "upstream.max_concurrent_calls").reset == ""


async def test_a_choice_is_shown_in_words(settings: SettingsPresenter, service: Obeying) -> None:
    theme = row(settings, "desktop.theme")
    assert theme.control is Control.CHOICE
    assert ("dark", "Dark") in theme.choices
    assert theme.value == "system"
    await settings.apply("desktop.theme", "dark")
    assert service.settings.desktop.theme in (Theme.DARK, "dark")


async def test_a_refused_value_is_gone_when_the_page_is_left(
    settings: SettingsPresenter, service: Obeying
) -> None:
    service.answer("change_settings", PortInUse("Port 8080 is used by node.", port=8080))
    await settings.apply("server.port", "8080")
    settings.forget_refused()
    shown = row(settings, "server.port")
    assert (shown.problem, shown.ways_out) == ("", ())
    assert shown.value == str(service.settings.server.port), "what is in force"


async def test_a_taken_port_offers_two_ways_out(
    settings: SettingsPresenter, service: Obeying
) -> None:
    service.answer("change_settings", PortInUse("Port 8080 is used by node.", port=8080))
    await settings.apply("server.port", "8080")
    shown = row(settings, "server.port")
    assert shown.problem == "Port 8080 is used by node. The proxy stays on 4141."
    assert [(each.text, each.value) for each in shown.ways_out] == [
        ("Use 8081", "8081"),
        ("Keep 4141", "4141"),
    ]
    assert shown.reset == "", "Keep says the same"
    await settings.apply("server.port", "4141")
    assert service.called("change_settings")[-1] == ("server.port", 4141)
    assert row(settings, "server.port").problem == ""


async def test_what_the_core_refuses_is_told_and_taken_back(
    settings: SettingsPresenter, service: Obeying
) -> None:
    service.answer("change_settings", BadRequest("That address is not of this computer."))
    await settings.apply("server.host", "10.9.9.9")
    assert row(settings, "server.host").problem == "That address is not of this computer."
    assert service.called("change_settings") == [
        ("server.host", "10.9.9.9"),
        ("server.host", None),
    ]
    assert service.settings.server.host == "127.0.0.1"


async def test_other_computers_are_let_in_only_with_a_key(
    settings: SettingsPresenter, service: Obeying
) -> None:
    service.settings = Settings(server=ServerSettings(require_key=False))
    await settings.apply(OTHER_COMPUTERS, "true")
    shown = row(settings, OTHER_COMPUTERS)
    assert (shown.value, bool(shown.problem)) == ("false", True)
    assert service.called("change_settings") == []
    service.settings = Settings()
    await settings.apply(OTHER_COMPUTERS, "true")
    shown = row(settings, OTHER_COMPUTERS)
    assert (shown.value, shown.problem, shown.is_danger) == ("true", "", True)
    assert "spend your credits" in shown.why
    await settings.apply("server.require_key", "false")
    assert row(settings, "server.require_key").value == "true"
    assert "a key stays required" in row(settings, "server.require_key").problem
    await settings.apply(OTHER_COMPUTERS, "false")
    assert service.called("change_settings")[-1] == ("server.host", None)


def test_starting_with_the_computer_reads_the_real_state(service: Obeying, tmp_path: Path) -> None:
    entry = DesktopFileEntry(tmp_path, ("/opt/run",))
    settings = SettingsPresenter(service, WORDS, changed=lambda: None, login=entry)
    assert row(settings, LOGIN).value == "false"
    asyncio.run(settings.apply(LOGIN, "true"))
    assert entry.state() is LoginState.ON
    assert row(settings, LOGIN).value == "true"
    Path(entry.place).unlink()
    assert row(settings, LOGIN).value == "false", "switched off elsewhere"
    Path(entry.place).write_text("[Desktop Entry]\nExec=mine\n")
    shown = row(settings, LOGIN)
    assert (shown.value, shown.enabled) == ("false", False)


async def test_a_start_that_cannot_be_is_explained(service: Obeying) -> None:
    class Refusing:
        place = ""

        def state(self) -> LoginState:
            return LoginState.OFF

        def switch_on(self) -> None:
            raise CannotStartAtLogin("This copy runs from its source.")

        def switch_off(self) -> None:
            raise PermissionError(13, "Permission denied")

    settings = SettingsPresenter(service, WORDS, changed=lambda: None, login=Refusing())
    await settings.apply(LOGIN, "true")
    assert row(settings, LOGIN).problem == "This copy runs from its source."
    await settings.apply(LOGIN, "false")
    assert row(settings, LOGIN).problem == "It could not be changed: Permission denied"


async def test_a_command_on_its_way_does_not_stop_another(service: Obeying) -> None:
    settings = SettingsPresenter(service, WORDS, changed=lambda: None)
    await asyncio.gather(
        settings.apply("server.require_key", "false"),
        settings.apply("desktop.start_server", "false"),
    )
    assert len(service.called("change_settings")) == 2


@pytest.fixture
def connected(service: Obeying) -> SettingsPresenter:
    async def ports() -> dict[str, int]:
        return {"Claude Code": 4141, "Codex": 4141, "aider": 4000}

    return SettingsPresenter(service, WORDS, changed=lambda: None, ports=ports)


async def test_another_port_says_before_which_tools_it_leaves_behind(
    connected: SettingsPresenter,
) -> None:
    await connected.read_again()
    connected.choose_section(Section.SERVER)
    connected.typed("server.port", "8080")
    assert row(connected, "server.port").problem == (
        "Set to port 4141: Claude Code and Codex. After the change they cannot connect until you "
        "connect them again."
    )
    connected.typed("server.port", "4141")
    assert "After the change" not in row(connected, "server.port").problem


async def test_a_tool_that_still_has_the_old_port_is_named_with_the_way_to_it(
    connected: SettingsPresenter, service: Obeying
) -> None:
    connected.choose_section(Section.SERVER)
    await connected.read_again()
    found = row(connected, "server.port")
    assert found.problem == "Still set to port 4000: aider. Connect again from the Connect page."
    assert [each.action for each in found.ways_out] == [Action.OPEN_CONNECT]
    await connected.apply("server.port", "4000")
    assert service.called("change_settings") == [("server.port", 4000)]
    service.change(server=replace(RUNNING, port=4000))
    assert row(connected, "server.port").problem == (
        "Still set to port 4141: Claude Code and Codex. Connect again from the Connect page."
    )


async def test_the_proxy_is_the_systems_ones_own_or_none(service: Obeying) -> None:
    settings = SettingsPresenter(service, WORDS, changed=lambda: None)
    settings.choose_section(Section.NETWORK)

    def row() -> SettingRow:
        return next(each for each in settings.view().rows if each.key == "upstream.proxy")

    assert (row().control, row().value) == (Control.CHOICE_OR_TEXT, "system")
    assert [text for _, text in row().choices] == ["System", "Custom", "Direct"]
    await settings.apply("upstream.proxy", "proxy.example:8080")
    assert "http://proxy.example:8080" in row().problem
    assert service.settings.upstream.proxy == "system"
    await settings.apply("upstream.proxy", "http://proxy.example:8080")
    assert (row().problem, row().reset) == ("", "Reset to “System”")
    assert service.settings.upstream.proxy == "http://proxy.example:8080"


async def no_place(changes: Mapping[str, Any], commit: Commit) -> None:
    raise PortInUse("Port 4150 is in use by nginx.", port=4150, owner="nginx")


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    store = open_settings(find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path)}))
    store.own(SettingOwner.SERVER_ADDRESS, no_place)
    return store


async def edited_by_hand(store: SettingsStore, tmp_path: Path, text: str) -> SettingsPresenter:
    """What the window shows once the file has been read again."""
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    told = asyncio.Event()
    store.subscribe(lambda loaded: told.set() if loaded.problem is not None else None)
    looking = asyncio.ensure_future(store.run(lambda _: asyncio.sleep(0)))
    async with asyncio.timeout(60):
        await told.wait()
    looking.cancel()
    service = FakeService()
    service.settings = store.settings
    service.change(server=RUNNING, settings_problem=store.loaded.problem)
    page = SettingsPresenter(service, Words(), changed=lambda: None)
    page.choose_section("server")
    return page


def rows_of(page: SettingsPresenter) -> dict[str, SettingRow]:
    return {row.key: row for row in page.view().rows}


async def test_a_taken_port_of_the_file_is_told_on_its_row_and_on_no_other(
    store: SettingsStore, tmp_path: Path
) -> None:
    page = await edited_by_hand(store, tmp_path, "[server]\nport = 4150\n")
    port = rows_of(page)["server.port"]
    assert port.value == "4141"
    assert "4150" in port.problem
    assert "nginx" in port.problem
    assert "4141 stays in force" in port.problem
    assert [row.key for row in page.view().rows if row.problem] == ["server.port"]
    page.typed("server.port", "4160")
    assert rows_of(page)["server.port"].problem == ""


async def test_each_of_several_wrong_lines_is_told_on_its_own_row(
    store: SettingsStore, tmp_path: Path
) -> None:
    text = "[server]\nport = 'many'\nheartbeat_seconds = 'often'\n"
    page = await edited_by_hand(store, tmp_path, text)
    told: dict[str, str] = {}
    for section in Section:
        page.choose_section(section)
        told |= {row.key: row.problem for row in page.view().rows if row.problem}
    assert sorted(told) == ["server.heartbeat_seconds", "server.port"]
    assert "many" in told["server.port"]
    assert "often" in told["server.heartbeat_seconds"]
    assert "often" not in told["server.port"]
