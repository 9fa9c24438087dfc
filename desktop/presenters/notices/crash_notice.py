"""The notice after a crash, shown from the next start until it is opened or dismissed."""

from __future__ import annotations

from collections.abc import Callable

from desktop.presenters.actions import Action
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.words import Words


class CrashNotice:
    """``text`` is the report, ``at`` when it was written in seconds since 1970.

    ``ended``: the app ended by it. ``forget`` deletes the report.
    """

    def __init__(
        self,
        words: Words,
        text: str = "",
        at: float = 0.0,
        *,
        ended: bool = True,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._words = words
        self._text = text
        self._at = at
        self._ended = ended
        self._forget = forget

    @property
    def text(self) -> str:
        """The report to show and copy; empty once dismissed."""
        return self._text

    @property
    def notice(self) -> Notice | None:
        if not self._text:
            return None
        tr = self._words.tr
        title = (
            tr("The app closed unexpectedly at {time}")
            if self._ended
            else tr("Something failed inside the app at {time}")
        )
        return Notice(
            Severity.ATTENTION,
            title.format(time=self._words.locale.hours_and_minutes(self._at)),
            tr("A report without content is ready. It stays on this computer unless you send it."),
            (
                Choice(tr("Look at the report"), Action.SHOW_CRASH_REPORT),
                Choice(tr("Delete it"), Action.FORGET_CRASH_REPORT),
            ),
        )

    def forget(self) -> None:
        self._text = ""
        self._forget()
