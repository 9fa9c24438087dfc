"""Bundles hold no docstrings; everything else of the code is as it was."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from slim_code import slim

SOURCE = b'''"""Of the module."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass
class Value:
    """Of a data class."""

    number: int = 1


class Plain:
    """Of a class."""


def only_a_text():
    """Of a function."""


async def fails(text="x"):
    """Of a coroutine."""
    "a text that is none"
    assert text == "x", "assertions stay"
    return f"{text}" + "Of a coroutine."


def raises():
    """Of a function."""
    raise ValueError("a line")
'''


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = ModuleType("slim_code_sample")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    exec(slim(SOURCE, "sample.py"), vars(made))
    return made


def constants(code: object) -> list[object]:
    found = list(getattr(code, "co_consts", ()))
    return found + [deeper for each in found for deeper in constants(each)]


def test_no_docstring_is_left_and_other_texts_are() -> None:
    texts = [each for each in constants(slim(SOURCE, "sample.py")) if isinstance(each, str)]
    assert [each for each in texts if each.startswith("Of ")] == ["Of a coroutine."]
    assert "assertions stay" in texts


def test_classes_and_functions_of_nothing_but_a_text_stay(module: Any) -> None:
    assert module.only_a_text() is None
    assert module.Plain().__doc__ is None


def test_a_data_class_does_not_make_a_text_of_its_signature(module: Any) -> None:
    assert module.Value.__doc__ == " "
    assert module.Value() == module.Value(1)


def test_a_traceback_names_the_lines_of_the_source(module: Any) -> None:
    with pytest.raises(ValueError, match="line") as caught:
        module.raises()
    line = SOURCE.splitlines()[caught.traceback[-1].lineno]
    assert line.strip() == b'raise ValueError("a line")'
