"""GET models and models/{id}, in the caller's dialect."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from proxy_core.canonical.model import Model
from proxy_core.dialects.model_list import (
    anthropic_list,
    anthropic_model,
    codex_list,
    openai_list,
    openai_model,
    picker_list,
)
from proxy_core.routing.model_names import resolve_model
from proxy_core.server.access.guest_tokens import parts_for
from proxy_core.server.http.responses import AUTOMATIC_HEADER, IMPOSED, json_answer
from proxy_core.server.parts import INFO, ServerContext

SERVED_KINDS = ("chat", "embeddings")


class ModelListHandlers:
    def __init__(self, parts: ServerContext) -> None:
        self._parts = parts

    async def list_models(self, request: web.Request) -> web.Response:
        models = await self.usable(request)
        note = self._plan_note(request)
        answer = json_answer(self._shaped(request, models, note))
        if note:
            answer.headers[AUTOMATIC_HEADER] = IMPOSED
        return answer

    def _shaped(self, request: web.Request, models: tuple[Model, ...], note: str) -> dict[str, Any]:
        if _wants_anthropic(request):
            if _is_for_a_picker(request):
                return picker_list(models, request.query, note)
            return anthropic_list(models, request.query)
        if "client_version" in request.query:
            return codex_list([each for each in models if each.kind == "chat"], note)
        return openai_list(models)

    def _plan_note(self, request: web.Request) -> str:
        """A sentence where the account's plan leaves the model to GitHub; of a guest's plan nothing is
        known."""
        if request[INFO].entry.is_guests:
            return ""
        return self._parts.board.current.account.auto_only_note

    async def one_model(self, request: web.Request) -> web.Response:
        model = await self.resolved(request, request.match_info["id"])
        shape = anthropic_model if _wants_anthropic(request) else openai_model
        return json_answer(shape(model))

    async def usable(self, request: web.Request) -> tuple[Model, ...]:
        """Return the models that the caller can call. Raises ProxyError."""
        return usable_models(await self._listed(request))

    async def resolved(self, request: web.Request, asked: str) -> Model:
        """Return the model that goes by the name ``asked``. Raises ProxyError."""
        catalogue = await self._listed(request)
        return resolve_model(asked, catalogue, self._parts.model_aliases())

    async def _listed(self, request: web.Request) -> tuple[Model, ...]:
        info = request[INFO]
        parts = parts_for(self._parts, info.headers, info.entry)
        return await parts.upstream.models()


def usable_models(models: tuple[Model, ...]) -> tuple[Model, ...]:
    """Return the models a client can call."""
    return tuple(
        each for each in models if each.disabled_reason is None and each.kind in SERVED_KINDS
    )


def _is_for_a_picker(request: web.Request) -> bool:
    """Whether it is Claude Code's discovery, by name or query; others get Copilot's ids."""
    agent = request.headers.get("User-Agent", "").lower()
    return agent.startswith(("claude-code/", "claude-cli/")) or request.query.get("limit") == "1000"


def _wants_anthropic(request: web.Request) -> bool:
    return "anthropic-version" in request.headers
