"""Loads the request handlers that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from proxy_core.errors import Problem, translatable
from proxy_core.upstream.transport.request_handler import (
    ENTRY_POINT_GROUP,
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    WebSocketChannel,
    chain,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def installed_handlers() -> Sequence[EntryPoint]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=ENTRY_POINT_GROUP))


def load_handlers(
    names: Iterable[str], installed: Callable[[], Sequence[EntryPoint]] = installed_handlers
) -> tuple[list[RequestHandler], tuple[Problem, ...]]:
    """Return one handler per name, in the settings' order, and a problem for each that cannot run.

    Without names nothing is imported or searched.
    """
    wanted = tuple(names)
    if not wanted:
        return [], ()
    found = {each.name: each for each in installed()}
    handlers: list[RequestHandler] = []
    problems: list[Problem] = []
    for name in wanted:
        if name not in found:
            problems.append(_problem(name, "no installed package offers it"))
            continue
        try:
            handler = found[name].load()()
        except Exception as error:  # noqa: BLE001 - a user's package may raise anything on import
            problems.append(_problem(name, f"{type(error).__name__}: {error}"))
            continue
        if isinstance(handler, RequestHandler):
            handlers.append(handler)
        else:
            problems.append(_problem(name, "it is not a RequestHandler"))
    return handlers, tuple(problems)


class InstalledHandlers(RequestHandler):
    """The handler chain of the settings, rebuilt whenever they change.

    ``always`` come first. A running call keeps its chain. ``on_problems`` is called with the
    handlers that cannot run.
    """

    def __init__(
        self,
        names: Callable[[], tuple[str, ...]],
        network: RequestHandler,
        *,
        always: Sequence[RequestHandler] = (),
        installed: Callable[[], Sequence[EntryPoint]] = installed_handlers,
        on_problems: Callable[[tuple[Problem, ...]], None] = lambda _: None,
    ) -> None:
        self._names = names
        self._network = network
        self._always = tuple(always)
        self._installed = installed
        self._on_problems = on_problems
        self._linked: tuple[str, ...] | None = None
        self._first: RequestHandler = network
        self._handlers: tuple[RequestHandler, ...] = ()
        self._current()

    @property
    def name(self) -> str:
        return self._current().name

    @property
    def is_network(self) -> bool:  # type: ignore[override]  # decided by what is installed now
        return self._current() is self._network

    @property
    def sees_websockets(self) -> bool:
        """Whether every handler that looks at HTTP calls looks at WebSockets too."""
        self._current()
        return all(each.sees_websockets for each in self._handlers)

    def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> Coroutine[Any, Any, OutboundResponse]:
        return self._current().send_request(request, context)

    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return await self._current().open_websocket(context)

    def _current(self) -> RequestHandler:
        names = self._names()
        if names != self._linked:
            self._linked = names
            loaded, problems = load_handlers(names, self._installed)
            self._handlers = (*self._always, *loaded)
            self._first = chain(list(self._handlers), self._network)
            if problems:
                self._on_problems(problems)
        return self._first


def _problem(name: str, reason: str) -> Problem:
    return Problem(
        title=translatable("A request handler is not running"),
        message=translatable(
            "{name} could not be loaded: {reason}. Requests go on without it.",
            name=name,
            reason=reason,
        ),
        next_step=translatable("Install its package, or take it out of upstream.request_handlers."),
        code="request_handler",
    )
