"""Renders the canonical request as a body for upstream's ``/chat/completions``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import (
    DialectName,
    ReasoningMode,
    RenderedRequest,
    Request,
    ResponseFormat,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.copilot_facts.limits import fit_output_limit
from proxy_core.dialects.openai_chat.render_messages import MessageRenderer
from proxy_core.dialects.openai_chat.schema import MAX_STOP_SEQUENCES, MAX_TOOLS
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.json_members import decode_raw, refuse
from proxy_core.dialects.shared.output_limit import lowered
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.shared.reasoning_effort import wanted_effort
from proxy_core.dialects.shared.tool_names import FREE_TEXT_SCHEMA, free_text_description, wire_name

CHAT = DialectName.OPENAI_CHAT
_BYTES_OF_A_TOOL = len('{"type":"function"},')
"""Of the shortest tool: a body with fewer bytes in total cannot have too many tools."""
UPSTREAM_STREAM_OPTIONS = {"include_usage": True}
"""Always sent upstream: the usage record needs it, whatever the client requests."""


def render_request(request: Request, model: Model) -> RenderedRequest:
    return _Renderer(request, model).render()


def check_tool_count(body: Mapping[str, Any]) -> None:
    """Raise BadRequest for more tools than upstream accepts; the message says what to do."""
    if len(raw_bytes(body, "tools")) < _BYTES_OF_A_TOOL * MAX_TOOLS:
        return
    tools = decode_raw(body, "tools")
    if isinstance(tools, list) and len(tools) > MAX_TOOLS:
        model = decode_raw(body, "model")
        refuse(
            "tools",
            f"array too long. {model} takes at most {MAX_TOOLS} tools and got {len(tools)}; "
            "switch some off, or choose a model with another endpoint",
        )


class _Renderer:
    """Renders one request for one model; ``dropped`` collects what could not be carried."""

    def __init__(self, request: Request, model: Model) -> None:
        self._request = request
        self._model = model
        self._dropped: list[str] = []
        self._enforced_locally: list[str] = []
        self._body: dict[str, Any] = {}

    def render(self) -> RenderedRequest:
        self._refuse_what_would_change_the_answer()
        messages = MessageRenderer(self._request, self._model)
        self._body = {"model": self._model.id, "messages": messages.render()}
        self._body["stream_options"] = UPSTREAM_STREAM_OPTIONS
        self._dropped.extend(messages.dropped)
        self._add_tools()
        self._add_sampling()
        self._add_reasoning()
        self._add_response_format(self._request.response_format)
        if self._request.user is not None:
            self._body["user"] = self._request.user
        if self._request.dialect is CHAT:
            for name, value in self._request.extra.items():
                if "." in name:  # a path: nothing of it is in what is written anew
                    self._dropped.append(name)
                else:
                    self._body[name] = value
            more = self._request.extra.get("stream_options", {})
            self._body["stream_options"] = {**more, **UPSTREAM_STREAM_OPTIONS}
        else:
            self._dropped.extend(self._request.extra)
        dropped = tuple(dict.fromkeys(self._dropped))
        return RenderedRequest(self._body, dropped, tuple(self._enforced_locally))

    def _word(self, member: str) -> str:
        return client_field_name(self._request.dialect, member)

    def _refuse_what_would_change_the_answer(self) -> None:
        if (self._request.sampling.n or 1) > 1:
            refuse("n", "only one answer at a time is possible with this model")

    def _add_tools(self) -> None:
        choice = self._request.tool_choice
        tools = []
        offered = self._request.context.tools
        for position, tool in enumerate(offered):
            if isinstance(tool, ServerTool):
                self._drop_server_tool(tool, position)
                if tool.item.dialect is CHAT:
                    tools.append(msgspec.json.decode(tool.item.data))
            elif self._is_allowed(tool, choice):
                tools.append(self._tool(tool))
        if offered and not tools:
            refuse("tools", "this model can run none of the tools that were offered")
        if not tools:
            return
        self._body["tools"] = tools
        check_tool_count(self._body)
        if choice is not None:
            self._body["tool_choice"] = self._tool_choice(choice)
        if self._request.sampling.parallel_tool_calls is not None:
            self._body["parallel_tool_calls"] = self._request.sampling.parallel_tool_calls

    def _drop_server_tool(self, tool: ServerTool, position: int) -> None:
        if tool.item.dialect is CHAT:
            return
        choice = self._request.tool_choice
        if choice is not None and tool.kind in choice.names:
            refuse("tool_choice", f"this model cannot run the server tool {tool.kind}")
        self._dropped.append(f"tools[{position}] ({tool.kind})")

    def _is_allowed(self, tool: Tool, choice: ToolChoice | None) -> bool:
        """Whether to offer the tool: only OpenAI's models support a list of allowed tools."""
        if choice is None or choice.kind is not ToolChoiceKind.ALLOWED:
            return True
        return self._request.dialect is CHAT or tool.name in choice.names

    def _tool(self, tool: Tool) -> dict[str, Any]:
        name = wire_name(tool.name, tool.namespace)
        if tool.kind is ToolKind.CUSTOM and self._request.dialect is CHAT:
            custom: dict[str, Any] = {"name": name}
            if tool.description is not None:
                custom["description"] = tool.description
            if tool.grammar is not None:
                custom["format"] = tool.grammar
            return {"type": "custom", "custom": custom}
        function: dict[str, Any] = {"name": name}
        description = free_text_description(tool)
        if description is not None:
            function["description"] = description
        if tool.kind is ToolKind.CUSTOM:
            function["parameters"] = FREE_TEXT_SCHEMA
        elif tool.parameters is not None:
            function["parameters"] = dict(tool.parameters)
        elif self._request.dialect is not CHAT:
            function["parameters"] = {"type": "object", "properties": {}}
        if tool.strict is not None:
            function["strict"] = tool.strict
        if self._request.dialect is CHAT:
            function.update(tool.extra)
        else:
            self._dropped.extend(f"tools[].{name}" for name in tool.extra)
        if tool.cache is not None:
            self._dropped.append("tools[].cache_control")
        return {"type": "function", "function": function}

    def _tool_choice(self, choice: ToolChoice) -> Any:
        if choice.kind is ToolChoiceKind.TOOL:
            return self._named_tool(choice.names[0])
        if choice.kind is not ToolChoiceKind.ALLOWED:
            return choice.kind.value
        mode = "required" if choice.required else "auto"
        if self._request.dialect is not CHAT:
            return mode
        tools = [self._named_tool(name) for name in choice.names]
        return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}

    def _named_tool(self, name: str) -> dict[str, Any]:
        tool = next(
            (t for t in self._request.context.tools if isinstance(t, Tool) and t.name == name),
            None,
        )
        wire = wire_name(name, tool.namespace if tool else None)
        if tool is not None and tool.kind is ToolKind.CUSTOM and self._request.dialect is CHAT:
            return {"type": "custom", "custom": {"name": wire}}
        return {"type": "function", "function": {"name": wire}}

    def _add_sampling(self) -> None:
        sampling = self._request.sampling
        if sampling.max_output_tokens is not None:
            self._add_output_limit(sampling.max_output_tokens)
        for member in (
            "temperature",
            "top_p",
            "seed",
            "frequency_penalty",
            "presence_penalty",
            "logprobs",
            "top_logprobs",
            "verbosity",
        ):
            value = getattr(sampling, member)
            if value is not None:
                self._body[member] = value
        if sampling.top_k is not None:
            self._dropped.append(self._word("top_k"))
        if sampling.stop and self._request.dialect is DialectName.ANTHROPIC_MESSAGES:
            # Upstream does not report which stop sequence ended the response, or that one did; this
            # client expects both, so the response is cut here.
            self._dropped.append(self._word("stop"))
            self._enforced_locally.append("stop")
        elif sampling.stop:
            self._body["stop"] = list(sampling.stop[:MAX_STOP_SEQUENCES])
            if len(sampling.stop) > MAX_STOP_SEQUENCES:
                self._dropped.append(f"{self._word('stop')}[{MAX_STOP_SEQUENCES}:]")
                self._enforced_locally.append("stop")

    def _add_output_limit(self, wanted: int) -> None:
        fitted = fit_output_limit(wanted, self._model.limits, Endpoint.CHAT_COMPLETIONS)
        if fitted != wanted:
            self._dropped.append(lowered(self._word("max_output_tokens"), fitted, wanted))
        self._body[self._limit_member()] = fitted

    def _limit_member(self) -> str:
        """Return the limit's member:

        OpenAI's newest models refuse ``max_tokens``, others require it (copilot-protocol.md 5.1).
        """
        return "max_completion_tokens" if "openai" in self._model.vendor.lower() else "max_tokens"

    def _add_reasoning(self) -> None:
        reasoning = self._request.reasoning
        if reasoning is None:
            return
        if reasoning.display == "omitted":
            self._dropped.append("thinking.display")
        if reasoning.summary in ("concise", "detailed"):
            # Thinking is shown as it is here; how much of it is not for the client to say.
            self._dropped.append("reasoning.summary")
        listed = self._model.supports.reasoning_efforts
        wanted = wanted_effort(reasoning)
        word = self._word("reasoning" if reasoning.effort is None else "effort")
        if wanted is None:
            return  # Adaptive: the model decides, which is its default.
        effort = clamp_effort(wanted, listed)
        if effort is not None:
            self._body["reasoning_effort"] = effort
        if effort is None and reasoning.mode is ReasoningMode.DISABLED and not listed:
            return  # A model without efforts does not think by default.
        if effort is None:
            self._dropped.append(word)
        elif effort != wanted:
            self._dropped.append(f"{word} ({effort} instead of {wanted})")

    def _add_response_format(self, wanted: ResponseFormat | None) -> None:
        if wanted is None:
            return
        if wanted.kind != "json_schema":
            self._body["response_format"] = {"type": wanted.kind}
            return
        schema: dict[str, Any] = {"name": wanted.name or "answer"}
        if wanted.description is not None:
            schema["description"] = wanted.description
        if wanted.schema is not None:
            schema["schema"] = dict(wanted.schema)
        if wanted.strict is not None:
            schema["strict"] = wanted.strict
        self._body["response_format"] = {"type": "json_schema", "json_schema": schema}
