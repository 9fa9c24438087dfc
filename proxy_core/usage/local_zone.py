"""The computer's current time zone, including daylight saving time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


class LocalZone(tzinfo):
    """Reads the system's zone each time.

    ``datetime.astimezone`` alone gives one fixed offset, with which days of another season would
    start an hour off.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta:
        naive = datetime.now() if moment is None else moment.replace(tzinfo=None)  # noqa: DTZ005
        return naive.astimezone().utcoffset() or timedelta()

    def dst(self, moment: datetime | None) -> None:
        """Unknown: included in the offset."""

    def tzname(self, moment: datetime | None) -> str:
        naive = datetime.now() if moment is None else moment.replace(tzinfo=None)  # noqa: DTZ005
        return naive.astimezone().tzname() or "local time"

    def fromutc(self, moment: datetime) -> datetime:
        seconds = moment.replace(tzinfo=UTC).timestamp()
        return datetime.fromtimestamp(seconds).replace(tzinfo=self)  # noqa: DTZ006


class LocalDays:
    """The local day of a moment. Zones change their offsets at full minutes, so that all of a minute is
    one day's; asking the system costs more than the rest of counting a request."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._known: tuple[float, date] | None = None

    def of(self, moment: float) -> date:
        """``moment`` is in seconds since 1970."""
        minute = moment // 60
        known = self._known
        if known is not None and known[0] == minute:
            return known[1]
        day = datetime.fromtimestamp(moment, self._zone).date()
        self._known = (minute, day)
        return day

    def bounds(self, moment: float) -> tuple[float, float]:
        """Return begin and end of the local day, in seconds since 1970.

        Raises OverflowError, OSError or ValueError for a moment that is of no day.
        """
        day = datetime.fromtimestamp(moment, self._zone).date()
        begin = datetime.combine(day, time.min, self._zone)
        end = datetime.combine(day + timedelta(days=1), time.min, self._zone)
        return begin.timestamp(), end.timestamp()
