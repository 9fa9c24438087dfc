"""Bodies on their way out, fitted: passed through and translated."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import DialectName, Request
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.vendor_rules import FittedRequest, Target, fit_request

CHAT = DialectName.OPENAI_CHAT
RESPONSES = DialectName.OPENAI_RESPONSES
MESSAGES = DialectName.ANTHROPIC_MESSAGES

EVERYTHING = Supports(
    tool_calls=True,
    parallel_tool_calls=True,
    vision=True,
    structured_outputs=True,
    adaptive_thinking=True,
    min_thinking_budget=1024,
    max_thinking_budget=32_000,
    reasoning_efforts=("low", "medium", "high", "xhigh", "max"),
)
PLAIN = Supports(tool_calls=True, vision=True, structured_outputs=True)
THINKS_ON_A_BUDGET = Supports(
    tool_calls=True, vision=True, min_thinking_budget=256, max_thinking_budget=32_000
)

CLAUDE = Model("claude-new", "C", "Anthropic", limits=Limits(output=64_000), supports=EVERYTHING)
OLD_CLAUDE = Model("claude-old", "C", "Anthropic", supports=THINKS_ON_A_BUDGET)
GPT = Model("gpt-new", "G", "Azure OpenAI", supports=PLAIN)
GEMINI = Model("gemini-new", "G", "Google", supports=THINKS_ON_A_BUDGET)
KIMI = Model("kimi-new", "K", "Moonshot AI", supports=PLAIN)
GROK = Model("grok-new", "X", "xAI", supports=PLAIN)

_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])


def raw(body: dict[str, Any]) -> dict[str, msgspec.Raw]:
    """A body as it comes from a client: top-level values undecoded."""
    return _raw.decode(msgspec.json.encode(body))


def plain(body: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return decoded


def fit(
    body: dict[str, Any],
    model: Model,
    upstream: DialectName,
    *,
    refused: tuple[str, ...] = (),
    client: DialectName | None = None,
    is_raw: bool = True,
    **more: Any,
) -> FittedRequest:
    """Fit a body of the ``upstream`` dialect; what comes back holds no raw value."""
    endpoint: Endpoint = dialect(upstream).endpoint
    target = Target(model, endpoint, client or upstream, frozenset(refused), **more)
    fitted = fit_request(raw(body) if is_raw else body, target)
    return FittedRequest(plain(fitted.body), fitted.dropped, fitted.rules)


def passed_through(body: dict[str, Any], model: Model, name: DialectName) -> FittedRequest:
    """What leaves for a client's body in the dialect that the model answers in."""
    edited = dialect(name).pass_through_request(raw(body), model)
    fitted = fit_request(edited.body, Target(model, dialect(name).endpoint, name))
    dropped = tuple(dict.fromkeys((*edited.dropped, *fitted.dropped)))
    return FittedRequest(plain(fitted.body), dropped, fitted.rules)


def translated(
    body: dict[str, Any], model: Model, client: DialectName, upstream: DialectName
) -> FittedRequest:
    """What leaves for a client's body in another dialect than the model's."""
    return rendered(dialect(client).parse_request(body), model, upstream)


def rendered(request: Request, model: Model, upstream: DialectName) -> FittedRequest:
    body = dialect(upstream).render_request(request, model)
    target = Target(model, dialect(upstream).endpoint, request.dialect)
    fitted = fit_request(body.body, target)
    dropped = tuple(dict.fromkeys((*body.dropped, *fitted.dropped)))
    return FittedRequest(plain(fitted.body), dropped, fitted.rules)
