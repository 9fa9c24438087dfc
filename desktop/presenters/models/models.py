"""The Models page: the catalogue, the selected model, and one prompt to try it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.home.server_state import is_serving, is_signed_out
from desktop.presenters.models.model_list import (
    Availability,
    ModelFilter,
    ModelOrder,
    ModelRow,
    availability,
    chosen_models,
    terms_of,
    unchanged_line,
)
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.app.trial import Trial
from proxy_core.canonical.model import Model
from proxy_core.errors import ProxyError
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.pricing import expected_charge

COSTLY_CREDITS = 5
LOADING_AFTER = 0.3
"""Seconds before a loading message: most catalogues arrive earlier."""
_LIKELY_PROMPT, _LIKELY_ANSWER = 100, (50, 2_000)
"""Tokens of a one-line trial: its own prompt, and a short or a thoughtful answer."""


class ListState(StrEnum):
    READY = "ready"
    QUIET = "quiet"
    """Just requested; no loading message yet."""
    LOADING = "loading"
    NOTHING_MATCHES = "nothing_matches"
    EMPTY = "empty"
    SIGNED_OUT = "signed_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrialView:
    """The result of the last prompt. ``figures`` are shown at the end of the line."""

    shape: Shape
    line: str
    figures: str = ""


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """``why`` says why the model cannot be used or tried; empty if it can."""

    model_id: str
    line: str
    why: str
    can_try: bool
    is_trying: bool
    warning: str
    trial: TrialView | None
    can_enable: bool
    terms: str
    is_enabling: bool = False


@dataclass(frozen=True, slots=True)
class ModelsView:
    """``heading`` and ``sentence`` replace missing rows; ``problem`` is shown above an old list."""

    state: ListState
    counts: str
    rows: tuple[ModelRow, ...]
    show: ModelFilter
    search: str
    order: ModelOrder
    descending: bool
    heading: str
    sentence: str
    problem: str
    source_line: str
    off_line: str
    is_reading: bool
    details: ModelDetails | None


class ModelsPresenter:
    """``now`` is in seconds since 1970, ``monotonic`` in seconds.

    ``changed`` is called when the view changed without a new status. Coroutines run on the window's
    loop.
    """

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._monotonic = monotonic
        self._changed = changed
        self._models: tuple[Model, ...] = ()
        self._read_at: float | None = None
        self._asked_at: float | None = None
        self._error: ProxyError | None = None
        self._search = ""
        self._show = ModelFilter.ALL
        self._order = ModelOrder.NAME
        self._descending = False
        self._chosen: str | None = None
        self._trials: dict[str, TrialView] = {}
        self._trying: tuple[str, float] | None = None
        self._running: Future[Trial] | None = None
        self._is_stopped = False
        self._enabling: str | None = None

    async def read(self, *, refresh: bool = False) -> None:
        """Read the list; ``refresh`` asks GitHub in any case. After a failure the old list stays."""
        if self._asked_at is not None:
            return
        self._asked_at = self._monotonic()
        self._changed()
        try:
            models = await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.models(refresh=refresh))
            )
        except ProxyError as error:
            self._error = error
        else:
            self._models, self._read_at, self._error = models, self._now(), None
        finally:
            self._asked_at = None
            self._changed()

    @property
    def needs_reading(self) -> bool:
        """Whether the list must be read: it is unknown, or the number of models changed."""
        if self._asked_at is not None or is_signed_out(self._commands.status):
            return False
        reported = self._commands.status.model_count
        usable = sum(each.disabled_reason is None for each in self._models)
        return (self._read_at is None and self._error is None) or (
            self._read_at is not None and reported is not None and reported != usable
        )

    def search(self, text: str) -> None:
        self._search = text
        self._changed()

    def show(self, which: ModelFilter) -> None:
        self._show = which
        self._changed()

    def clear(self) -> None:
        self._search, self._show = "", ModelFilter.ALL
        self._changed()

    def sort(self, order: ModelOrder) -> None:
        """Sort by ``order``; a second call reverses it."""
        self._descending = not self._descending if order is self._order else False
        self._order = order
        self._changed()

    def choose(self, model_id: str) -> None:
        self._chosen = model_id
        self._changed()

    async def try_it(self, prompt: str) -> None:
        """Send one line to the chosen model. A second one waits for the first to end."""
        details = self.view().details
        if details is None or not details.can_try or not prompt.strip():
            return
        model_id = details.model_id
        self._trying = (model_id, self._monotonic())
        self._is_stopped = False
        self._running = self._commands.submit(lambda commands: commands.try_model(model_id, prompt))
        self._changed()
        try:
            trial = await asyncio.wrap_future(self._running)
        except ProxyError as error:
            self._trials[model_id] = TrialView(Shape.FAILED, self._words.said(error.said))
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
            self._trials[model_id] = TrialView(
                Shape.CANCELLED, self._words.tr("Stopped. What was sent may be billed.")
            )
        else:
            self._trials[model_id] = self._answered(trial)
        finally:
            self._trying = self._running = None
            self._changed()

    def stop_trying(self) -> None:
        if self._running is not None:
            self._is_stopped = True
            self._running.cancel()

    async def enable(self, model_id: str) -> None:
        """Accept the model's terms at GitHub; only on the user's request, after the terms were shown."""
        self._enabling = model_id
        self._changed()
        try:
            model = await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.enable_model(model_id))
            )
        except ProxyError as error:
            self._trials[model_id] = TrialView(Shape.FAILED, self._words.said(error.said))
        else:
            self._models = tuple(model if each.id == model_id else each for each in self._models)
            self._trials.pop(model_id, None)
        finally:
            self._enabling = None
            self._changed()

    def view(self) -> ModelsView:
        tr, status = self._words.tr, self._commands.status
        rows = chosen_models(
            self._models,
            search=self._search,
            show=self._show,
            order=self._order,
            descending=self._descending,
            words=self._words,
            plan=status.account.plan,
        )
        state = self._state(rows)
        heading, sentence = self._in_place_of_rows(state)
        counts = Counter(availability(each) for each in self._models)
        known = bool(self._models)
        on, off = counts[Availability.ON], len(self._models) - counts[Availability.ON]
        return ModelsView(
            state=state,
            counts=tr("{on} on, {off} off").format(on=on, off=off) if known else "",
            rows=rows if state is ListState.READY else (),
            show=self._show,
            search=self._search,
            order=self._order,
            descending=self._descending,
            heading=heading,
            sentence=sentence,
            problem=self._words.said(self._error.said) if self._error is not None and known else "",
            source_line=self._source_line() if known else "",
            off_line=self._off_line(counts) if known else "",
            is_reading=self._asked_at is not None,
            details=self._details(rows) if state is ListState.READY else None,
        )

    def _state(self, rows: tuple[ModelRow, ...]) -> ListState:
        if is_signed_out(self._commands.status):
            return ListState.SIGNED_OUT
        if self._models:
            return ListState.READY if rows else ListState.NOTHING_MATCHES
        if self._asked_at is not None:
            quiet = self._monotonic() - self._asked_at < LOADING_AFTER
            return ListState.QUIET if quiet else ListState.LOADING
        if self._error is not None:
            return ListState.FAILED
        return ListState.EMPTY if self._read_at is not None else ListState.QUIET

    def _in_place_of_rows(self, state: ListState) -> tuple[str, str]:
        tr = self._words.tr
        match state:
            case ListState.LOADING:
                return tr("Asking GitHub for the models"), ""
            case ListState.NOTHING_MATCHES:
                if self._search:
                    return tr("No model matches “{search}”").format(search=self._search), ""
                return tr("No model is in this list"), ""
            case ListState.EMPTY:
                return (
                    tr("GitHub lists no models"),
                    tr("Your plan or your organisation offers none at the moment."),
                )
            case ListState.SIGNED_OUT:
                return (
                    tr("Sign in to see the models"),
                    tr("Which models there are depends on your plan."),
                )
            case ListState.FAILED if self._error is not None:
                return self._words.failed(self._error)
        return "", ""

    def _source_line(self) -> str:
        tr = self._words.tr
        age = self._words.ago(self._now() - self._read_at) if self._read_at is not None else ""
        source = tr(
            "GitHub's list, {age}. Prices in credits per 1M tokens; 1 credit is 0.01 US$."
        ).format(age=age)
        account = self._commands.status.account
        if not account.is_auto_only:
            return source
        reported = tr(
            "On Copilot {plan} GitHub chooses the model; every name is served by its choice."
        ).format(plan=account.plan)
        return f"{reported} {source}"

    def _off_line(self, counts: Counter[Availability]) -> str:
        tr = self._words.tr
        parts = []
        if counts[Availability.OFF]:
            parts.append(tr("{count} off").format(count=counts[Availability.OFF]))
        if counts[Availability.WAITS] == 1:
            parts.append(tr("1 waits for you"))
        elif counts[Availability.WAITS]:
            parts.append(tr("{count} wait for you").format(count=counts[Availability.WAITS]))
        return tr(", ").join(parts)

    def _details(self, rows: tuple[ModelRow, ...]) -> ModelDetails:
        """Return the details of the selected model, or of the first one if it is not in the list."""
        shown = {row.model_id for row in rows}
        chosen = self._chosen if self._chosen in shown else rows[0].model_id
        model = next(each for each in self._models if each.id == chosen)
        available = availability(model)
        why = self._why_not(model, available)
        trying = self._trying is not None
        return ModelDetails(
            model_id=model.id,
            line=unchanged_line(model, self._words),
            why=why,
            can_try=not why and not trying and self._enabling is None,
            is_trying=trying,
            warning=self._warning(model) if not why else "",
            trial=self._trial(model.id),
            can_enable=available is Availability.WAITS and self._enabling is None,
            terms=terms_of(model),
            is_enabling=self._enabling == model.id,
        )

    def _why_not(self, model: Model, available: Availability) -> str:
        tr = self._words.tr
        if available is Availability.OFF:
            return self._words.said(model.disabled_reason or "")
        if available is Availability.WAITS:
            return tr("It waits for you to agree to its terms.")
        if model.kind != "chat":
            return tr("It answers no prompts, so there is nothing to try here.")
        if not is_serving(self._commands.status):
            return tr("Start the server to try a model.")
        return ""

    def _warning(self, model: Model) -> str:
        expected = expected_charge(
            model.prices, prompt_tokens=_LIKELY_PROMPT, output_tokens=_LIKELY_ANSWER
        )
        if expected is None or expected.high <= COSTLY_CREDITS * NANO_PER_CREDIT:
            return ""
        return self._words.tr("A long answer may cost {credits} credits.").format(
            credits=self._words.credits(expected.high)
        )

    def _trial(self, model_id: str) -> TrialView | None:
        if self._trying is not None and self._trying[0] == model_id:
            seconds = self._monotonic() - self._trying[1]
            return TrialView(
                Shape.STREAMING,
                self._words.tr("Waiting for the answer"),
                self._words.took(seconds),
            )
        return self._trials.get(model_id)

    def _answered(self, trial: Trial) -> TrialView:
        tr, words = self._words.tr, self._words
        figures = tr("{took}, {input} → {output} tokens").format(
            took=words.took(trial.seconds),
            input=words.tokens(trial.input_tokens),
            output=words.tokens(trial.output_tokens),
        )
        if trial.nano_credits is not None:
            figures = tr("{figures}, {credits} credits").format(
                figures=figures, credits=words.small_credits(trial.nano_credits)
            )
        line = trial.answer or tr("It answered without any words.")
        return TrialView(Shape.DONE, line, figures)
