"""POST messages/count_tokens: upstream's own count where it offers one, else an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from proxy_core.conversation import DialectName
from proxy_core.errors import ProxyError
from proxy_core.model import Endpoint, Model
from proxy_core.model_names import resolve_model
from proxy_core.server.answers import json_answer
from proxy_core.server.call_planning import model_name
from proxy_core.server.parts import INFO, ServerParts
from proxy_core.server.request_body import decode_fully, read_members
from proxy_core.server.token_estimates import LARGE_REQUEST_BYTES, TokenEstimates

COUNTED_MEMBERS = ("model", "messages", "system", "tools", "tool_choice", "thinking")
"""What Anthropic's own endpoint takes; clients send whole requests."""


class TokenCountHandler:
    def __init__(self, parts: ServerParts, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def count(self, request: web.Request) -> web.Response:
        parts = self._parts
        dialect = parts.dialects[DialectName.ANTHROPIC_MESSAGES]
        members = await read_members(request, parts.settings().max_body_megabytes)
        request[INFO].entry.note(model_asked=model_name(members))
        facts = dialect.inspect_request(members)
        model = resolve_model(facts.model, await parts.upstream.models(), parts.model_aliases())
        tokens = await self._ask_upstream(members, model)
        if tokens is None:
            # Clients size their next turn by this: it must not fail because GitHub is slow or away.
            parsed = dialect.parse_request(decode_fully(members))
            size = request.content_length or LARGE_REQUEST_BYTES + 1
            tokens = (await self._estimates.prompt(parsed, model, size)).tokens
        return json_answer({"input_tokens": tokens})

    async def _ask_upstream(self, members: dict[str, Any], model: Model) -> int | None:
        if Endpoint.MESSAGES not in model.endpoints:
            return None
        dialect = self._parts.dialects[DialectName.ANTHROPIC_MESSAGES]
        body = _only(dialect.pass_through_request(members, model).body, COUNTED_MEMBERS)
        try:
            return await self._parts.upstream.count_tokens(model, body)
        except ProxyError:
            return None


def _only(body: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: body[name] for name in names if name in body}
