"""One real request, as the tool would send it: its API, its key, its model. Blocks.

It stays on this computer and reads no proxy variables.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from proxy_core.clients.tool import Wire
from proxy_core.errors import ProxyError, UpstreamRefused, translatable

PROMPT = "Answer with the single word: ready"
SECONDS = 120.0
_LARGEST = 4_000_000
_OUTPUT_TOKENS = 2_000
"""Enough for a model that thinks before it says one word."""


@dataclass(frozen=True, slots=True)
class Verified:
    """``seconds`` until the whole answer was there."""

    text: str
    seconds: float


def ask_once(
    wire: Wire,
    base_url: str,
    key: str,
    model: str,
    *,
    seconds: float = SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Verified:
    """Raises UpstreamRefused with the server's words, or ProxyError where nobody answers."""
    path, body, headers = _request(wire, key, model)
    address = urlsplit(base_url)
    began = monotonic()
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port or 80, timeout=seconds
    )
    try:
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        content = response.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        raise ProxyError(
            translatable("Nobody answers at {base_url}.", base_url=base_url),
            title=translatable("The server does not run"),
            code="not_running",
        ) from error
    finally:
        connection.close()
    answer = _decoded(content)
    if response.status >= 400:
        raise UpstreamRefused(_message(answer, content), http_status=response.status)
    return Verified(_text(wire, answer).strip(), monotonic() - began)


def _request(wire: Wire, key: str, model: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    headers = {"Content-Type": "application/json", "User-Agent": "g-copilot-proxy/test"}
    messages = [{"role": "user", "content": PROMPT}]
    match wire:
        case Wire.ANTHROPIC_MESSAGES:
            headers |= {"x-api-key": key, "anthropic-version": "2023-06-01"}
            body: dict[str, Any] = {"max_tokens": _OUTPUT_TOKENS, "messages": messages}
            return "/v1/messages", {"model": model, **body}, headers
        case Wire.OPENAI_RESPONSES:
            headers["Authorization"] = f"Bearer {key}"
            return "/v1/responses", {"model": model, "input": PROMPT}, headers
        case Wire.OPENAI_CHAT:
            headers["Authorization"] = f"Bearer {key}"
            return "/v1/chat/completions", {"model": model, "messages": messages}, headers
        case Wire.GEMINI:
            headers["x-goog-api-key"] = key
            contents = [{"role": "user", "parts": [{"text": PROMPT}]}]
            return f"/v1beta/models/{model}:generateContent", {"contents": contents}, headers
        case Wire.OLLAMA:
            headers["Authorization"] = f"Bearer {key}"
            return "/api/chat", {"model": model, "messages": messages, "stream": False}, headers


def _text(wire: Wire, answer: dict[str, Any]) -> str:
    match wire:
        case Wire.ANTHROPIC_MESSAGES:
            blocks = answer.get("content")
        case Wire.OPENAI_RESPONSES:
            output = answer.get("output")
            blocks = [
                part
                for item in (output if isinstance(output, list) else [])
                for part in item.get("content") or ()
            ]
        case Wire.OPENAI_CHAT:
            choices = answer.get("choices") or [{}]
            return str((choices[0].get("message") or {}).get("content") or "")
        case Wire.GEMINI:
            candidates = answer.get("candidates") or [{}]
            blocks = (candidates[0].get("content") or {}).get("parts")
        case Wire.OLLAMA:
            return str((answer.get("message") or {}).get("content") or "")
    texts = [each.get("text") for each in (blocks if isinstance(blocks, list) else [])]
    return "".join(each for each in texts if isinstance(each, str))


def _message(answer: dict[str, Any], content: bytes) -> str:
    error = answer.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else content[:200].decode("utf-8", "replace")


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
