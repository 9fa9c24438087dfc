"""What a request passes on its way out and at its end: the one thing of usage that the server knows."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from proxy_core.canonical.events import Bill
from proxy_core.canonical.model import Model
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.limits.admission import Admission, Outgoing
from proxy_core.usage.prompt_cache.fingerprint import PromptFingerprint, fingerprint
from proxy_core.usage.prompt_cache.stable_prefix import stabilise_members
from proxy_core.usage.usage_recorder import Recorded, SentPrompt, UsageRecorder

log = logging.getLogger("g_copilot_proxy.usage")


@dataclass(frozen=True, slots=True)
class SentCall:
    """What was sent. ``body`` has the prompt, values as ``msgspec.Raw`` or decoded; empty: no prompt
    that could be cached. ``session`` is the client's own id of its conversation. ``hashes`` is
    ``UsageHooks.fingerprint`` of it, under way in a thread; None: to be made when it is recorded."""

    model: Model
    body: Mapping[str, Any] = field(default_factory=dict)
    session: str | None = None
    hashes: Future[PromptFingerprint | None] | None = field(default=None, compare=False)


class UsageHooks(Protocol):
    """Belongs to the server's event loop, but for ``fingerprint`` and ``record``."""

    @property
    def needs_cost_estimate(self) -> bool:
        """Whether ``admit`` needs to know how large the prompt is; finding out costs time."""

    def stabilise(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a Messages body of raw members with its rotating line held still."""

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        """Return once the request may be sent. Raises ProxyError; see ``Admission.admit``."""

    def note_headers(self, headers: Mapping[str, str]) -> None:
        """Take the headers of a model's answer."""

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        """Hash what was sent, in any thread; None where hashes are not wanted or cannot be made."""

    def record(
        self, record: RequestRecord, sent: SentCall | None, bill: Bill | None
    ) -> RequestRecord:
        """Record a request that ended, whatever its end; return its record with price and cache.

        Never raises. Called in any thread, for one request at a time.
        """


class NullUsageHooks:
    """Lets everything through and keeps nothing."""

    needs_cost_estimate = False

    def stabilise(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return members

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        pass

    def note_headers(self, headers: Mapping[str, str]) -> None:
        pass

    def record(
        self, record: RequestRecord, sent: SentCall | None, bill: Bill | None
    ) -> RequestRecord:
        del sent, bill
        return record

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        del sent
        return None


class RequestAccounting:
    """``stabilises`` is the user's switch, asked at every request; ``key`` is the secret of the prompts'
    hashes. ``on_recorded`` and ``on_headers`` hear of what was taken, and must return at once. ``ready``
    returns once it is known what was spent before; only requests whose price matters wait for it.
    ``catch_up`` returns once every request that ended is recorded.
    """

    def __init__(
        self,
        admission: Admission,
        recorder: UsageRecorder,
        *,
        stabilises: Callable[[], bool],
        key: bytes,
        on_recorded: Callable[[Recorded], None],
        on_headers: Callable[[Mapping[str, str]], None],
        ready: Callable[[], Awaitable[object]],
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._admission = admission
        self._recorder = recorder
        self._stabilises = stabilises
        self._key = key
        self._on_recorded = on_recorded
        self._on_headers = on_headers
        self._ready = ready
        self._catch_up = catch_up

    @property
    def needs_cost_estimate(self) -> bool:
        return self._admission.needs_cost_estimate

    def stabilise(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return stabilise_members(members) if self._stabilises() else members

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        if self._admission.needs_cost_estimate:
            await self._ready()
            self._catch_up()
        await self._admission.admit(outgoing, on_asking)

    def note_headers(self, headers: Mapping[str, str]) -> None:
        self._on_headers(headers)

    def record(
        self, record: RequestRecord, sent: SentCall | None, bill: Bill | None
    ) -> RequestRecord:
        prices = sent.model.prices if sent is not None else None
        try:
            recorded = self._recorder.record(record, prices, bill, self._prompt(record, sent))
            self._on_recorded(recorded)
        except Exception:
            # The client has its answer: whatever is wrong with counting it is nobody's failure.
            log.exception("%s could not be recorded", record.request_id)
            return record
        entry, verdict = recorded.entry, recorded.cache
        return replace(
            record,
            nano_credits=entry.nano_credits,
            estimated=entry.estimated,
            saved_nano_credits=entry.saved_nano_credits,
            cache_miss=entry.miss_reason,
            edited_message=verdict.edited_message if verdict is not None else None,
        )

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        try:
            return fingerprint(sent.body, sent.model.id, self._key)
        except Exception:
            # Why the cache missed is worth less than what the request cost.
            log.exception("a prompt for %s could not be hashed", sent.model.id)
            return None

    def _prompt(self, record: RequestRecord, sent: SentCall | None) -> SentPrompt | None:
        """Hash what was sent, only once it is answered: a megabyte takes 5 ms, nobody waits for it."""
        if sent is None or not sent.body or record.state is not RequestState.DONE:
            return None
        if not record.prompt_tokens:
            return None
        if sent.hashes is None:
            hashes = self.fingerprint(sent)
        else:
            # An answer that was quicker than its prompt's hashes goes without them.
            is_there = sent.hashes.done() and not sent.hashes.cancelled()
            hashes = sent.hashes.result() if is_there else None
        return None if hashes is None else SentPrompt(hashes, sent.session)
