"""Slots: the moments at which a schedule is due, whatever the clocks of its time zone do.

A time that a change of the clocks leaves out is due once, at the moment of the change. A time that comes twice is due
once, the first time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from vigie_extractor.domain.schedule_rules import Rule

_WINDOWS = tuple(timedelta(days=days) for days in (1 / 24, 1, 40, 400, 4000))
"""How far back the latest slot is looked for, in turn: a rule has few slots in the first window that holds one."""


@cache
def known_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a clock on the wall shows `local` for the first time, or passes over it.

    Times later on the wall never come earlier.
    """
    shown = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if shown.astimezone(zone).replace(tzinfo=None) == local:
        return shown
    # The clocks pass over it, somewhere between where the offsets before and after the change would put it.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), shown
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def slots(rule: Rule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The slots later than `after`, in UTC and in their order; none twice."""
    last = after
    for local in rule.local_times(after.astimezone(zone).replace(tzinfo=None)):
        moment = moment_of(local, zone)
        if moment > last:
            yield moment
            last = moment


def first_slots(rule: Rule, zone: ZoneInfo, after: datetime, number: int) -> list[datetime]:
    """At most `number` slots later than `after`, as clocks in the zone show them."""
    return [slot.astimezone(zone) for slot in islice(slots(rule, zone, after), number)]


def next_slot(rule: Rule, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first slot later than `after`; none where the rule never comes again."""
    return next(slots(rule, zone, after), None)


def latest_slot(rule: Rule, zone: ZoneInfo, first: datetime, now: datetime) -> datetime:
    """The latest slot that is due at `now`, where `first` is one that is: that one, where none came after it."""
    for window in _WINDOWS:
        since = max(first, now - window)
        due = list(takewhile(lambda slot: slot <= now, slots(rule, zone, since)))
        if due:
            return due[-1]
        if since == first:
            break
    return first
