"""Publishes on the status board what upstream reports: limits, refused parameters, missing models."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from proxy_core.canonical.model import Model
from proxy_core.clock import Clock
from proxy_core.errors import Problem, translatable
from proxy_core.status.status import ParameterRefusal, Status, UpstreamStatus, with_notice
from proxy_core.status.status_board import StatusBoard

LIMIT_REACHED = "limit_reached"
MODEL_GONE = "model_gone"


class UpstreamWatch:
    """Belongs to one engine; its methods are the callbacks of ``build_upstream``."""

    def __init__(self, board: StatusBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._usable: frozenset[str] = frozenset()

    def status(self, upstream: UpstreamStatus) -> None:
        self._board.change(lambda status: replace(status, upstream=upstream))

    def refusals(self, refusals: tuple[ParameterRefusal, ...]) -> None:
        self._board.change(lambda status: replace(status, parameter_refusals=refusals))

    def limit(self, problem: Problem) -> None:
        """Publish a limit of GitHub's that a person will notice."""
        self._notice(LIMIT_REACHED, problem.title, problem.message, problem.next_step)

    def handler_problems(self, problems: tuple[Problem, ...]) -> None:
        for each in problems:
            self._notice(each.code, each.title, each.message, each.next_step)

    def models(self, models: tuple[Model, ...]) -> None:
        """Take a new catalogue; publish a notice for each recently used model that became unusable."""
        usable = frozenset(each.id for each in models if each.disabled_reason is None)
        before, self._usable = self._usable, usable
        self._board.change(lambda status: replace(status, model_count=len(usable)))
        for model_id in gone_models(before, usable, used_models(self._board.current)):
            listed = next((each for each in models if each.id == model_id), None)
            reason = listed.disabled_reason if listed is not None else None
            self._notice(
                MODEL_GONE,
                translatable("{model} is no longer offered", model=model_id),
                translatable(
                    "GitHub switched {model} off for your account. {reason}",
                    model=model_id,
                    reason=reason,
                )
                if reason
                else translatable("GitHub took {model} off your account's list.", model=model_id),
                translatable("Choose another model in the programs that use it."),
            )

    def forget_models(self) -> None:
        """Forget the catalogue after a change of account, whose missing models need no notice."""
        self._usable = frozenset()
        self._board.change(lambda status: replace(status, model_count=None))

    def _notice(self, code: str, title: str, message: str, next_step: str) -> None:
        at = self._clock.wall()
        self._board.change(lambda s: with_notice(s, at, code, title, message, next_step))


def gone_models(before: Iterable[str], now: Iterable[str], used: Iterable[str]) -> tuple[str, ...]:
    """Return the models in use that were usable before and are not now, sorted. Pure."""
    return tuple(sorted((set(before) - set(now)) & set(used)))


def used_models(status: Status) -> frozenset[str]:
    """Return the models of the recent requests."""
    return frozenset(each.model for each in (*status.active, *status.recent) if each.model)
