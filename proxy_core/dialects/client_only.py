"""The upstream half of a dialect that only clients speak: its requests are always translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import RenderedRequest, Request
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import (
    PassThroughStream,
    RenderedHeaders,
    StreamReader,
    WriterContext,
)


class ClientOnlyDialect:
    """Base of such a dialect. No route leads to these: ``registry.py`` has it not for upstream."""

    @property
    def endpoint(self) -> Endpoint:
        _never_upstream()

    def owns_error(self, body: Mapping[str, Any]) -> bool:
        """No error of upstream's has its form."""
        del body
        return False

    def check_translatable(self, body: Mapping[str, Any]) -> None:
        """Its parser refuses what it does not know."""

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        _never_upstream(body, model, outline)

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        _never_upstream(headers, model)

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        _never_upstream(request, model)

    def reader(self, model_id: str) -> StreamReader:
        _never_upstream(model_id)

    def pass_through(self, context: WriterContext) -> PassThroughStream:
        _never_upstream(context)

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        _never_upstream(body, model_id)


def _never_upstream(*given: object) -> NoReturn:
    del given
    raise AssertionError("upstream does not speak this dialect")
