"""The list of models: what it names, in which form, and to whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proxy_core.copilot_facts import prices
from proxy_core.copilot_facts.listed_models import is_served
from proxy_core.copilot_facts.measured import REFUSED, TAKEN
from proxy_core.copilot_facts.plans import AUTO_API_VERSION
from proxy_core.doctor.probe.account_probes import VERSION_HEADER
from proxy_core.doctor.probe.question import (
    NOT_ASKED,
    UNCLEAR,
    Answers,
    PlannedRequest,
    ProbeAnswer,
    ProbeEntry,
    ProbeRequest,
    Subject,
    Way,
    named,
    objects,
)
from proxy_core.doctor.probe.verdicts import outcome

Entry = Mapping[str, Any]

OLD_VERSIONS = ("2025-04-01", "2025-05-01", "2025-10-01")
"""API versions that clients were seen to send, before those of this year (copilot-protocol.md 3.2)."""
_REPORTED_MEMBERS = (
    *("id", "name", "object", "vendor", "version", "preview", "model_picker_enabled"),
    *("model_picker_category", "model_picker_price_category", "is_chat_default"),
    *("is_chat_fallback", "supported_endpoints", "billing", "capabilities"),
)
_MESSAGES = ("info_messages", "warning_messages")


def _list(version: str, **headers: str) -> ProbeRequest:
    return ProbeRequest(
        Way.COPILOT,
        "/models",
        headers={VERSION_HEADER: version, "OpenAI-Intent": "model-access", **headers},
    )


LIST = PlannedRequest("list", lambda _: _list(AUTO_API_VERSION))
WITHOUT_INTEGRATION = PlannedRequest(
    "list_without_integration",
    lambda _: _list(AUTO_API_VERSION, **{"Copilot-Integration-Id": ""}),
)


def _old_list(version: str) -> PlannedRequest:
    """Not asked once an older version was taken."""

    def build(subject: Subject) -> ProbeRequest | None:
        older = [each for each in OLD_VERSIONS if each < version]
        taken = any(
            (answer := subject.answers.get(f"list_{each}")) is not None and answer.is_taken
            for each in older
        )
        return None if taken else _list(version)

    return PlannedRequest(f"list_{version}", build)


OLD_LISTS = tuple(_old_list(each) for each in OLD_VERSIONS)


def entries_in(answer: ProbeAnswer | None) -> Sequence[Entry]:
    return () if answer is None or not answer.is_taken else objects(answer.content.get("data"))


def shareable(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the entries without what names an owner, a key, or terms: models of a person's own are left
    out altogether."""
    selected = []
    for entry in entries:
        if entry.get("custom_model"):
            continue
        one = {name: entry[name] for name in _REPORTED_MEMBERS if name in entry}
        state = named(entry, "policy", "state")
        if isinstance(state, str):
            one["policy"] = {"state": state}
        for name in _MESSAGES:
            found = [
                {key: str(each.get(key, "")) for key in ("code", "message")}
                for each in objects(entry.get(name))
            ]
            if found:
                one[name] = found
        selected.append(one)
    return selected


def _of_list(read: Callable[[Sequence[Entry]], str]) -> Callable[[Answers, Subject], str]:
    def judge(answers: Answers, subject: Subject) -> str:
        del subject
        found = entries_in(answers.get(LIST.name))
        if found:
            return read(shareable(found))
        return UNCLEAR if LIST.name in answers else NOT_ASKED

    return judge


def _fingerprint(entries: Sequence[Entry]) -> str:
    content = json.dumps(sorted(entries, key=lambda e: str(e.get("id"))), sort_keys=True)
    return f"{len(entries)} models, {hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _names(entries: Sequence[Entry]) -> str:
    return " ".join(sorted(str(each.get("id")) for each in entries)) or "none"


def _tiers(entry: Entry) -> Sequence[Entry]:
    tokens = named(entry, "billing", prices.TOKEN_PRICES)
    return (
        [each for each in tokens.values() if isinstance(each, Mapping)]
        if isinstance(tokens, Mapping)
        else []
    )


def _price_fields(entries: Sequence[Entry]) -> str:
    names = {
        name
        for entry in entries
        for tier in _tiers(entry)
        for name in prices.CACHE_READ.names
        if name in tier
    }
    return " ".join(sorted(names)) or "no prices by token"


def _price_form(entries: Sequence[Entry]) -> str:
    forms = set()
    for entry in entries:
        billing = named(entry, "billing")
        tokens = named(entry, "billing", prices.TOKEN_PRICES)
        if isinstance(tokens, Mapping):
            forms.add("tiers" if prices.DEFAULT_TIER in tokens else "flat")
        elif isinstance(billing, Mapping) and "multiplier" in billing:
            forms.add("multipliers")
    return " ".join(sorted(forms)) or "none"


def _with(name: str) -> Callable[[Sequence[Entry]], str]:
    return lambda entries: _names([each for each in entries if each.get(name)])


def _priced(name: str) -> Callable[[Sequence[Entry]], str]:
    return lambda entries: _names([each for each in entries if named(each, "billing", name)])


def _long_context(entries: Sequence[Entry]) -> str:
    return _names(
        [
            each
            for each in entries
            if named(each, "billing", prices.TOKEN_PRICES, prices.LONG_CONTEXT_TIER)
        ]
    )


def _supporting(name: str) -> Callable[[Sequence[Entry]], str]:
    return lambda entries: _names(
        [each for each in entries if named(each, "capabilities", "supports", name) is True]
    )


def _xai(entries: Sequence[Entry]) -> str:
    found = {
        str(endpoint)
        for each in entries
        if each.get("vendor") == "xAI"
        for endpoint in each.get("supported_endpoints") or ("/chat/completions",)
    }
    return " ".join(sorted(found)) or "none of that vendor"


