"""What the user is asked before a request is sent, as windows and commands show it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ExpectedCharge(Struct, frozen=True):
    """What a request may cost before it is sent, from ``low`` to ``high`` nano-credits."""

    low: int
    high: int


class AskReason(StrEnum):
    ALWAYS = "always"
    """The user wants to be asked before any request."""
    BUDGET = "budget"
    """A budget is used up and the user wants to be asked then."""


class Question(Struct, frozen=True):
    """What the user is shown about a request; nothing of its content.

    ``prompt_tokens`` is an estimate, ``cached_share`` (0 to 1) the share of it probably in the
    cache; ``times_usual`` compares the expected price with the tool's usual request. None: not
    known. ``spent`` and ``limit`` are those of the budget in question, in nano-credits.
    """

    request_id: str
    client: str
    model: str
    reason: AskReason = AskReason.ALWAYS
    is_user_turn: bool = True
    prompt_tokens: int | None = None
    cached_share: float | None = None
    expected: ExpectedCharge | None = None
    times_usual: float | None = None
    spent: int | None = None
    limit: int | None = None
    is_authenticated: bool = False
    """True: ``client`` is the name of the key that was sent; false: what the program calls itself."""

    @property
    def subject(self) -> tuple[str, bool, AskReason]:
        """The scope of ``stop_asking``; an authenticated client differs from a claimed name."""
        return (self.client, self.is_authenticated, self.reason)


class WaitingApproval(Struct, frozen=True):
    """A question that is not answered yet. Times are seconds since 1970."""

    question: Question
    asked_at: float
    expires_at: float
