"""``/responses``: replayed items, tools of the vendor, WebSocket, and what its answers tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.copilot_facts.measured import NOT_LISTED, REFUSED, TAKEN, WEBSOCKET
from proxy_core.doctor.probe.chosen_models import reasoning_model, searching_models
from proxy_core.doctor.probe.question import (
    NO_MODEL,
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
from proxy_core.doctor.probe.verdicts import outcome, taken_or_refused

Item = Mapping[str, Any]

MOST_SEARCHING = 3
_QUESTION = "Think step by step: what is 17 times 23? Reply with the number."
_SHORT = "Reply with the one word OK."
_ENOUGH = 400
_LONG_ID = "msg_" + "0" * 76


def _person(words: str) -> Item:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}


def responses(
    model: Model | None, *, way: Way = Way.MODEL, output: int = 64, **members: Any
) -> ProbeRequest | None:
    """One streamed call at ``model``; None for no model."""
    if model is None:
        return None
    body = {
        "model": model.id,
        "input": [_person(_SHORT)],
        "store": False,
        "stream": True,
        "max_output_tokens": output,
        **members,
    }
    if way is Way.SOCKET:
        del body["stream"]
    return ProbeRequest(
        way,
        Endpoint.RESPONSES.value,
        "POST",
        body,
        {},
        model,
        Endpoint.RESPONSES,
        output_tokens=output,
    )


def _effort(model: Model) -> str:
    """The least effort that still thinks."""
    words = [each for each in model.supports.reasoning_efforts if each not in ("none", "minimal")]
    return words[0] if words else model.supports.reasoning_efforts[0]


def _thinking(subject: Subject) -> ProbeRequest | None:
    model = reasoning_model(subject.models)
    if model is None:
        return None
    return responses(
        model,
        output=_ENOUGH,
        input=[_person(_QUESTION)],
        include=["reasoning.encrypted_content"],
        reasoning={"effort": _effort(model)},
    )


def _ask(name: str, **members: Any) -> PlannedRequest:
    return PlannedRequest(name, lambda s: responses(reasoning_model(s.models), **members))


THINKING = PlannedRequest("responses", _thinking)


def _items(answer: ProbeAnswer | None, kind: str, event: str) -> Sequence[Item]:
    if answer is None or not answer.is_taken:
        return ()
    return [
        item
        for frame in answer.frames
        if frame.get("type") == f"response.output_item.{event}"
        for item in objects([frame.get("item")])
        if item.get("type") == kind
    ]


def _replay(name: str, with_id: str) -> PlannedRequest:
    """The reasoning of ``THINKING`` comes back under the id of ``added`` or ``done``, or none."""

    def build(subject: Subject) -> ProbeRequest | None:
        answer = subject.answers.get(THINKING.name)
        done = _items(answer, "reasoning", "done")
        added = _items(answer, "reasoning", "added")
        if not done or not added or not done[0].get("encrypted_content"):
            return None
        item = {
            "type": "reasoning",
            "summary": done[0].get("summary") or [],
            "encrypted_content": done[0]["encrypted_content"],
        }
        if with_id:
            item["id"] = (added if with_id == "added" else done)[0].get("id")
        result = {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "391"}],
        }
        return responses(
            reasoning_model(subject.models),
            input=[_person(_QUESTION), item, result, _person(_SHORT)],
        )

    return PlannedRequest(name, build)


REPLAYS = {
    "done": _replay("replay_done_id", "done"),
    "added": _replay("replay_added_id", "added"),
    "none": _replay("replay_no_id", ""),
}


def _judge_replay(answers: Answers, subject: Subject) -> str:
    result = {word: outcome(answers.get(each.name)) for word, each in REPLAYS.items()}
    if all(each == NOT_ASKED for each in result.values()):
        if THINKING.build(subject) is None:
            return NO_MODEL
        return "no reasoning came" if THINKING.name in subject.answers else NOT_ASKED
    taken = [word for word, each in result.items() if each == TAKEN]
    if any(each in (UNCLEAR, NOT_ASKED) for each in result.values()):
        return UNCLEAR
    return f"{TAKEN}: {' '.join(taken)}" if taken else REFUSED


def _long_id(subject: Subject) -> ProbeRequest | None:
    result = {
        "type": "message",
        "id": _LONG_ID,
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Hello."}],
    }
    return responses(
        reasoning_model(subject.models), input=[_person("Hello."), result, _person(_SHORT)]
    )


LONG_ID = PlannedRequest("responses_long_id", _long_id)
TEMPERATURE = _ask("responses_temperature", temperature=1)
SERVICE_TIER = _ask("responses_service_tier", service_tier="auto")
CUSTOM_TOOL = _ask(
    "responses_custom_tool",
    tools=[{"type": "custom", "name": "write", "description": "Takes any text."}],
)
COUNT = PlannedRequest(
    "responses_count",
    lambda s: (
        None
        if (model := reasoning_model(s.models)) is None
        else ProbeRequest(
            Way.COPILOT,
            "/responses/input_tokens",
            "POST",
            {"model": model.id, "input": [_person(_SHORT)]},
        )
    ),
)


def _socket(subject: Subject) -> ProbeRequest | None:
    model = reasoning_model(
        [m for m in subject.models if Endpoint.RESPONSES_WEBSOCKET in m.endpoints]
    )
    return responses(model, way=Way.SOCKET)


SOCKET = PlannedRequest("responses_websocket", _socket)


def _search(place: int) -> PlannedRequest:
    def build(subject: Subject) -> ProbeRequest | None:
        found = searching_models(subject.models, MOST_SEARCHING)
        model = found[place] if place < len(found) else None
        return responses(model, tools=[{"type": "web_search"}])

    return PlannedRequest(f"web_search_{place + 1}", build)


SEARCHES = tuple(_search(place) for place in range(MOST_SEARCHING))


def _searching(subject: Subject) -> ProbeRequest | None:
    """The first request for a search that was taken."""
    found = (each for each in SEARCHES if outcome(subject.answers.get(each.name)) == TAKEN)
    search = next(found, None)
    return None if search is None else search.build(subject)


def _dated_search(subject: Subject) -> ProbeRequest | None:
    """Asked of a model that searches under the undated name."""
    search = _searching(subject)
    if search is None:
        return None
    return responses(search.model, tools=[{"type": "web_search_2025_08_26"}])


DATED_SEARCH = PlannedRequest("web_search_dated", _dated_search)


def _judge_dated(answers: Answers, subject: Subject) -> str:
    if DATED_SEARCH.name in answers:
        return outcome(answers[DATED_SEARCH.name])
    asked = any(each.name in subject.answers for each in SEARCHES)
    return "nothing that was asked searches" if asked else NOT_ASKED


def _judge_search(answers: Answers, subject: Subject) -> str:
    result: dict[str, str] = {}
    for each in SEARCHES:
        request = each.build(subject)
        if each.name in answers and request is not None and request.model is not None:
            result[request.model.id] = outcome(answers[each.name])
    if not result:
        return NO_MODEL if SEARCHES[0].build(subject) is None else NOT_ASKED
    taken = sorted(name for name, each in result.items() if each == TAKEN)
    if len(taken) == len(result):
        return "taken by all asked"
    return f"{TAKEN}: {' '.join(taken)}" if taken else "refused by all asked"


def searching_in(verdict: str) -> frozenset[str]:
    """Return the models that a verdict names as searching."""
    word, separator, listed = verdict.partition(": ")
    return frozenset(listed.split()) if separator and word == TAKEN else frozenset()


def _item_ids(answers: Answers, subject: Subject) -> str:
    answer = answers.get(THINKING.name)
    if answer is None or not answer.is_taken:
        return NO_MODEL if THINKING.build(subject) is None else outcome(answer)
    by_index: dict[Any, set[str]] = {}
    for frame in answer.frames:
        given = frame.get("item_id") or named(frame, "item", "id")
        if isinstance(given, str):
            by_index.setdefault(frame.get("output_index"), set()).add(given)
    return "another in every event" if any(len(i) > 1 for i in by_index.values()) else "stable"


def _reasoning_header(answers: Answers, subject: Subject) -> str:
    answer = answers.get(THINKING.name)
    if answer is None or not answer.is_taken:
        return NO_MODEL if THINKING.build(subject) is None else outcome(answer)
    return "sent" if "x-reasoning-included" in answer.headers else "not sent"


def _judge_socket(answers: Answers, subject: Subject) -> str:
    if SOCKET.build(subject) is None:
        return NOT_LISTED if reasoning_model(subject.models) is not None else NO_MODEL
    answer = answers.get(SOCKET.name)
    if answer is not None and not answer.is_taken and answer.status in (404, 405, 426, 501):
        return REFUSED
    return outcome(answer)


RESPONSES_PROBES = (
    ProbeEntry(
        "reasoning_id",
        "Under which id may reasoning come back: that of done, of added, or none?",
        ("protocol 14: reasoning item id on replay", "protocol 6.3"),
        tuple(REPLAYS.values()),
        _judge_replay,
    ),
    ProbeEntry(
        "item_ids",
        "Has an item the same id in every event?",
        ("protocol 6.3",),
        (THINKING,),
        _item_ids,
    ),
    ProbeEntry(
        "reasoning_header",
        "Do answers bear X-Reasoning-Included?",
        ("field F4",),
        (THINKING,),
        _reasoning_header,
    ),
    ProbeEntry(
        "long_item_ids",
        "Is an item's id of more than 64 characters taken?",
        ("protocol 6.2: item ids in input",),
        (THINKING, LONG_ID),
        taken_or_refused(LONG_ID, THINKING),
    ),
    ProbeEntry(
        "responses_temperature",
        "Does a reasoning model take temperature?",
        ("protocol 6.2: sampling",),
        (THINKING, TEMPERATURE),
        taken_or_refused(TEMPERATURE, THINKING),
    ),
    ProbeEntry(
        "responses_service_tier",
        "Is service_tier taken?",
        ("protocol 6.2",),
        (THINKING, SERVICE_TIER),
        taken_or_refused(SERVICE_TIER, THINKING),
    ),
    ProbeEntry(
        "custom_tools",
        "Are custom tools taken?",
        ("protocol 6.2: custom tools, by date",),
        (THINKING, CUSTOM_TOOL),
        taken_or_refused(CUSTOM_TOOL, THINKING),
    ),
    ProbeEntry(
        "web_search",
        "Which models of /responses search the web?",
        ("protocol 14: web_search", "field 2"),
        SEARCHES,
        _judge_search,
    ),
    ProbeEntry(
        "web_search_dated",
        "Is a dated web search tool taken?",
        ("field 2: dated types",),
        (DATED_SEARCH,),
        _judge_dated,
    ),
    ProbeEntry(
        WEBSOCKET,
        "Does /responses open WebSockets?",
        ("protocol 14: ws:/responses", "protocol 6.5"),
        (SOCKET,),
        _judge_socket,
    ),
    ProbeEntry(
        "responses_count",
        "Can the tokens of a Responses request be counted upstream?",
        ("field 2: the count endpoint for Responses",),
        (COUNT,),
        taken_or_refused(COUNT),
    ),
)