def _limits(entries: Sequence[Entry]) -> str:
    chat = [each for each in entries if named(each, "capabilities", "type") == "chat"]
    stated = [e for e in chat if named(e, "capabilities", "limits", "max_prompt_tokens")]
    return f"told for {len(stated)} of {len(chat)}"


def _oldest(answers: Answers, subject: Subject) -> str:
    del subject
    asked = [
        (version, answers[each.name])
        for version, each in zip(OLD_VERSIONS, OLD_LISTS, strict=True)
        if each.name in answers
    ]
    for version, answer in asked:
        if answer.is_taken:
            return version
    return f"after {asked[-1][0]}" if len(asked) == len(OLD_VERSIONS) else NOT_ASKED


def _integration(answers: Answers, subject: Subject) -> str:
    del subject
    verdict = outcome(answers.get(WITHOUT_INTEGRATION.name))
    if verdict != TAKEN:
        return verdict
    with_id = {each.get("id") for each in entries_in(answers.get(LIST.name))}
    without = {each.get("id") for each in entries_in(answers[WITHOUT_INTEGRATION.name])}
    if with_id == without:
        return "the same list"
    return "fewer models" if without < with_id else "another list"


LIST_PROBES = (
    ProbeEntry(
        "models_listed",
        "Which models are listed, with which limits and prices?",
        ("protocol 14: limits", "protocol 4.3", "field F1"),
        (LIST,),
        _of_list(_fingerprint),
    ),
    ProbeEntry(
        "limits_listed",
        "Does the list tell how long a prompt may be?",
        ("protocol 14: limits", "protocol 12"),
        (LIST,),
        _of_list(_limits),
    ),
    ProbeEntry(
        "price_fields",
        f"What is a cached token's price called at API version {AUTO_API_VERSION}?",
        ("field F2",),
        (LIST,),
        _of_list(_price_fields),
    ),
    ProbeEntry(
        "price_form",
        "In which form are prices told?",
        ("protocol 4.2",),
        (LIST,),
        _of_list(_price_form),
    ),
    ProbeEntry(
        "cheaper_by_auto",
        "Which models are cheaper by the automatic choice?",
        ("field F2",),
        (LIST,),
        _of_list(_priced(prices.AUTO_DISCOUNT.names[0])),
    ),
    ProbeEntry(
        "promotions",
        "Which have a promotion?",
        ("field 2",),
        (LIST,),
        _of_list(_priced(prices.PROMO.names[0])),
    ),
    ProbeEntry(
        "long_context",
        "Which have a tier for long context?",
        ("field 2",),
        (LIST,),
        _of_list(_long_context),
    ),
    ProbeEntry(
        "retiring",
        "Of which models does GitHub announce something?",
        ("field F1", "field 2: info_messages"),
        (LIST,),
        _of_list(_with("info_messages")),
    ),
    ProbeEntry(
        "deprecated",
        "Of which does it warn?",
        ("field 2: warning_messages",),
        (LIST,),
        _of_list(_with("warning_messages")),
    ),
    ProbeEntry(
        "tool_search_listed",
        "Which list tool search?",
        ("field 2",),
        (LIST,),
        _of_list(_supporting("tool_search")),
    ),
    ProbeEntry(
        "context_editing_listed",
        "Which list context editing?",
        ("field 2",),
        (LIST,),
        _of_list(_supporting("context_editing")),
    ),
    ProbeEntry(
        "xai_endpoints",
        "Where are xAI's models served?",
        ("protocol 14: grok endpoint",),
        (LIST,),
        _of_list(_xai),
    ),
    ProbeEntry(
        "oldest_api_version",
        "Which is the oldest API version that is still taken?",
        ("protocol 3.2",),
        OLD_LISTS,
        _oldest,
    ),
    ProbeEntry(
        "list_without_integration",
        "Does the list change without an integration id?",
        ("protocol 14: integration id",),
        (LIST, WITHOUT_INTEGRATION),
        _integration,
    ),
)

MOST_UNSERVED = 1


def _unserved(place: int) -> PlannedRequest:
    def build(subject: Subject) -> ProbeRequest | None:
        found = [
            each
            for each in entries_in(subject.answers.get(LIST.name))
            if not is_served(str(each.get("id"))) and named(each, "capabilities", "type") == "chat"
        ]
        if place >= len(found):
            return None
        model_id, listed = str(found[place]["id"]), found[place].get("supported_endpoints") or []
        if "/chat/completions" in listed or not listed:
            body: dict[str, Any] = {"messages": [{"role": "user", "content": "Reply with OK."}]}
            path = "/chat/completions"
        elif "/responses" in listed:
            body = {"input": [{"role": "user", "content": "Reply with OK."}], "store": False}
            path = "/responses"
        else:
            return None
        return ProbeRequest(Way.MODEL, path, "POST", {"model": model_id, **body, "stream": True})

    return PlannedRequest(f"unserved_{place + 1}", build)


UNSERVED_REQUESTS = tuple(_unserved(place) for place in range(MOST_UNSERVED))


def _judge_unserved(answers: Answers, subject: Subject) -> str:
    refused, taken = [], 0
    for each in UNSERVED_REQUESTS:
        verdict = outcome(answers.get(each.name))
        request = each.build(subject)
        if request is not None and request.body is not None and verdict == REFUSED:
            refused.append(str(request.body["model"]))
        taken += verdict == TAKEN
    if refused:
        return f"{REFUSED}: {' '.join(sorted(refused))}"
    return TAKEN if taken else "none is listed"


UNSERVED_PROBE = ProbeEntry(
    "unserved_models",
    "Is a model for programs of GitHub's own served to others?",
    ("field 2: listed but not served",),
    UNSERVED_REQUESTS,
    _judge_unserved,
)
