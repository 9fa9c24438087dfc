"""The rotating line at the head of Claude Code's system prompt, held still."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.usage.prompt_cache.stable_prefix import stabilise_members, stabilise_system

CAPTURES = Path(__file__).resolve().parents[5] / "shared/reference/captures/claude-code-2.1.329"
HEAD = "x-anthropic-billing-header: "


def block(line: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": line, **more}


def stable(system: Any) -> Any:
    return json.loads(bytes(stabilise_system(msgspec.Raw(json.dumps(system).encode()))))


def unchanged(system: Any) -> bool:
    raw = msgspec.Raw(json.dumps(system).encode())
    return stabilise_system(raw) is raw


@pytest.mark.parametrize(
    ("line", "still"),
    [
        (
            "cc_version=2.1.177.01c; cc_entrypoint=sdk-cli; cch=36ee5;",
            "cc_version=2.1.177.000; cc_entrypoint=sdk-cli; cch=00000;",
        ),
        (
            "cc_version=2.1.329.73c; cc_entrypoint=sdk-cli;",
            "cc_version=2.1.329.000; cc_entrypoint=sdk-cli;",
        ),
        ("cc_version=2.1.38.713; cch=90d92", "cc_version=2.1.38.000; cch=00000"),
        ("cch=ea6aa; cc_version=2.1.114.76c", "cch=00000; cc_version=2.1.114.000"),
        ("cc_version=2.1.100; cch=1;", "cc_version=2.1.100; cch=00000;"),
        ("cch=1; You said cch=1;", "cch=00000; You said cch=1;"),
        (
            "cc_version=2.2.0-beta.4f3; cc_entrypoint=cli; cc_workload=cron; cch=71fea;",
            "cc_version=2.2.0-beta.000; cc_entrypoint=cli; cc_workload=cron; cch=00000;",
        ),
    ],
)
def test_only_what_rotates_is_replaced(line: str, still: str) -> None:
    rest = [block("You are an agent.", cache_control={"type": "ephemeral"})]
    assert stable([block(HEAD + line), *rest]) == [block(HEAD + still), *rest]


def test_two_requests_of_a_conversation_begin_alike() -> None:
    first = [block(f"{HEAD}cc_version=2.1.177.01c; cc_entrypoint=cli; cch=36ee5;"), block("You")]
    second = [block(f"{HEAD}cc_version=2.1.177.9f2; cc_entrypoint=cli; cch=0aaa9;"), block("You")]
    assert stable(first) == stable(second)


def test_a_system_prompt_that_is_one_text_is_held_still_too() -> None:
    rest = "\nYou are an agent.\ncch=eb6c6;"
    prompt = f"{HEAD}cc_version=2.1.100.7b4; cc_entrypoint=cli; cch=eb6c6;{rest}"
    still = f"{HEAD}cc_version=2.1.100.000; cc_entrypoint=cli; cch=00000;{rest}"
    assert stable(prompt) == still


def test_every_other_byte_stays_as_it_came() -> None:
    raw = (
        b' [ {"cache_control" : null,\n "text" :"x-anthropic-billing-header: cc_version=2.1.9.abc; '
        b'cch=12345;" , "type":"text"},{"type":"text","text":"\\u00e9 cch=12345;"} ] '
    )
    assert bytes(stabilise_system(msgspec.Raw(raw))) == raw.replace(b"9.abc", b"9.000").replace(
        b"cch=12345;", b"cch=00000;", 1
    )


@pytest.mark.parametrize(
    "system",
    [
        "You are an agent; cch=12345;",
        [block("You are an agent"), block(f"{HEAD}cc_version=2.1.9.abc; cch=12345;")],
        [block(f"The header reads {HEAD}cc_version=2.1.9.abc; cch=12345;")],
        [block(f"{HEAD}cc_version=2.1.9; cc_entrypoint=cli;")],
        [block(f"{HEAD}cc_version=2.1.9.000; cc_entrypoint=cli; cch=00000;")],
        [{"type": "image", "source": HEAD}],
        ["x-anthropic-billing-header: cch=1;"],
        [],
        "",
        None,
        7,
        {"text": f"{HEAD}cch=12345;"},
    ],
)
def test_anything_else_is_left_alone(system: Any) -> None:
    assert unchanged(system)


def test_what_follows_the_line_in_its_own_block_is_left_alone() -> None:
    text = f"{HEAD}cc_version=2.1.9.abc;\ncch=12345; cc_version=2.1.9.abc;"
    assert stable([block(text)]) == [block(text.replace("abc", "000", 1))]


def test_a_body_without_the_line_is_the_same_object() -> None:
    members = {"model": msgspec.Raw(b'"m"'), "system": msgspec.Raw(b'"You"')}
    assert stabilise_members(members) is members
    assert stabilise_members({"model": 1}) == {"model": 1}


def test_a_body_with_the_line_is_a_new_one_and_the_old_stays() -> None:
    system = msgspec.Raw(json.dumps([block(f"{HEAD}cch=12345;")]).encode())
    members = {"model": msgspec.Raw(b'"m"'), "system": system}
    changed = stabilise_members(members)
    assert list(changed) == ["model", "system"]
    assert b"cch=00000" in bytes(changed["system"])
    assert members["system"] is system


_MEMBERS = st.sampled_from(["type", "text", "x"])
_JSON = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(_MEMBERS, inner),
)


@given(_JSON)
def test_nothing_breaks_it(system: Any) -> None:
    assert stable(system) == system


@given(st.binary(max_size=60))
def test_bytes_that_are_no_json_come_back_as_they_are(data: bytes) -> None:
    raw = msgspec.Raw(b'["x-anthropic-billing-header' + data)
    assert bytes(stabilise_system(raw)) == bytes(raw)


@given(st.text(alphabet="0123456789abcdef", min_size=5, max_size=5), st.text(max_size=20))
def test_it_is_stable_itself(digits: str, rest: str) -> None:
    line = f"{HEAD}cc_version=2.1.177.{digits[:3]}; cc_entrypoint=cli; cch={digits};"
    once = stable([block(line), block(rest)])
    assert stable(once) == once
    assert re.fullmatch(
        rf"{HEAD}cc_version=2\.1\.177\.000; cc_entrypoint=cli; cch=00000;", once[0]["text"]
    )
    assert once[1]["text"] == rest


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not beside the repository")
def test_the_captured_client_s_line_loses_its_digits_only() -> None:
    for path in sorted(CAPTURES.glob("*.json")):
        system = json.loads(path.read_text())["body"]["system"]
        still = stable(system)
        assert still[1:] == system[1:]
        assert still[0]["text"] == re.sub(
            r"(\d\.\d+\.\d+\.)[0-9a-f]{3};", r"\g<1>000;", system[0]["text"]
        )
        assert still[0]["text"] != system[0]["text"]
