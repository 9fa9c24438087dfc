"""The response object: what the client asked, repeated, and what came of it."""

from __future__ import annotations

from typing import Any

from proxy_core.conversation import ReasoningMode, Request, SystemRole
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.errors import error_message, failed_code
from proxy_core.dialects.openai_responses.request_renderer import render_format
from proxy_core.dialects.openai_responses.tool_renderer import render_tool_choice, render_tools
from proxy_core.errors import ProxyError
from proxy_core.stream_events import Usage

_REPEATED = (
    "max_tool_calls",
    "metadata",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "truncation",
)
"""Members that only this dialect knows and that its answer repeats."""


class ResponseObject:
    """Builds the object in every state of one answer. One per answer."""

    def __init__(self, response_id: str, context: WriterContext, created: int | None) -> None:
        self._base: dict[str, Any] = {
            "id": response_id,
            "object": "response",
            "created_at": context.created if created is None else created,
            "status": "in_progress",
            "background": False,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "max_tool_calls": None,
            "model": context.model,
            "output": [],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "prompt_cache_key": None,
            "reasoning": {"effort": None, "summary": None},
            "safety_identifier": None,
            "service_tier": "default",
            "temperature": 1.0,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_logprobs": 0,
            "top_p": 1.0,
            "truncation": "disabled",
            "metadata": {},
        }
        if context.request is not None:
            self._base.update(_repeated(context.request))

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


def _repeated(request: Request) -> dict[str, Any]:
    sampling = request.sampling
    repeated: dict[str, Any] = {
        "tools": render_tools(request.context.tools, with_extra=True),
        "text": _text(request),
    }
    if request.user is not None:
        repeated["user"] = request.user
    for name in ("temperature", "top_p", "max_output_tokens", "parallel_tool_calls"):
        if getattr(sampling, name) is not None:
            repeated[name] = getattr(sampling, name)
    if sampling.top_logprobs is not None:
        repeated["top_logprobs"] = sampling.top_logprobs
    prompt = request.context.system_prompt
    if len(prompt) == 1 and request.context.system_role is SystemRole.SYSTEM:
        repeated["instructions"] = prompt[0].text
    if "tool_choice" in request.extra:
        repeated["tool_choice"] = request.extra["tool_choice"]
    elif request.tool_choice is not None:
        repeated["tool_choice"] = render_tool_choice(request.tool_choice, request.context.tools)
    if request.reasoning is not None:
        disabled = request.reasoning.mode is ReasoningMode.DISABLED
        effort = "none" if disabled else request.reasoning.effort
        repeated["reasoning"] = {"effort": effort, "summary": request.reasoning.summary}
    repeated.update(
        (name, request.extra[name]) for name in _REPEATED if request.extra.get(name) is not None
    )
    return repeated


def _text(request: Request) -> dict[str, Any]:
    text: dict[str, Any] = {"format": {"type": "text"}}
    if request.response_format is not None:
        text["format"] = render_format(request.response_format)
    if request.sampling.verbosity is not None:
        text["verbosity"] = request.sampling.verbosity
    return text
