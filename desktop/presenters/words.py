"""Texts shared by all presenters.

``tr`` is injected under the name that Qt's ``lupdate`` looks for, so that a presenter's strings are
found under its class name. Numbers and times are formatted by the user's locale.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from proxy_core.errors import Problem, ProxyError, TranslatableText
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import (
    AccountStatus,
    RequestRecord,
    RequestState,
    ServiceNotice,
    TokenPlace,
)

Translate = Callable[[str], str]
TranslateNumber = Callable[[str, int], str]
"""``%n`` in the text becomes the number, ``(s)`` the plural form."""

_LONG_WORDS = re.compile(r"\S{25,}")
_SEPARATORS = re.compile(r"([/\\_.-])")
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
ISOLATE, END_ISOLATE = "\u2066", "\u2069"
"""Around addresses and ids in sentences, so that they stay left to right in a right-to-left one."""


def in_english(text: str) -> str:
    return text


def numbered_in_english(text: str, number: int) -> str:
    return text.replace("(s)", "" if number == 1 else "s").replace("%n", str(number))


def _integer(value: int) -> str:
    return f"{value:,}"


def _decimal(value: float) -> str:
    return f"{value:,.1f}"


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def _hours_and_minutes(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(seconds))


def _calendar_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _weekday(day: date) -> str:
    return f"{day:%a} {_calendar_day(day)}"


def _month(day: date) -> str:
    return f"{day:%B}"


def _day(seconds: float) -> str:
    local = time.localtime(seconds)
    return f"{local.tm_mday} {time.strftime('%b', local)}"


def _time_of_day(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


@dataclass(frozen=True, slots=True)
class Locale:
    """How numbers and times are written. Times come in as seconds since 1970."""

    integer: Callable[[int], str] = _integer
    decimal: Callable[[float], str] = _decimal
    time_of_day: Callable[[float], str] = _time_of_day
    two_decimals: Callable[[float], str] = _two_decimals
    hours_and_minutes: Callable[[float], str] = _hours_and_minutes
    day: Callable[[float], str] = _day
    calendar_day: Callable[[date], str] = _calendar_day
    weekday: Callable[[date], str] = _weekday
    month: Callable[[date], str] = _month


class Words:
    """Phrases that more than one presenter uses."""

    def __init__(
        self,
        tr: Translate = in_english,
        locale: Locale | None = None,
        numbered: TranslateNumber = numbered_in_english,
    ) -> None:
        self.tr = tr
        self.numbered = numbered
        self.locale = locale or Locale()

    def declared(self, text: str) -> str:
        """Translate a sentence that the core declares as data (a tool's step, a check's name).

        The extraction of strings reads those from the data; ``tr`` is for words written here.
        """
        return self.tr(text)

    def said(self, text: str) -> str:
        """Translate a sentence of the core's that may hold values; what others wrote stays as it is."""
        if not isinstance(text, TranslatableText):
            return text
        values = {name: self.said(value) for name, value in text.values.items()}
        return self.tr(text.template).format_map(values)

    def failed(self, error: ProxyError) -> tuple[str, str]:
        """Return heading and sentence of a command's failure."""
        return self.said(error.title), self.said(error.said)

    def problem(self, problem: Problem | ServiceNotice) -> tuple[str, str]:
        """Return its heading, and in one text what happened and what to do."""
        sentences = (self.said(each) for each in (problem.message, problem.next_step))
        return self.said(problem.title), " ".join(each for each in sentences if each)

    def several(self, names: Sequence[str]) -> str:
        """``Codex``, ``Codex and aider``, ``Codex, aider and Zed``."""
        if len(names) < 2:
            return "".join(names)
        return self.tr("{names} and {last}").format(
            names=self.tr(", ").join(names[:-1]), last=names[-1]
        )

    def ago(self, seconds: float) -> str:
        """``4 min ago``."""
        if seconds < 60:
            return self.tr("just now")
        if seconds < 24 * 3600:
            minutes = int(seconds) // 60
            if minutes < 60:
                return self.tr("{minutes} min ago").format(minutes=minutes)
            return self.tr("{hours} h ago").format(hours=minutes // 60)
        return self.tr("{days} d ago").format(days=int(seconds) // (24 * 3600))

    def span(self, seconds: float) -> str:
        """A length of time, two units at most: ``3 h 12 min``."""
        minutes = int(max(0.0, seconds)) // 60
        if minutes < 1:
            return self.tr("less than 1 min")
        if minutes < 60:
            return self.tr("{minutes} min").format(minutes=minutes)
        hours, minutes = divmod(minutes, 60)
        if hours < 24:
            return self.tr("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
        days, hours = divmod(hours, 24)
        return self.tr("{days} d {hours} h").format(days=days, hours=hours)

    def countdown(self, seconds: float) -> str:
        """``14:32``: what is left, in minutes and seconds."""
        whole = max(0, int(seconds))
        return f"{whole // 60}:{whole % 60:02d}"

    def took(self, seconds: float) -> str:
        if seconds < 0.05:
            return self.tr("< {seconds} s").format(seconds=self.locale.decimal(0.1))
        if seconds < 60:
            return self.tr("{seconds} s").format(seconds=self.locale.decimal(seconds))
        return self.tr("{minutes} min {seconds} s").format(
            minutes=int(seconds) // 60, seconds=int(seconds) % 60
        )

    def tokens(self, count: int) -> str:
        """A count of tokens in the width of a column: ``96``, ``1,240``, ``84.2k``, ``1.2M``."""
        if count < 10_000:
            return self.locale.integer(count)
        if count < 999_950:
            return self.tr("{count}k").format(count=self.locale.decimal(count / 1000))
        return self.tr("{count}M").format(count=self.locale.decimal(count / 1_000_000))

    def plain_number(self, value: float) -> str:
        """``60``, and ``60.5`` where there is a fraction."""
        if float(value).is_integer():
            return self.locale.integer(int(value))
        return self.amount(value)

    def credits(self, nano_credits: int | None) -> str:
        return "–" if nano_credits is None else self.amount(nano_credits / 1_000_000_000)

    def amount(self, value: float) -> str:
        """An amount of credits: ``412.6``, ``0.02``, ``<0.01``; what was used is never shown as zero."""
        if 0 < value < 0.005:
            return f"<{self.locale.two_decimals(0.01)}"
        # One decimal would show zero for what was used.
        small = 0 < value < 0.05
        return self.locale.two_decimals(value) if small else self.locale.decimal(value)

    def whole(self, value: float) -> str:
        """Without a decimal if it has none:

        ``1,500``, ``412.6``; ``0.02`` if one decimal would show zero.
        """
        if value == round(value):
            return self.locale.integer(round(value))
        return self.locale.two_decimals(value) if 0 < value < 0.1 else self.locale.decimal(value)

    def rough_credits(self, nano_credits: int) -> str:
        """An estimate: ``36``, ``2.4``, ``0.02``."""
        value = nano_credits / 1_000_000_000
        return (
            self.locale.integer(round(value)) if value >= 10 else self.small_credits(nano_credits)
        )

    def small_credits(self, nano_credits: int) -> str:
        """As :meth:`credits`, with two decimals if one would show zero: ``0.02``."""
        value = nano_credits / 1_000_000_000
        if 0 < value < 0.005:
            return self.tr("less than {credits}").format(credits=self.locale.two_decimals(0.01))
        return self.locale.two_decimals(value) if value < 1 else self.locale.decimal(value)

    def plan(self, plan: str | None) -> str:
        """Return a plan's display name; an unknown one as GitHub writes it."""
        known = {
            "free": self.tr("Free"),
            "individual": self.tr("Pro"),
            "individual_pro": self.tr("Pro+"),
            "individual_max": self.tr("Max"),
            "individual_edu": self.tr("Pro (education)"),
            "business": self.tr("Business"),
            "enterprise": self.tr("Enterprise"),
        }
        return known.get(plan or "", plan or "")

    def account(self, account: AccountStatus) -> str:
        """``octocat, Pro``."""
        plan = self.plan(account.plan)
        login = account.login or account.github_host
        return f"{login}, {plan}" if plan else login

    def token_place(self, place: TokenPlace) -> str:
        return {
            TokenPlace.NOWHERE: self.tr("not kept"),
            TokenPlace.KEYCHAIN: self.tr("in the system keychain"),
            TokenPlace.FILE: self.tr("in a file only your account can read"),
            TokenPlace.MEMORY: self.tr("in memory until you quit"),
            TokenPlace.ENVIRONMENT: self.tr("from COPILOT_GITHUB_TOKEN"),
        }[place]

    def request_state(self, record: RequestRecord) -> str:
        if record.state is RequestState.DONE and record.attempts > 1:
            return self.tr("Sent again")
        return {
            RequestState.WAITING: self.tr("Waiting"),
            RequestState.STREAMING: self.tr("Streaming"),
            RequestState.DONE: self.tr("Done"),
            RequestState.FAILED: self.tr("Failed"),
            RequestState.CANCELLED: self.tr("Cancelled"),
            RequestState.NOT_SENT: self.tr("Not sent"),
        }[record.state]

    def failure(self, kind: str | None) -> str:
        """Why a request failed, as a heading. ``kind`` is an ``ErrorKind``'s value."""
        known = {
            "authentication": self.tr("Failed: the local key is missing or wrong"),
            "permission": self.tr("Refused: not allowed"),
            "not_sent": self.tr("Not sent"),
            "own_budget": self.tr("Not sent: your own budget is reached"),
            "too_many": self.tr("Refused: too many at once"),
            "sign_in_pending": self.tr("Failed: your sign-in was not at hand"),
            "backend": self.tr("Failed: the chosen backend cannot be used"),
            "not_found": self.tr("Failed: there is no such address"),
            "model_not_found": self.tr("Failed: the model is not known"),
            "too_large": self.tr("Failed: the request is too large"),
            "context_overflow": self.tr("Failed: longer than the model can read"),
            "content_filter": self.tr("Stopped by GitHub's content filter"),
            "rate_limit": self.tr("Refused: GitHub asked to wait"),
            "quota": self.tr("Refused: no credits left for it"),
            "signed_out": self.tr("Failed: nobody is signed in"),
            "overloaded": self.tr("Failed: GitHub is overloaded"),
            "method_not_allowed": self.tr("Failed: that method is not allowed at this address"),
            "unsupported_media_type": self.tr("Failed: that content type is not supported"),
            "stopped": self.tr("Cut off: the proxy was stopped"),
            "cancelled": self.tr("Cancelled"),
            "upstream": self.tr("Refused or broken off by GitHub"),
            "upstream_unreachable": self.tr("Failed: GitHub does not answer"),
            "timeout": self.tr("Failed: no answer in time"),
            "invalid_request": self.tr("Failed: the request is not valid"),
            "internal": self.tr("Failed inside the proxy"),
        }
        return known.get(kind or "", self.tr("Failed"))

    def day_of(self, seconds: float, now: float) -> str:
        """``today``, or the day."""
        day = self.locale.day(seconds)
        return self.tr("today") if day == self.locale.day(now) else day

    def tool(self, record: RequestRecord) -> str:
        return self.client(record.client)

    def client(self, name: str) -> str:
        """A tool's name; what this app asks itself (Try it, tests) is no tool's."""
        if name == OWN_CLIENT:
            return self.tr("This app")
        return name or self.tr("Unknown tool")

    def reach(self, host: str) -> str:
        if host in LOOPBACK_HOSTS:
            return self.tr("This computer only")
        return self.tr("Open to your network")


def prompt_tokens(record: RequestRecord) -> int:
    """Return the whole prompt's tokens: the record counts cached ones separately."""
    return record.input_tokens + record.cache_read_tokens + record.cache_write_tokens


def breakable(text: str) -> str:
    """Let paths and addresses in ``text`` wrap behind their separators: they have no spaces."""

    def one(word: re.Match[str]) -> str:
        return _SEPARATORS.sub("\\1\u200b", word[0])

    return _LONG_WORDS.sub(one, text)


def isolated(text: str) -> str:
    return f"{ISOLATE}{text}{END_ISOLATE}"
