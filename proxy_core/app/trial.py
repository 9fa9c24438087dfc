"""One prompt to one model through our own server, as any tool would send it: "Try it".

It uses the whole request path on purpose: what works here works for tools. The call is local and
ignores proxy variables.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from proxy_core.errors import BadRequest, Cancelled, ProxyError, UpstreamRefused, translatable
from proxy_core.status.status import RequestRecord, ServerState, Status

CLIENT = "g-copilot-proxy"
LONGEST_PROMPT = 2_000
"""In characters: one line is enough to see whether a model answers."""
SECONDS = 180.0
_LARGEST_ANSWER = 4_000_000
_RECORD_LOOKS = 50
_BETWEEN_LOOKS = 0.02
_SEEN = 200
"""Characters shown of a response that is not JSON."""


@dataclass(frozen=True, slots=True)
class Trial:
    """``seconds`` as measured by the caller. ``nano_credits`` None: the price is not known."""

    model: str
    answer: str
    seconds: float
    input_tokens: int
    output_tokens: int
    nano_credits: int | None = None
    estimated: bool = False


async def try_model(
    model_id: str,
    prompt: str,
    *,
    status: Callable[[], Status],
    key: str | None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Trial:
    """Ask ``model_id`` once and return what came back.

    Raises BadRequest for an empty or long prompt, Cancelled while the server does not run, and
    ProxyError with the server's message where it refuses.
    """
    asked = " ".join(prompt.split())
    if not asked or len(asked) > LONGEST_PROMPT:
        raise BadRequest(
            translatable(
                "Write one line of at most {longest_prompt} characters.",
                longest_prompt=LONGEST_PROMPT,
            ),
            code="prompt",
            param="prompt",
        )
    server = status().server
    if server.state is not ServerState.RUNNING:
        raise Cancelled(
            translatable("Start the server first: a trial takes the same way as your tools."),
            title=translatable("The server is off"),
            code="not_running",
        )
    body = {"model": model_id, "messages": [{"role": "user", "content": asked}]}
    headers = {"User-Agent": f"{CLIENT}/trial", "Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104  # looked up, not listened on
    shown = f"[{host}]" if ":" in host else host
    began = monotonic()
    request_id, answer = await _post(f"http://{shown}:{server.port}", body, headers)
    seconds = monotonic() - began
    usage = _mapping(answer.get("usage"))
    record = await _record_of(request_id, status, sleep)
    return Trial(
        model=str(answer.get("model") or model_id),
        answer=_text_of(answer),
        seconds=seconds,
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        nano_credits=None if record is None else record.nano_credits,
        estimated=record is not None and record.estimated,
    )


async def _post(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> tuple[str, Mapping[str, Any]]:
    """Return the request's id and the answer. Raises ProxyError."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(
                f"{url}/v1/chat/completions",
                data=msgspec.json.encode(body),
                headers=headers,
                max_line_size=65_536,
                max_field_size=65_536,
            ) as response,
        ):
            content = await response.content.read(_LARGEST_ANSWER)
            while not response.content.at_eof() and len(content) < _LARGEST_ANSWER:
                content += await response.content.read(_LARGEST_ANSWER - len(content))
            decoded = _decoded(content)
            if response.status >= 400:
                raise _refusal(response.status, decoded, content)
            return response.headers.get("x-request-id", ""), decoded
    except TimeoutError as error:
        raise UpstreamRefused(
            translatable("No answer within {seconds} seconds.", seconds=f"{SECONDS:.0f}"),
            title=translatable("The model did not answer"),
        ) from error
    except aiohttp.ClientError as error:
        raise ProxyError(
            translatable("Our own server could not be reached."),
            title=translatable("The trial was not sent"),
            code="trial",
        ) from error


def _decoded(content: bytes) -> Mapping[str, Any]:
    try:
        return _mapping(msgspec.json.decode(content))
    except msgspec.DecodeError:
        return {}


def _refusal(http_status: int, answer: Mapping[str, Any], content: bytes) -> ProxyError:
    error = _mapping(answer.get("error"))
    message = error.get("message")
    if not isinstance(message, str) or not message:
        status = translatable("Status {status}.", status=http_status)
        message = content[:_SEEN].decode("utf-8", "replace") or status
    code = error.get("code")
    return UpstreamRefused(
        message,
        title=translatable("The model did not answer"),
        http_status=http_status,
        code=code if isinstance(code, str) else None,
    )


async def _record_of(
    request_id: str, status: Callable[[], Status], sleep: Callable[[float], Awaitable[object]]
) -> RequestRecord | None:
    """Return the finished record of our own request, which has the price.

    The server finishes it just after the last byte, so it may be missing at first.
    """
    for _ in range(_RECORD_LOOKS if request_id else 0):
        for each in status().recent:
            if each.request_id == request_id:
                return each
        await sleep(_BETWEEN_LOOKS)
    return None


def _text_of(answer: Mapping[str, Any]) -> str:
    choices = answer.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        content = _mapping(_mapping(choice).get("message")).get("content")
        if isinstance(content, str) and content.strip():
            return content.strip()
    return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
