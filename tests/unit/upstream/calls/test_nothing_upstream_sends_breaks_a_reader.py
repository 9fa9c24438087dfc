"""Whatever GitHub sends, the pure readers answer or say nothing; they never raise."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse, read_failure
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.upstream.parameters.json_paths import parse_path, remove_path
from proxy_core.upstream.parameters.memory import read_memory
from proxy_core.upstream.parameters.refusals import read_refusals
from proxy_core.upstream.sign_in.account import parse_account

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
ACCOUNT_NAMES = (
    "login",
    "copilot_plan",
    "endpoints",
    "quota_snapshots",
    "monthly_quotas",
    "limited_user_quotas",
    "organization_login_list",
    "chat_enabled",
)
ENTRY_NAMES = (
    "id",
    "name",
    "capabilities",
    "billing",
    "policy",
    "supported_endpoints",
    "limits",
    "supports",
    "token_prices",
    "default",
)
ERROR_NAMES = ("error", "message", "code", "param", "type", "error_details", "reason")


def objects_with(names: tuple[str, ...]) -> st.SearchStrategy[object]:
    """JSON whose objects mostly have the names a reader looks for."""
    key = st.sampled_from(names) | st.text(max_size=4)
    return st.recursive(
        JSON,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=5),
        max_leaves=15,
    )


@given(
    st.integers(300, 599), objects_with(ERROR_NAMES) | st.binary(max_size=60), st.text(max_size=20)
)
def test_any_error_answer_becomes_an_error(status: int, body: object, retry_after: str) -> None:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    failure = read_failure(status, {"retry-after": retry_after}, content, 0.0)
    error = to_error(failure)
    assert error.message
    assert error.title
    assert 400 <= error.http_status < 600
    assert error.retry_after is None or error.retry_after >= 0
    assert error.http_status != 429 or error.retry_after is not None
    for endpoint in Endpoint:
        read_refusals(failure, endpoint)


@given(st.text(max_size=120))
def test_any_text_of_a_400_is_read_for_refusals(text: str) -> None:
    for phrase in (
        "{}",
        "Unsupported parameter: '{}'",
        "{}: Extra inputs are not permitted",
        "unsupported beta header(s): {}",
    ):
        failure = UpstreamErrorResponse(400, ErrorCause.BAD_REQUEST, phrase.replace("{}", text))
        read_refusals(failure, Endpoint.MESSAGES)


@given(objects_with(ENTRY_NAMES))
def test_any_list_of_models_is_read(content: object) -> None:
    for model in parse_catalog({"data": content if isinstance(content, list) else [content]}):
        assert model.id


@given(st.dictionaries(st.sampled_from(ACCOUNT_NAMES), objects_with(ACCOUNT_NAMES)))
def test_any_account_is_read(content: dict[str, object]) -> None:
    for quota in parse_account(content).quotas:
        assert quota.percent_used is None or isinstance(quota.percent_used, float)


@given(objects_with(("lessons", "model", "endpoint")))
def test_any_kept_memory_is_read(content: object) -> None:
    read_memory(content, 0.0)


@given(JSON, st.text(min_size=1, max_size=20))
def test_taking_out_any_path_leaves_valid_json(value: object, text: str) -> None:
    path = parse_path(text)
    if path:
        for form in (value, msgspec.Raw(msgspec.json.encode(value))):
            changed, removed = remove_path(form, path)
            decoded = msgspec.json.decode(msgspec.json.encode(changed))
            assert removed or decoded == msgspec.json.decode(msgspec.json.encode(value))
