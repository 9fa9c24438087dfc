"""Golden streams and requests with damage at random places, at every parser: errors, never surprises.

``PROPERTY_PROFILE=long`` tries longer; ``python -m tests.fuzz.parsers`` lets coverage guide the damage.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, corpus

CORPUS = tuple(corpus())
LONG = os.environ.get("PROPERTY_PROFILE") == "long"
damage = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.binary(max_size=12)
        | st.sampled_from([b"\n\n", b"null", b"[", b'"', b"\\ud800", b"1e999", b"\xff", b"data:"]),
    ),
    max_size=5,
)


@settings(
    max_examples=2000 if LONG else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(content=st.sampled_from(CORPUS), changes=damage)
@pytest.mark.parametrize("name", TARGETS)
def test_damaged_bytes_raise_nothing_but_what_is_promised(
    name: str, content: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    for place, taken, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + taken :]
    TARGETS[name](content)


@pytest.mark.parametrize("name", TARGETS)
def test_every_golden_file_goes_through_every_parser(name: str) -> None:
    for content in CORPUS:
        TARGETS[name](content)
