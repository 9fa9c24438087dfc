"""POST messages/count_tokens and responses/input_tokens."""

from __future__ import annotations

from aiohttp import web

from proxy_core.canonical.request import DialectName
from proxy_core.routing.call_plan import model_name
from proxy_core.server.access.guest_tokens import parts_for
from proxy_core.server.calls.tokens.token_counting import TokenCounting
from proxy_core.server.http.request_body import read_members
from proxy_core.server.http.responses import json_answer
from proxy_core.server.parts import INFO, ServerContext


class TokenCountHandler:
    def __init__(self, parts: ServerContext, counting: TokenCounting) -> None:
        self._parts = parts
        self._counting = counting

    async def of_messages(self, request: web.Request) -> web.Response:
        """Respond in Anthropic's form."""
        tokens = await self._count(request, DialectName.ANTHROPIC_MESSAGES)
        return json_answer({"input_tokens": tokens})

    async def of_responses(self, request: web.Request) -> web.Response:
        """Respond in OpenAI's form."""
        tokens = await self._count(request, DialectName.OPENAI_RESPONSES)
        return json_answer({"object": "response.input_tokens", "input_tokens": tokens})

    async def _count(self, request: web.Request, name: DialectName) -> int:
        members = await read_members(
            request, self._parts.settings().max_body_megabytes, self._parts.threads
        )
        entry = request[INFO].entry
        entry.update(model_asked=model_name(members))
        upstream = parts_for(self._parts, request.headers, entry).upstream
        model, tokens = await self._counting.count(
            members, self._parts.dialects[name], upstream, request.headers
        )
        entry.update(model=model.id)
        return tokens
