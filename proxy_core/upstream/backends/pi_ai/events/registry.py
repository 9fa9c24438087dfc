"""Which writer an endpoint has. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.canonical.model import Endpoint
from proxy_core.upstream.backends.pi_ai.events.chat import ChatWire
from proxy_core.upstream.backends.pi_ai.events.messages import MessagesWire
from proxy_core.upstream.backends.pi_ai.events.responses import ResponsesWire
from proxy_core.upstream.backends.pi_ai.events.wire import Wire

_WIRES: Mapping[Endpoint, type[Wire]] = {
    Endpoint.CHAT_COMPLETIONS: ChatWire,
    Endpoint.MESSAGES: MessagesWire,
    Endpoint.RESPONSES: ResponsesWire,
}


def wire_for(endpoint: Endpoint) -> Wire:
    return _WIRES[endpoint]()
