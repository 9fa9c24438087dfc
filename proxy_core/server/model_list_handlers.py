"""GET models and models/{id}, in the caller's shape."""

from __future__ import annotations

from aiohttp import web

from proxy_core.dialects.model_list import (
    anthropic_model,
    anthropic_page,
    openai_list,
    openai_model,
)
from proxy_core.errors import BadRequest
from proxy_core.model import Model
from proxy_core.model_names import resolve_model
from proxy_core.server.answers import json_answer
from proxy_core.server.parts import ServerParts

CREATED = 1_700_000_000
"""GitHub's catalogue has no dates, both vendors' shapes want one: a fixed one, so that lists compare."""


class ModelListHandlers:
    def __init__(self, parts: ServerParts) -> None:
        self._parts = parts

    async def list_models(self, request: web.Request) -> web.Response:
        models = usable_models(await self._parts.upstream.models())
        if not _wants_anthropic(request):
            return json_answer(openai_list(models, CREATED))
        query = request.query
        page = anthropic_page(
            models,
            CREATED,
            limit=query.get("limit"),
            after_id=query.get("after_id"),
            before_id=query.get("before_id"),
        )
        return json_answer(page)

    async def one_model(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        if not name:
            raise BadRequest("The model's id is missing.", param="model")
        model = resolve_model(name, await self._parts.upstream.models())
        shape = anthropic_model if _wants_anthropic(request) else openai_model
        return json_answer(shape(model, CREATED))


def usable_models(models: tuple[Model, ...]) -> tuple[Model, ...]:
    """Return what a client can really call: not disabled, and served at an endpoint of ours."""
    return tuple(
        each
        for each in models
        if each.disabled_reason is None and each.kind in ("chat", "embeddings")
    )


def _wants_anthropic(request: web.Request) -> bool:
    return "anthropic-version" in request.headers
