"""Schedules as people see them: saved with the rights of whoever saves, changed, run at once, and looked back on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid4

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict

from vigie_extractor.auth import Auth
from vigie_extractor.clock import Clock, day_at
from vigie_extractor.domain.run import BySchedule, Request, Run
from vigie_extractor.domain.schedule_rules import Rule
from vigie_extractor.domain.schedule_slots import next_slot
from vigie_extractor.domain.schedules import Missed, Plan, Schedule, takes_over
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.calls import alone
from vigie_extractor.handlers.requests import judged_well, save_and_tell
from vigie_extractor.storage import runs, slots
from vigie_extractor.storage import schedules as storage
from vigie_extractor.storage.schedules import Firing
from vigie_shared.audit import Actor, record
from vigie_shared.conditional import ANY_STATE, Precondition
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import NotFound, ServiceUnavailable, Unprocessable
from vigie_shared.events import derived_id

log = structlog.get_logger()

EVERYTHING = Selection()


class SavedSchedule(BaseModel):
    """A schedule as it was saved: what a precondition is compared with, since its next slots change by themselves."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    rule: Rule
    time_zone: str
    companies: tuple[str, ...] | None
    families: tuple[str, ...] | None
    missed: Missed
    paused: bool
    saved_by: str
    saved_at: AwareDatetime

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        plan = schedule.plan
        return cls(
            id=schedule.id,
            name=plan.name,
            rule=plan.rule,
            time_zone=plan.time_zone,
            companies=plan.selection.companies,
            families=plan.selection.families,
            missed=plan.missed,
            paused=plan.paused,
            saved_by=schedule.saved_by,
            saved_at=schedule.saved_at,
        )


