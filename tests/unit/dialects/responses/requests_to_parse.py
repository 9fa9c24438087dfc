"""Short ways to state the bodies that the parsing tests read."""

from __future__ import annotations

from typing import Any

from proxy_core.conversation import (
    DialectName,
    Request,
)
from proxy_core.dialects.openai_responses.request_parser import parse_request

RESPONSES = DialectName.OPENAI_RESPONSES


def parse(value: object, **members: Any) -> Request:
    return parse_request({"model": "gpt-5.4", "input": value, **members})


def messages(*items: object) -> tuple[object, ...]:
    return parse(list(items)).context.messages
