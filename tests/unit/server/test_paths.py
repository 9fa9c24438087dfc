from __future__ import annotations

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.server.paths import (
    error_dialect,
    is_model_api,
    plain_path,
    spellings,
    unknown_path,
)

CHAT, RESPONSES, MESSAGES = (
    DialectName.OPENAI_CHAT,
    DialectName.OPENAI_RESPONSES,
    DialectName.ANTHROPIC_MESSAGES,
)
ANTHROPIC = {"anthropic-version": "2023-06-01"}


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/v1/messages", "/messages"),
        ("/messages/", "/messages"),
        ("/v1", "/v1"),
        ("/v1/", "/v1"),
        ("/", "/"),
        ("/v1x/messages", "/v1x/messages"),
    ],
)
def test_the_version_and_a_last_slash_make_no_difference(path: str, plain: str) -> None:
    assert plain_path(path) == plain


@pytest.mark.parametrize(
    ("path", "headers", "dialect"),
    [
        ("/v1/messages", {}, MESSAGES),
        ("/messages/count_tokens", {}, MESSAGES),
        ("/v1/messages/batches", {}, MESSAGES),
        ("/v1/chat/completions", {}, CHAT),
        ("/v1/chat/completions", ANTHROPIC, CHAT),
        ("/v1/responses/resp_1", {}, RESPONSES),
        ("/v1/models", {}, CHAT),
        ("/v1/models", ANTHROPIC, MESSAGES),
        ("/anything", {}, CHAT),
        ("/messages-of-mine", {}, CHAT),
    ],
)
def test_a_caller_fails_in_the_shape_of_its_api(
    path: str, headers: dict[str, str], dialect: DialectName
) -> None:
    assert error_dialect(path, headers) is dialect


def test_a_base_url_that_repeats_the_version_is_recognised() -> None:
    assert "must not end in /v1" in unknown_path("POST", "/v1/v1/messages")
    assert "must not end in /v1" not in unknown_path("POST", "/v1/v1/nothing")


def test_a_long_path_is_cut() -> None:
    assert len(unknown_path("GET", "/" + "x" * 10_000)) < 200


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/messages", "/v1/models"])
def test_slashes_before_and_behind_do_not_change_a_path(path: str) -> None:
    plain = {plain_path(each) for each in spellings(path)}
    assert plain == {path.removeprefix("/v1")}
    assert all(is_model_api(each) for each in spellings(path))
    assert len({error_dialect(each, {}) for each in spellings(path)}) == 1
