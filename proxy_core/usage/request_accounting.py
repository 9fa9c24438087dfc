"""The hooks that the server calls before and after a request; its only interface to usage."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec.structs import replace

from proxy_core.canonical.model import Model
from proxy_core.canonical.usage import Bill
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.ledger.entry import entry_from_record
from proxy_core.usage.limits.admission import Admission, Outgoing
from proxy_core.usage.prompt_cache.fingerprint import PromptFingerprint, fingerprint
from proxy_core.usage.prompt_cache.stable_prefix import stabilise_members
from proxy_core.usage.usage_recorder import Recorded, SentPrompt, UsageRecorder

log = logging.getLogger("g_copilot_proxy.usage")


@dataclass(frozen=True, slots=True)
class SentCall:
    """What was sent.

    ``body`` has the prompt, values as ``msgspec.Raw`` or decoded; empty: no cacheable prompt.
    ``session`` is the client's own conversation id.
    """

    model: Model
    body: Mapping[str, Any] = field(default_factory=dict)
    session: str | None = None


class UsageHooks(Protocol):
    """Belongs to the server's event loop, but for ``fingerprint`` and ``record``."""

    @property
    def needs_cost_estimate(self) -> bool:
        """Whether ``admit`` needs the prompt's size, which takes time to count."""

    def stabilise(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a Messages body of raw members with a constant billing line."""

    async def admit(self, outgoing: Outgoing, on_asking: Callable[[], None]) -> None:
        """Return once the request may be sent. Raises ProxyError; see ``Admission.admit``."""

    def note_headers(self, headers: Mapping[str, str]) -> None:
        """Take the headers of a model's response."""

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        """Hash what was sent, in any thread; None if disabled or impossible."""

    def record(
        self, record: RequestRecord, sent: SentCall | None, bill: Bill | None
    ) -> RequestRecord:
        """Record a request that ended in any way; return its record with price and cache result.

        Never raises. Called in any thread, for one request at a time.
        """

    def recorded_elsewhere(self, record: RequestRecord) -> None:
        """Count a request in the day's figures that another process put into the ledger."""


class NullUsageHooks:
    """Allows everything and records nothing."""

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

    def recorded_elsewhere(self, record: RequestRecord) -> None:
        del record

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        del sent
        return None


class RequestAccounting:
    """``stabilises`` is the user's setting, read at every request; ``key`` is the secret of the
    prompts' hashes. ``on_recorded`` and ``on_headers`` are called after each, and must not block.
    ``ready`` returns once earlier spending was read; only requests whose price matters wait for it.
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
            # The client has its response: an error in accounting must not fail it.
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

    def recorded_elsewhere(self, record: RequestRecord) -> None:
        self._on_recorded(Recorded(entry_from_record(record)))

    def fingerprint(self, sent: SentCall) -> PromptFingerprint | None:
        try:
            return fingerprint(sent.body, sent.model.id, self._key)
        except Exception:
            # An error in the cache analysis must not lose the request's cost.
            log.exception("a prompt for %s could not be hashed", sent.model.id)
            return None

    def _prompt(self, record: RequestRecord, sent: SentCall | None) -> SentPrompt | None:
        """Hash what was sent after the response: a megabyte takes 5 ms, and nothing waits for it."""
        if sent is None or not sent.body or record.state is not RequestState.DONE:
            return None
        if not record.prompt_tokens:
            return None
        hashes = self.fingerprint(sent)
        return None if hashes is None else SentPrompt(hashes, sent.session)
