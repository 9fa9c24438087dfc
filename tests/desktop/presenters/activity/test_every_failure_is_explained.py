"""Activity says of each request that failed what the tool got and what to do, also after a restart."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest

import proxy_core
from desktop.presenters.activity.activity import ActivityPresenter
from desktop.presenters.activity.request_details import RequestDetails
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Translate, Words
from proxy_core.errors import KEPT_BACK, ErrorKind, ProxyError
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.ledger.entry import entry_from_record, record_from_entry
from tests.desktop.fake_service import Clock, FakeService, record
from tests.desktop.presenters.test_every_state_has_words import LANGUAGES, raw_codes

OPTIONAL = ("proxy_core.integrations", "proxy_core.simulator")
"""Rooms that need optional libraries, or are no part of the product."""


def tree() -> tuple[type[ProxyError], ...]:
    """Every exception that can be reported to a caller, wherever it is defined."""
    for module in pkgutil.walk_packages(proxy_core.__path__, "proxy_core."):
        if not module.name.startswith(OPTIONAL) and not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind: type[ProxyError]) -> Iterator[type[ProxyError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    return tuple(each for each in below(ProxyError) if each.__module__.startswith("proxy_core"))


TREE = tree()


@pytest.fixture(scope="module", params=LANGUAGES)
def translate(request: pytest.FixtureRequest) -> Translate:
    language: Callable[[], Translate] = LANGUAGES[request.param]
    return language()


def failed(kind: str | None, reason: str, message: str, status: int = 500) -> RequestRecord:
    state = RequestState.NOT_SENT if kind in KEPT_BACK else RequestState.FAILED
    return record(
        1, state=state, error=kind, reason=reason, message=message, http_status=status, attempts=0
    )


def after_a_restart(request: RequestRecord) -> RequestRecord:
    found = record_from_entry(entry_from_record(request))
    assert found is not None
    return found


def details_of(request: RequestRecord, translate: Translate) -> RequestDetails:
    service = FakeService()
    service.change(recent=(request,))
    page = ActivityPresenter(service, Words(translate), now=Clock(), changed=lambda: None)
    page.choose(request.request_id)
    view = page.view()
    assert view.details is not None
    assert view.rows[0].state.strip()
    assert raw_codes((view.rows, view.details)) == set()
    for fact in view.details.facts:
        assert fact.label.strip(), "a value without a name"
        assert fact.value.strip(), f"{fact.label} is empty"
    return view.details


def facts_of(details: RequestDetails) -> dict[str, str]:
    return {fact.label: fact.value for fact in details.facts}


def test_the_tree_has_kinds_of_every_room() -> None:
    assert len(TREE) > 15
    assert {each.__module__.split(".")[1] for each in TREE} >= {"errors", "app", "clients"}


@pytest.mark.parametrize("kind", ErrorKind)
def test_a_failure_shows_its_message_as_the_tool_got_it_and_a_next_step(
    translate: Translate, kind: ErrorKind
) -> None:
    text = f'{{"error": "{kind}: as GitHub wrote it"}}'
    facts = facts_of(details_of(failed(kind.value, "our word for it", text), translate))
    assert facts[translate("Message")] == text
    assert translate("In short") not in facts
    step = facts[translate("What to do")]
    assert step != translate("Look at Doctor."), "a step of its own"


@pytest.mark.parametrize("kind", ErrorKind)
def test_after_a_restart_it_says_what_is_left_of_the_message_and_why(
    translate: Translate, kind: ErrorKind
) -> None:
    request = after_a_restart(failed(kind.value, "our word for it", "as GitHub wrote it"))
    facts = facts_of(details_of(request, translate))
    assert facts[translate("In short")] == "our word for it"
    assert "as GitHub wrote it" not in "".join(facts.values())
    assert facts[translate("Message")] == translate(
        "Word for word it was in memory only, until the app ended: it may quote the request."
    )
    assert facts[translate("What to do")]


@pytest.mark.parametrize("error", TREE, ids=lambda each: each.__name__)
def test_every_exception_of_the_tree_is_explained_before_and_after_a_restart(
    translate: Translate, error: type[ProxyError]
) -> None:
    made = error.__new__(error)
    ProxyError.__init__(made, "as the tool got it")
    now = failed(made.kind.value, made.reason, made.message, made.http_status)
    assert facts_of(details_of(now, translate))[translate("Message")] == "as the tool got it"
    later = facts_of(details_of(after_a_restart(now), translate))
    assert later[translate("In short")] == translate(made.reason)
    assert later[translate("What to do")]


@pytest.mark.parametrize("state", [RequestState.FAILED, RequestState.NOT_SENT])
def test_a_failure_of_which_nothing_is_known_says_so(
    translate: Translate, state: RequestState
) -> None:
    request = record(1, state=state, error=None, http_status=404)
    facts = facts_of(details_of(request, translate))
    assert facts[translate("Message")] == translate("None was recorded.")
    assert facts[translate("What to do")] == translate("Look at Doctor.")


@pytest.mark.parametrize("kind", sorted(KEPT_BACK))
def test_what_was_not_sent_is_no_error(translate: Translate, kind: ErrorKind) -> None:
    words = Words(translate)
    details = details_of(failed(kind.value, "paused", "paused"), translate)
    assert details.shape is Shape.CANCELLED
    assert not details.heading.startswith((translate("Failed"), translate("Refused")))
    assert words.failure(kind.value).startswith(translate("Not sent"))
