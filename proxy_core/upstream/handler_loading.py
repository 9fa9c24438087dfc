"""Finds the request handlers that the user allowed by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from proxy_core.status import Problem
from proxy_core.upstream.request_handler import ENTRY_POINT_GROUP, RequestHandler


def installed_handlers() -> Sequence[EntryPoint]:
    return tuple(entry_points(group=ENTRY_POINT_GROUP))


def load_handlers(
    names: Iterable[str], installed: Callable[[], Sequence[EntryPoint]] = installed_handlers
) -> tuple[list[RequestHandler], tuple[Problem, ...]]:
    """Return one handler per name, in the settings' order, and a problem for each that cannot run.

    Nothing is imported, not even looked for, while no name is given.
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


def _problem(name: str, reason: str) -> Problem:
    return Problem(
        title="A request handler is not running",
        message=f"{name} could not be loaded: {reason}. Requests go on without it.",
        next_step="Install its package, or take it out of upstream.request_handlers.",
        code="request_handler",
    )
