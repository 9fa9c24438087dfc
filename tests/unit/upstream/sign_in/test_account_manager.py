"""One owner for the account: what a late, failing or foreign event may not do to it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.settings import TokenStorage
from proxy_core.errors import ErrorKind, SignedOut
from proxy_core.status.status import AccountState, TokenPlace
from proxy_core.upstream.sign_in.epoch import SignInChanged, SignInEpoch, SignInPending
from proxy_core.upstream.sign_in.token_placement import CannotStore
from tests.unit.upstream.sign_in.virtual_accounts import COMPANY, GITHUB, Home, VirtualLoop

Test = Callable[[Home], Coroutine[Any, Any, None]]


def in_virtual_time(test: Test) -> Callable[[Path], None]:
    """Run a test in a loop whose waits cost nothing."""

    @functools.wraps(test)
    def run(tmp_path: Path) -> None:
        async def main() -> None:
            await test(Home(tmp_path))

        loop = VirtualLoop()
        try:
            loop.run_until_complete(main())
            pending = asyncio.all_tasks(loop)
            for task in pending:
                task.cancel()
            if pending:
                loop.run_until_complete(asyncio.wait(pending))
        finally:
            loop.close()

    del run.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for its arguments
    return run


# -- a keychain that is late -----------------------------------------------------------------------


@in_virtual_time
async def test_a_late_keychain_does_not_bring_the_old_user_back(home: Home) -> None:
    home.keychain.kept[GITHUB] = "ghu_old_1"
    home.keychain.state = "slow"
    process = await home.started()
    home.storage = TokenStorage.FILE
    await process.account.change_storage(TokenStorage.FILE)
    await home.sign_in(process, "new")
    home.keychain.answer()
    await asyncio.sleep(10)
    assert process.person == "new"


@in_virtual_time
async def test_a_late_keychain_does_not_sign_the_new_user_out(home: Home) -> None:
    home.keychain.state = "slow"
    process = await home.started()
    await process.account.change_storage(TokenStorage.FILE)
    await home.sign_in(process, "new")
    home.keychain.answer()  # nothing was in it
    await asyncio.sleep(10)
    assert (process.person, process.account.status.state) == ("new", AccountState.SIGNED_IN)


@in_virtual_time
async def test_a_late_removal_does_not_delete_the_new_token(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "old")
    home.keychain.state = "slow"
    status = await process.account.sign_out()
    assert status.problem is not None, "it is told that the copy is still there"
    home.keychain.state = "fine"
    await home.sign_in(process, "new")
    home.keychain.answer()
    await asyncio.sleep(700)
    assert home.keychain.kept[GITHUB].startswith("ghu_new")
    assert (await home.started()).person == "new"


@in_virtual_time
async def test_a_copy_that_cannot_be_removed_signs_nobody_in_later(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "old")
    home.keychain.state = "locked"
    await process.account.sign_out()
    await process.account.close()
    home.keychain.state = "fine"
    again = await home.started()
    assert (again.person, again.account.status.state) == (None, AccountState.SIGNED_OUT)
    await asyncio.sleep(10)
    assert home.keychain.kept == {}, "and it is removed once that can be"


@pytest.mark.parametrize("state", ["locked", "slow", "absent"])
def test_a_keychain_that_fails_at_start_is_asked_until_it_answers(
    tmp_path: Path, state: str
) -> None:
    @in_virtual_time
    async def test(home: Home) -> None:
        first = await home.started()
        await home.sign_in(first, "ada")
        await first.account.close()
        home.keychain.state = state
        began = asyncio.get_running_loop().time()
        process = await home.started()
        assert asyncio.get_running_loop().time() - began <= 2.0, "nobody waits longer than that"
        assert process.account.status.state is AccountState.WAITING_FOR_KEYCHAIN
        with pytest.raises(SignInPending, match="asked again until it answers") as caught:
            await process.tokens.current()
        assert (caught.value.http_status, caught.value.code) == (503, "keychain")
        assert caught.value.kind is ErrorKind.SIGN_IN_PENDING
        await asyncio.sleep(3600)
        home.keychain.state = "fine"
        await asyncio.sleep(301)
        assert process.person == "ada"

    test(tmp_path)


@in_virtual_time
async def test_without_a_keychain_and_a_sign_in_nobody_waits_for_one(home: Home) -> None:
    home.keychain.state = "absent"
    process = await home.started()
    assert process.account.status.state is AccountState.SIGNED_OUT
    with pytest.raises(SignedOut, match="Nobody is signed in") as caught:
        await process.tokens.current()
    assert caught.value.http_status == 401


# -- GitHub's refusals -----------------------------------------------------------------------------


@in_virtual_time
async def test_one_refusal_does_not_sign_a_server_out_for_good(home: Home) -> None:
    home.environ["COPILOT_GITHUB_TOKEN"] = "ghu_ada_1"
    process = await home.started()
    home.github.exchange_refusals = 1
    with pytest.raises(SignedOut, match="Bad credentials"):
        await process.tokens.current()
    assert process.account.status.state is AccountState.EXPIRED
    asked = len(home.github.asked)
    with pytest.raises(SignedOut, match="Bad credentials"):
        await process.tokens.current()
    assert len(home.github.asked) == asked, "GitHub is not asked for every request"
    await asyncio.sleep(5)
    assert (await process.tokens.current()).secret == "session of ada"
    assert process.account.status.state is AccountState.SIGNED_IN
    assert process.account.status.login == "ada"


@in_virtual_time
async def test_whoever_is_shown_as_signed_in_is_served(home: Home) -> None:
    """The account's own answer looks fine while the exchange refuses."""
    process = await home.started()
    await home.sign_in(process, "ada")
    home.github.exchange_refusals = 2
    with pytest.raises(SignedOut):
        await process.tokens.current()
    status = await process.account.refresh_account()
    assert status.state is AccountState.EXPIRED, "the exchange was asked too"
    status = await process.account.refresh_account()
    assert status.state is AccountState.SIGNED_IN
    assert (await process.tokens.current()).secret == "session of ada"


