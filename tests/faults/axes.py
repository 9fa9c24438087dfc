"""What can go wrong, where, and for whom: the axes whose product is the matrix.

A combination is legal when the fault can happen in the phase. What must come of it is declared here too,
once for each fault, so that no test decides by what it happened to see.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum


class Client(StrEnum):
    CHAT = "chat"
    MESSAGES = "messages"
    RESPONSES = "responses"


MODELS = {
    (Client.CHAT, False): "gpt-4.1",
    (Client.CHAT, True): "gpt-5.3-codex",
    (Client.MESSAGES, False): "claude-sonnet-4.6",
    (Client.MESSAGES, True): "gpt-4.1",
    (Client.RESPONSES, False): "gpt-5.3-codex",
    (Client.RESPONSES, True): "claude-sonnet-4.6",
}
"""By client and whether its answer is translated: every endpoint of upstream's is met both ways."""


class Ending(StrEnum):
    """What the client must get."""

    BROKEN = "broken"
    """An error in the client's dialect, and never a normal end."""
    WHOLE = "whole"
    """The complete answer: what went wrong cannot matter any more, or was only slow."""
    EITHER = "either"
    """One of the two, but nothing in between."""
    LEAVES = "leaves"
    """Nothing ends by itself; the client leaves, and everything behind it goes."""


@dataclass(frozen=True, slots=True)
class Fault:
    phase: str
    kind: str
    ending: Ending = Ending.BROKEN
    statuses: tuple[int, ...] = ()
    """Those a client may see where nothing has been sent yet; empty: any that says who is at fault."""

    @property
    def name(self) -> str:
        return f"{self.phase}-{self.kind}"


_NO_ANSWER = (
    Fault("connect", "refused", statuses=(502,)),
    Fault("connect", "certificate", statuses=(502,)),
    Fault("connect", "unknown_name", statuses=(502,)),
    Fault("connect", "too_slow", statuses=(504,)),
    Fault("headers", "reset", statuses=(502,)),
    Fault("headers", "closed", statuses=(502,)),
    Fault("headers", "not_http", statuses=(502,)),
    Fault("headers", "too_slow", statuses=(504,)),
    Fault("headers", "crash", statuses=(502,)),
    Fault("headers", "forgets", statuses=(502,)),
    Fault("headers", "stalled", Ending.LEAVES),
)
_STATUS = (
    Fault("status", "400", statuses=(400,)),
    Fault("status", "402", statuses=(402, 403, 429)),
    Fault("status", "403", statuses=(403, 429)),
    Fault("status", "413", statuses=(400, 413)),
    Fault("status", "429", statuses=(429,)),
    Fault("status", "500", statuses=(500, 502, 503)),
    Fault("status", "503", statuses=(502, 503, 529)),
    Fault("status", "html", statuses=(502,)),
    Fault("status", "empty", statuses=(500, 502)),
    Fault("status", "redirect", statuses=(502,)),
    Fault("status", "no_content", statuses=(502,)),
    Fault("status", "wrong_type", statuses=(502,)),
    Fault("status", "wrong_json", statuses=(502,)),
    Fault("status", "half_json", statuses=(502,)),
    Fault("status", "error_body_reset", statuses=(500, 502, 503)),
    Fault("status", "error_body_endless", statuses=(500, 502, 503)),
    Fault("status", "error_body_stalled", Ending.LEAVES),
)
_BODY = (
    *(Fault("start", each) for each in ("reset", "closed", "half_event", "noise", "crash")),
    *(Fault("start", each) for each in ("error_event", "huge_event")),
    Fault("start", "wrong_event", Ending.EITHER),
    Fault("start", "stalled", Ending.LEAVES),
    Fault("first_event", "reset"),
    Fault("first_event", "closed"),
    Fault("first_event", "stalled", Ending.LEAVES),
    *(Fault("text", each) for each in ("reset", "closed", "half_event", "noise", "crash")),
    *(Fault("text", each) for each in ("error_event", "huge_event", "invalid_utf8")),
    Fault("text", "wrong_event", Ending.EITHER),
    Fault("text", "stalled", Ending.LEAVES),
    Fault("text", "endless", Ending.LEAVES),
    Fault("text", "slow", Ending.WHOLE),
    Fault("text", "bytewise", Ending.WHOLE),
    Fault("in_event", "reset"),
    Fault("in_event", "closed"),
    Fault("in_event", "stalled", Ending.LEAVES),
    *(Fault("call", each) for each in ("reset", "closed", "half_event", "error_event")),
    Fault("call", "stalled", Ending.LEAVES),
    *(Fault("last_event", each) for each in ("reset", "closed", "half_event")),
    Fault("last_event", "stalled", Ending.LEAVES),
    *(Fault("end", each, Ending.WHOLE) for each in ("reset", "closed", "half_event", "stalled")),
)
FAULTS = (*_NO_ANSWER, *_STATUS, *_BODY)


@dataclass(frozen=True, slots=True)
class Case:
    client: Client
    translated: bool
    stream: bool
    fault: Fault

    @property
    def name(self) -> str:
        way = "translated" if self.translated else "passed"
        form = "stream" if self.stream else "whole"
        return f"{self.client}-{way}-{form}-{self.fault.name}"

    @property
    def seed(self) -> int:
        return zlib.crc32(self.name.encode())

    @property
    def model(self) -> str:
        return MODELS[self.client, self.translated]

    @property
    def calls_a_tool(self) -> bool:
        return self.fault.phase == "call"

    @property
    def ending(self) -> Ending:
        if self.fault.kind == "endless" and not self.stream:
            # Nobody can be given the whole of what has no end.
            return Ending.BROKEN
        return self.fault.ending


CASES = tuple(
    Case(client, translated, stream, fault)
    for client in Client
    for translated in (False, True)
    for stream in (True, False)
    for fault in FAULTS
)
