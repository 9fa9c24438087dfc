"""A conversation as it reaches every upstream while it grows, and that nothing of it changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.registry import dialect
from proxy_core.errors import ProxyError
from proxy_core.routing.call_plan import plan_call
from tests.golden.cases import MODEL, SPOKEN, client_dialect, fitted
from tests.integration.prompt_cache.checker import first_break, read_prompt
from tests.integration.prompt_cache.conversations import grown
from tests.unit.sent_request import as_sent

DIALECTS = {name: dialect(name) for name in SPOKEN}
CLAUDE = replace(MODEL, vendor="Anthropic")
GPT = replace(MODEL, id="gpt-5.3-codex", name="GPT-5.3 Codex", vendor="OpenAI")
GEMINI = replace(MODEL, id="gemini-3.1-pro-preview", name="Gemini 3.1 Pro", vendor="Google")
SERVED = {
    DialectName.OPENAI_CHAT: (CLAUDE, GPT, GEMINI),
    DialectName.ANTHROPIC_MESSAGES: (CLAUDE,),
    DialectName.OPENAI_RESPONSES: (GPT,),
}


def sent_upstream(
    client: DialectName, upstream: DialectName, model: Model, body: bytes
) -> bytes | None:
    """The body as it leaves for a model that answers in one dialect only; None if it is refused."""
    members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(body)
    members["model"] = msgspec.Raw(msgspec.json.encode(model.id))
    only = replace(model, endpoints=(DIALECTS[upstream].endpoint,))
    try:
        planned = plan_call(members, {}, client_dialect(client), DIALECTS, [only], "req_1")
        rendered = RenderedRequest(dict(planned.call.body), (), ())
        ready = as_sent(planned.call.endpoint, fitted(rendered, upstream, client), only)
    except ProxyError:
        return None
    return msgspec.json.encode(ready.body)


def sent_by_steps(
    client: DialectName, steps: Sequence[bytes]
) -> Iterator[tuple[DialectName, Model, list[bytes]]]:
    """What reaches each upstream and model of a client's requests."""
    for upstream in SPOKEN:
        for model in SERVED[upstream]:
            sent = (sent_upstream(client, upstream, model, each) for each in steps)
            yield upstream, model, [each for each in sent if each is not None]


def check_growing(client: DialectName, body: bytes) -> int:
    """Check the requests that led to ``body``; return how many pairs were compared."""
    return check_steps(client, grown(client, body))


def check_steps(client: DialectName, steps: Sequence[bytes]) -> int:
    """Check that each request extends the one before, wherever it is sent."""
    compared = 0
    for upstream, model, bodies in sent_by_steps(client, steps):
        prompts = [prompt for each in bodies if (prompt := read_prompt(upstream, each))]
        for earlier, later in itertools.pairwise(prompts):
            found = first_break(earlier, later)
            assert found is None, f"to {model.id} on {upstream}: {found}"
            compared += 1
    return compared
