"""A rendered request as it leaves for upstream, with what was dropped on both ways."""

from __future__ import annotations

from dataclasses import replace

from proxy_core.conversation import RenderedRequest
from proxy_core.model import Endpoint, Model
from proxy_core.settings import ParameterPolicy
from proxy_core.upstream.parameter_policy import Prepared, prepare
from proxy_core.upstream_call import Initiator, UpstreamCall


def as_sent(
    endpoint: Endpoint,
    rendered: RenderedRequest,
    model: Model,
    mode: ParameterPolicy = ParameterPolicy.ADAPTIVE,
    headers: dict[str, str] | None = None,
) -> Prepared:
    call = UpstreamCall(
        endpoint=endpoint,
        model=model,
        body=rendered.body,
        initiator=Initiator.USER,
        has_images=False,
        request_id="r",
        headers=headers or {},
    )
    prepared = prepare(call, mode, ())
    return replace(prepared, dropped=(*rendered.dropped, *prepared.dropped))
