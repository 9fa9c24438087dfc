"""A whole response to one client: one JSON body over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from proxy_core.server.http.responses import json_answer


class WholeResponse:
    """Takes the result of one call; ``response`` is set once it is complete."""

    def __init__(self) -> None:
        self._response: web.Response | None = None
        self.content: Mapping[str, Any] = {}
        self.headers: Mapping[str, str] = {}

    @property
    def response(self) -> web.Response:
        assert self._response is not None, "the call was answered"
        return self._response

    def answer(self, content: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.content, self.headers = content, headers
        self._response = json_answer(content, headers=headers)
