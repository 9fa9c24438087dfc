"""The account: its plan, what is left, which token is taken, and how a model is chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.copilot_facts.measured import NOT_LISTED, REFUSED, TAKEN
from proxy_core.copilot_facts.plans import (
    AUTO_API_VERSION,
    AUTO_ONLY_SKUS,
    SESSION_API_VERSION,
)
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
)
from proxy_core.doctor.probe.verdicts import outcome

VERSION_HEADER = "X-GitHub-Api-Version"
BEFORE_SESSIONS = "2025-05-01"
"""An API version that the older automatic choice may be too new for."""
BEFORE_AUTO = "2026-06-01"
_PROMPT = "Reply with the one word OK."

USER = PlannedRequest("user", lambda _: ProbeRequest(Way.GITHUB, "/copilot_internal/user"))
AUTO = PlannedRequest(
    "auto",
    lambda _: ProbeRequest(
        Way.COPILOT,
        "/auto",
        "POST",
        {"prompt": _PROMPT},
        {VERSION_HEADER: AUTO_API_VERSION, "OpenAI-Intent": "model-access"},
    ),
)


def _old_auto(subject: Subject) -> ProbeRequest | None:
    answer = subject.answers.get(AUTO.name)
    if answer is None or not answer.is_taken:
        return None
    return ProbeRequest(
        Way.COPILOT, "/auto", "POST", {"prompt": _PROMPT}, {VERSION_HEADER: BEFORE_AUTO}
    )


def _session(version: str) -> ProbeRequest:
    body = {"auto_mode": {"model_hints": ["auto"]}}
    return ProbeRequest(Way.COPILOT, "/models/session", "POST", body, {VERSION_HEADER: version})


def _direct_list(subject: Subject) -> ProbeRequest | None:
    return None if subject.token_is_direct else ProbeRequest(Way.DIRECT, "/models")


OLD_AUTO = PlannedRequest("auto_old_version", _old_auto)
SESSION = PlannedRequest("auto_session", lambda _: _session(AUTO_API_VERSION))
OLD_SESSION = PlannedRequest("auto_session_old_version", lambda _: _session(BEFORE_SESSIONS))
DIRECT_LIST = PlannedRequest("list_by_github_token", _direct_list)
EXCHANGE = PlannedRequest(
    "exchange",
    lambda s: ProbeRequest(Way.GITHUB, "/copilot_internal/v2/token") if s.token_is_direct else None,
)


def account_of(answers: Answers) -> Mapping[str, Any]:
    answer = answers.get(USER.name)
    return answer.content if answer is not None and answer.is_taken else {}


def plan_of(answers: Answers) -> str:
    """Return how the account is billed, as a word."""
    account = account_of(answers)
    if not account:
        return UNCLEAR if USER.name in answers else NOT_ASKED
    plan = str(account.get("copilot_plan") or "")
    if plan == "free":
        return "free"
    if plan in ("business", "enterprise"):
        return "seat of an organisation"
    if plan == "individual_edu":
        return "student"
    if account.get("token_based_billing") is True:
        return "credits"
    return "premium requests"


def is_auto_only(answers: Answers) -> bool:
    """Whether the account may name no model: its plan says so, and the service offers the choice."""
    offered = answers.get(AUTO.name)
    is_plan = account_of(answers).get("access_type_sku") in AUTO_ONLY_SKUS
    return is_plan and offered is not None and offered.is_taken


def figures(answers: Answers) -> dict[str, float]:
    """Return what the plan allows and the share that is left, rounded; empty if unknown."""
    account = account_of(answers)
    premium = named(account, "quota_snapshots", "premium_interactions")
    if isinstance(premium, Mapping):
        entitlement = _number(premium.get("entitlement"))
        percent = _number(premium.get("percent_remaining"))
        if entitlement and percent is not None and premium.get("unlimited") is not True:
            return {"entitlement": entitlement, "percent_left": round(percent, 1)}
        return {}
    most = _number(named(account, "monthly_quotas", "chat"))
    left = _number(named(account, "limited_user_quotas", "chat"))
    if most and left is not None:
        return {"entitlement": most, "percent_left": round(100 * left / most, 1)}
    return {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _left(answers: Answers, subject: Subject) -> str:
    del subject
    if not account_of(answers):
        return UNCLEAR if USER.name in answers else NOT_ASKED
    reported = figures(answers)
    if not reported:
        return "no allowance is told"
    percent = reported["percent_left"]
    for bound, word in ((0.0, "nothing"), (5.0, "under 5 %"), (50.0, "5 to 50 %")):
        if percent <= bound:
            return word
    return "over 50 %"


def _quota_reported(answers: Answers, subject: Subject) -> str:
    del subject
    account = account_of(answers)
    if not account:
        return UNCLEAR if USER.name in answers else NOT_ASKED
    reported = "quota_snapshots" in account or "limited_user_quotas" in account
    return "told" if reported else "not told"


def _overage(answers: Answers, subject: Subject) -> str:
    del subject
    permitted = named(
        account_of(answers), "quota_snapshots", "premium_interactions", "overage_permitted"
    )
    return {True: "permitted", False: "not permitted"}.get(permitted, "not told")


def _shown_to_the_app(answers: Answers, subject: Subject) -> str:
    del subject
    return outcome(answers.get(USER.name))


def _token(answers: Answers, subject: Subject) -> str:
    if subject.token_is_direct:
        verdict = outcome(answers.get(EXCHANGE.name))
        return {TAKEN: "direct, and can be exchanged", REFUSED: "direct only"}.get(verdict, verdict)
    answer = answers.get(DIRECT_LIST.name)
    if answer is not None and answer.status == 401:
        return "exchanged only"
    verdict = outcome(answer)
    return {TAKEN: "exchanged or direct", REFUSED: "exchanged only"}.get(verdict, verdict)


def offered(answer: ProbeAnswer | None) -> str:
    """Whether an automatic choice is there: 404 says that it is not, at that API version."""
    if answer is None:
        return NOT_ASKED
    if answer.status == 404:
        return NOT_LISTED
    if answer.status == 466:
        return "version retired"
    return outcome(answer)


def _auto(answers: Answers, subject: Subject) -> str:
    del subject
    verdict = offered(answers.get(AUTO.name))
    if verdict == TAKEN and is_auto_only(answers):
        return "taken, and nothing else on this plan"
    return verdict


def _auto_version(answers: Answers, subject: Subject) -> str:
    if subject.answers.get(AUTO.name) is not None and OLD_AUTO.build(subject) is None:
        return "no automatic choice"
    return offered(answers.get(OLD_AUTO.name))


ACCOUNT_PROBES = (
    ProbeEntry(
        "plan",
        "How is this account billed?",
        ("protocol 9.1", "field F3"),
        (USER,),
        lambda answers, _: plan_of(answers),
    ),
    ProbeEntry(
        "allowance_left", "How much of its allowance is left?", ("protocol 9.1",), (USER,), _left
    ),
    ProbeEntry(
        "quota_told", "Are its quotas told at all?", ("protocol 9.1",), (USER,), _quota_reported
    ),
    ProbeEntry(
        "overage", "May it use more than its allowance?", ("protocol 9.1",), (USER,), _overage
    ),
    ProbeEntry(
        "user_endpoint",
        "Does GitHub show the account to the app of this sign-in?",
        ("protocol 9.1: an own OAuth app may get 404",),
        (USER,),
        _shown_to_the_app,
    ),
    ProbeEntry(
        "token_use",
        "Must the GitHub token be exchanged, may it be used as it is, or both?",
        ("protocol 14: exchange or direct", "field 2: the gh program's token"),
        (DIRECT_LIST, EXCHANGE),
        _token,
    ),
    ProbeEntry(
        "auto",
        "Is POST /auto offered, and is it the plan's only way?",
        ("field F3",),
        (USER, AUTO),
        _auto,
    ),
    ProbeEntry(
        "auto_old_version",
        f"Does POST /auto take an API version before {AUTO_API_VERSION}?",
        ("field F3",),
        (OLD_AUTO,),
        _auto_version,
    ),
    ProbeEntry(
        "auto_session",
        "Is the older automatic choice, /models/session, still there?",
        ("protocol 4.5", "field F3"),
        (SESSION,),
        lambda answers, _: offered(answers.get(SESSION.name)),
    ),
    ProbeEntry(
        "auto_session_old_version",
        f"Does it take an API version before {SESSION_API_VERSION}?",
        ("field F3",),
        (OLD_SESSION,),
        lambda answers, _: offered(answers.get(OLD_SESSION.name)),
    ),
)
