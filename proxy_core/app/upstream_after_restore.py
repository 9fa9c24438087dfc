"""The upstream as the server sees it: calls wait until the stored sign-in was looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.errors import SignedOut, translatable
from proxy_core.routing.upstream_api import (
    AutomaticChoice,
    MakeQuestion,
    Upstream,
    UpstreamAnswer,
    UpstreamCall,
)


class UpstreamAfterRestore:
    """``client`` and ``models`` are used only after ``restored`` has returned."""

    def __init__(
        self,
        restored: Callable[[], Awaitable[object]],
        client: Callable[[], Upstream],
        models: Callable[[], Awaitable[tuple[Model, ...]]],
    ) -> None:
        self._restored = restored
        self._client = client
        self._models = models
        self._is_restored = False

    async def open_stream(self, call: UpstreamCall) -> UpstreamAnswer:
        with _WORDED:
            return await (await self._ready()).open_stream(call)

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        with _WORDED:
            return await (await self._ready()).count_tokens(model, body)

    async def models(self) -> tuple[Model, ...]:
        with _WORDED:
            return await self._models()

    async def automatic_choice(self, ask: MakeQuestion) -> AutomaticChoice:
        with _WORDED:
            return await (await self._ready()).automatic_choice(ask)

    async def imposed_choice(self, ask: MakeQuestion) -> AutomaticChoice | None:
        with _WORDED:
            return await (await self._ready()).imposed_choice(ask)

    async def _ready(self) -> Upstream:
        if not self._is_restored:
            await self._restored()
            self._is_restored = True
        return self._client()


class _Worded:
    """Tells a client where to act when GitHub ended the session: GitHub's words are "Bad credentials".

    No generator, and one for all: every request goes through three of these blocks.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, SignedOut) and not error.is_own_text:
            raise SignedOut(
                translatable(
                    "GitHub ended the session of g-copilot-proxy ({reason}). Sign in again in its "
                    "window, or run “g-copilot-proxy login”.",
                    reason=error.message.rstrip("."),
                ),
                title=error.title,
                code=error.code,
            ) from error


_WORDED = _Worded()
