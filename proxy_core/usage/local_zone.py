"""The computer's current time zone, including daylight saving time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


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
