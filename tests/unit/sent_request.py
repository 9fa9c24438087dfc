"""A rendered request as it leaves for upstream, with what was dropped on both ways."""

from __future__ import annotations

from dataclasses import replace

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import RenderedRequest
from proxy_core.config.settings import ParameterPolicy
from proxy_core.routing.upstream_api import Initiator, UpstreamCall
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from proxy_core.upstream.parameters.policy import prepare


def as_sent(
    endpoint: Endpoint,
    rendered: RenderedRequest,
    model: Model,
    mode: ParameterPolicy = ParameterPolicy.ADAPTIVE,
    headers: dict[str, str] | None = None,
) -> OutboundBody:
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
