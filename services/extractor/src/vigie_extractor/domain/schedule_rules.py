"""Calendar rules: on which days, and at which times of the clock on the wall, an extraction repeats.

A rule knows nothing of time zones: its times are those that a clock on the wall shows. `schedule_slots` turns them into
moments.
"""

import calendar
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Annotated, Any, Literal, Self

from cronsim import CronSim, CronSimError
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
    field_validator,
    model_validator,
)

LAST_YEAR = 2999
"""No rule looks further ahead."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


_TIME_OF_DAY = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def _time_of_day(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and _TIME_OF_DAY.fullmatch(value):
        return time.fromisoformat(value)
    raise ValueError("is not a time of day, like 06:30")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME_OF_DAY.pattern}$", "examples": ["06:30"]}),
]
"""A time that a clock on the wall shows, to the minute."""


class _Rule(BaseModel, ABC):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def local_times(self, after: datetime) -> Iterator[datetime]:
        """The times on the wall after `after`, both without a time zone, in their order; none twice."""


class _ByDay(_Rule):
    """A rule that picks days, and one or several times on each."""

    @abstractmethod
    def picks(self, day: date) -> bool:
        """Whether the rule holds on this day."""

    @abstractmethod
    def times(self) -> Iterator[time]:
        """The times on each such day, in their order."""

    def local_times(self, after: datetime) -> Iterator[datetime]:
        first = after.date()
        for days in count():
            day = first + timedelta(days=days)
            if day.year > LAST_YEAR:
                return
            if self.picks(day):
                yield from (moment for moment in (datetime.combine(day, at) for at in self.times()) if moment > after)


class _OnceADay(_ByDay):
    at: TimeOfDay

    def times(self) -> Iterator[time]:
        yield self.at


class Daily(_OnceADay):
    """Every day."""

    kind: Literal["daily"] = "daily"

    def picks(self, day: date) -> bool:  # noqa: ARG002 - every one
        return True


class WorkingDays(_OnceADay):
    """Monday to Friday, public holidays in France left out."""

    kind: Literal["working_days"] = "working_days"

    def picks(self, day: date) -> bool:
        return is_working_day(day)


class Weekly(_OnceADay):
    """Some days of every week."""

    kind: Literal["weekly"] = "weekly"
    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]

    @field_validator("days")
    @classmethod
    def _once_each_in_their_order(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        return tuple(day for day in _WEEKDAYS if day in days)

    def picks(self, day: date) -> bool:
        return _WEEKDAYS[day.weekday()] in self.days


class Monthly(_OnceADay):
    """A day of every month; in a month that is shorter, its last day."""

    kind: Literal["monthly"] = "monthly"
    day: Annotated[int, Field(ge=1, le=31)]

    def picks(self, day: date) -> bool:
        return day.day == min(self.day, _last_day(day))


class MonthlyLastWorkingDay(_OnceADay):
    """The last working day of every month."""

    kind: Literal["monthly_last_working_day"] = "monthly_last_working_day"

    def picks(self, day: date) -> bool:
        later = (day.replace(day=number) for number in range(day.day + 1, _last_day(day) + 1))
        return is_working_day(day) and not any(is_working_day(one) for one in later)


class Every(_ByDay):
    """Every so many minutes from a time of the day until another, both included; on working days alone if wanted."""

    kind: Literal["every"] = "every"
    minutes: Annotated[int, Field(ge=1, le=1440)]
    start: Annotated[TimeOfDay, Field(alias="from")] = time(0, 0)
    until: TimeOfDay = time(23, 59)
    working_days: bool = False

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.start > self.until:
            raise ValueError("`from` is later than `until`; hours across midnight take two schedules")
        return self

    def picks(self, day: date) -> bool:
        return not self.working_days or is_working_day(day)

    def times(self) -> Iterator[time]:
        for minute in range(_minutes(self.start), _minutes(self.until) + 1, self.minutes):
            yield time(*divmod(minute, 60))


class Cron(_Rule):
    """A cron expression of five fields: minute, hour, day of the month, month, day of the week. Days of the month and
    of the week that are both restricted mean either, as in Debian's cron."""

    kind: Literal["cron"] = "cron"
    expression: Annotated[str, Field(min_length=1, max_length=120, examples=["30 6 * * MON-FRI"])]

    @field_validator("expression")
    @classmethod
    def _of_five_fields(cls, expression: str) -> str:
        fields = expression.split()
        if len(fields) != 5:
            raise ValueError("has not five fields: minute, hour, day of the month, month, day of the week")
        written = " ".join(fields)
        try:
            CronSim(written, datetime(2000, 1, 1))  # noqa: DTZ001 - a time on the wall
        except CronSimError as error:
            raise ValueError(f"is not a cron expression: {error}") from None
        return written

    def local_times(self, after: datetime) -> Iterator[datetime]:
        for moment in CronSim(self.expression, after):
            if moment.year > LAST_YEAR:
                return
            yield moment


Rule = Annotated[
    Daily | WorkingDays | Weekly | Monthly | MonthlyLastWorkingDay | Every | Cron, Field(discriminator="kind")
]

_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def rule_of(document: str | bytes) -> Rule:
    """The rule that a JSON document holds. Raises pydantic.ValidationError."""
    return _RULE.validate_json(document)


def rule_document(rule: Rule) -> dict[str, Any]:
    """A rule as it is written in JSON."""
    return rule.model_dump(mode="json", by_alias=True)


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no public holiday in France (the three departments that have two more not regarded)."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    import holidays  # takes longer than most that is imported here, and few rules ask for it

    return frozenset(holidays.country_holidays("FR", years=year))


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
