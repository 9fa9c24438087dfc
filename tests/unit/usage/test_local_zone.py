"""Local days as the system has them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from proxy_core.usage.ledger.queries import day_start, days_range
from proxy_core.usage.local_zone import LocalZone

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set here")


@pytest.fixture
def berlin() -> Iterator[LocalZone]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
    time.tzset()
    yield LocalZone()
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_summer_and_winter_have_their_own_offsets(berlin: LocalZone) -> None:
    assert datetime(2026, 7, 1, tzinfo=berlin).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 12, 1, tzinfo=berlin).utcoffset() == timedelta(hours=1)


def test_days_on_which_the_clock_is_changed_have_23_and_25_hours(berlin: LocalZone) -> None:
    spring = days_range(date(2026, 3, 29), date(2026, 3, 29), berlin)
    autumn = days_range(date(2026, 10, 25), date(2026, 10, 25), berlin)
    assert ((spring.until - spring.since) / 3600, (autumn.until - autumn.since) / 3600) == (23, 25)


def test_every_moment_is_the_same_there_and_back(berlin: LocalZone) -> None:
    for hours in range(24 * 366):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        assert moment.astimezone(berlin).timestamp() == moment.timestamp(), hours


def test_the_hour_that_comes_twice_is_told_apart(berlin: LocalZone) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(berlin)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(berlin)
    assert (first.hour, second.hour) == (2, 2)
    assert (first.fold, second.fold) == (0, 1)
    assert day_start(date(2026, 10, 25), berlin) < first.timestamp() < second.timestamp()
