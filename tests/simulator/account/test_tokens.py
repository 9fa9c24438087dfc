"""The exchange, session tokens that really expire, and the headers every call needs."""

from __future__ import annotations

import pytest

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from tests.simulator.conftest import NOW, Client, Clock, StartSimulator


async def test_the_exchange_names_an_expiry_a_refresh_and_the_simulators_own_address(
    client: Client,
) -> None:
    answer = (await client.exchange(client.server.github_token)).json()
    assert answer["expires_at"] == NOW + 1500
    assert 0 < answer["refresh_in"] <= 1500
    assert answer["endpoints"]["api"] == client.server.url
    assert "proxy-ep=proxy.individual.githubcopilot.com" in answer["token"]


@pytest.mark.parametrize("scheme", ["token", "Bearer", "bearer"])
async def test_github_takes_token_and_bearer_alike(client: Client, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {client.server.github_token}"}
    assert (await client.get("/copilot_internal/v2/token", headers)).status == 200


@pytest.mark.parametrize("token", ["ghu_wrong", "", "gho_" + "0" * 36])
async def test_a_github_token_nobody_issued_is_refused(client: Client, token: str) -> None:
    answer = await client.exchange(token)
    assert answer.status == 401
    assert answer.json()["message"] == "Bad credentials"


async def test_a_session_token_dies_when_the_clock_says_so(client: Client, clock: Clock) -> None:
    clock.advance(1499)
    assert (await client.chat("hi")).status == 200
    clock.advance(1)
    answer = await client.chat("hi")
    assert (answer.status, answer.text) == (401, "unauthorized: token expired\n")
    await client.sign_in()
    assert (await client.chat("hi")).status == 200


async def test_an_altered_session_token_is_refused(client: Client) -> None:
    client.token = client.token.replace("exp=", "exp=9")
    assert (await client.chat("hi")).status == 401


async def test_tokens_of_an_earlier_run_stay_good(start: StartSimulator, clock: Clock) -> None:
    first, second = await start(seed=1), await start(seed=2)
    second.token = first.token
    assert (await second.chat("hi")).status == 200


async def test_a_session_token_without_an_editor_version_is_refused(client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = await client.post("/chat/completions", {}, headers)
    assert answer.status == 400
    assert answer.text == "bad request: missing Editor-Version header for IDE auth\n"


@pytest.mark.parametrize("version", ["2025-03-31", "2024-12-01", "newest", ""])
async def test_an_api_version_too_old_or_malformed_is_466(client: Client, version: str) -> None:
    answer = await client.get("/models", {**client.headers, "X-GitHub-Api-Version": version})
    assert answer.status == 466
    assert answer.text.startswith("the specified API version is no longer supported")


@pytest.mark.parametrize("version", ["2025-04-01", "2026-06-01", "2026-08-01"])
async def test_every_api_version_on_record_is_taken(client: Client, version: str) -> None:
    headers = {**client.headers, "X-GitHub-Api-Version": version}
    assert (await client.get("/models", headers)).status == 200


async def test_the_plugins_own_token_is_no_session_token(client: Client) -> None:
    client.token = client.server.github_token
    assert (await client.chat("hi")).status == 401


async def test_control_can_end_all_sessions_and_revoke_the_github_token(client: Client) -> None:
    await client.post("/_sim/expire", {"github": client.server.github_token})
    assert (await client.chat("hi")).status == 401
    assert (await client.exchange(client.server.github_token)).status == 401


async def test_a_session_ended_by_control_leaves_the_next_one_alive(client: Client) -> None:
    await client.post("/_sim/expire", {})
    await client.sign_in()
    assert (await client.chat("hi")).status == 200


async def test_the_server_says_what_is_wrong_with_its_options() -> None:
    with pytest.raises(ValueError, match="unknown profile 'nice'; known: strict"):
        SimulatorServer(SimulatorOptions(profile="nice"))
    with pytest.raises(ValueError, match="unknown switch 'x'"):
        SimulatorServer(SimulatorOptions(switches={"x": True}))


async def test_who_am_i_and_the_documented_graphql_field(client: Client) -> None:
    headers = {"Authorization": f"token {client.server.github_token}"}
    assert (await client.get("/user", headers)).json()["login"] == "octocat"
    answer = await client.post("/graphql", {"query": "{viewer{copilotEndpoints{api}}}"}, headers)
    assert answer.json()["data"]["viewer"]["copilotEndpoints"]["api"] == client.server.url
