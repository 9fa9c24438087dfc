"""Settings files as people leave them: odd blanks, comments, line ends, marks; in every format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

names = st.text("abcdefgXYZ_-. äß$", min_size=1, max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10_000, 10_000),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.text(max_size=12),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(names, values, max_size=5)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's content, what it says, and the comments in it."""

    content: bytes
    data: dict[str, Any]
    comments: tuple[str, ...] = ()


@st.composite
def json_sources(draw: st.DrawFn) -> Source:
    """JSON with comments: blanks of every kind between all tokens, trailing commas, CRLF, a mark."""
    data = draw(objects)
    comments: list[str] = []
    spread = draw(st.booleans())

    def gap() -> str:
        parts = draw(
            st.lists(st.sampled_from(["", " ", "\t", "\n", "\n    ", "//", "/*"]), max_size=2)
        )
        out = ""
        for part in parts if spread else []:
            if part in ("//", "/*"):
                comments.append(f'c{len(comments)} , }} " [')
                out += f"// {comments[-1]}\n" if part == "//" else f"/* {comments[-1]} */"
            else:
                out += part
        return out

    def write(value: Any, depth: int) -> str:
        if not isinstance(value, dict | list) or not spread:
            return json.dumps(value, ensure_ascii=draw(st.booleans()))
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        lead = draw(st.sampled_from(["", "\n" + "  " * depth, "\n" + "\t" * depth]))
        entries = [
            lead
            + gap()
            + (json.dumps(key) + gap() + ":" + gap() if isinstance(value, dict) else "")
            + write(each, depth + 1)
            + gap()
            for key, each in pairs
        ]
        trailing = "," + gap() if entries and draw(st.booleans()) else ""
        opens, closes = "{}" if isinstance(value, dict) else "[]"
        return opens + gap() + ",".join(entries) + trailing + lead[:-1] + closes

    text = gap() + write(data, 1) + gap() + draw(st.sampled_from(["", "\n"]))
    return _finished(draw, text, data, comments)


@st.composite
def toml_sources(draw: st.DrawFn) -> Source:
    """Top-level values, then tables, with comments and blank lines anywhere between."""
    data: dict[str, Any] = {}
    comments: list[str] = []
    words = st.text("abcdefgXYZ_-", min_size=1, max_size=6)
    simple = st.booleans() | st.integers(-99, 99) | st.text("abc #=[]'é", max_size=8)
    simple = simple | st.lists(st.integers(0, 9), max_size=3)

    def lines(table: dict[str, Any]) -> str:
        out = ""
        for name, value in draw(st.dictionaries(words, simple, max_size=4)).items():
            if name in table:
                continue
            table[name] = value
            before = draw(st.sampled_from(["", "\n", "# "]))
            if before == "# ":
                comments.append(f"c{len(comments)} = [x]")
                before = f"# {comments[-1]}\n"
            gap = draw(st.sampled_from([" = ", "=", "\t=  "]))
            out += f"{before}{name}{gap}{json.dumps(value, ensure_ascii=False)}\n"
        return out

    text = lines(data)
    for name in draw(st.lists(words, max_size=3, unique=True)):
        if name in data:
            continue
        data[name] = {}
        text += draw(st.sampled_from(["", "\n"])) + f"[{name}]\n" + lines(data[name])
    if text and draw(st.booleans()):
        text = text.removesuffix("\n")
    return _finished(draw, text, data, comments)


@st.composite
def yaml_sources(draw: st.DrawFn) -> Source:
    """A block mapping of plain values, mappings and lists of mappings, with comments between."""
    comments: list[str] = []
    words = st.text("abcdefgXYZ_", min_size=2, max_size=6).filter(
        lambda word: (
            word.lower() not in ("yes", "no", "on", "off", "true", "false", "null", "models")
        )
    )
    data: dict[str, Any] = {}
    text = ""
    for name in draw(st.lists(words, max_size=4, unique=True)):
        if draw(st.booleans()):
            comments.append(f"c{len(comments)}: - x")
            text += f"# {comments[-1]}\n"
        kind = draw(st.sampled_from(["scalar", "mapping", "list", "blank"]))
        if kind == "mapping":
            data[name] = draw(st.dictionaries(words, st.integers(0, 99), min_size=1, max_size=3))
            indent = draw(st.sampled_from(["  ", "    "]))
            text += f"{name}:\n" + "".join(f"{indent}{k}: {v}\n" for k, v in data[name].items())
        elif kind == "list":
            data[name] = draw(
                st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3)
            )
            dash = draw(st.sampled_from(["- ", "  - "]))
            text += f"{name}:\n" + "".join(f"{dash}{json.dumps(each)}\n" for each in data[name])
        else:
            data[name] = draw(st.text("abc :#'é", max_size=8) | st.integers(0, 99) | st.booleans())
            after = draw(st.sampled_from(["", "  # c"]))
            text += f"{name}: {json.dumps(data[name], ensure_ascii=False)}{after}\n"
            if kind == "blank":
                text += "\n"
    if text and draw(st.booleans()):
        text = text.removesuffix("\n")
    return _finished(draw, text, data, comments)


@st.composite
def line_sources(draw: st.DrawFn) -> Source:
    lines = draw(
        st.lists(st.sampled_from(["export A=1", "", "# note", "if x; then", "fi"]), max_size=6)
    )
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return _finished(draw, text, {}, [])


def _finished(draw: st.DrawFn, text: str, data: dict[str, Any], comments: list[str]) -> Source:
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    mark = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    return Source(mark + text.encode(), data, tuple(comments))
