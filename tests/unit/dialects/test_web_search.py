"""A web search that another model runs: which requests are one, and its answer in Anthropic's words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    NativeItem,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
)
from proxy_core.canonical.model import Endpoint, Model, Supports
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.web_search import (
    UNAVAILABLE,
    SearchForMessages,
    asks_for_search,
    is_proxied_search,
    search_for_messages,
    searching_model,
    unavailable_answer,
)
from proxy_core.errors import UpstreamBroke

SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
READ = {"name": "Read", "input_schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("tools", "choice", "is_search"),
    [
        ([SEARCH], None, True),
        ([SEARCH], {"type": "auto"}, True),
        ([SEARCH], {"type": "tool", "name": "web_search"}, True),
        ([SEARCH, READ], {"type": "tool", "name": "web_search"}, True),
        ([{"type": "web_search"}, READ], {"type": "web_search"}, True),
        ([SEARCH, READ], None, False),
        ([SEARCH, READ], {"type": "tool", "name": "Read"}, False),
        ([SEARCH], "none", False),
        ([SEARCH], {"type": "none"}, False),
        ([READ], None, False),
        ([], None, False),
        ({"type": "web_search"}, None, False),
        (["web_search"], None, False),
        ([{"name": "web_search", "input_schema": {}}], None, False),
    ],
)
@pytest.mark.parametrize("raw", [False, True])
def test_a_request_is_a_search_when_nothing_else_can_come_of_it(
    tools: Any, choice: Any, is_search: bool, raw: bool
) -> None:
    body: dict[str, Any] = {"tools": tools}
    if choice is not None:
        body["tool_choice"] = choice
    if raw:
        body = {name: msgspec.Raw(json.dumps(value).encode()) for name, value in body.items()}
    assert asks_for_search(body) is is_search


def model(name: str, *, searches: bool = True, disabled: str | None = None) -> Model:
    endpoints = (Endpoint.RESPONSES,)
    supports = Supports(web_search=searches)
    return Model(name, name, "x", endpoints=endpoints, supports=supports, disabled_reason=disabled)


def test_the_model_that_was_asked_for_searches_itself_where_it_can() -> None:
    asked = model("gpt-5.4")
    assert searching_model(asked, (model("gpt-5-mini"), asked)) is asked


def test_else_the_first_that_can_and_may_is_taken() -> None:
    asked = model("claude", searches=False)
    off, able = model("gpt-5", disabled="needs Pro+"), model("gpt-5-mini")
    assert searching_model(asked, (asked, off, able)) is able
    assert searching_model(asked, (asked, off)) is None


def test_an_account_without_a_searching_model_is_told_in_a_failed_search() -> None:
    answer = json.loads(unavailable_answer("claude"))
    call, message = answer["output"]
    assert (call["type"], call["status"]) == ("web_search_call", "failed")
    assert message["content"][0]["text"] == UNAVAILABLE
    assert (answer["model"], answer["status"]) == ("claude", "completed")


def native(kind: str, dialect: DialectName = DialectName.OPENAI_RESPONSES, **item: Any) -> Opaque:
    return Opaque(dialect, kind, json.dumps(item))


def call(number: int = 0, status: str = "completed", **action: Any) -> NativeItem:
    ident = f"ws_{number}"
    kind = "web_search_call"
    return NativeItem(number, native(kind, type=kind, id=ident, status=status, action=action))


def citation(url: str, title: str | None, start: int, end: int) -> Opaque:
    return native("url_citation", url=url, title=title, start_index=start, end_index=end)


def blocks(events: list[StreamEvent]) -> list[dict[str, Any]]:
    return [json.loads(each.item.data) for each in events if isinstance(each, NativeItem)]


DONE = Done(StopReason.STOP)


def test_what_was_found_stands_before_the_text_that_cites_it() -> None:
    cited = citation("https://a.example/", "A", 0, 5)
    events = search_for_messages(
        [
            call(query="weather", sources=[{"url": "https://b.example/"}, {"type": "api"}]),
            TextDelta(1, "Sunny"),
            TextDelta(1, " today"),
            TextEnd(1, annotations=(cited,)),
            DONE,
        ]
    )
    use, result = blocks(events)
    assert use["type"] == "server_tool_use"
    assert use["input"] == {"query": "weather"}
    assert is_proxied_search(use)
    assert is_proxied_search(result)
    assert [(each["url"], each["title"]) for each in result["content"]] == [
        ("https://a.example/", "A"),
        ("https://b.example/", "https://b.example/"),
    ]
    assert [type(each) for each in events] == [
        NativeItem,
        NativeItem,
        TextDelta,
        TextDelta,
        TextEnd,
        Done,
    ]
    end = events[4]
    assert isinstance(end, TextEnd)
    kept, location = end.annotations
    assert kept is cited
    assert location.dialect is DialectName.ANTHROPIC_MESSAGES
    assert json.loads(location.data) == {
        "type": "web_search_result_location",
        "url": "https://a.example/",
        "title": "A",
        "encrypted_index": "",
        "cited_text": "Sunny",
    }


def test_text_before_the_first_search_is_not_held_back() -> None:
    search = SearchForMessages()
    before = TextDelta(0, "Let me look.")
    assert search.feed(before) == [before]
    assert search.feed(call(1, query="x")) == []
    assert search.feed(TextDelta(2, "Found.")) == []


def test_of_several_searches_the_last_has_what_is_cited() -> None:
    events = search_for_messages(
        [
            call(0, query="one"),
            call(1, queries=["two", "three"]),
            TextEnd(2, annotations=(citation("https://c.example/", None, 0, 0),)),
            DONE,
        ]
    )
    first, no_results, second, results = blocks(events)
    assert (first["input"], second["input"]) == ({"query": "one"}, {"query": "two"})
    assert no_results["content"] == []
    assert results["content"][0]["url"] == "https://c.example/"
    assert first["id"] == no_results["tool_use_id"] != second["id"] == results["tool_use_id"]
    indexes = [each.index for each in events if isinstance(each, NativeItem)]
    assert len(set(indexes)) == 4
    assert min(indexes) > 2


def test_a_search_that_failed_is_an_error_in_anthropics_words() -> None:
    _, result = blocks(search_for_messages([call(status="failed"), DONE]))
    assert result["content"] == {
        "type": "web_search_tool_result_error",
        "error_code": "unavailable",
    }


def test_an_answer_that_breaks_gives_what_was_held_and_then_the_error() -> None:
    broken = Error(UpstreamBroke("gone"))
    events = search_for_messages([call(query="x"), TextDelta(1, "So"), broken])
    assert events[-1] is broken
    assert TextDelta(1, "So") in events
    assert len(blocks(events)) == 2


def test_an_answer_without_a_search_is_left_alone() -> None:
    said: list[StreamEvent] = [TextDelta(0, "Hi"), TextEnd(0), DONE]
    assert search_for_messages(said) == said


@pytest.mark.parametrize("block", [{}, {"id": 7}, {"id": "srvtoolu_01"}, {"tool_use_id": None}])
def test_anthropics_own_searches_are_not_taken_for_ours(block: dict[str, Any]) -> None:
    assert not is_proxied_search(block)
