"""The response object: the echoed request and the result."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.events import Usage
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.errors import error_message, failed_code
from proxy_core.dialects.openai_responses.response.request_echo import DEFAULTS, echoed_members
from proxy_core.errors import ProxyError


class ResponseObject:
    """Builds the object in every state of one response. One per response."""

    def __init__(self, response_id: str, context: WriterContext, created: int | None) -> None:
        self._base: dict[str, Any] = {
            "id": response_id,
            "created_at": context.created if created is None else created,
            "status": "in_progress",
            "model": context.model,
            **DEFAULTS,
        }
        if context.members is not None:
            self._base.update(echoed_members(context.members))

    @property
    def id(self) -> str:
        response_id: str = self._base["id"]
        return response_id

    def in_progress(self) -> dict[str, Any]:
        return self._base

    def completed(self, output: list[dict[str, Any]], usage: Usage) -> dict[str, Any]:
        return {
            **self._base,
            "status": "completed",
            "output": output,
            "usage": render_usage(usage),
        }

    def incomplete(self, output: list[dict[str, Any]], usage: Usage, reason: str) -> dict[str, Any]:
        return {
            **self._base,
            "status": "incomplete",
            "incomplete_details": {"reason": reason},
            "output": output,
            "usage": render_usage(usage),
        }

    def failed(self, output: list[dict[str, Any]], error: ProxyError) -> dict[str, Any]:
        return {
            **self._base,
            "status": "failed",
            "error": {"code": failed_code(error), "message": error_message(error)},
            "output": output,
        }


def render_usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }
