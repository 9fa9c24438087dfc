"""What ``/v1/messages`` refuses beyond unknown members (copilot-protocol.md 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.catalog.catalog import limits_of, thinks_adaptively_only
from proxy_core.simulator.http.refusal import anthropic_invalid, coded
from proxy_core.simulator.messages.members import (
    COMPACT_BETA,
    LONG_CACHE_BETA,
    MID_SYSTEM_BETA,
    MOST_CACHE_MARKS,
    cache_marks,
    check_betas,
    check_members,
    takes_prefill,
)
from proxy_core.simulator.messages.turns import check_turns
from proxy_core.simulator.model_calls.request_checks import (
    check_effort,
    check_images,
    check_tool_count,
)
from proxy_core.simulator.model_calls.schema_checking import problem_of
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.vendor_rules.messages_rules import (
    check_messages_rules,
    check_messages_values,
)

# pi-ai's table: supportsTemperature false.
_WITHOUT_TEMPERATURE = (
    "claude-haiku-5.5",
    "claude-opus-4.8",
    "claude-opus-5",
    "claude-opus-5.5",
    "claude-sonnet-5",
    "claude-sonnet-5.5",
)
# Listed as adaptive in some lists, and refused when called.
_CLAIMS_ADAPTIVE_FALSELY = ("claude-haiku-4.5",)


def betas_of(headers: Mapping[str, str]) -> frozenset[str]:
    listed = headers.get("anthropic-beta", "")
    return frozenset(beta.strip() for beta in listed.split(",") if beta.strip())


def check_messages(asked: Asked, *, counting: bool = False) -> None:
    """Raise the real refusal for the first thing wrong with a Messages body.

    ``counting`` applies the shorter member list of ``count_tokens``.
    """
    body, model_id = asked.body, str(asked.model["id"])
    betas = betas_of(asked.headers)
    newest = thinks_adaptively_only(asked.model)
    if asked.profile.refuses_unknown_betas:
        check_betas(sorted(betas), newest)
    if asked.profile.refuses_unknown_members:
        free = frozenset() if asked.profile.requires_long_cache_beta else {LONG_CACHE_BETA}
        check_members(body, betas | free, model_id, counting=counting)
    if asked.profile.vendor_rules:
        check_messages_values(asked)
    _check_context_management(body, betas)
    if not counting:
        _check_limits(asked)
        _check_sampling(asked)
    _check_thinking(asked, counting=counting)
    _check_tools(asked)
    wanted = members(members(asked.body.get("output_config")).get("format"))
    if (problem := problem_of(wanted.get("schema", {}))) is not None:
        raise anthropic_invalid(f"output_config.format.schema: {problem}")
    check_effort(asked, "output_config.effort", members(body.get("output_config")).get("effort"))
    marks = cache_marks(body)
    if marks > MOST_CACHE_MARKS:
        raise anthropic_invalid(
            f"A maximum of {MOST_CACHE_MARKS} blocks with cache_control may be provided. "
            f"Found {marks}."
        )
    if asked.profile.vendor_rules:
        check_messages_rules(asked)
    check_images(asked, _image_urls(body))
    check_turns(
        body,
        allows_system_role=newest and MID_SYSTEM_BETA in betas,
        allows_prefill=counting or takes_prefill(model_id),
        wants_thinking_first=asked.profile.requires_thinking_before_tool_use
        and members(body.get("thinking")).get("type") == "enabled",
    )


def _check_limits(asked: Asked) -> None:
    wanted = asked.body.get("max_tokens")
    if wanted is None:
        raise anthropic_invalid("max_tokens: Field required")
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        raise anthropic_invalid("max_tokens: Input should be a valid integer")
    if wanted < 1:
        raise anthropic_invalid("max_tokens: Input should be greater than or equal to 1")
    most = limits_of(asked.model).get("max_output_tokens")
    if most is not None and wanted > most:
        raise anthropic_invalid(
            f"max_tokens: {wanted} > {most}, which is the maximum allowed number of output tokens "
            "for claude"
        )
    for stop in items(asked.body.get("stop_sequences")):
        if not isinstance(stop, str) or not stop.strip():
            raise anthropic_invalid(
                "stop_sequences: each stop sequence must contain non-whitespace"
            )


def _check_sampling(asked: Asked) -> None:
    body, model_id = asked.body, asked.model["id"]
    thinks = members(body.get("thinking")).get("type") in ("enabled", "adaptive")
    temperature = body.get("temperature")
    if "temperature" in body and model_id in _WITHOUT_TEMPERATURE:
        raise anthropic_invalid("`temperature` is deprecated for this model.")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float | None):
        raise anthropic_invalid("temperature: Input should be a valid number")
    if temperature is not None and not 0 <= temperature <= 1:
        raise anthropic_invalid("temperature: range: 0..1")
    if thinks and temperature not in (None, 1):
        raise anthropic_invalid("`temperature` may only be set to 1 when thinking is enabled.")
    if thinks and body.get("top_k") is not None:
        raise anthropic_invalid("`top_k` must be unset when thinking is enabled.")


def _check_thinking(asked: Asked, *, counting: bool) -> None:
    thinking = members(asked.body.get("thinking"))
    kind = thinking.get("type")
    supports = asked.model["capabilities"].get("supports") or {}
    if kind == "enabled":
        if thinks_adaptively_only(asked.model):
            raise anthropic_invalid(
                '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" '
                'and "output_config.effort" to control thinking behavior.'
            )
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int):
            raise anthropic_invalid("thinking.enabled.budget_tokens: Field required")
        least = int(supports.get("min_thinking_budget", 1024))
        if budget < least:
            raise anthropic_invalid(
                f"thinking.enabled.budget_tokens: Input should be greater than or equal to {least}"
            )
        if not counting and budget >= asked.body["max_tokens"]:
            raise anthropic_invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    claims = supports.get("adaptive_thinking") and asked.model["id"] not in _CLAIMS_ADAPTIVE_FALSELY
    if kind == "adaptive" and not claims:
        raise anthropic_invalid("adaptive thinking is not supported on this model")
    if thinking.get("display") not in (None, "summarized", "omitted"):
        raise anthropic_invalid(
            f"thinking.{kind}.display: Input should be 'summarized' or 'omitted'"
        )
    forced = members(asked.body.get("tool_choice")).get("type") in ("any", "tool")
    if kind in ("enabled", "adaptive") and forced:
        raise anthropic_invalid("Thinking may not be enabled when tool_choice forces tool use.")


def _check_tools(asked: Asked) -> None:
    tools = items(asked.body.get("tools"))
    check_tool_count(tools)
    names = []
    for index, raw in enumerate(tools):
        tool = members(raw)
        kind = str(tool.get("type") or "custom")
        if kind.startswith("web_search_") and asked.profile.refuses_web_search:
            raise coded(
                400,
                "unsupported_value",
                "The use of the web search tool is not supported.",
                param="tools",
            )
        if kind == "custom":
            _check_custom_tool(tool, index)
        names.append(str(tool.get("name")))
    if len(set(names)) < len(names):
        raise anthropic_invalid("tools: Tool names must be unique.")
    choice = members(asked.body.get("tool_choice"))
    if choice and not tools:
        raise anthropic_invalid("tool_choice may only be specified while providing tools")
    if choice.get("type") == "tool" and choice.get("name") not in names:
        raise anthropic_invalid(f"Tool '{choice.get('name')}' not found in provided tools")


def _check_custom_tool(tool: Mapping[str, Any], index: int) -> None:
    name = tool.get("name")
    plain = isinstance(name, str) and name.replace("-", "_").replace("_", "a").isalnum()
    if not isinstance(name, str) or not plain or not name.isascii() or len(name) > 128:
        raise anthropic_invalid(
            f"tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
        )
    schema = tool.get("input_schema")
    if not isinstance(schema, Mapping):
        raise anthropic_invalid(f"tools.{index}.custom.input_schema: Field required")
    if schema.get("type") != "object":
        raise anthropic_invalid(f"tools.{index}.custom.input_schema.type: Input should be 'object'")
    if problem_of(schema) is not None:
        raise anthropic_invalid(
            f"tools.{index}.custom.input_schema: JSON schema is invalid. It must match JSON Schema "
            "draft 2020-12 (https://json-schema.org/draft/2020-12)."
        )


def _check_context_management(body: Mapping[str, Any], betas: frozenset[str]) -> None:
    for edit in items(members(body.get("context_management")).get("edits")):
        kind = str(members(edit).get("type"))
        if kind.startswith("compact_") and COMPACT_BETA not in betas:
            raise anthropic_invalid("context_management: Extra inputs are not permitted")


def _image_urls(body: Mapping[str, Any]) -> Iterator[str]:
    for message in items(body.get("messages")):
        for block in items(members(message).get("content")):
            yield from _image_url(block)
            if members(block).get("type") == "tool_result":
                for inner in items(members(block).get("content")):
                    yield from _image_url(inner)


def _image_url(block: Any) -> Iterator[str]:
    if members(block).get("type") != "image":
        return
    source = members(block.get("source"))
    if source.get("type") == "base64":
        yield f"data:{source.get('media_type')};base64,{source.get('data')}"
    else:
        yield str(source.get("url"))
