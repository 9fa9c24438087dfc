"""Requests of the ledger below the newest ones: page after page, or only those a search asks for."""

from __future__ import annotations

import asyncio

from desktop.presenters.service_commands import ServiceCommands
from proxy_core.status.status import RECENT_REQUESTS, RequestRecord
from proxy_core.usage.ledger.search import ANY_REQUEST, LedgerSearch

PAGE = 200
"""Requests that are read from the ledger at once."""
MOST_FALLEN = 2_000
"""Requests below the newest ones that are held, or as many as the user asked for: an app that is left
open must not hold all that ever fell out of them.
"""


class OlderRequests:
    """``pages`` continue the newest requests without a gap; what a search found is older than both."""

    def __init__(self, commands: ServiceCommands) -> None:
        self._commands = commands
        self._recent: tuple[RequestRecord, ...] = ()
        self._search = ANY_REQUEST
        self._found: tuple[RequestRecord, ...] = ()
        self._has_found_all = False
        self._has_read_all = False
        self._most = MOST_FALLEN
        self._breaks = 0
        """How often the newest requests were replaced by wholly other ones."""
        self.pages: tuple[RequestRecord, ...] = ()
        self.is_reading = False

    def follow(self, recent: tuple[RequestRecord, ...]) -> None:
        """Take the newest requests: those that fell out of them since are kept here, without a gap."""
        before, self._recent = self._recent, recent
        if before is recent or not (self.pages or self._found or self.is_reading):
            return
        known = {each.request_id for each in recent}
        fallen = tuple(each for each in before if each.request_id not in known)
        if before and len(fallen) == len(before):  # there were too many in between
            self.pages, self._found, self._search = (), (), ANY_REQUEST
            self._has_read_all = False
            self._breaks += 1
            return
        self.pages = (*fallen, *self.pages)
        if len(self.pages) > self._most:
            self.pages, self._has_read_all = self.pages[: self._most], False

    def found(self, search: LedgerSearch) -> tuple[RequestRecord, ...]:
        """Return what that search found so far, newest first."""
        return self._found if search == self._search else ()

    def has_more(self, search: LedgerSearch) -> bool:
        """Whether the ledger may hold more of what is searched."""
        if self._has_read_all or len(self._recent) + len(self.pages) < RECENT_REQUESTS:
            return False
        return search.is_any or search != self._search or not self._has_found_all

    def wants_reading(self, search: LedgerSearch) -> bool:
        """Whether nobody has looked for ``search`` in the ledger yet."""
        is_new = not search.is_any and search != self._search
        return is_new and not self.is_reading and self.has_more(search)

    async def read(self, before: float, search: LedgerSearch) -> None:
        """Read one more page; ``before`` is when the oldest of the unbroken list began, in seconds since
        1970. Does nothing while another page is read. Raises ProxyError.
        """
        if self.is_reading:
            return
        breaks = self._breaks
        if search.is_any:
            page = await self._page(before, search)
            if breaks == self._breaks:  # else it no longer follows what is shown
                self.pages += page
                self._has_read_all = len(page) < PAGE
                self._most = max(self._most, len(self.pages))
            return
        if search != self._search:
            self._search, self._found, self._has_found_all = search, (), False
        oldest = self._found[-1].started if self._found else before
        page = await self._page(oldest, search)
        if search == self._search:  # another one may have been asked for meanwhile
            self._found += page
            self._has_found_all = len(page) < PAGE

    async def _page(self, before: float, search: LedgerSearch) -> tuple[RequestRecord, ...]:
        self.is_reading = True
        try:
            page: tuple[RequestRecord, ...] = await asyncio.wrap_future(
                self._commands.submit(
                    lambda commands: commands.requests_before(before, PAGE, search)
                )
            )
        finally:
            self.is_reading = False
        return page
