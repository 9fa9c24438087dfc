"""Short ways to state the requests that the rendering tests send."""

from __future__ import annotations

import json
from typing import Any

from proxy_core.canonical.request import (
    Context,
    DialectName,
    Message,
    RenderedRequest,
    Request,
    TextPart,
    UserMessage,
)

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
HELLO = UserMessage((TextPart("Hello"),))


def request(
    *messages: Message, dialect: DialectName = MESSAGES, context: Any = None, **members: Any
) -> Request:
    stated = {"messages": messages or (HELLO,), **(context or {})}
    return Request("asked-model", Context(**stated), dialect, **members)


def items(rendered: RenderedRequest) -> list[Any]:
    sent: list[Any] = json.loads(json.dumps(rendered.body["input"]))
    return sent
