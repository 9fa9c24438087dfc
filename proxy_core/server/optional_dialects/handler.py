"""Answers a request in an optional dialect, by the same parts as any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web

from proxy_core.dialects.surface import ModelCall, ModelDetails, ModelList, OwnAnswer, TokenCount
from proxy_core.server.admin.model_list import ModelListHandlers
from proxy_core.server.call_handlers import CallHandlers
from proxy_core.server.http.request_body import read_members
from proxy_core.server.http.responses import json_answer
from proxy_core.server.parts import INFO, ServerContext


class OptionalDialectHandler:
    """Answers what the middleware found to be an optional dialect's."""

    def __init__(
        self,
        parts: ServerContext,
        calls: CallHandlers,
        lists: ModelListHandlers,
    ) -> None:
        self._parts = parts
        self._calls = calls
        self._lists = lists

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Raises ProxyError, or the router's exception for a method that is not possible."""
        served = request[INFO].served
        assert served is not None, "the middleware found it"
        if _asked(request.method) not in served.methods:
            raise web.HTTPMethodNotAllowed(request.method, served.methods)
        match served.operation:
            case ModelCall():
                return await self._ask_model(request, served.operation)
            case TokenCount(dialect, members, render):
                return json_answer(
                    render(await self._calls.counts.count(request, dialect, members))
                )
            case ModelList(render):
                models = await self._lists.usable(request)
                return json_answer(render(models, request.query))
            case ModelDetails(name, render):
                model = await self._lists.resolved(request, name(await self._body(request)))
                return json_answer(render(model))
            case OwnAnswer(render):
                return json_answer(render(self._parts.version))

    async def _ask_model(self, request: web.Request, call: ModelCall) -> web.StreamResponse:
        from proxy_core.routing.call_plan import model_name  # with the dialects, by the first call

        members = dict(await self._body(request))
        members |= call.members(members)
        own = call.own_answer(members, int(self._parts.clock.wall()))
        if own is None:
            return await self._calls.calls.answer(request, call.dialect, members)
        model = await self._lists.resolved(request, model_name(members))
        request[INFO].entry.update(model=model.id)
        return json_answer(own)

    async def _body(self, request: web.Request) -> Mapping[str, Any]:
        if _asked(request.method) == hdrs.METH_GET:
            return {}
        limit = self._parts.settings().max_body_megabytes
        return await read_members(request, limit, self._parts.threads)


def _asked(method: str) -> str:
    """HEAD asks what GET does; aiohttp leaves out the body."""
    return hdrs.METH_GET if method == hdrs.METH_HEAD else method
