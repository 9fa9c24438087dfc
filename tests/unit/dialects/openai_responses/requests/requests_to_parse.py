"""Short ways to state the bodies that the parsing tests read."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.request import (
    DialectName,
    Request,
)
from proxy_core.dialects.openai_responses.parse_request import parse_request

RESPONSES = DialectName.OPENAI_RESPONSES


def parse(value: object, **members: Any) -> Request:
    return parse_request({"model": "gpt-5.4", "input": value, **members})


def messages(*items: object) -> tuple[object, ...]:
    return parse(list(items)).context.messages
