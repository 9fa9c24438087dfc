"""Chooses the endpoint for a request, and pass-through or translation. Pure.

The live ``supported_endpoints`` decide, never a model's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.client_traits import TAKE_DOCUMENTS, TRAITS
from proxy_core.dialects.interface import Dialect, RequestFacts
from proxy_core.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Route:
    """``translated`` is false for pass-through."""

    client: DialectName
    upstream: DialectName
    endpoint: Endpoint
    translated: bool


def plan(
    client: DialectName,
    facts: RequestFacts,
    model: Model,
    dialects: Mapping[DialectName, Dialect],
) -> Route:
    """Return the route for one request.

    ``dialects`` are those we support upstream. A document is sent to an endpoint that accepts
    documents (``ClientTraits.takes_documents``), if the model offers one.

    Raises BadRequest when ``model`` offers none of their endpoints.
    """
    order: tuple[DialectName, ...] = (client, *TRAITS)
    if facts.has_documents:
        order = tuple(each for each in order if each in TAKE_DOCUMENTS) + order
    for name in order:
        dialect = dialects.get(name)
        if dialect is not None and model.answers_at(dialect.endpoint) and model.kind == "chat":
            translated = name is not client or facts.must_translate
            return Route(client, name, dialect.endpoint, translated)
    raise BadRequest(_unusable(model), code="unsupported_api_for_model", param="model")


def _unusable(model: Model) -> str:
    if model.kind != "chat":
        return f"The model {model.id} is for {model.kind}; it cannot hold a conversation."
    offered = ", ".join(model.endpoints) or "none"
    return f"The model {model.id} is offered only at endpoints we cannot use: {offered}."
