"""``/v1/embeddings``: every form of input OpenAI allows, for an upstream that accepts one.

Copilot accepts arrays only, does not support ``encoding_format`` and omits the response's
``object`` and ``model`` (copilot-protocol.md 8).
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.events import Bill, BilledTokens, Usage
from proxy_core.canonical.model import Model
from proxy_core.canonical.request import RenderedRequest
from proxy_core.copilot_facts import limits
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.json_members import (
    one_of,
    optional_int,
    optional_text,
    refuse,
    required_text,
    wrong_type,
)
from proxy_core.errors import StreamFormatError

MAX_INPUTS = limits.MOST_EMBEDDING_INPUTS.value
"""OpenAI's maximum for one request."""

UPSTREAM_BATCH = limits.EMBEDDING_BATCH.value
"""Inputs per upstream call where the catalogue names no ``max_inputs`` (as Copilot's editor does)."""

Input = str | list[int]


@dataclass(frozen=True, slots=True)
class EmbeddingsRequest:
    """``inputs`` are texts or lists of token numbers; ``model`` is the client's name for it."""

    model: str
    inputs: tuple[Input, ...]
    encoding_format: str = "float"
    dimensions: int | None = None
    user: str | None = None


class _Embedding(msgspec.Struct):
    embedding: list[float]
    index: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    total_tokens: int = 0


class _Answer(msgspec.Struct):
    data: list[_Embedding]
    usage: _Usage | None = None


class _Costs(msgspec.Struct):
    usage: _Usage | None = None
    copilot_usage: msgspec.Raw = msgspec.Raw()


_answers = msgspec.json.Decoder(_Answer)
_costs = msgspec.json.Decoder(_Costs)


def parse_request(body: Mapping[str, Any]) -> EmbeddingsRequest:
    """Parse a decoded body. Raises BadRequest naming the offending member."""
    encoding_format = optional_text(body, "encoding_format") or "float"
    return EmbeddingsRequest(
        model=required_text(body, "model"),
        inputs=_parse_input(body),
        encoding_format=one_of(encoding_format, ("float", "base64"), "encoding_format"),
        dimensions=optional_int(body, "dimensions", minimum=1),
        user=optional_text(body, "user"),
    )


def _parse_input(body: Mapping[str, Any]) -> tuple[Input, ...]:
    value = body.get("input")
    if value is None:
        refuse("input", "this member is required")
    if isinstance(value, str):
        return (_parse_text(value, "input"),)
    if not isinstance(value, list):
        wrong_type("input", "a string or an array", value)
    if not value:
        refuse("input", "must not be empty")
    if all(_is_token(each) for each in value):
        return (value,)
    if len(value) > MAX_INPUTS:
        refuse("input", f"must hold at most {MAX_INPUTS} inputs, got {len(value)}")
    return tuple(_parse_one(each, f"input[{i}]") for i, each in enumerate(value))


def _parse_one(value: object, path: str) -> Input:
    if isinstance(value, list):
        if not value:
            refuse(path, "must not be empty")
        for i, token in enumerate(value):
            if not _is_token(token):
                wrong_type(f"{path}[{i}]", "a token number", token)
        return value
    if not isinstance(value, str):
        wrong_type(path, "a string or an array of token numbers", value)
    return _parse_text(value, path)


def _parse_text(value: str, path: str) -> str:
    if not value:
        refuse(path, "must not be an empty string")
    return value


def _is_token(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def render_requests(request: EmbeddingsRequest, model: Model) -> list[RenderedRequest]:
    """Return the upstream bodies, in order: one per batch of inputs."""
    limits = model.raw.get("capabilities", {}).get("limits", {})
    stated = limits.get("max_inputs") if isinstance(limits, dict) else None
    size = stated if isinstance(stated, int) and stated > 0 else UPSTREAM_BATCH
    dropped = ("user",) if request.user is not None else ()
    bodies = []
    for start in range(0, len(request.inputs), size):
        body: dict[str, Any] = {
            "model": model.id,
            "input": list(request.inputs[start : start + size]),
        }
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        bodies.append(RenderedRequest(body, dropped))
    return bodies


def write_answer(request: EmbeddingsRequest, answers: Iterable[bytes]) -> dict[str, Any]:
    """Return OpenAI's response from upstream's, which are in the order of ``render_requests``.

    Raises: StreamFormatError: upstream's response is unreadable or has another number of
    embeddings.
    """
    vectors: list[list[float]] = []
    prompt_tokens = total_tokens = 0
    for body in answers:
        answer = _read(body)
        vectors.extend(each.embedding for each in answer.data)
        if answer.usage is not None:
            prompt_tokens += answer.usage.prompt_tokens
            total_tokens += answer.usage.total_tokens
    if len(vectors) != len(request.inputs):
        raise StreamFormatError(
            f"GitHub Copilot sent {len(vectors)} embeddings for {len(request.inputs)} inputs."
        )
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _encode(vector, request)}
            for index, vector in enumerate(vectors)
        ],
        "model": request.model,
        "usage": {"prompt_tokens": prompt_tokens, "total_tokens": total_tokens},
    }


def read_costs(answers: Iterable[bytes]) -> tuple[Usage, Bill | None]:
    """Return the total usage and bill of upstream's responses; no bill if none had one."""
    tokens = nano_credits = 0
    details: list[BilledTokens] = []
    is_billed = False
    for body in answers:
        costs = _costs.decode(body)
        tokens += costs.usage.prompt_tokens if costs.usage else 0
        stated = parse_bill(costs.copilot_usage)
        if stated is not None:
            is_billed = True
            nano_credits += stated.total_nano_aiu
            details += stated.bill().details
    bill = Bill(nano_credits, tuple(details)) if is_billed else None
    return Usage(input_tokens=tokens), bill


def _read(body: bytes) -> _Answer:
    try:
        answer = _answers.decode(body)
    except msgspec.DecodeError as error:
        raise StreamFormatError(f"GitHub Copilot sent unreadable embeddings: {error}") from error
    if all(each.index is not None for each in answer.data):
        answer.data.sort(key=lambda each: each.index or 0)
    return answer


def _encode(vector: list[float], request: EmbeddingsRequest) -> list[float] | str:
    """Return the vector in the requested encoding: the official SDKs use base64 of little-endian
    32-bit floats.
    """
    if request.encoding_format == "float":
        return vector
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