@in_virtual_time
async def test_a_sign_in_that_keeps_being_refused_is_asked_about_ever_more_rarely(
    home: Home,
) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    await process.tokens.current()
    home.github.revoked.add(process.account.github_token())
    process.tokens.forget()
    before = len(home.github.asked)
    for _ in range(3600):
        with pytest.raises(SignedOut):
            await process.tokens.current()
        await asyncio.sleep(1)
    assert 5 < len(home.github.asked) - before < 25
    problem = process.account.status.problem
    assert problem is not None
    assert "limited number of sign-ins for an app" in problem.message, "what may have happened"


# -- tokens that end -------------------------------------------------------------------------------


@in_virtual_time
async def test_a_token_that_ends_is_renewed_ahead_and_the_pair_is_stored(home: Home) -> None:
    home.github.lifetime = 28_800.0
    process = await home.started()
    await home.sign_in(process, "ada")
    first = process.account.github_token()
    epoch = process.account.holder().epoch
    await asyncio.sleep(28_600)
    tokens = await asyncio.gather(*(process.tokens.current() for _ in range(5)))
    assert {each.secret for each in tokens} == {"session of ada"}
    renewed = process.account.github_token()
    assert renewed != first
    assert process.account.holder().epoch is epoch, "the same sign-in as before"
    assert [kind for kind, _ in home.github.asked].count("refresh") == 1
    again = await home.started()
    assert again.account.github_token() == renewed
    await asyncio.sleep(28_600)
    await again.tokens.current()
    assert again.account.github_token() != renewed


@in_virtual_time
async def test_a_refused_token_is_renewed_within_the_request(home: Home) -> None:
    home.github.lifetime = 28_800.0
    process = await home.started()
    await home.sign_in(process, "ada")
    home.github.revoked.add(process.account.github_token())
    assert (await process.tokens.current()).secret == "session of ada"
    assert process.account.status.state is AccountState.SIGNED_IN


@in_virtual_time
async def test_what_another_process_renewed_is_not_renewed_with_a_token_that_was_used(
    home: Home,
) -> None:
    home.github.lifetime = 28_800.0
    one, other = await home.started(), await home.started()
    await home.sign_in(one, "ada")
    await other.account.poll()
    await asyncio.sleep(28_600)
    await one.tokens.current()
    await other.tokens.current()
    assert other.account.github_token() == one.account.github_token()
    assert [kind for kind, _ in home.github.asked].count("refresh") == 1


