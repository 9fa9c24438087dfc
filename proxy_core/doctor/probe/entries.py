"""Every probe there is, in the order in which it is asked, and what no probe may settle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proxy_core.doctor.probe.account_probes import ACCOUNT_PROBES
from proxy_core.doctor.probe.chat_probes import CHAT_PROBES
from proxy_core.doctor.probe.embeddings_probes import EMBEDDINGS_PROBES
from proxy_core.doctor.probe.list_probes import LIST_PROBES, UNSERVED_PROBE
from proxy_core.doctor.probe.messages_probes import MESSAGES_PROBES
from proxy_core.doctor.probe.messages_probes import THINKING as MESSAGES_THINKING
from proxy_core.doctor.probe.question import PlannedRequest, ProbeEntry
from proxy_core.doctor.probe.responses_probes import RESPONSES_PROBES
from proxy_core.doctor.probe.responses_probes import THINKING as RESPONSES_THINKING

ENTRIES: tuple[ProbeEntry, ...] = (
    *ACCOUNT_PROBES,
    *LIST_PROBES,
    *CHAT_PROBES,
    *RESPONSES_PROBES,
    *MESSAGES_PROBES,
    UNSERVED_PROBE,
    *EMBEDDINGS_PROBES,
)

_BEFORE = {
    "reasoning_id": (RESPONSES_THINKING,),
    "rewritten_thinking": (MESSAGES_THINKING,),
}
"""Requests whose answers others are made from."""


def requests_of(entries: Iterable[ProbeEntry]) -> tuple[PlannedRequest, ...]:
    """Return the requests of ``entries``, each once, those before others that are made from them."""
    found: dict[str, PlannedRequest] = {}
    for entry in entries:
        for request in (*_BEFORE.get(entry.id, ()), *entry.requests):
            found.setdefault(request.name, request)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A disagreement that is left open on purpose."""

    question: str
    source: str
    reason: str


UNSETTLED: tuple[Unsettled, ...] = (
    Unsettled(
        "Which client id signs in: the old plugin's, or an app's own?",
        "protocol 14: client id",
        "It needs another sign-in for each id, and one more may push out an older one (field F5).",
    ),
    Unsettled(
        "Who is the initiator: by the last message, or by any?",
        "protocol 14: X-Initiator",
        "It is a rule for clients. The service takes what it is told; trying what it lets pass would "
        "be a way round its accounting.",
    ),
    Unsettled(
        "Which other program's integration id opens which models?",
        "field 2: opencode#36575",
        "Sending another program's id is against its maker's agreement; only our own name is tried.",
    ),
    Unsettled(
        "Do classic personal access tokens work?",
        "protocol 1.5",
        "It needs a token of that kind, which is nobody's to make for a probe.",
    ),
    Unsettled(
        "Where do a company's hosts (ghe.com) answer GraphQL, and what is the base host of last resort?",
        "protocol 1.4, 2.4",
        "An account has one host; the other answers belong to other accounts.",
    ),
    Unsettled(
        "How many sign-ins may share an app before the oldest is destroyed?",
        "field F5",
        "Finding out signs people out.",
    ),
    Unsettled(
        "When does a stale lease answer 403?",
        "field F5",
        "It happens by itself, after a token was leased elsewhere; to cause it breaks a session.",
    ),
    Unsettled(
        "What do Claude Code and Codex send and read?",
        "field F6, F7, F8, F12",
        "These are facts of programs, not of the service; the agents' tests show them.",
    ),
    Unsettled(
        "How often do models write a tool call as text?",
        "field F11",
        "Rare and by chance: a probe of a few requests would show nothing.",
    ),
    Unsettled(
        "How many pictures does a vendor take?",
        "field 2: 20 to Anthropic, 10 to Gemini",
        "It costs more than twenty pictures each.",
    ),
    Unsettled(
        "Do the dearest models refuse to think at their highest effort without thinking?",
        "field 2: opus-5",
        "If they take it, it costs more than all the other questions.",
    ),
    Unsettled(
        "Which forms of call ids and sampling does Kimi want?",
        "field 2",
        "The form of its ids shows only in long conversations; the form that was seen is sent.",
    ),
    Unsettled(
        "Is a translated answer's reasoning passed on or left out?",
        "protocol 13",
        "It is the proxy's own choice.",
    ),
    Unsettled(
        "How long does an automatic choice's token live, and may it be renewed?",
        "field F3",
        "It needs a day of waiting.",
    ),
)
