"""The headers of every kind of call, in one table. Pure.

Values come from ``IdentitySettings`` alone; nothing about the machine is read or invented (no
machine id, device id or session telemetry).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import IdentitySettings
from proxy_core.copilot_facts.plans import AUTO_API_VERSION, SESSION_API_VERSION
from proxy_core.routing.upstream_api import Initiator

ANTHROPIC_VERSION = "2023-06-01"


class CallKind(StrEnum):
    DEVICE_FLOW = "device_flow"
    EXCHANGE = "exchange"
    ACCOUNT = "account"
    CATALOG = "catalog"
    MODEL = "model"
    POLICY = "policy"
    AUTO = "auto"
    AUTO_SESSION = "auto_session"


class ApiVersion(StrEnum):
    NONE = "none"
    EXCHANGE = "exchange"
    MODEL = "model"
    AUTO = "auto"
    AUTO_SESSION = "auto_session"


class Bearer(StrEnum):
    """What authorises a call, in its wire form."""

    NONE = "none"
    GITHUB = "token"
    COPILOT = "Bearer"


@dataclass(frozen=True, slots=True)
class HeaderSet:
    bearer: Bearer
    editor: bool
    integration: bool
    api_version: ApiVersion
    intent: str | None = None


HEADER_TABLE: Mapping[CallKind, HeaderSet] = {
    CallKind.DEVICE_FLOW: HeaderSet(Bearer.NONE, False, False, ApiVersion.NONE),
    CallKind.EXCHANGE: HeaderSet(Bearer.GITHUB, True, False, ApiVersion.EXCHANGE),
    CallKind.ACCOUNT: HeaderSet(Bearer.GITHUB, True, False, ApiVersion.EXCHANGE),
    CallKind.CATALOG: HeaderSet(Bearer.COPILOT, True, True, ApiVersion.MODEL, "model-access"),
    CallKind.POLICY: HeaderSet(Bearer.COPILOT, True, True, ApiVersion.MODEL, "chat-policy"),
    CallKind.AUTO: HeaderSet(Bearer.COPILOT, True, True, ApiVersion.AUTO, "model-access"),
    CallKind.AUTO_SESSION: HeaderSet(
        Bearer.COPILOT, True, True, ApiVersion.AUTO_SESSION, "model-access"
    ),
    # A model call's intent is a setting: ``identity.model_intent``.
    CallKind.MODEL: HeaderSet(Bearer.COPILOT, True, True, ApiVersion.MODEL),
}

_LEAST_VERSIONS: Mapping[ApiVersion, str] = {
    ApiVersion.AUTO: AUTO_API_VERSION,
    ApiVersion.AUTO_SESSION: SESSION_API_VERSION,
}
"""Minimum model API versions; they are dates, so they compare as texts."""


def call_headers(
    kind: CallKind, identity: IdentitySettings, secret: str | None = None, *, direct: bool = False
) -> dict[str, str]:
    """Return the headers that any call of ``kind`` carries.

    ``secret`` is the token; ``direct`` says that it is the GitHub token itself (no exchange): such a
    token belongs to another app than the editor's, so the editor's integration id is not claimed.
    """
    row = HEADER_TABLE[kind]
    headers = {"Accept": "application/json", "User-Agent": identity.user_agent}
    if row.bearer is not Bearer.NONE:
        assert secret is not None, kind
        headers["Authorization"] = f"{row.bearer} {secret}"
    if row.editor:
        headers["Editor-Version"] = identity.editor_version
        headers["Editor-Plugin-Version"] = identity.editor_plugin_version
    if row.integration:
        headers["Copilot-Integration-Id"] = (
            identity.direct_integration_id if direct else identity.integration_id
        )
    if row.api_version is ApiVersion.EXCHANGE:
        headers["X-GitHub-Api-Version"] = identity.exchange_api_version
    elif row.api_version is ApiVersion.MODEL:
        headers["X-GitHub-Api-Version"] = identity.model_api_version
    elif row.api_version in _LEAST_VERSIONS:
        least = _LEAST_VERSIONS[row.api_version]
        headers["X-GitHub-Api-Version"] = max(identity.model_api_version, least)
    intent = identity.model_intent if kind is CallKind.MODEL else row.intent
    if intent:
        headers["OpenAI-Intent"] = intent
        headers["X-Interaction-Type"] = intent
    return {name: value for name, value in headers.items() if value}


def model_call_headers(
    common: Mapping[str, str],
    *,
    endpoint: Endpoint,
    initiator: Initiator,
    has_images: bool,
    upstream_request_id: str,
    interaction_id: str,
    client_headers: Mapping[str, str],
) -> dict[str, str]:
    """Return the headers of one call to a model.

    ``common`` are those of every call (``CallKind.MODEL``). ``client_headers`` are the client's; only
    those of its dialect that upstream understands are sent.
    """
    headers = dict(common)
    headers["Accept"] = (
        "application/json" if endpoint is Endpoint.EMBEDDINGS else "text/event-stream"
    )
    headers["Content-Type"] = "application/json"
    headers["X-Initiator"] = initiator.value
    headers["X-Request-Id"] = upstream_request_id
    headers["X-Interaction-Id"] = interaction_id
    if has_images:
        # Without it images are refused, on every endpoint.
        headers["Copilot-Vision-Request"] = "true"
    if endpoint is Endpoint.MESSAGES:
        theirs = {name.lower(): value for name, value in client_headers.items()}
        headers["anthropic-version"] = theirs.get("anthropic-version") or ANTHROPIC_VERSION
        if theirs.get("anthropic-beta"):
            headers["anthropic-beta"] = theirs["anthropic-beta"]
    return headers
