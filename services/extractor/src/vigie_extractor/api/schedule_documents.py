"""The bodies of schedules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from vigie_extractor.api.documents import Body, Codes
from vigie_extractor.domain.report import Reason
from vigie_extractor.domain.run import RunStatus
from vigie_extractor.domain.schedule_rules import Rule
from vigie_extractor.domain.schedule_slots import first_slots, known_time_zones
from vigie_extractor.domain.schedules import Missed, Plan, Schedule
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.answers import Answer
from vigie_extractor.handlers.schedules import SavedSchedule
from vigie_extractor.storage.schedules import Firing

SHOWN_SLOTS = 5


def _known(time_zone: str) -> str:
    if time_zone not in known_time_zones():
        raise ValueError("is not the name of a time zone, like Europe/Paris")
    return time_zone


TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), AfterValidator(_known)]

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(examples=["Every morning"]),
]


class ScheduleBody(Body):
    """Neither companies nor families: all that are ticked *to extract* when it runs. `time_zone` none: that of the
    service. `missed`: what becomes of slots at which no extractor was there."""

    name: Name
    rule: Rule
    time_zone: TimeZone | None = None
    companies: Codes | None = Field(None, examples=[["NORD", "SUD"]])
    families: Codes | None = Field(None, examples=[["GROUPE"]])
    missed: Missed = Missed.RUN_ONCE
    paused: bool = False

    def plan(self, usual_time_zone: str) -> Plan:
        return Plan(
            name=self.name,
            rule=self.rule,
            time_zone=self.time_zone or usual_time_zone,
            selection=Selection(_sorted(self.companies), _sorted(self.families)),
            missed=self.missed,
            paused=self.paused,
        )


class ScheduleChange(Body):
    """What is not given stays. `companies` and `families` can be null: all that are ticked *to extract*."""

    name: Name | None = None
    rule: Rule | None = None
    time_zone: TimeZone | None = None
    companies: Codes | None = None
    families: Codes | None = None
    missed: Missed | None = None
    paused: bool | None = None

    @model_validator(mode="after")
    def _null_is_for_codes(self) -> Self:
        nulls = {name for name in self.model_fields_set - {"companies", "families"} if getattr(self, name) is None}
        if nulls:
            raise ValueError(f"cannot be null: {', '.join(sorted(nulls))}")
        return self

    def changed(self, plan: Plan) -> Plan:
        """The plan with what is given here."""
        given = self.model_fields_set
        codes = {name: _sorted(getattr(self, name)) for name in ("companies", "families") if name in given}
        others = {name: getattr(self, name) for name in given - codes.keys()}
        return replace(plan, selection=replace(plan.selection, **codes), **others)


class ScheduleDocument(SavedSchedule):
    """`next_runs`: its next five slots; none while it is paused. It runs with the rights of `saved_by`."""

    next_runs: tuple[AwareDatetime, ...]

    @classmethod
    def at(cls, schedule: Schedule, now: datetime) -> Self:
        plan = schedule.plan
        slots = [] if plan.paused else first_slots(plan.rule, plan.zone, now, SHOWN_SLOTS)
        return cls(**dict(SavedSchedule.of(schedule)), next_runs=tuple(slots))


class ScheduleList(Answer):
    items: tuple[ScheduleDocument, ...]
    next: str | None


class RuleBody(Body):
    """`time_zone` none: that of the service."""

    rule: Rule
    time_zone: TimeZone | None = None


class NextRuns(Answer):
    """The next five slots of a rule; fewer where no more come."""

    next_runs: tuple[AwareDatetime, ...]


class FiringRun(Answer):
    id: UUID
    status: RunStatus
    reason: Reason | None


class FiringDocument(Answer):
    """What a slot led to. `slot` null: somebody had it run at once. `missed_since`: the first of the slots before this
    one at which no extractor was there. `run` null: the slot was missed too, and is not made up for."""

    slot: AwareDatetime | None
    taken_up_at: AwareDatetime
    missed_since: AwareDatetime | None
    run: FiringRun | None

    @classmethod
    def of(cls, firing: Firing) -> Self:
        run = None
        if firing.status is not None:
            reason = None if firing.reason is None else Reason(firing.reason)
            run = FiringRun(id=firing.id, status=firing.status, reason=reason)
        return cls(slot=firing.slot, taken_up_at=firing.taken_up_at, missed_since=firing.missed_since, run=run)


class FiringList(Answer):
    items: tuple[FiringDocument, ...]
    next: str | None


def _sorted(codes: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(sorted(set(codes)))
