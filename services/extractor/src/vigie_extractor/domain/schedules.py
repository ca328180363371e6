"""Schedules: what is extracted again and again, by which rule, with whose rights, and what a slot leads to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from vigie_extractor.domain.schedule_rules import Rule
from vigie_extractor.domain.schedule_slots import latest_slot
from vigie_extractor.domain.selection import Selection

PUNCTUAL = timedelta(minutes=5)
"""A slot that is taken up this much after its moment is not missed yet: restarts and short absences take that long."""


class Missed(StrEnum):
    """What becomes of slots at which no extractor was there."""

    RUN_ONCE = "run_once"
    """One run, as soon as one is there, for the latest of them."""
    SKIP = "skip"
    """None: the next slot is waited for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be saved of a schedule. `selection`: all that is ticked *to extract* where it names nothing."""

    name: str
    rule: Rule
    time_zone: str
    selection: Selection
    missed: Missed
    paused: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan as it was saved. Its runs have the rights of `saved_by` (R8). `due_at` is its next slot; none while it is
    paused."""

    client: str
    id: UUID
    plan: Plan
    saved_by: str
    saved_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fire:
    """A run is due for `slot`. `missed_since`: the first of the slots before it that nobody took up, if any."""

    slot: datetime
    missed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PassOver:
    """The slots from `missed_since` to `slot` were missed, and none of them is made up for."""

    slot: datetime
    missed_since: datetime


def take_up(plan: Plan, due_at: datetime, now: datetime) -> Fire | PassOver:
    """What a schedule leads to whose next slot, `due_at`, is not later than `now`: one run at most, for the latest slot
    that has come."""
    slot = latest_slot(plan.rule, plan.zone, due_at, now)
    if plan.missed is Missed.SKIP and now - slot > PUNCTUAL:
        return PassOver(slot, due_at)
    return Fire(slot, due_at if due_at < slot else None)


def takes_over(before: Plan, after: Plan) -> bool:
    """Whether saving `after` in place of `before` makes it the schedule of whoever saves. Pausing alone does not: it
    must never give anybody's rights to anything."""
    return not (after.paused and _but_for_pausing(before) == _but_for_pausing(after))


def _but_for_pausing(plan: Plan) -> tuple[object, ...]:
    return plan.name, plan.rule, plan.time_zone, plan.selection, plan.missed
