"""The device flow, over HTTP and by the page."""

from __future__ import annotations

from urllib.parse import parse_qs

from tests.simulator.conftest import (
    GRANT,
    OAUTH_CLIENT_ID,
    PLUGIN_CLIENT_ID,
    Client,
    Clock,
    StartSimulator,
)

JSON = {"Accept": "application/json"}


async def begin(client: Client, client_id: str = PLUGIN_CLIENT_ID) -> dict[str, str]:
    answer = await client.post(
        "/login/device/code", {"client_id": client_id, "scope": "read:user"}, JSON
    )
    assert answer.status == 200
    return answer.json()


async def poll(client: Client, device_code: str) -> dict[str, str]:
    answer = await client.post(
        "/login/oauth/access_token",
        {"client_id": PLUGIN_CLIENT_ID, "device_code": device_code, "grant_type": GRANT},
        JSON,
    )
    assert answer.status == 200
    return answer.json()


async def press(client: Client, user_code: str, decision: str) -> tuple[int, str]:
    async with client.session.post(
        f"{client.server.url}/login/device",
        data={"user_code": user_code, "decision": decision},
    ) as response:
        return response.status, await response.text()


async def test_a_person_types_the_code_and_the_waiting_app_gets_a_token_it_can_exchange(
    client: Client, clock: Clock
) -> None:
    started = await begin(client)
    assert started["verification_uri"] == f"{client.server.url}/login/device"
    assert started["expires_in"] == 900
    assert (await poll(client, started["device_code"]))["error"] == "authorization_pending"
    status, page = await press(client, started["user_code"].lower(), "authorize")
    assert (status, "all set" in page) == (200, True)
    clock.advance(1)
    token = (await poll(client, started["device_code"]))["access_token"]
    assert token.startswith("ghu_")
    assert (await client.exchange(token)).status == 200


async def test_a_person_who_denies_ends_the_flow(client: Client) -> None:
    started = await begin(client)
    await press(client, started["user_code"], "deny")
    assert (await poll(client, started["device_code"]))["error"] == "access_denied"


async def test_polling_faster_than_the_interval_is_told_to_slow_down_and_by_how_much(
    client: Client, clock: Clock
) -> None:
    started = await begin(client)
    await poll(client, started["device_code"])
    clock.advance(0.5)
    answer = await poll(client, started["device_code"])
    assert answer["error"] == "slow_down"
    assert answer["interval"] == 6
    clock.advance(6)
    assert (await poll(client, started["device_code"]))["error"] == "authorization_pending"


async def test_a_code_that_waited_too_long_has_expired(client: Client, clock: Clock) -> None:
    started = await begin(client)
    clock.advance(900)
    assert (await poll(client, started["device_code"]))["error"] == "expired_token"
    status, _ = await press(client, started["user_code"], "authorize")
    assert status == 422


async def test_a_device_code_gives_one_token_only(client: Client, clock: Clock) -> None:
    started = await begin(client)
    client.server.authorize(started["user_code"])
    assert "access_token" in await poll(client, started["device_code"])
    clock.advance(1)
    assert (await poll(client, started["device_code"]))["error"] == "incorrect_device_code"


async def test_an_invented_device_code_and_a_wrong_grant_are_told_apart(client: Client) -> None:
    assert (await poll(client, "nonsense"))["error"] == "incorrect_device_code"
    answer = await client.post("/login/oauth/access_token", {"grant_type": "password"}, JSON)
    assert answer.json()["error"] == "unsupported_grant_type"


async def test_without_asking_for_json_the_answer_is_form_encoded_as_github_does(
    client: Client,
) -> None:
    async with client.session.post(
        f"{client.server.url}/login/device/code", data={"client_id": PLUGIN_CLIENT_ID}
    ) as response:
        assert response.content_type == "application/x-www-form-urlencoded"
        assert parse_qs(await response.text())["interval"] == ["1"]


async def test_a_client_id_github_does_not_know_is_not_found(client: Client) -> None:
    answer = await client.post("/login/device/code", {"client_id": "made-up"}, JSON)
    assert answer.status == 404


async def test_an_oauth_app_gets_a_token_that_is_used_directly_and_never_exchanged(
    client: Client,
) -> None:
    started = await begin(client, OAUTH_CLIENT_ID)
    client.server.authorize(started["user_code"])
    token = (await poll(client, started["device_code"]))["access_token"]
    assert token.startswith("gho_")
    assert (await client.exchange(token)).status == 404
    assert (await client.get("/models", {"Authorization": f"Bearer {token}"})).status == 200


async def test_the_page_has_a_field_and_both_buttons_and_escapes_what_it_is_given(
    client: Client,
) -> None:
    page = (await client.get("/login/device?user_code=%22%3E%3Cscript%3E", {})).text
    assert 'value="authorize"' in page
    assert 'value="deny"' in page
    assert "<script>" not in page


async def test_the_pace_and_the_lifetime_are_options(start: StartSimulator) -> None:
    client = await start(device_interval=5, device_code_lifetime=60)
    started = await begin(client)
    assert (started["interval"], started["expires_in"]) == (5, 60)
