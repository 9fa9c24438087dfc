"""Whatever state the program is in, people read words for it, in both languages, never its code."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import pkgutil
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import desktop.presenters
import proxy_core.status
from desktop.presenters.activity.activity import ActivityPresenter
from desktop.presenters.frame import FramePresenter
from desktop.presenters.home.home import HomePresenter
from desktop.presenters.settings.settings import SettingsPresenter
from desktop.presenters.tray import MenuEntry, TrayPresenter
from desktop.presenters.words import Translate, Words, in_english
from proxy_core.config.settings import BudgetAction
from proxy_core.errors import ErrorKind, Problem
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    BudgetStatus,
    RequestState,
    ServerState,
    ServerStatus,
    TokenPlace,
    UpstreamState,
    UpstreamStatus,
)
from proxy_core.usage.prompt_cache.health import MissReason
from tests.desktop.fake_service import RUNNING, SIGNED_IN, Clock, FakeService, record

CHINESE = Path(desktop.presenters.__file__).parents[1] / "resources/translations"


def chinese() -> Translate:
    tree = ElementTree.parse(CHINESE / "g-copilot-proxy_zh_CN.ts")
    found = {
        message.findtext("source", ""): message.findtext("translation", "")
        for message in tree.iter("message")
    }
    return lambda text: found.get(text) or text


LANGUAGES: dict[str, Callable[[], Translate]] = {
    "English": lambda: in_english,
    "Chinese": chinese,
}


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(LANGUAGES[request.param]())


def codes() -> frozenset[str]:
    """Every value of an enumeration that no person would write: those of several words."""
    found: set[str] = set()
    for package in (proxy_core.status, desktop.presenters):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for each in vars(importlib.import_module(module.name)).values():
                if isinstance(each, type) and issubclass(each, StrEnum):
                    found |= {member.value for member in each if "_" in member.value}
    return frozenset(found)


CODES = codes()


def texts(view: object) -> Iterator[str]:
    """Yield what a view says: its strings, not its keys, states and other enumerations."""
    if isinstance(view, StrEnum):
        return
    if isinstance(view, str):
        yield view
    elif dataclasses.is_dataclass(view):
        for each in dataclasses.fields(view):
            if each.name not in ("key", "dotted", "token", "value"):
                yield from texts(getattr(view, each.name))
    elif isinstance(view, msgspec.Struct):
        for name in view.__struct_fields__:
            yield from texts(getattr(view, name))
    elif isinstance(view, tuple | list):
        for each in view:
            yield from texts(each)


def raw_codes(view: object) -> set[str]:
    said = " ".join(texts(view))
    return set(re.findall(r"[a-z]+(?:_[a-z]+)+", said)) & CODES


def test_codes_would_be_recognised() -> None:
    assert {"waiting_for_keychain", "signed_out", "no_plan"} <= CODES
    assert raw_codes(("State:", ("waiting_for_keychain",))) == {"waiting_for_keychain"}


PROBLEM = Problem("The keychain is locked", "Unlock it.", "Then nothing is left to do.")


@pytest.mark.parametrize("state", AccountState)
def test_every_state_of_the_account_is_told_everywhere(words: Words, state: AccountState) -> None:
    service, clock = FakeService(), Clock()
    for server, login, problem in itertools.product(
        ServerState, (None, "octocat"), (None, PROBLEM)
    ):
        service.change(
            account=AccountStatus(state, login, problem=problem),
            server=replace(RUNNING, state=server),
        )
        home = HomePresenter(service, words, clock).view()
        tray = TrayPresenter(service, words, clock, clock).view()
        frame = FramePresenter(service, words, clock).view()
        settings = SettingsPresenter(service, words, changed=lambda: None).view()
        for view in (home, tray, frame, settings):
            assert raw_codes(view) == set()
        assert home.account.title.strip()
        assert home.account.line.strip()
        entries = [entry for entry in tray.menu if isinstance(entry, MenuEntry)]
        assert len(entries) > 3
        assert all(entry.text.strip() for entry in entries)


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_failure_has_a_heading_of_its_own(words: Words, kind: ErrorKind) -> None:
    service = FakeService()
    service.change(recent=(record(1, state=RequestState.FAILED, error=kind.value),))
    page = ActivityPresenter(service, words, now=Clock(), changed=lambda: None)
    page.choose("r1")
    view = page.view()
    assert view.details is not None
    assert view.details.heading != words.failure("a kind that does not exist")
    others = {words.failure(each) for each in ErrorKind if each is not kind}
    assert view.details.heading not in others
    assert raw_codes(view.rows) == set()


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("reason", (None, *MissReason))
def test_every_state_of_a_request_is_told(
    words: Words, state: RequestState, reason: MissReason | None
) -> None:
    service = FakeService()
    request = record(1, state=state, cache_miss=reason and reason.value)
    is_running = state in (RequestState.WAITING, RequestState.STREAMING)
    service.change(**{"active" if is_running else "recent": (request,)})
    page = ActivityPresenter(service, words, now=Clock(), changed=lambda: None)
    page.choose("r1")
    view = page.view()
    assert view.details is not None
    assert view.details.heading.strip()
    assert all(row.state.strip() for row in view.rows)
    assert raw_codes((view.rows, view.details.facts)) == set()
    if reason is not None:
        facts = {fact.label: fact.value for fact in view.details.facts}
        assert facts[words.tr("Cache")].strip()
        is_translated = words.tr is not in_english
        assert facts[words.tr("Cache")].isascii() is not is_translated


@pytest.mark.parametrize("place", TokenPlace)
def test_every_place_of_a_sign_in_has_words(words: Words, place: TokenPlace) -> None:
    service = FakeService()
    service.change(account=replace(SIGNED_IN, token_place=place))
    view = HomePresenter(service, words, Clock()).view()
    assert raw_codes(view) == set()
    assert all(label.strip() and value.strip() for label, value in view.account.facts)


@pytest.mark.parametrize("upstream", UpstreamState)
@pytest.mark.parametrize("action", BudgetAction)
def test_every_limit_has_words(words: Words, upstream: UpstreamState, action: BudgetAction) -> None:
    service, clock = FakeService(), Clock()
    service.change(
        upstream=UpstreamStatus(upstream),
        budget=BudgetStatus(day_spent=5, day_limit=4, action=action),
    )
    for view in (
        HomePresenter(service, words, clock).view(),
        TrayPresenter(service, words, clock, clock).view(),
        FramePresenter(service, words, clock).view(),
    ):
        assert raw_codes(view) == set()


def test_a_server_that_failed_is_told(words: Words) -> None:
    service, clock = FakeService(), Clock()
    service.change(server=ServerStatus(ServerState.FAILED, problem=PROBLEM))
    view = FramePresenter(service, words, clock).view()
    assert view.notice is not None
    assert raw_codes(view) == set()
