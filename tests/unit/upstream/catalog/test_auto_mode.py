"""The two ways of the automatic choice, with GitHub's answers in the test's hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from proxy_core.errors import StreamFormatError, UpstreamRefused
from proxy_core.routing.upstream_api import AutomaticQuestion
from proxy_core.upstream.catalog.auto_mode import MOST_CONVERSATIONS, AutoMode
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, SignInChanged, SignInEpoch
from proxy_core.upstream.transport.headers import CallKind
from tests.unit.upstream.scripted_github import FakeTime

HELLO = AutomaticQuestion("hello", conversation="one")


class FakeApi:
    """Answers each path by its own function of the number of questions so far."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, CallKind, Mapping[str, Any]]] = []
        self.answers: dict[str, Callable[[int], Any]] = {"/auto": auto, "/models/session": session}

    async def post(self, path: str, kind: CallKind, body: Mapping[str, Any]) -> bytes:
        self.asked.append((path, kind, body))
        return msgspec.json.encode(self.answers[path](len(self.asked)))

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


def auto(number: int) -> dict[str, Any]:
    entry = {"id": f"model-{number}", "capabilities": {"type": "chat"}}
    return {"session_token": f"token-{number}", "selected_model": entry, "discounted_costs": {}}


def session(number: int) -> dict[str, Any]:
    return {"session_token": f"token-{number}", "selected_model": f"model-{number}"}


def refusing(status: int) -> Callable[[int], Any]:
    def refuse(number: int) -> Any:
        raise UpstreamRefused(f"no. {number}", http_status=status)

    return refuse


class Account:
    def __init__(self) -> None:
        self.sign_in = GitHubSignIn("ghu_one", SignInEpoch())

    def change(self) -> None:
        self.sign_in.epoch.end(signed_out=False)
        self.sign_in = GitHubSignIn("ghu_two", SignInEpoch(1))


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def mode(api: FakeApi, account: Account) -> AutoMode:
    return AutoMode(api, FakeTime().clock, lambda: account.sign_in)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
async def test_trouble_is_not_taken_for_not_offered(
    mode: AutoMode, api: FakeApi, status: int
) -> None:
    api.answers["/auto"] = refusing(status)
    with pytest.raises(UpstreamRefused):
        await mode.choice(HELLO)
    assert api.paths == ["/auto"]
    assert mode.may_be_offered()


async def test_not_offered_is_remembered_for_this_sign_in_alone(
    mode: AutoMode, api: FakeApi, account: Account
) -> None:
    api.answers["/auto"] = refusing(404)
    await mode.choice(HELLO)
    await mode.choice(HELLO)
    assert api.paths == ["/auto", "/models/session"]
    account.change()
    await mode.choice(HELLO)
    assert api.paths[2:] == ["/auto", "/models/session"]


@pytest.mark.parametrize("path", ["/auto", "/models/session"])
async def test_a_choice_that_arrives_for_an_account_that_left_is_nobodys(
    mode: AutoMode, api: FakeApi, account: Account, path: str
) -> None:
    good = api.answers[path]

    def change_meanwhile(number: int) -> Any:
        account.change()
        return good(number)

    if path != "/auto":
        api.answers["/auto"] = refusing(404)
    api.answers[path] = change_meanwhile
    with pytest.raises(SignInChanged):
        await mode.choice(HELLO)


async def test_a_choice_made_before_the_account_changed_is_refused_when_it_is_used(
    mode: AutoMode, account: Account
) -> None:
    choice = await mode.choice(HELLO)
    mode.check(choice.session_token)
    account.change()
    with pytest.raises(SignInChanged):
        mode.check(choice.session_token)


async def test_a_picture_that_comes_later_asks_again_and_the_words_before_it_do_not(
    mode: AutoMode, api: FakeApi
) -> None:
    first = await mode.choice(HELLO)
    picture = await mode.choice(AutomaticQuestion("see", has_image=True, conversation="one"))
    assert first != picture
    assert await mode.choice(AutomaticQuestion("and", multi_turn=True, conversation="one")) == first
    assert len(api.asked) == 2


async def test_no_more_conversations_are_remembered_than_a_bound(
    mode: AutoMode, api: FakeApi
) -> None:
    for number in range(MOST_CONVERSATIONS + 1):
        await mode.choice(AutomaticQuestion("hello", conversation=str(number)))
    await mode.choice(AutomaticQuestion("hello", conversation=str(MOST_CONVERSATIONS)))
    assert len(api.asked) == MOST_CONVERSATIONS + 1
    await mode.choice(AutomaticQuestion("hello", conversation="0"))
    assert len(api.asked) == MOST_CONVERSATIONS + 2


@pytest.mark.parametrize(
    "answer", [{}, [], {"session_token": "t", "selected_model": {}}, {"session_token": 7}]
)
async def test_an_answer_that_names_no_model_is_told_as_such(
    mode: AutoMode, api: FakeApi, answer: Any
) -> None:
    api.answers["/auto"] = lambda _: answer
    with pytest.raises(StreamFormatError):
        await mode.choice(HELLO)


async def test_the_token_is_in_no_text(mode: AutoMode) -> None:
    choice = await mode.choice(HELLO)
    assert choice.session_token not in repr(choice)
