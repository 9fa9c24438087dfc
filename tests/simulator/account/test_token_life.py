"""Sign-ins that are evicted, rotated and leased out."""

from __future__ import annotations

from typing import Any

from tests.simulator.conftest import (
    GRANT,
    PLUGIN_CLIENT_ID,
    Client,
    Clock,
    StartSimulator,
)

JSON = {"Accept": "application/json"}


async def sign_in(client: Client) -> dict[str, Any]:
    """One more sign-in of the plugin's app."""
    started = await client.post("/login/device/code", {"client_id": PLUGIN_CLIENT_ID}, JSON)
    client.server.authorize(started.json()["user_code"])
    wanted = {
        "client_id": PLUGIN_CLIENT_ID,
        "device_code": started.json()["device_code"],
        "grant_type": GRANT,
    }
    answer: dict[str, Any] = (await client.post("/login/oauth/access_token", wanted, JSON)).json()
    return answer


async def renew(client: Client, refresh_token: str) -> dict[str, Any]:
    wanted = {
        "client_id": PLUGIN_CLIENT_ID,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    answer: dict[str, Any] = (await client.post("/login/oauth/access_token", wanted, JSON)).json()
    return answer


async def test_the_eleventh_sign_in_destroys_the_first(start: StartSimulator) -> None:
    client = await start(world="2026-11")
    tokens = [(await sign_in(client))["access_token"] for _ in range(10)]
    assert (await client.exchange(tokens[0])).status == 200
    await sign_in(client)
    assert (await client.exchange(tokens[0])).status == 401
    assert (await client.exchange(tokens[1])).status == 200
    log = (await client.get("/_sim/account")).json()["security_log"]
    assert log == [{"action": "oauth_access.destroy", "reason": "max_for_app"}]


async def test_without_a_date_nobody_is_evicted(client: Client) -> None:
    tokens = [(await sign_in(client))["access_token"] for _ in range(11)]
    assert (await client.exchange(tokens[0])).status == 200


async def test_a_token_expires_and_is_renewed_once(start: StartSimulator, clock: Clock) -> None:
    client = await start(world="2026-11")
    first = await sign_in(client)
    assert first["access_token"].startswith("ghu_")
    assert first["refresh_token"].startswith("ghr_")
    clock.advance(first["expires_in"])
    assert (await client.exchange(first["access_token"])).status == 401
    second = await renew(client, first["refresh_token"])
    assert (await client.exchange(second["access_token"])).status == 200
    again = await renew(client, first["refresh_token"])
    assert again["error"] == "bad_refresh_token"
    third = await renew(client, second["refresh_token"])
    assert (await client.exchange(third["access_token"])).status == 200
    assert (await client.exchange(second["access_token"])).status == 401


async def test_in_june_a_token_has_no_end(start: StartSimulator, clock: Clock) -> None:
    client = await start(world="2026-06")
    given = await sign_in(client)
    assert "refresh_token" not in given
    clock.advance(30 * 86400)
    assert (await client.exchange(given["access_token"])).status == 200


async def test_a_stale_lease_is_forbidden_until_the_token_is_exchanged_again(
    client: Client,
) -> None:
    refused = await client.chat("[sim:stale-lease] hello")
    assert (refused.status, refused.text) == (403, "forbidden\n")
    assert (await client.chat("hello")).status == 403
    await client.sign_in()
    assert (await client.chat("[sim:stale-lease] hello")).status == 200
