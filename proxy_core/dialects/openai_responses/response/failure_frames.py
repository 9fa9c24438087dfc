"""Frames that report a broken stream: the ``error`` event, then the failed response.

Some clients read the first (the SDKs), some the second (Codex reads the response's code).
"""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.errors import error_code, error_message
from proxy_core.dialects.openai_responses.response.response_object import ResponseObject
from proxy_core.errors import ProxyError

_encoder = msgspec.json.Encoder()


def error_frame(error: ProxyError, sequence_number: int) -> Frame:
    event = {
        "type": "error",
        "sequence_number": sequence_number,
        "code": error_code(error),
        "message": error_message(error),
        "param": error.param,
    }
    return Frame(_encoder.encode(event), b"error")


def failed_frame(response: dict[str, Any], sequence_number: int) -> Frame:
    event = {
        "type": "response.failed",
        "sequence_number": sequence_number,
        "response": response,
    }
    return Frame(_encoder.encode(event), b"response.failed")


def error_frames(error: ProxyError, request_id: str) -> list[Frame]:
    """Return both for a stream that has not begun; sequence numbers start at zero."""
    context = WriterContext(model="", make_id=lambda prefix: prefix + request_id, created=0)
    response = ResponseObject(context.make_id("resp_"), context, None)
    return [error_frame(error, 0), failed_frame(response.failed([], error), 1)]
