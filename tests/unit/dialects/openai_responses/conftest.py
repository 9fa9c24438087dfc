"""Models, contexts and small conversations for the tests of the Responses dialect."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint, Model, Supports
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses

CREATED = 1_795_248_000


@pytest.fixture
def dialect() -> OpenAIResponses:
    return OpenAIResponses()


@pytest.fixture
def make_model() -> Callable[..., Model]:
    def make(model_id: str = "gpt-5.4", **supports: Any) -> Model:
        stated = {
            "vision": True,
            "reasoning_efforts": ("low", "medium", "high", "xhigh"),
            **supports,
        }
        return Model(
            model_id,
            model_id.upper(),
            "OpenAI",
            endpoints=(Endpoint.RESPONSES,),
            supports=Supports(**stated),
        )

    return make


@pytest.fixture
def model(make_model: Callable[..., Model]) -> Model:
    return make_model()


@pytest.fixture
def make_context() -> Callable[..., WriterContext]:
    def make(**members: Any) -> WriterContext:
        numbers = itertools.count()
        return WriterContext(
            **{
                "model": "gpt-5.4",
                "make_id": lambda prefix: f"{prefix}{next(numbers)}",
                "created": CREATED,
                **members,
            }
        )

    return make


@pytest.fixture
def context(make_context: Callable[..., WriterContext]) -> WriterContext:
    return make_context()


@pytest.fixture
def raw() -> Callable[..., dict[str, msgspec.Raw]]:
    """Make a body as the server has it: top-level values undecoded."""

    def make(**members: Any) -> dict[str, msgspec.Raw]:
        return msgspec.json.decode(json.dumps(members), type=dict[str, msgspec.Raw])

    return make


@pytest.fixture
def frame() -> Callable[..., Frame]:
    """Make one event of an upstream stream."""

    def make(kind: str, **members: Any) -> Frame:
        return Frame(json.dumps({"type": kind, **members}).encode(), kind.encode())

    return make


@pytest.fixture
def sent() -> Callable[..., dict[str, Any]]:
    """Return a rendered body as upstream receives it: through JSON, nothing raw left."""

    def decode(body: dict[str, Any]) -> dict[str, Any]:
        return msgspec.json.decode(msgspec.json.encode(body))

    return decode
