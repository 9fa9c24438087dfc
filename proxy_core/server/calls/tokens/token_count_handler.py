"""The paths that count a prompt's tokens (``ClientTraits.token_count``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from proxy_core.dialects.interface import Dialect
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

    async def answer(self, request: web.Request, dialect: Dialect) -> web.Response:
        """Respond in the dialect's form, which it must have."""
        form = dialect.traits.token_count
        assert form is not None, f"{dialect.name} has no path for token counts"
        tokens = await self.count(request, dialect, dict)
        return json_answer({**form.members, "input_tokens": tokens})

    async def count(
        self,
        request: web.Request,
        dialect: Dialect,
        counted: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> int:
        """Return the tokens of what ``counted`` makes of the body's raw members. Raises ProxyError."""
        members = counted(
            await read_members(
                request, self._parts.settings().max_body_megabytes, self._parts.threads
            )
        )
        headers = request[INFO].headers
        entry = request[INFO].entry
        entry.update(model_asked=model_name(members))
        upstream = parts_for(self._parts, headers, entry).upstream
        model, tokens = await self._counting.count(members, dialect, upstream, headers)
        entry.update(model=model.id)
        return tokens
