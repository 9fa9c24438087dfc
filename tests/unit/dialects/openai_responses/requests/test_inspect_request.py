"""What routing learns of a request that is not decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.errors import BadRequest

Raw = Callable[..., dict[str, msgspec.Raw]]
INSPECT = OpenAIResponses().inspect_request
USER = {"role": "user", "content": "Hello"}


def test_model_and_stream(raw: Raw) -> None:
    assert INSPECT(raw(model="gpt-5.4", input="x", stream=True)) == RequestFacts(
        model="gpt-5.4", stream=True, is_user_turn=True, has_images=False
    )
    assert not INSPECT(raw(model="m", input="x", stream=None)).stream


@pytest.mark.parametrize(
    ("last", "is_user_turn"),
    [
        (USER, True),
        ({"type": "message", **USER}, True),
        ({"role": "assistant", "content": "x"}, False),
        ({"type": "function_call_output", "call_id": "c", "output": "x"}, False),
        ({"type": "custom_tool_call_output", "call_id": "c", "output": []}, False),
        ({"type": "item_reference", "id": "msg_1"}, False),
        ({"type": "reasoning", "summary": []}, False),
        ({"type": "compaction_trigger"}, False),
    ],
)
def test_the_last_item_tells_whose_turn_it_was(
    raw: Raw, last: dict[str, Any], is_user_turn: bool
) -> None:
    assert INSPECT(raw(model="m", input=[USER, last])).is_user_turn is is_user_turn


def test_instructions_at_the_end_are_passed_over(raw: Raw) -> None:
    reminder = {"role": "developer", "content": "Mind the style"}
    output = {"type": "function_call_output", "call_id": "c", "output": "x"}
    assert INSPECT(raw(model="m", input=[USER, reminder])).is_user_turn
    assert not INSPECT(raw(model="m", input=[output, reminder])).is_user_turn
    assert not INSPECT(raw(model="m", input=[reminder])).is_user_turn


def test_an_empty_input_is_nobodys_turn(raw: Raw) -> None:
    assert not INSPECT(raw(model="m", input=[])).is_user_turn


IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}


@pytest.mark.parametrize(
    ("item", "has_images"),
    [
        ({"role": "user", "content": [IMAGE]}, True),
        ({"type": "function_call_output", "call_id": "c", "output": [IMAGE]}, True),
        ({"type": "custom_tool_call_output", "call_id": "c", "output": [IMAGE]}, True),
        (
            {
                "type": "computer_call_output",
                "call_id": "c",
                "output": {"type": "computer_screenshot", "image_url": "x"},
            },
            True,
        ),
        ({"role": "user", "content": "input_image"}, False),
        ({"role": "user", "content": '{"type": "input_image"}'}, False),
        ({"role": "user", "content": [{"type": "input_text", "text": "input_image"}]}, False),
    ],
)
def test_images_are_found_wherever_they_are(
    raw: Raw, item: dict[str, Any], has_images: bool
) -> None:
    assert INSPECT(raw(model="m", input=[item, USER])).has_images is has_images


def test_a_wish_for_compaction_cannot_be_passed_through(raw: Raw) -> None:
    facts = INSPECT(raw(model="m", input=[USER, {"type": "compaction_trigger"}]))
    assert facts.must_translate
    assert not INSPECT(raw(model="m", input=[USER])).must_translate


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": "x"}, "model"),
        ({"model": 5, "input": "x"}, "model"),
        ({"model": "", "input": "x"}, "model"),
        ({"model": "m"}, "input"),
        ({"model": "m", "input": None}, "input"),
        ({"model": "m", "input": {}}, "input"),
        ({"model": "m", "input": ["x"]}, "input[0]"),
        ({"model": "m", "input": [{"role": 5}]}, "input[0]"),
        ({"model": "m", "input": "x", "stream": "yes"}, "stream"),
    ],
)
def test_what_is_missing_or_wrong_is_named(raw: Raw, body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as failure:
        INSPECT(raw(**body))
    assert failure.value.param == param
