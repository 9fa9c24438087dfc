"""Renders the canonical request as a body for Copilot's ``/responses``."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import (
    DialectName,
    Reasoning,
    ReasoningMode,
    RenderedRequest,
    Request,
    ResponseFormat,
    Tool,
    ToolChoiceKind,
)
from proxy_core.copilot_facts.limits import fit_output_limit
from proxy_core.copilot_facts.members import is_reasoning_model
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.render_input import InputRenderer
from proxy_core.dialects.openai_responses.tools.render_tools import (
    render_tool_choice,
    render_tools,
    usable_tools,
)
from proxy_core.dialects.shared import reasoning_effort
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.json_members import refuse
from proxy_core.dialects.shared.output_limit import lowered

_UNSAYABLE = ("top_k", "seed", "frequency_penalty", "presence_penalty")
_RENDERED_ELSEWHERE = {"include", "reasoning", "store", "tool_choice"}


def render_request(request: Request, model: Model) -> RenderedRequest:
    """Return the body, without ``stream``, and the client's names of what it cannot express.

    Raises:
        BadRequest: the client forces a tool that this model cannot run.
    """
    rendering = _Rendering(request, model)
    return rendering.result()


class _Rendering:
    def __init__(self, request: Request, model: Model) -> None:
        self._request = request
        self._model = model
        self._is_own = request.dialect is DialectName.OPENAI_RESPONSES
        self._body: dict[str, Any] = {"model": model.id}
        self._dropped: list[str] = []
        self._enforced_locally: list[str] = []

    def result(self) -> RenderedRequest:
        self._conversation()
        self._tools()
        self._sampling()
        self._reasoning()
        self._text()
        self._extra()
        self._body["include"] = self._include()
        self._body["store"] = False
        dropped = tuple(dict.fromkeys(self._dropped))
        return RenderedRequest(self._body, dropped, tuple(self._enforced_locally))

    def _word(self, member: str) -> str:
        return client_field_name(self._request.dialect, member)

    def _conversation(self) -> None:
        renderer = InputRenderer(self._request, self._model)
        instructions, items = renderer.render()
        if instructions is not None:
            self._body["instructions"] = instructions
        self._body["input"] = items
        self._dropped.extend(renderer.dropped)

    def _tools(self) -> None:
        request = self._request
        choice = request.tool_choice
        tools, dropped = usable_tools(request.context.tools, choice, self._model)
        self._dropped.extend(dropped)
        if not self._is_own and any(isinstance(each, Tool) and each.cache for each in tools):
            self._dropped.append("cache_control")
        if not self._is_own:
            functions = [each for each in tools if isinstance(each, Tool)]
            self._dropped.extend(f"tools[].{name}" for each in functions for name in each.extra)
        if tools:
            self._body["tools"] = render_tools(tools, with_extra=self._is_own)
        if self._is_own and "tool_choice" in request.extra:
            self._body["tool_choice"] = request.extra["tool_choice"]
        elif choice is not None and (
            tools or choice.kind not in (ToolChoiceKind.AUTO, ToolChoiceKind.NONE)
        ):
            self._body["tool_choice"] = render_tool_choice(choice, tools)

    def _sampling(self) -> None:
        sampling = self._request.sampling
        wanted = sampling.max_output_tokens
        if wanted is not None:
            limit = fit_output_limit(wanted, self._model.limits, Endpoint.RESPONSES)
            if limit != wanted:
                self._dropped.append(lowered(self._word("max_output_tokens"), limit, wanted))
            if limit > wanted:
                self._enforced_locally.append("max_output_tokens")
            self._body["max_output_tokens"] = limit
        for name in ("temperature", "top_p"):
            value = getattr(sampling, name)
            if value is not None:
                self._body[name] = value
        if sampling.top_logprobs is not None:
            self._body["top_logprobs"] = sampling.top_logprobs
        if sampling.parallel_tool_calls is not None:
            self._body["parallel_tool_calls"] = sampling.parallel_tool_calls
        self._dropped.extend(
            self._word(name) for name in _UNSAYABLE if getattr(sampling, name) is not None
        )
        if sampling.stop:
            self._dropped.append(self._word("stop"))
            self._enforced_locally.append("stop")
        if (sampling.n or 1) > 1:
            refuse("n", "only one answer at a time is possible with this model")

    def _reasoning(self) -> None:
        stated = self._request.reasoning
        rendered: dict[str, Any] = {}
        silences = stated is not None and stated.mode is ReasoningMode.DISABLED
        if silences and not self._is_own and not is_reasoning_model(self._model):
            return  # It does not think by default, and does not support the member.
        if stated is not None:
            rendered = self._render_reasoning(stated)
        if self._is_own:
            rendered.update(self._request.extra.get("reasoning", {}))
        if rendered:
            self._body["reasoning"] = rendered

    def _render_reasoning(self, stated: Reasoning) -> dict[str, Any]:
        rendered: dict[str, Any] = {}
        effort = reasoning_effort.wanted_effort(stated)
        if effort is not None:
            fitted = schema.fit_effort(effort, self._model)
            if fitted != effort:
                word = self._word("reasoning" if stated.effort is None else "effort")
                self._dropped.append(f"{word} ({fitted} instead of {effort})")
            rendered["effort"] = fitted
        if stated.summary is not None:
            rendered["summary"] = stated.summary
        elif (
            not self._is_own
            and stated.mode is not ReasoningMode.DISABLED
            and stated.display != "omitted"
        ):
            # The other dialects show thinking by default; here it must be requested.
            rendered["summary"] = "auto"
        return rendered

    def _text(self) -> None:
        rendered: dict[str, Any] = {}
        if self._request.response_format is not None:
            rendered["format"] = render_format(self._request.response_format)
        if self._request.sampling.verbosity is not None:
            rendered["verbosity"] = self._request.sampling.verbosity
        if rendered:
            self._body["text"] = rendered

    def _extra(self) -> None:
        for name, value in self._request.extra.items():
            if name in _RENDERED_ELSEWHERE and self._is_own:
                if name == "store" and value is True:
                    self._dropped.append(name)
            elif name in schema.CLIENT_BOOKKEEPING:
                self._dropped.append(name)
            elif "." in name:
                # A path: items and tools of OpenAI's own kinds go back whole, others are written anew.
                if not self._is_own or name.startswith(schema.WRITTEN_ANEW):
                    self._dropped.append(name)
            elif self._is_own or name in self._carried():
                self._body[name] = value
            else:
                self._dropped.append(name)
        if self._request.user is not None:
            if self._request.dialect is DialectName.ANTHROPIC_MESSAGES:
                self._dropped.append(self._word("user"))
            else:
                self._body["user"] = self._request.user

    def _carried(self) -> tuple[str, ...]:
        if self._request.dialect is DialectName.OPENAI_CHAT:
            return schema.CARRIED_FROM_CHAT
        return ()

    def _include(self) -> list[str]:
        include = [schema.ENCRYPTED_REASONING]
        if self._request.sampling.logprobs:
            include.append(schema.LOGPROBS)
        if self._is_own:
            include.extend(self._request.extra.get("include", ()))
        return list(dict.fromkeys(include))


def render_format(stated: ResponseFormat) -> dict[str, Any]:
    rendered: dict[str, Any] = {"type": stated.kind}
    if stated.kind != "json_schema":
        return rendered
    rendered["name"] = stated.name or "response"
    rendered["schema"] = stated.schema if stated.schema is not None else {"type": "object"}
    if stated.strict is not None:
        rendered["strict"] = stated.strict
    if stated.description is not None:
        rendered["description"] = stated.description
    return rendered
