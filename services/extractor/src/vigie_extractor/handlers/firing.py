"""Taking up the slots of schedules: whoever claims one starts its run in the same transaction, so it has one run."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from vigie_extractor.clock import Clock
from vigie_extractor.domain.run import BySchedule, Request, Run
from vigie_extractor.domain.schedule_slots import next_slot
from vigie_extractor.domain.schedules import Fire, Schedule, take_up
from vigie_extractor.handlers.requests import known_companies, save_and_tell
from vigie_extractor.storage import schedules, slots
from vigie_extractor.storage.slots import DueSlot
from vigie_shared.database import ALL_CLIENTS, UNAVAILABLE, Connection, Pool, bind, transaction
from vigie_shared.errors import VigieError, place_of
from vigie_shared.events import derived_id, utc_text

log = structlog.get_logger()

TRY_AGAIN = timedelta(minutes=1)
"""A slot whose taking up broke is left alone for so long, and keeps no other one waiting."""


class _Broken(VigieError):
    """Taking up this slot broke, and nothing of it is kept."""

    def __init__(self, slot: DueSlot, cause: Exception) -> None:
        super().__init__(f"the slot of schedule {slot.schedule_id} could not be taken up")
        self.slot = slot
        self.cause = cause


async def take_up_next(pool: Pool, clock: Clock) -> bool:
    """Take up the slot that has waited longest. Returns false where there is none that nobody else is taking up."""
    now = clock()
    try:
        async with transaction(pool, ALL_CLIENTS) as connection:
            slot = await slots.claim(connection, now)
            if slot is None:
                return False
            await _take_up(connection, slot, now)
    except _Broken as broken:
        await _leave_alone(pool, broken, now)
    return True


async def first_slot(pool: Pool) -> datetime | None:
    """When the first slot of all is to be taken up."""
    async with transaction(pool, ALL_CLIENTS) as connection:
        return await slots.first(connection)


async def _take_up(connection: Connection, slot: DueSlot, now: datetime) -> None:
    await bind(connection, slot.client)
    try:
        schedule = await schedules.get(connection, slot.client, slot.schedule_id)
        await _fire(connection, schedule, slot.due_at, now)
    except UNAVAILABLE:
        raise
    except Exception as error:
        raise _Broken(slot, error) from error


async def _fire(connection: Connection, schedule: Schedule, due_at: datetime, now: datetime) -> None:
    """Start the run that is due, if one is, and have the schedule wait for its next slot."""
    plan, client = schedule.plan, schedule.client
    taken = take_up(plan, due_at, now)
    run_id = run_of_slot(client, schedule.id, taken.slot)
    fires = isinstance(taken, Fire)
    if fires:
        await save_and_tell(connection, _run(schedule, run_id, taken.slot, now))
    await schedules.note(
        connection,
        client,
        schedule.id,
        run_id,
        slot=taken.slot,
        at=now,
        missed_since=taken.missed_since,
        ran=fires,
    )
    await slots.put(connection, client, schedule.id, next_slot(plan.rule, plan.zone, taken.slot))
    log.info(
        "slot_taken_up",
        client=client,
        schedule_id=str(schedule.id),
        slot=utc_text(taken.slot),
        ran=fires,
        extraction_id=str(run_id),
        missed_since=None if taken.missed_since is None else utc_text(taken.missed_since),
    )


def run_of_slot(client: str, schedule_id: UUID, slot: datetime) -> UUID:
    """The id of the run for a slot: one slot never has two."""
    return derived_id("extraction", client, schedule_id, utc_text(slot))


def _run(schedule: Schedule, run_id: UUID, slot: datetime, now: datetime) -> Run:
    """As of the day of the slot where the schedule lives, however late it runs: a month's end stays the month's end."""
    selection = schedule.plan.selection
    return Run(
        client=schedule.client,
        id=run_id,
        request=Request(selection),
        as_of=slot.astimezone(ZoneInfo(schedule.plan.time_zone)).date(),
        requested_by=schedule.saved_by,
        requested_at=now,
        origin=BySchedule(schedule.id, slot),
        reads=known_companies(selection),
    )


async def _leave_alone(pool: Pool, broken: _Broken, now: datetime) -> None:
    log.error(
        "slot_broke",
        client=broken.slot.client,
        schedule_id=str(broken.slot.schedule_id),
        error=type(broken.cause).__name__,
        where=place_of(broken.cause),
    )
    async with transaction(pool, ALL_CLIENTS) as connection:
        await slots.postpone(connection, broken.slot, now + TRY_AGAIN)
