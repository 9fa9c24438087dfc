"""Keys for single tools: listed, made and shown once, replaced, revoked."""

from __future__ import annotations

import pytest

from desktop.presenters.settings.client_keys import MAIN, KeysPresenter
from desktop.presenters.words import Words
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.errors import BadRequest
from tests.desktop.fake_service import NOW, Clock, FakeService

CODEX = ClientKey("k1", "Codex CLI", NOW - 9_000, NOW - 120, "a20d")
AIDER = ClientKey("k2", "aider", NOW - 9_000, None, "5be8")
FRESH = NewClientKey("sk-local-0123456789abcdef7c1e", ClientKey("k3", "Zed", NOW, None, "7c1e"))


@pytest.fixture
def keys(service: FakeService, clock: Clock) -> KeysPresenter:
    return KeysPresenter(service, Words(), now=clock, changed=lambda: None)


async def test_the_main_key_comes_first_and_is_nobody_s_to_revoke(
    keys: KeysPresenter, service: FakeService
) -> None:
    service.answer("client_keys", result=(CODEX, AIDER))
    await keys.read()
    rows = keys.view().rows
    assert [each.name for each in rows] == ["Everything", "Codex CLI", "aider"]
    assert (rows[0].key_id, rows[0].can_change) == (MAIN, False)
    assert [each.last_used for each in rows[1:]] == ["2 min ago", "never"]
    assert rows[1].key.endswith("••••a20d")
    assert "abcdef" not in str(rows), "no key is shown whole"


async def test_a_new_key_is_shown_once(keys: KeysPresenter, service: FakeService) -> None:
    service.answer("make_client_key", result=FRESH)
    service.answer("client_keys", result=(FRESH.client_key,))
    await keys.make(" Zed ")
    assert service.called("make_client_key") == [("Zed",)]
    view = keys.view()
    assert view.new_key == FRESH.key
    assert "cannot be shown again" in view.new_key_words
    keys.hide_new()
    assert keys.view().new_key == ""


async def test_replacing_makes_the_new_one_before_the_old_one_ends(
    keys: KeysPresenter, service: FakeService
) -> None:
    service.answer("client_keys", result=(CODEX,))
    await keys.read()
    service.answer("make_client_key", result=FRESH)
    service.answer("revoke_client_key", result=True)
    service.answer("client_keys", result=(FRESH.client_key,))
    await_keys = keys.replace("k1")
    # The list is read twice: after making and after revoking.
    service.answers["client_keys"] = (None, (FRESH.client_key,))
    original = service.revoke_client_key

    def revoke(key_id: str):  # type: ignore[no-untyped-def]  # as the fake's
        service.answer("client_keys", result=(FRESH.client_key,))
        return original(key_id)

    service.revoke_client_key = revoke  # type: ignore[method-assign]
    await await_keys
    made = [name for name, _ in service.calls if name in ("make_client_key", "revoke_client_key")]
    assert made == ["make_client_key", "revoke_client_key"]
    assert service.called("make_client_key") == [("Codex CLI",)]
    assert service.called("revoke_client_key") == [("k1",)]


async def test_a_refused_name_is_told(keys: KeysPresenter, service: FakeService) -> None:
    service.answer("make_client_key", BadRequest("There is a key of that name."))
    await keys.make("aider")
    assert keys.view().problem == "There is a key of that name."
    assert keys.view().new_key == ""
    service.answer("client_keys", result=())
    await keys.read()
    assert keys.view().problem == ""
