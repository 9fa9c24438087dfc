"""OpenAI's published description against the running server: fitting and broken requests are answered.

The description lies beside the repository; without it, or without schemathesis, this is skipped.
``DESCRIPTION_EXAMPLES=1000`` asks that many times for every operation, and first of all with what the
description gives as examples and with every member at its bounds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from proxy_core.app.service import Overrides, ProxyService
from proxy_core.config.paths import find_paths
from tests.integration.server.conftest import KEY
from tests.property.examples import SAME_EXAMPLES

schemathesis = pytest.importorskip("schemathesis")

DESCRIPTION = (
    Path(__file__).resolve().parents[5] / "shared" / "openapi" / "openai-openapi.subset.json"
)
if not DESCRIPTION.is_file():
    pytest.skip("the description is not beside the repository", allow_module_level=True)

LONG = "DESCRIPTION_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("DESCRIPTION_EXAMPLES", "20"))
MODELS = {
    "/chat/completions": ["gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex"],
    "/responses": ["gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4o-mini"],
    "/embeddings": ["text-embedding-3-small"],
}
PLAIN_MEMBERS = {
    "model",
    "messages",
    "input",
    "instructions",
    "metadata",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    "truncation",
    "user",
}
HEADERS = {"Authorization": f"Bearer {KEY}"}
TIMEOUT_SECONDS = 30.0

described = schemathesis.openapi.from_path(DESCRIPTION)


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path_factory.mktemp("home"))}
    service = ProxyService(
        find_paths(environ),
        demo=True,
        environ=environ,
        overrides=Overrides(port=0, local_key=KEY),
    )
    service.boot()
    try:
        service.submit(lambda commands: commands.start()).result(timeout=30)
        yield service.status.server.url
    finally:
        assert service.shutdown(60)


@pytest.mark.prompt_cache_break("requests drawn at random begin alike by chance", always=False)
@described.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=SAME_EXAMPLES or not LONG,
    phases=[Phase.explicit, Phase.generate, Phase.shrink] if LONG else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_is_answered_as_described(case: Any, server_url: str) -> None:
    steer(case)
    case.headers = HEADERS
    response = case.call(base_url=f"{server_url}/v1", timeout=TIMEOUT_SECONDS)
    check_answer(case, response)


def steer(case: Any) -> None:
    """By chance nobody finds a model's name or a tool that runs, and behind them lies all the rest."""
    models = MODELS.get(case.operation.path)
    if not models or not isinstance(case.body, dict):
        return
    if isinstance(case.body.get("model"), str):
        case.body["model"] = models[len(case.body["model"]) % len(models)]
    if len(case.body) % 2:
        case.body = {name: value for name, value in case.body.items() if name in PLAIN_MEMBERS}
    if case.operation.path == "/responses" and len(case.body) % 3:
        # The description demands neither; the service does.
        case.body |= {"model": models[len(case.body) % len(models)], "input": "About ducks."}


def check_answer(case: Any, response: Any) -> None:
    told = f"{case.as_curl_command()}\n{response.status_code} {response.text[:500]}"
    assert response.status_code < 500, told
    if response.status_code == 200:
        asked = case.body if isinstance(case.body, dict) else {}
        # Of base64 the description speaks only where the question is described.
        if not asked.get("stream") and asked.get("encoding_format") != "base64":
            conformance = schemathesis.checks.response_schema_conformance
            case.validate_response(response, checks=[conformance])
        return
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}, told
    assert isinstance(error["message"], str), told
    assert error["message"], told


OTHER_METHODS = [
    (path, has, method)
    for path, has in [
        ("/chat/completions", "POST"),
        ("/responses", "POST"),
        ("/embeddings", "POST"),
        ("/models", "GET"),
    ]
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "POST", "GET")
    if method != has and (path, method) != ("/responses", "GET")  # The WebSocket's handshake.
]


@pytest.mark.parametrize(("path", "has", "method"), OTHER_METHODS)
@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_a_method_no_path_has_is_a_405_that_names_those_it_has(
    server_url: str, prefix: str, path: str, has: str, method: str
) -> None:
    case = described[path][has].Case(method=method)
    response = case.call(base_url=f"{server_url}{prefix}", headers=HEADERS, timeout=TIMEOUT_SECONDS)
    assert response.status_code == 405, response.text
    assert has in response.headers["allow"][0]
    assert response.json()["error"]["type"] == "invalid_request_error"
