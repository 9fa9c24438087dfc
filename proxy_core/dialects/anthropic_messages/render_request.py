"""Renders the canonical request as a body for upstream's ``/v1/messages``."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import (
    DialectName,
    RenderedRequest,
    Request,
    ResponseFormat,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.copilot_facts.limits import fit_output_limit
from proxy_core.copilot_facts.members import REFUSED_TOOL_MEMBERS
from proxy_core.dialects.anthropic_messages.render_messages import MessageRenderer, cache_control
from proxy_core.dialects.anthropic_messages.schema import (
    DEFAULT_MAX_TOKENS,
    runs_tool,
)
from proxy_core.dialects.anthropic_messages.thinking import fit_thinking
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.json_members import refuse
from proxy_core.dialects.shared.output_limit import lowered
from proxy_core.dialects.shared.tool_names import FREE_TEXT_SCHEMA, free_text_description, wire_name

MESSAGES = DialectName.ANTHROPIC_MESSAGES
_CHOICE_WORDS = {
    ToolChoiceKind.AUTO: "auto",
    ToolChoiceKind.NONE: "none",
    ToolChoiceKind.REQUIRED: "any",
    ToolChoiceKind.TOOL: "tool",
}


def render_request(request: Request, model: Model) -> RenderedRequest:
    return _Renderer(request, model).render()


class _Renderer:
    """Renders one request for one model; ``dropped`` collects what could not be carried."""

    def __init__(self, request: Request, model: Model) -> None:
        self._request = request
        self._own = request.dialect is MESSAGES
        self._model = model
        self._dropped: list[str] = []
        self._enforced_locally: list[str] = []
        self._body: dict[str, Any] = {}

    def render(self) -> RenderedRequest:
        if (self._request.sampling.n or 1) > 1:
            refuse("n", "only one answer at a time is possible with this model")
        messages = MessageRenderer(self._request, self._model)
        turns = messages.messages()
        system = messages.system()
        if not turns and not system:
            refuse(self._word("messages"), "there is nothing to answer")
        self._body = {"model": self._model.id, "messages": turns, "max_tokens": self._limit()}
        if system:
            self._body["system"] = system
        self._dropped.extend(messages.dropped)
        self._add_tools()
        self._add_response_format(self._request.response_format)
        self._add_reasoning()
        self._add_sampling()
        if self._request.user is not None:
            self._body["metadata"] = {"user_id": self._request.user}
        self._add_extra()
        dropped = tuple(dict.fromkeys(self._dropped))
        return RenderedRequest(self._body, dropped, tuple(self._enforced_locally))

    def _word(self, member: str) -> str:
        return client_field_name(self._request.dialect, member)

    def _limit(self) -> int:
        """Return the limit: the dialect requires one, and upstream enforces its maximum
        (copilot-protocol.md 7.1).
        """
        wanted = self._request.sampling.max_output_tokens
        if wanted is None:
            return self._model.limits.output or DEFAULT_MAX_TOKENS
        fitted = fit_output_limit(wanted, self._model.limits, Endpoint.MESSAGES)
        if fitted != wanted:
            self._dropped.append(lowered(self._word("max_output_tokens"), fitted, wanted))
        return fitted

    def _add_tools(self) -> None:
        choice = self._request.tool_choice
        tools = []
        offered = self._request.context.tools
        for position, tool in enumerate(offered):
            if isinstance(tool, Tool):
                if self._is_allowed(tool, choice):
                    tools.append(self._tool(tool))
            elif tool.item.dialect is MESSAGES and runs_tool(self._model, tool.kind):
                tools.append(msgspec.json.decode(tool.item.data))
            else:
                self._drop_server_tool(tool, position)
        if offered and not tools:
            refuse("tools", "this model can run none of the tools that were offered")
        if not tools:
            return
        self._body["tools"] = tools
        rendered = self._tool_choice(choice)
        if rendered is not None:
            self._body["tool_choice"] = rendered

    def _drop_server_tool(self, tool: ServerTool, position: int) -> None:
        choice = self._request.tool_choice
        if choice is not None and tool.kind in choice.names:
            refuse("tool_choice", f"this model cannot run the server tool {tool.kind}")
        self._dropped.append(f"tools[{position}] ({tool.kind})")

    def _is_allowed(self, tool: Tool, choice: ToolChoice | None) -> bool:
        """The dialect has no list of allowed tools: offering only those is equivalent."""
        if choice is None or choice.kind is not ToolChoiceKind.ALLOWED:
            return True
        return tool.name in choice.names

    def _tool(self, tool: Tool) -> dict[str, Any]:
        rendered: dict[str, Any] = {"name": wire_name(tool.name, tool.namespace)}
        description = free_text_description(tool)
        if description is not None:
            rendered["description"] = description
        if tool.kind is ToolKind.CUSTOM:
            rendered["input_schema"] = FREE_TEXT_SCHEMA
        else:
            schema = dict({"properties": {}} if tool.parameters is None else tool.parameters)
            schema.setdefault("type", "object")
            rendered["input_schema"] = schema
        if tool.strict or (self._own and tool.strict is not None):
            rendered["strict"] = tool.strict
        for name, value in tool.extra.items():
            if self._own and name not in REFUSED_TOOL_MEMBERS:
                rendered[name] = value
            else:
                self._dropped.append(f"tools[].{name}")
        if tool.cache is not None and not rendered.get("defer_loading"):
            rendered["cache_control"] = cache_control(tool.cache)  # Refused together (GPY).
        return rendered

    def _tool_choice(self, choice: ToolChoice | None) -> dict[str, Any] | None:
        parallel = self._request.sampling.parallel_tool_calls
        if choice is None and parallel is not False:
            return None
        kind = choice.kind if choice is not None else ToolChoiceKind.AUTO
        if kind is ToolChoiceKind.ALLOWED:
            assert choice is not None
            kind = ToolChoiceKind.REQUIRED if choice.required else ToolChoiceKind.AUTO
        rendered: dict[str, Any] = {"type": _CHOICE_WORDS[kind]}
        if kind is ToolChoiceKind.TOOL:
            assert choice is not None
            rendered["name"] = self._wire_tool_name(choice.names[0])
        if kind is ToolChoiceKind.NONE:
            return rendered
        if parallel is False or (self._own and parallel is not None):
            rendered["disable_parallel_tool_use"] = not parallel
        return rendered

    def _wire_tool_name(self, name: str) -> str:
        for tool in self._request.context.tools:
            if isinstance(tool, Tool) and tool.name == name:
                return wire_name(name, tool.namespace)
        return wire_name(name)

    def _add_response_format(self, wanted: ResponseFormat | None) -> None:
        if wanted is None:
            return
        if wanted.kind == "json_schema" and wanted.schema is not None:
            schema = dict(wanted.schema)
            if wanted.description is not None:
                schema.setdefault("description", wanted.description)
            if self._own or self._model.supports.structured_outputs:
                output_format: dict[str, Any] = {"type": "json_schema", "schema": schema}
                self._body["output_config"] = {"format": output_format}
                return
            words = f"matches this JSON Schema:\n{msgspec.json.encode(schema).decode()}"
            self._ask_for_json(f"Answer with one JSON object and nothing else. It {words}")
        else:
            self._ask_for_json("Answer with one JSON object and nothing else.")

    def _ask_for_json(self, instruction: str) -> None:
        """Ask for the format in an instruction, if the dialect cannot enforce it."""
        self._body.setdefault("system", []).append({"type": "text", "text": instruction})
        self._dropped.append(f"{self._word('response_format')} (asked for in words)")

    def _add_reasoning(self) -> None:
        reasoning = self._request.reasoning
        if reasoning is None:
            return
        fitted = fit_thinking(
            reasoning, self._model.supports, self._body["max_tokens"], self._request.dialect
        )
        self._dropped.extend(fitted.dropped)
        if fitted.effort is not None:
            self._body.setdefault("output_config", {})["effort"] = fitted.effort
        if fitted.thinking is None:
            return
        hindrance = self._what_forbids(fitted.thinking)
        if hindrance:
            self._dropped.append(f"{self._word('reasoning')} ({hindrance})")
        else:
            self._body["thinking"] = fitted.thinking

    def _what_forbids(self, thinking: dict[str, Any]) -> str | None:
        """Return why upstream would refuse thinking in this request, or None."""
        if thinking["type"] == "disabled":
            return None
        if thinking["type"] == "enabled" and self._thinking_is_missing():
            return "the tool loop came back without its thinking"
        return None

    def _thinking_is_missing(self) -> bool:
        """Whether thinking is missing: within a tool loop a budget requires the assistant's turn to
        start with it.
        """
        messages = self._body["messages"]
        for turn in reversed(messages):
            if turn["role"] == "user" and turn["content"][0]["type"] == "tool_result":
                continue
            if turn["role"] != "assistant":
                return False
            kinds = [block["type"] for block in turn["content"]]
            return "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking")
        return False

    def _add_sampling(self) -> None:
        sampling = self._request.sampling
        temperature = sampling.temperature
        if temperature is not None and temperature > 1:
            self._dropped.append(f"temperature (1 instead of {temperature})")
            temperature = 1
        for member, value in (
            ("temperature", temperature),
            ("top_p", sampling.top_p),
            ("top_k", sampling.top_k),
        ):
            if value is not None:
                self._body[member] = value
        if (sampling.n or 1) > 1:
            refuse("n", "only one answer at a time is possible with this model")
        stop = [each for each in sampling.stop if each.strip()]
        if stop:
            self._body["stop_sequences"] = stop
        if len(stop) < len(sampling.stop):
            self._dropped.append(f"{self._word('stop')} (blank)")
            self._enforced_locally.append("stop")
        for member in (
            "seed",
            "frequency_penalty",
            "presence_penalty",
            "logprobs",
            "top_logprobs",
            "verbosity",
        ):
            # Zero and false mean unset, except that a seed may be 0.
            value = getattr(sampling, member)
            if value or (member == "seed" and value is not None):
                self._dropped.append(self._word(member))

    def _add_extra(self) -> None:
        for name, value in self._request.extra.items():
            if not self._own or "." in name or name.startswith(("messages[", "system[")):
                self._dropped.append(name)
            elif name in ("output_config", "metadata"):
                self._body[name] = {**value, **self._body.get(name, {})}
            else:
                self._body[name] = value
