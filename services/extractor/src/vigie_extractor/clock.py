"""Where times come from: handed to whoever needs one, so that a computation never reads the clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""The time now, aware."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def day_at(clock: Clock, time_zone: str) -> date:
    """The day that it is now in a time zone."""
    return clock().astimezone(ZoneInfo(time_zone)).date()
