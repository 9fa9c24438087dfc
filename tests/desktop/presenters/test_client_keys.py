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
    assert (rows[0].key_id, rows[0].can_revoke) == (MAIN, False)
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


async def test_replacing_shows_the_new_key_once(keys: KeysPresenter, service: FakeService) -> None:
    service.answer("client_keys", result=(CODEX,))
    await keys.read()
    service.answer("replace_client_key", result=FRESH)
    service.answer("client_keys", result=(FRESH.client_key,))
    await keys.replace("k1")
    assert service.called("replace_client_key") == [("k1",)]
    assert keys.view().new_key == FRESH.key


async def test_the_main_key_says_when_it_was_used_and_is_replaced(
    keys: KeysPresenter, service: FakeService
) -> None:
    service.answer("client_keys", result=())
    service.answer("main_key_used_at", result=NOW - 120)
    await keys.read()
    (main,) = keys.view().rows
    assert (main.key_id, main.last_used, main.can_revoke) == (MAIN, "2 min ago", False)
    service.answer("replace_main_key", result=FRESH.key)
    service.answer("client_keys", result=())
    await keys.replace(MAIN)
    view = keys.view()
    assert (view.new_key, view.rows[0].last_used) == (FRESH.key, "never")
    assert "main key" in view.new_key_words


async def test_a_refused_name_is_told(keys: KeysPresenter, service: FakeService) -> None:
    service.answer("make_client_key", BadRequest("There is a key of that name."))
    await keys.make("aider")
    assert keys.view().problem == "There is a key of that name."
    assert keys.view().new_key == ""
    service.answer("client_keys", result=())
    await keys.read()
    assert keys.view().problem == ""
