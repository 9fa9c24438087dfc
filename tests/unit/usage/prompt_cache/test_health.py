"""Why the prompt cache helped or did not, told from hashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy_core.canonical.events import Usage
from proxy_core.usage.prompt_cache.fingerprint import MOST_MESSAGES, PromptFingerprint, fingerprint
from proxy_core.usage.prompt_cache.health import (
    MISS_WORDS,
    MOST_CONVERSATIONS,
    MOST_SESSIONS,
    CacheHealth,
    CacheResult,
    CacheVerdict,
    MissReason,
)

KEY = b"secret of this process"
CAPTURES = Path(__file__).resolve().parents[5] / "shared/reference/captures/claude-code-2.1.329"
SYSTEM = [{"type": "text", "text": "head"}, {"type": "text", "text": "You are an agent."}]
TOOLS = [{"name": "Bash"}, {"name": "Read"}]


def raw(body: dict[str, Any]) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in body.items()}


def prompt(*texts: str, model: str = "m", **members: Any) -> PromptFingerprint:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": each} for n, each in enumerate(texts)]
    body = {"system": SYSTEM, "tools": TOOLS, "messages": messages} | members
    return fingerprint(raw(body), model, KEY)


MISSED = Usage(input_tokens=20_000)


def verdict_after(
    first: PromptFingerprint,
    second: PromptFingerprint,
    usage: Usage = MISSED,
    *,
    pause: float = 10.0,
) -> CacheVerdict:
    """What is said of ``second``, sent ``pause`` seconds after ``first``, which had 20,000 tokens."""
    health = CacheHealth()
    health.observe("Claude Code", "s", first, Usage(cache_write_tokens=20_000), 1000.0)
    return health.observe("Claude Code", "s", second, usage, 1000.0 + pause)


def test_the_first_request_could_not_be_cached() -> None:
    found = CacheHealth().observe("Claude Code", "s", prompt("hi"), MISSED, 0.0)
    assert found == CacheVerdict(CacheResult.NOT_EXPECTED, MissReason.FIRST_REQUEST)


def test_a_first_request_may_still_read_what_another_conversation_cached() -> None:
    usage = Usage(input_tokens=100, cache_read_tokens=19_000)
    found = CacheHealth().observe("Claude Code", "s", prompt("hi"), usage, 0.0)
    assert found == CacheVerdict(CacheResult.HIT)


def test_a_continued_conversation_that_reads_the_cache_is_a_hit() -> None:
    usage = Usage(input_tokens=3_000, cache_read_tokens=19_500)
    found = verdict_after(prompt("hi"), prompt("hi", "hello", "more"), usage)
    assert found == CacheVerdict(CacheResult.HIT)


def test_a_long_new_turn_does_not_make_a_hit_a_miss() -> None:
    usage = Usage(input_tokens=200_000, cache_read_tokens=20_000)
    assert verdict_after(prompt("hi"), prompt("hi", "a", "b"), usage).result is CacheResult.HIT


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (prompt("hi", "a", "b", model="other"), MissReason.MODEL_SWITCHED),
        (prompt("hi", "a", "b", tools=TOOLS[:1]), MissReason.TOOLS_CHANGED),
        (
            prompt("hi", "a", "b", system=[{"type": "text", "text": "HEAD"}, SYSTEM[1]]),
            MissReason.SYSTEM_HEAD_CHANGED,
        ),
        (prompt("hi", "a", "b", system=SYSTEM[:1]), MissReason.SYSTEM_CHANGED),
        (prompt("hi", "a", "b"), MissReason.UPSTREAM),
        (prompt("hi", "a", "b", model="other", tools=[]), MissReason.MODEL_SWITCHED),
    ],
)
def test_a_miss_is_put_down_to_the_first_part_that_changed(
    second: PromptFingerprint, reason: MissReason
) -> None:
    assert verdict_after(prompt("hi"), second) == CacheVerdict(CacheResult.MISS, reason)


def test_a_little_read_from_the_cache_is_a_miss_all_the_same() -> None:
    usage = Usage(input_tokens=15_000, cache_read_tokens=5_000)
    found = verdict_after(prompt("hi"), prompt("hi", "a", "b", system=SYSTEM[:1]), usage)
    assert found.reason is MissReason.SYSTEM_CHANGED


def test_an_edited_message_is_named() -> None:
    found = verdict_after(prompt("hi", "a", "b"), prompt("hi", "A", "b", "c", "d"))
    assert found == CacheVerdict(CacheResult.MISS, MissReason.PREFIX_EDITED, 2)


def test_an_edited_beginning_of_a_longer_conversation_is_no_new_one() -> None:
    found = verdict_after(prompt("hi", "a", "b"), prompt("Hi", "a", "b", "c", "d"))
    assert found == CacheVerdict(CacheResult.MISS, MissReason.PREFIX_EDITED, 1)


def test_a_new_beginning_is_a_new_conversation() -> None:
    found = verdict_after(prompt("hi", "a", "b"), prompt("something else"))
    assert found.reason is MissReason.FIRST_REQUEST


def test_a_cache_expires_after_five_minutes() -> None:
    first, second = prompt("hi"), prompt("hi", "a", "b")
    assert verdict_after(first, second, pause=300).reason is MissReason.UPSTREAM
    assert verdict_after(first, second, pause=301).reason is MissReason.TOO_OLD


def test_a_cache_of_an_hour_expires_after_an_hour() -> None:
    mark = {"type": "ephemeral", "ttl": "1h"}
    system = [{"type": "text", "text": "head", "cache_control": mark}]
    first, second = prompt("hi", system=system), prompt("hi", "a", "b", system=system)
    assert verdict_after(first, second, pause=3600).reason is MissReason.UPSTREAM
    assert verdict_after(first, second, pause=3601).reason is MissReason.TOO_OLD


def test_a_short_prompt_is_never_cached() -> None:
    health = CacheHealth()
    health.observe("c", None, prompt("hi"), Usage(input_tokens=1000), 0.0)
    found = health.observe("c", None, prompt("hi", "a", "b"), Usage(input_tokens=1100), 1.0)
    assert found == CacheVerdict(CacheResult.NOT_EXPECTED, MissReason.TOO_SHORT)


def test_a_subagent_does_not_disturb_the_main_conversation() -> None:
    health = CacheHealth()
    main = prompt("hi")
    health.observe("Claude Code", "s", main, MISSED, 0.0)
    subagent = prompt("search for x", system=[{"type": "text", "text": "You search."}], tools=[])
    found = health.observe("Claude Code", "s", subagent, MISSED, 1.0)
    assert found.reason is MissReason.FIRST_REQUEST
    found = health.observe("Claude Code", "s", prompt("hi", "a", "b"), MISSED, 2.0)
    assert found.reason is MissReason.UPSTREAM


def test_moving_cache_marks_change_nothing() -> None:
    def marked(*marks: bool) -> dict[str, Any]:
        mark = {"cache_control": {"type": "ephemeral"}}
        blocks = [
            [{"type": "text", "text": f"{n}"} | (mark if m else {})] for n, m in enumerate(marks)
        ]
        return {"messages": [{"role": "user", "content": each} for each in blocks]}

    first = fingerprint(raw(marked(True)), "m", KEY)
    second = fingerprint(raw(marked(False, True)), "m", KEY)
    assert second.messages[0] == first.messages[0]
    assert len(second.messages) == 2


def test_a_text_about_cache_marks_is_content() -> None:
    one = prompt('{"cache_control": {"type": "ephemeral"}} 1')
    assert one.messages != prompt('{"cache_control": {"type": "x"}} 1').messages


def test_leading_system_messages_belong_to_the_system_prompt() -> None:
    def chat(system: str, *texts: str) -> PromptFingerprint:
        leading = [{"role": "system", "content": system}, {"role": "developer", "content": "x"}]
        rest = [{"role": "user", "content": each} for each in texts]
        return fingerprint(raw({"messages": [*leading, *rest]}), "m", KEY)

    first = chat("You", "hi")
    assert verdict_after(first, chat("you", "hi", "more")).reason is MissReason.SYSTEM_HEAD_CHANGED
    assert verdict_after(first, chat("You", "other")).reason is MissReason.FIRST_REQUEST


def test_the_responses_dialect_has_other_words_for_the_same() -> None:
    def responses(instructions: str, *texts: str) -> PromptFingerprint:
        items = [{"type": "message", "role": "user", "content": each} for each in texts]
        return fingerprint(raw({"instructions": instructions, "input": items}), "m", KEY)

    first = responses("You", "hi")
    assert verdict_after(first, responses("You", "hi", "more")).reason is MissReason.UPSTREAM
    found = verdict_after(first, responses("you", "hi", "more"))
    assert found.reason is MissReason.SYSTEM_HEAD_CHANGED


def test_hit_rates_are_kept_for_each_session() -> None:
    health = CacheHealth()
    health.observe("Claude Code", "a", prompt("hi"), MISSED, 0.0)
    usage = Usage(input_tokens=1_000, cache_read_tokens=19_000)
    health.observe("Claude Code", "a", prompt("hi", "a", "b"), usage, 1.0)
    health.observe("Claude Code", "b", prompt("hi"), MISSED, 2.0)
    b, a = health.sessions()
    assert (a.session, a.requests, a.misses, a.hit_rate) == ("a", 2, 0, 19_000 / 40_000)
    assert (b.session, b.hit_rate, b.last_used) == ("b", 0.0, 2.0)


def test_memory_is_bounded() -> None:
    health = CacheHealth()
    for number in range(MOST_SESSIONS + 20):
        health.observe("c", str(number), prompt("hi"), MISSED, float(number))
    for number in range(MOST_CONVERSATIONS + 5):
        health.observe("c", "last", prompt(f"hi {number}"), MISSED, float(number))
    assert len(health.sessions()) == MOST_SESSIONS
    assert health.observe("c", "0", prompt("hi"), MISSED, 9.0).reason is MissReason.FIRST_REQUEST
    found = health.observe("c", "last", prompt("hi 0"), MISSED, 9.0)
    assert found.reason is MissReason.FIRST_REQUEST


def test_a_very_long_conversation_is_still_told_apart() -> None:
    texts = [str(n) for n in range(MOST_MESSAGES + 50)]
    known = prompt(*texts)
    assert len(known.messages) == MOST_MESSAGES + 1
    texts[-1] = "changed"
    assert prompt(*texts).messages[-1] != known.messages[-1]


def test_without_the_secret_a_hash_tells_nothing() -> None:
    body = raw({"messages": [{"role": "user", "content": "yes"}]})
    assert fingerprint(body, "m", b"one").messages != fingerprint(body, "m", b"two").messages


def test_every_reason_has_words() -> None:
    assert set(MISS_WORDS) == set(MissReason)


_JSON = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "cache_control"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_PARTS = st.sampled_from(["system", "instructions", "messages", "input", "tools"])


@settings(
    suppress_health_check=[HealthCheck.too_slow]
)  # the first bodies are slow to make on a busy machine
@given(st.lists(st.dictionaries(_PARTS, _JSON), min_size=2, max_size=4), st.integers(0, 10**6))
def test_no_body_breaks_it(bodies: list[dict[str, Any]], tokens: int) -> None:
    health = CacheHealth()
    for at, body in enumerate(bodies):
        found = health.observe(
            "c", None, fingerprint(raw(body), "m", KEY), Usage(input_tokens=tokens), float(at)
        )
        assert (found.reason is None) == (found.result is CacheResult.HIT)


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside the repository")
def test_two_captured_turns_of_claude_code_are_one_conversation() -> None:
    first, second = (
        fingerprint(raw(json.loads((CAPTURES / name).read_text())["body"]), "m", KEY)
        for name in ("01.json", "02.json")
    )
    assert verdict_after(first, second).reason is MissReason.UPSTREAM