@in_virtual_time
async def test_a_refresh_token_that_is_void_asks_for_a_new_sign_in(home: Home) -> None:
    home.github.lifetime = 28_800.0
    process = await home.started()
    await home.sign_in(process, "ada")
    home.github.refreshes.clear()
    await asyncio.sleep(28_900)
    with pytest.raises(SignedOut, match="bad_refresh_token"):
        await process.tokens.current()


# -- another host ----------------------------------------------------------------------------------


@in_virtual_time
async def test_a_cancelled_sign_in_to_another_host_leaves_the_present_one(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    before = process.account.status
    task = home.begin_sign_in(process, COMPANY)
    await asyncio.sleep(10)
    task.cancel()
    await asyncio.wait({task})
    assert process.account.status == before
    assert process.account.hosts.name == GITHUB
    assert (await process.tokens.current()).secret == "session of ada"


@in_virtual_time
async def test_a_sign_in_cancelled_while_it_is_stored_leaves_the_present_one(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    home.keychain.state = "slow"
    task = home.begin_sign_in(process)
    await asyncio.sleep(1)
    assert process.code is not None
    home.github.decisions[process.code] = "bob"
    await asyncio.sleep(10)
    task.cancel()
    await asyncio.wait({task})
    home.keychain.state = "fine"
    home.keychain.answer()
    await asyncio.sleep(1)
    assert process.person == "ada"
    assert home.stored_people() == {"ada"}


@in_virtual_time
async def test_signing_out_after_a_change_of_host_leaves_no_token_of_the_first(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    await home.sign_in(process, "bob", COMPANY)
    assert set(home.keychain.kept) == {GITHUB, COMPANY}
    await process.account.sign_out()
    assert home.keychain.kept == {}


@in_virtual_time
async def test_changing_the_host_back_brings_its_sign_in_back(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    status = await process.account.change_host(COMPANY)
    assert status.state is AccountState.SIGNED_OUT
    with pytest.raises(SignedOut, match=r"signed in to github\.com, but the settings"):
        await process.tokens.current()
    await process.account.change_host(GITHUB)
    assert process.person == "ada"


# -- another place ---------------------------------------------------------------------------------


@in_virtual_time
async def test_memory_until_i_quit_means_memory(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    assert home.stored_people() == {"ada"}
    status = await process.account.change_storage(TokenStorage.MEMORY)
    assert status.token_place is TokenPlace.MEMORY
    assert home.stored_people() == set()
    assert process.person == "ada"
    home.storage = TokenStorage.MEMORY
    assert (await home.started()).person is None


@in_virtual_time
async def test_a_sign_in_moves_to_where_the_setting_was_changed_by_hand(home: Home) -> None:
    await home.sign_in(await home.started(), "ada")
    home.storage = TokenStorage.FILE
    process = await home.started()
    await asyncio.sleep(1)
    assert process.account.status.token_place is TokenPlace.FILE
    assert home.keychain.kept == {}
    assert home.stored_people() == {"ada"}


@in_virtual_time
async def test_a_place_that_does_not_take_it_leaves_it_where_it_was(home: Home) -> None:
    home.storage = TokenStorage.FILE
    process = await home.started()
    await home.sign_in(process, "ada")
    home.keychain.state = "locked"
    with pytest.raises(CannotStore, match="locked"):
        await process.account.change_storage(TokenStorage.KEYCHAIN)
    assert process.account.storage is TokenStorage.FILE
    assert process.account.status.token_place is TokenPlace.FILE
    assert home.stored_people() == {"ada"}


# -- epochs ----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_token_of_one_sign_in_ends_with_it(home: Home) -> None:
    process = await home.started()
    await home.sign_in(process, "ada")
    token = await process.tokens.current()
    await home.sign_in(process, "bob")
    assert token.epoch.is_over
    with pytest.raises(SignInChanged) as caught:
        await process.tokens.replace(token)
    assert caught.value.http_status == 503
    assert (await process.tokens.current()).secret == "session of bob"


@in_virtual_time
async def test_what_waits_for_an_epoch_ends_with_it(home: Home) -> None:
    del home
    epoch = SignInEpoch()
    waiting = asyncio.ensure_future(epoch.guard(asyncio.sleep(1000)))
    await asyncio.sleep(1)
    epoch.end(signed_out=True)
    with pytest.raises(SignedOut, match="signed out of GitHub in g-copilot-proxy while"):
        await waiting
    assert asyncio.get_running_loop().time() == 1001.0
    assert await SignInEpoch().guard(asyncio.sleep(1, "done")) == "done"


# -- other processes -------------------------------------------------------------------------------


@in_virtual_time
async def test_a_sign_out_in_another_process_ends_what_only_this_one_holds(home: Home) -> None:
    home.storage = TokenStorage.MEMORY
    server, command = await home.started(), await home.started()
    await home.sign_in(server, "ada")
    await command.account.sign_out()
    await asyncio.sleep(1)
    assert server.person is None


@in_virtual_time
async def test_a_request_looks_before_it_is_told_that_nobody_is_signed_in(home: Home) -> None:
    server, command = home.process(), await home.started()
    await server.account.restore()  # and nobody looks in the background
    await home.sign_in(command, "ada")
    assert (await server.tokens.current()).secret == "session of ada"


@in_virtual_time
async def test_the_environments_token_wins_and_is_never_stored(home: Home) -> None:
    await home.sign_in(await home.started(), "ada")
    home.environ["COPILOT_GITHUB_TOKEN"] = " gho_env_1\n"
    process = await home.started()
    assert process.account.github_token() == "gho_env_1"
    assert process.account.status.token_place is TokenPlace.ENVIRONMENT
    await process.account.change_storage(TokenStorage.FILE)
    assert home.stored_people() == {"ada"}


@in_virtual_time
async def test_signing_out_with_a_token_in_the_environment_lasts_until_the_next_start(
    home: Home,
) -> None:
    home.environ["COPILOT_GITHUB_TOKEN"] = "gho_env_1"
    process = await home.started()
    status = await process.account.sign_out()
    assert status.problem is not None
    assert "COPILOT_GITHUB_TOKEN" in status.problem.message
    assert process.person is None
    assert (await home.started()).person == "env"


@in_virtual_time
async def test_whoever_signs_out_while_a_sign_in_is_stored_stays_signed_out(home: Home) -> None:
    process = await home.started()
    home.keychain.state = "slow"
    signing_in = home.begin_sign_in(process)
    await asyncio.sleep(1)
    assert process.code is not None
    home.github.decisions[process.code] = "ada"
    await asyncio.sleep(10)
    signing_out = asyncio.ensure_future(process.account.sign_out())
    await asyncio.sleep(1)
    home.keychain.state = "fine"
    home.keychain.answer()
    with pytest.raises(SignInChanged, match="signed out while"):
        await signing_in
    await signing_out
    assert all(each.state is not AccountState.SIGNED_IN for each in process.statuses)
    assert home.stored_people() == set()


@in_virtual_time
async def test_a_command_knows_what_another_process_did_a_moment_ago(home: Home) -> None:
    home.keychain.state = "absent"
    one, other = home.process(), await home.started()
    await one.account.restore()  # and nobody looks in the background
    await home.sign_in(one, "ada")
    assert one.account.status.token_place is TokenPlace.MEMORY
    await other.account.sign_out()
    await one.account.change_storage(TokenStorage.FILE)
    assert one.person is None
    assert home.stored_people() == set()


@in_virtual_time
async def test_what_one_process_holds_for_another_host_ends_with_the_next_sign_in_there(
    home: Home,
) -> None:
    home.keychain.state = "absent"
    one, other = await home.started(), await home.started()
    await home.sign_in(one, "ada", COMPANY)
    await one.account.change_host(GITHUB)
    home.keychain.state = "fine"
    await home.sign_in(other, "bob", COMPANY)
    await asyncio.sleep(1)
    await one.account.change_host(COMPANY)
    assert one.person == "bob"
