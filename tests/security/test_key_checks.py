"""The main key and the clients' own keys, over HTTP and from the command line."""

from __future__ import annotations

import pytest

from proxy_core.server.access.request_guard import AccessPolicy
from tests.security.conftest import KEY, Proxy, connect

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}


async def test_a_client_s_own_key_opens_the_model_api_under_its_name(proxy: Proxy) -> None:
    made = await proxy.engine.commands.make_client_key("My editor")
    for headers in ({"x-api-key": made.key}, {"Authorization": f"bearer {made.key}"}):
        response = await proxy.send("POST", "/v1/chat/completions", headers, json=CHAT)
        assert response.status == 200
        assert proxy.last_request.client == "My editor"
        assert (await proxy.send("GET", "/v1/models", headers)).status == 200
        assert (await proxy.send("GET", "/v1/models/gpt-4o-mini", headers)).status == 200
    (listed,) = await proxy.engine.commands.client_keys()
    assert listed.last_used_at is not None


@pytest.mark.parametrize(
    "path", ["/v1/activity", "/activity", "/v1/usage", "/v1/%61ctivity", "/v1/models/../activity"]
)
async def test_a_client_s_own_key_does_not_open_what_is_the_user_s(proxy: Proxy, path: str) -> None:
    made = await proxy.engine.commands.make_client_key("My editor")
    connection = await connect(proxy)
    for key, statuses in ((made.key, {403, 404}), (KEY, {200, 404})):
        connection.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\n\r\n".encode()
        )
        answer = await connection.answer()
        assert answer.status in statuses, key
        if answer.status == 403:
            assert answer.json["error"]["code"] == "main_key_needed"
    await connection.close()


async def test_every_route_of_ours_that_is_not_the_model_api_needs_the_main_key(
    proxy: Proxy,
) -> None:
    """Also one that somebody adds tomorrow: what is not listed as the model API is closed."""
    from proxy_core.server.paths import is_model_api

    made = await proxy.engine.commands.make_client_key("My editor")
    app = proxy.engine._switch._server._runner.app  # type: ignore[union-attr]
    routes = {
        (each.method, each.resource.canonical) for each in app.router.routes() if each.resource
    }
    ours = {each for each in routes if not is_model_api(each[1])}
    open_to_all = {"/", "/api/hello", "/control/challenge"} | {
        prefix + path for prefix in ("", "/v1") for path in ("/health", "/readyz")
    }
    assert {"/v1/activity", "/v1/usage", "/metrics", "/control/pause", *open_to_all} <= {
        path for _, path in ours
    }
    for method, path in ours:
        if path not in open_to_all:
            response = await proxy.send(method, path, {"x-api-key": made.key}, json={})
            assert response.status == 403, (method, path)


async def test_a_revoked_key_is_refused_at_the_next_request(proxy: Proxy) -> None:
    made = await proxy.engine.commands.make_client_key("My editor")
    headers = {"x-api-key": made.key}
    assert (await proxy.send("GET", "/v1/models", headers)).status == 200
    assert await proxy.engine.commands.revoke_client_key(made.client_key.key_id)
    assert (await proxy.send("GET", "/v1/models", headers)).status == 401
    assert (await proxy.get("/v1/models")).status == 200


@pytest.mark.parametrize("settings_text", ["[server]\nrequire_key = false\n"])
async def test_where_no_key_is_needed_a_client_s_key_still_says_who_it_is(proxy: Proxy) -> None:
    made = await proxy.engine.commands.make_client_key("My editor")
    headers = {"x-api-key": made.key}
    assert (await proxy.send("POST", "/v1/chat/completions", headers, json=CHAT)).status == 200
    assert proxy.last_request.client == "My editor"
    assert (await proxy.send("GET", "/v1/activity", headers)).status == 403
    any_key = {"x-api-key": "whatever the tool insists on"}
    assert (await proxy.send("POST", "/v1/chat/completions", any_key, json=CHAT)).status == 200


async def test_every_offered_key_is_compared_with_every_key(proxy: Proxy) -> None:
    """The right one may stand in either header, whatever the other says."""
    wrong = "sk-local-" + "x" * 43
    for headers in (
        {"x-api-key": KEY, "Authorization": f"Bearer {wrong}"},
        {"x-api-key": wrong, "Authorization": f"Bearer {KEY}"},
    ):
        assert (await proxy.send("GET", "/v1/models", headers)).status == 200


def test_the_key_is_not_in_the_policy_s_repr() -> None:
    assert KEY not in repr(AccessPolicy(host="127.0.0.1", key=KEY))


async def test_a_socket_s_requests_are_under_the_key_s_name_until_it_is_revoked(
    proxy: Proxy,
) -> None:
    made = await proxy.engine.commands.make_client_key("My editor")
    async with proxy.http.ws_connect(
        f"{proxy.url}/v1/responses", headers={"x-api-key": made.key}
    ) as socket:
        await socket.send_json({"type": "response.create", "model": "gpt-5-mini", "input": "x"})
        while (await socket.receive_json(timeout=30))["type"] != "response.completed":
            pass
        assert proxy.last_request.client == "My editor"

        await proxy.engine.commands.revoke_client_key(made.client_key.key_id)
        await socket.send_json({"type": "response.create", "model": "gpt-5-mini", "input": "x"})
        refused = await socket.receive_json(timeout=30)
        assert "error" in refused["type"] or refused["type"] == "response.failed", refused
        assert "not this computer's local key" in str(refused)