class Schedules:
    """What an administrator or a preparer does with schedules. `whose` None stands for all of the client; else they are
    those that run with the rights of that user, and no other is there."""

    def __init__(self, pool: Pool, auth: Auth, clock: Clock) -> None:
        self._pool = pool
        self._auth = auth
        self._clock = clock

    async def add(self, client: str, actor: Actor, token: str, plan: Plan, key: str | None) -> Schedule:
        """Save a new schedule; the same one for the same Idempotency-Key.

        Raises Unprocessable for a rule that never comes, companies that the directory does not know, or a key that was
        used otherwise; Conflict with the failing criteria of R8, or while a call with this key is under way; and
        ServiceUnavailable while auth is away.
        """
        schedule_id = uuid4() if key is None else derived_id("schedule", client, key)
        if key is not None:
            known = await self._added_before(client, schedule_id, plan)
            if known is not None:
                return known
        now = self._clock()
        due_at = _due(plan, now)
        async with alone(self._pool, client, key, schedule_id):
            await self._judge(token, plan.selection)
            schedule = Schedule(client, schedule_id, plan, actor.name, now, due_at)
            async with transaction(self._pool, client) as connection:
                saved = await storage.add(connection, schedule)
                if saved:
                    await slots.put(connection, client, schedule_id, due_at)
                    await slots.tell(connection)
                    await _note(connection, actor, "schedule.saved", schedule, None, schedule)
        if saved:
            log.info("schedule_saved", client=client, schedule_id=str(schedule_id), by=actor.name)
            return schedule
        return await self._added_before(client, schedule_id, plan) or schedule

    async def show(self, client: str, whose: str | None, schedule_id: UUID) -> Schedule:
        """Raises NotFound."""
        async with transaction(self._pool, client) as connection:
            return _own(await storage.find(connection, client, schedule_id), whose, schedule_id)

    async def by_name(
        self, client: str, whose: str | None, after: tuple[str, UUID] | None, limit: int
    ) -> Sequence[Schedule]:
        async with transaction(self._pool, client) as connection:
            return await storage.by_name(connection, client, saved_by=whose, after=after, limit=limit)

    async def change(
        self,
        client: str,
        whose: str | None,
        actor: Actor,
        token: str,
        schedule_id: UUID,
        changed: Callable[[Plan], Plan],
        expected: Precondition = ANY_STATE,
    ) -> Schedule:
        """Save what `changed` makes of the plan. From then on it runs with the rights of whoever changed it, unless it
        was only paused. Raises NotFound, PreconditionFailed, and what `add` raises."""
        now = self._clock()
        while True:
            before = await self.show(client, whose, schedule_id)
            judged = changed(before.plan)
            due_at = _due(judged, now)
            if takes_over(before.plan, judged):
                await self._judge(token, judged.selection)
            async with transaction(self._pool, client) as connection:
                held = _own(await storage.find_and_hold(connection, client, schedule_id), whose, schedule_id)
                expected.expect(SavedSchedule.of(held))
                if held.plan != before.plan:
                    continue  # somebody else was quicker: what was judged is not what would be saved
                if held.plan == judged:
                    return held
                saved_by = actor.name if takes_over(held.plan, judged) else held.saved_by
                after = Schedule(client, schedule_id, judged, saved_by, now, due_at)
                await storage.change(connection, after)
                await slots.put(connection, client, schedule_id, due_at)
                await slots.tell(connection)
                await _note(connection, actor, _action(held.plan, judged), after, held, after)
            log.info("schedule_saved", client=client, schedule_id=str(schedule_id), by=actor.name)
            return after

    async def remove(
        self,
        client: str,
        whose: str | None,
        actor: Actor,
        schedule_id: UUID,
        expected: Precondition = ANY_STATE,
    ) -> None:
        """Forget a schedule and its history; its runs stay. Raises NotFound, PreconditionFailed."""
        async with transaction(self._pool, client) as connection:
            held = _own(await storage.find_and_hold(connection, client, schedule_id), whose, schedule_id)
            expected.expect(SavedSchedule.of(held))
            await storage.remove(connection, client, schedule_id)
            await _note(connection, actor, "schedule.removed", held, held, None)
        log.info("schedule_removed", client=client, schedule_id=str(schedule_id), by=actor.name)

    async def run_now(
        self, client: str, whose: str | None, actor: Actor, token: str, schedule_id: UUID, key: str | None
    ) -> UUID:
        """Have it run at once, with the rights of whoever asks; its slots stay. The same run for the same key.

        Raises NotFound, and what `Extractions.request` raises.
        """
        schedule = await self.show(client, whose, schedule_id)
        run_id = uuid4() if key is None else derived_id("extraction", client, schedule_id, key)
        if key is not None and await self._ran_before(client, run_id):
            return run_id
        async with alone(self._pool, client, key, run_id):
            run = await self._run(schedule, run_id, actor, token)
            async with transaction(self._pool, client) as connection:
                _own(await storage.find_and_hold(connection, client, schedule_id), whose, schedule_id)
                if await save_and_tell(connection, run):
                    await storage.note(
                        connection,
                        client,
                        schedule_id,
                        run_id,
                        slot=None,
                        at=run.requested_at,
                        missed_since=None,
                        ran=True,
                    )
                    after = {"extraction_id": str(run_id)}
                    await record(
                        connection,
                        actor,
                        client=client,
                        action="schedule.run",
                        subject=f"schedule/{schedule_id}",
                        after=after,
                    )
        log.info("extraction_requested", client=client, extraction_id=str(run_id), by=actor.name)
        return run_id

    async def history(
        self, client: str, whose: str | None, schedule_id: UUID, before: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Firing]:
        """What became of its slots, the latest first. Raises NotFound."""
        async with transaction(self._pool, client) as connection:
            _own(await storage.find(connection, client, schedule_id), whose, schedule_id)
            return await storage.history(connection, client, schedule_id, before=before, limit=limit)

    async def _added_before(self, client: str, schedule_id: UUID, plan: Plan) -> Schedule | None:
        async with transaction(self._pool, client) as connection:
            known = await storage.find(connection, client, schedule_id)
            if known is not None and not await storage.was_created_as(connection, client, schedule_id, plan):
                raise Unprocessable("This Idempotency-Key was used before for another schedule. Choose a new one.")
        return known

    async def _ran_before(self, client: str, run_id: UUID) -> bool:
        async with transaction(self._pool, client) as connection:
            return await runs.find(connection, client, run_id) is not None

    async def _judge(self, token: str, selection: Selection) -> None:
        """R8 for whoever saves, by the directory of this moment; it is judged again at every slot."""
        directory = await self._auth.directory(token)
        ticked = directory.structure(only_to_extract=True)
        if selection == EVERYTHING and not (ticked.companies or ticked.families):
            return  # what is to be extracted may be ticked later
        judged_well(directory, selection)

    async def _run(self, schedule: Schedule, run_id: UUID, actor: Actor, token: str) -> Run:
        selection = schedule.plan.selection
        try:
            reads = judged_well(await self._auth.directory(token), selection).companies_read
        except ServiceUnavailable:
            reads = None
        return Run(
            client=schedule.client,
            id=run_id,
            request=Request(selection),
            as_of=day_at(self._clock, schedule.plan.time_zone),
            requested_by=actor.name,
            requested_at=self._clock(),
            origin=BySchedule(schedule.id, None),
            reads=reads,
        )


def _due(plan: Plan, now: datetime) -> datetime | None:
    """The next slot of a plan; none while it is paused. Raises Unprocessable for a rule that never comes."""
    due_at = next_slot(plan.rule, plan.zone, now)
    if due_at is None:
        raise Unprocessable(
            "This rule never comes: no date fits it.", errors=[{"where": "body.rule", "what": "no date fits"}]
        )
    return None if plan.paused else due_at


def _own(schedule: Schedule | None, whose: str | None, schedule_id: UUID) -> Schedule:
    if schedule is None or (whose is not None and schedule.saved_by != whose):
        raise NotFound(f"There is no schedule {schedule_id}.")
    return schedule


def _action(before: Plan, after: Plan) -> str:
    if before.paused == after.paused:
        return "schedule.saved"
    return "schedule.paused" if after.paused else "schedule.resumed"


async def _note(
    connection: Connection,
    actor: Actor,
    action: str,
    schedule: Schedule,
    before: Schedule | None,
    after: Schedule | None,
) -> None:
    await record(
        connection,
        actor,
        client=schedule.client,
        action=action,
        subject=f"schedule/{schedule.id}",
        before=_document(before),
        after=_document(after),
    )


def _document(schedule: Schedule | None) -> dict[str, Any] | None:
    return None if schedule is None else SavedSchedule.of(schedule).model_dump(mode="json", by_alias=True)
