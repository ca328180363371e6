"""Schedules: saved by whom, changed how, and what becomes of their slots, missed ones included."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from services.extractor.tests.auth_double import company
from services.extractor.tests.computing import everything_asked_for
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds, running, user
from tests.stack.waiting import until

from vigie_extractor.domain.report import Reason
from vigie_extractor.domain.run import BySchedule, Run, RunStatus
from vigie_extractor.domain.schedule_rules import Cron, Daily, Every, Rule, rule_of
from vigie_extractor.domain.schedules import Missed, Plan, Schedule
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.firing import first_slot, run_of_slot, take_up_next
from vigie_extractor.handlers.schedules import SavedSchedule, Schedules
from vigie_extractor.runner import Runner
from vigie_extractor.schedule import Scheduler
from vigie_extractor.storage.slots import CHANGED
from vigie_extractor.wakening import Wakening
from vigie_shared.conditional import Precondition, etag_of
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.errors import Conflict, NotFound, PreconditionFailed, ServiceUnavailable, Unprocessable
from vigie_shared.events import ExtractionRequested

SAVED = datetime(2026, 11, 24, 12, tzinfo=UTC)
MORNING = rule_of('{"kind": "daily", "at": "06:30"}')
FIRST = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
"""06:30 in Paris on the day after."""
DAY = timedelta(days=1)


def plan(rule: Rule = MORNING, **changes: Any) -> Plan:
    usual = Plan("Every morning", rule, "Europe/Paris", Selection(("NORD",)), Missed.RUN_ONCE, paused=False)
    return replace(usual, **changes)


def schedules(on: Stage, now: datetime = SAVED) -> Schedules:
    return Schedules(on.pool, on.asked, lambda: now)


async def saved(on: Stage, wanted: Plan | None = None, username: str = "admin", key: str | None = None) -> Schedule:
    return await schedules(on).add(on.client, user(username), on.token(username), wanted or plan(), key)


async def changed(
    on: Stage, schedule: Schedule, username: str = "admin", now: datetime = SAVED, **changes: Any
) -> Schedule:
    def change(before: Plan) -> Plan:
        return replace(before, **changes)

    return await schedules(on, now).change(on.client, None, user(username), on.token(username), schedule.id, change)


async def take_up_all(on: Stage, now: datetime) -> int:
    """Take up what has come, and return how many slots that were."""
    number = 0
    while await take_up_next(on.pool, lambda: now):
        number += 1
    return number


async def runs_of(on: Stage) -> list[Run]:
    return [*await on.extractions().latest(on.client, EVERYTHING_SEEN, 100)]


# --- slots --------------------------------------------------------------------------------------------------------


async def test_a_slot_that_comes_starts_one_run_and_says_so_in_the_commit_that_takes_it_up(on: Stage) -> None:
    # given a schedule whose slot has not come
    schedule = await saved(on)
    assert schedule.due_at == FIRST
    assert await take_up_all(on, FIRST - timedelta(seconds=1)) == 0

    # when it comes
    assert await take_up_all(on, FIRST) == 1
    assert await take_up_all(on, FIRST + timedelta(hours=1)) == 0

    # then there is one run, of that day in Paris, with the rights of whoever saved the schedule
    [run] = await runs_of(on)
    assert run.id == run_of_slot(on.client, schedule.id, FIRST)
    assert (run.status, run.as_of, run.requested_by) == (RunStatus.QUEUED, date(2026, 11, 25), "admin")
    assert run.origin == BySchedule(schedule.id, FIRST)
    [event] = await on.said()
    assert isinstance(event, ExtractionRequested)
    assert event.data.extraction_id == run.id
    assert await first_slot(on.pool) == FIRST + DAY


async def test_a_run_that_comes_late_is_of_the_day_of_its_slot(on: Stage) -> None:
    month_end = rule_of('{"kind": "monthly_last_working_day", "at": "23:00"}')
    await saved(on, plan(month_end))
    await take_up_all(on, datetime(2026, 12, 1, 8, tzinfo=UTC))
    [run] = await runs_of(on)
    assert run.as_of == date(2026, 11, 30)


async def test_after_an_absence_one_run_makes_up_for_all_slots_and_the_history_says_since_when(on: Stage) -> None:
    schedule = await saved(on)
    assert await take_up_all(on, FIRST + 3 * DAY + timedelta(hours=2)) == 1
    [firing] = await schedules(on).history(on.client, None, schedule.id, None, 10)
    assert (firing.slot, firing.missed_since, firing.status) == (FIRST + 3 * DAY, FIRST, RunStatus.QUEUED)
    assert await first_slot(on.pool) == FIRST + 4 * DAY


async def test_where_missed_slots_are_skipped_nothing_runs_and_the_history_says_so(on: Stage) -> None:
    schedule = await saved(on, plan(missed=Missed.SKIP))
    assert await take_up_all(on, FIRST + timedelta(hours=2)) == 1
    assert await runs_of(on) == []
    [firing] = await schedules(on).history(on.client, None, schedule.id, None, 10)
    assert (firing.slot, firing.status) == (FIRST, None)
    await take_up_all(on, FIRST + DAY)
    assert len(await runs_of(on)) == 1


async def test_a_paused_schedule_has_no_slot_and_what_came_meanwhile_is_not_made_up_for(on: Stage) -> None:
    schedule = await saved(on)
    await changed(on, schedule, paused=True)
    assert await take_up_all(on, FIRST + DAY) == 0
    resumed = await changed(on, schedule, paused=False, now=FIRST + DAY + timedelta(hours=1))
    assert resumed.due_at == FIRST + 2 * DAY
    assert await take_up_all(on, FIRST + 2 * DAY) == 1


async def test_many_who_take_up_slots_at_once_start_each_run_once(on: Stage) -> None:
    for number in range(12):
        await saved(on, plan(name=f"S{number}"))
    taken = await asyncio.gather(*(take_up_all(on, FIRST) for _ in range(6)))
    assert sum(taken) == 12
    assert len(await runs_of(on)) == 12
    assert kinds(await on.said()) == ["extraction.requested"] * 12


async def test_a_slot_whose_taking_up_breaks_is_tried_again_later_and_keeps_no_other_waiting(on: Stage) -> None:
    # given a schedule that cannot be read any more, and another one
    broken, whole = await saved(on), await saved(on)
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("UPDATE schedules SET time_zone = 'Mars/Olympus' WHERE id = $1", broken.id)

    # when both are due, then the other one runs
    assert await take_up_all(on, FIRST) == 2
    assert [run.origin for run in await runs_of(on)] == [BySchedule(whole.id, FIRST)]

    # and once it can be read again, it runs as well
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("UPDATE schedules SET time_zone = 'Europe/Paris' WHERE id = $1", broken.id)
    assert await take_up_all(on, FIRST + timedelta(seconds=59)) == 0
    assert await take_up_all(on, FIRST + timedelta(minutes=1)) == 1
    assert len(await runs_of(on)) == 2


async def test_the_database_refuses_a_second_run_for_a_slot(on: Stage) -> None:
    # given a slot that was taken up, and that somebody put back
    schedule = await saved(on)
    await take_up_all(on, FIRST)
    async with transaction(on.pool, ALL_CLIENTS) as connection:
        await connection.execute("UPDATE slots SET due_at = $1, ready_at = $1", FIRST)

    # when it is taken up again, then nothing runs twice
    await take_up_all(on, FIRST)
    assert [run.id for run in await runs_of(on)] == [run_of_slot(on.client, schedule.id, FIRST)]
    assert kinds(await on.said()) == ["extraction.requested"]


# --- the loop -----------------------------------------------------------------------------------------------------


async def test_the_scheduler_sleeps_until_a_slot_comes_and_is_woken_by_a_schedule_that_comes_earlier(on: Stage) -> None:
    # given a scheduler that waits for tomorrow
    await saved(on)
    clock = [SAVED]
    looked = 0

    def now() -> datetime:
        nonlocal looked
        looked += 1
        return clock[0]

    wakening = Wakening(on.pool, CHANGED)
    async with running(wakening.listen, Scheduler(on.pool, wakening, now).run):
        await until(lambda: looked >= 2)
        before = looked

        # when a schedule is saved whose slot has come by its clock
        clock[0] = SAVED + timedelta(minutes=2)
        await schedules(on).add(on.client, ADMINISTRATOR, on.token(), plan(Every(minutes=1)), None)

        # then it is taken up, without having looked in between
        async def is_there() -> bool:
            return len(await runs_of(on)) == 1

        await until(is_there)
        assert looked <= before + 8


# --- rights -------------------------------------------------------------------------------------------------------


async def test_r8_a_run_of_a_schedule_has_the_rights_of_whoever_saved_it_last_at_the_moment_it_runs(on: Stage) -> None:
    # given a schedule of a preparer who may not extract the company any more
    await on.register()
    schedule = await saved(on, username="paula")
    on.tenant.may_extract["paula"] = []

    async def outcome() -> Run:
        async with running(Runner(on.pool, Wakening(on.pool), on.execution(everything_asked_for)).run):
            run_id = (await runs_of(on))[0].id
            return await on.reaches(run_id, "failed", "publishing")

    # when its slot comes, then the run fails and the report says why
    await take_up_all(on, FIRST)
    run = await outcome()
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.ACCESS_RIGHTS)
    assert [(one.criterion, one.companies) for one in run.report.failures] == [("access_rights", ("NORD",))]
    assert "paula" in (run.report.detail or "")

    # and once an administrator has saved it, it runs
    await changed(on, schedule, name="Mornings", now=FIRST)
    await take_up_all(on, FIRST + DAY)
    assert (await outcome()).status is RunStatus.PUBLISHING


async def test_r8_what_the_one_who_saves_may_not_extract_cannot_be_scheduled(on: Stage) -> None:
    on.tenant.may_extract["paula"] = ["SUD"]
    with pytest.raises(Conflict) as refusal:
        await saved(on, username="paula")
    assert [one["criterion"] for one in refusal.value.extra["failures"]] == ["access_rights"]
    with pytest.raises(Unprocessable, match="OUEST"):
        await saved(on, plan(selection=Selection(("OUEST",))))
    assert await schedules(on).by_name(on.client, None, None, 10) == []


async def test_a_schedule_of_all_that_is_ticked_can_be_saved_before_anything_is(on: Stage) -> None:
    on.tenant.companies = [company("NORD", to_extract=False)]
    on.tenant.families = []
    await saved(on, plan(selection=Selection()))


async def test_while_auth_is_away_nothing_is_saved_but_a_schedule_can_be_paused(on: Stage) -> None:
    schedule = await saved(on)
    on.auth.away = True
    with pytest.raises(ServiceUnavailable):
        await saved(on)
    assert (await changed(on, schedule, paused=True)).plan.paused


async def test_a_preparer_finds_the_schedules_that_run_with_the_preparer_s_own_rights(on: Stage) -> None:
    mine, other = await saved(on, username="paula"), await saved(on)
    use = schedules(on)
    assert [one.id for one in await use.by_name(on.client, "paula", None, 10)] == [mine.id]
    assert {one.id for one in await use.by_name(on.client, None, None, 10)} == {mine.id, other.id}
    for refused in (
        use.show(on.client, "paula", other.id),
        use.history(on.client, "paula", other.id, None, 10),
        use.remove(on.client, "paula", user("paula"), other.id),
        use.change(on.client, "paula", user("paula"), on.token("paula"), other.id, lambda before: before),
        use.run_now(on.client, "paula", user("paula"), on.token("paula"), other.id, None),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_run_now_has_the_rights_of_whoever_asks_and_leaves_the_slots(on: Stage) -> None:
    schedule = await saved(on)
    use = schedules(on)
    run_id = await use.run_now(on.client, None, user("paula"), on.token("paula"), schedule.id, None)
    run = await on.run(run_id)
    assert (run.requested_by, run.as_of, run.origin) == ("paula", date(2026, 11, 24), BySchedule(schedule.id, None))
    on.tenant.may_extract["paula"] = []
    with pytest.raises(Conflict):
        await use.run_now(on.client, None, user("paula"), on.token("paula"), schedule.id, None)
    assert await first_slot(on.pool) == FIRST
    [firing] = await use.history(on.client, None, schedule.id, None, 10)
    assert (firing.id, firing.slot) == (run_id, None)


async def test_r13_another_client_has_no_such_schedule(on: Stage) -> None:
    schedule = await saved(on)
    with pytest.raises(NotFound):
        await schedules(on).show("OTHER", None, schedule.id)
    for table in ("schedules", "firings"):
        async with transaction(on.pool, ALL_CLIENTS) as connection:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    async with transaction(on.pool, "OTHER") as connection:
        assert await connection.fetchval("SELECT count(*) FROM slots") == 0


# --- changes ------------------------------------------------------------------------------------------------------


async def test_a_rule_that_never_comes_is_refused(on: Stage) -> None:
    with pytest.raises(Unprocessable, match="never"):
        await saved(on, plan(Cron(expression="0 0 */31 * MON#3")))


async def test_a_change_of_the_rule_moves_the_next_slot(on: Stage) -> None:
    schedule = await saved(on)
    after = await changed(on, schedule, rule=rule_of('{"kind": "daily", "at": "18:00"}'))
    assert after.due_at == datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert await first_slot(on.pool) == after.due_at


async def test_a_change_is_held_to_what_was_read(on: Stage) -> None:
    schedule = await saved(on)
    read = Precondition(if_match=etag_of(SavedSchedule.of(schedule)))
    await take_up_all(on, FIRST)  # time goes by, which is no change
    after = await changed(on, schedule, name="Mornings")
    use = schedules(on)
    with pytest.raises(PreconditionFailed):
        await use.change(on.client, None, ADMINISTRATOR, on.token(), schedule.id, lambda before: before, read)
    with pytest.raises(PreconditionFailed):
        await use.remove(on.client, None, ADMINISTRATOR, schedule.id, read)
    await use.remove(
        on.client, None, ADMINISTRATOR, schedule.id, Precondition(if_match=etag_of(SavedSchedule.of(after)))
    )


async def test_a_removed_schedule_is_not_due_any_more_and_its_runs_stay(on: Stage) -> None:
    schedule = await saved(on)
    await take_up_all(on, FIRST)
    await schedules(on).remove(on.client, None, ADMINISTRATOR, schedule.id)
    assert await first_slot(on.pool) is None
    assert len(await runs_of(on)) == 1


async def test_two_who_change_a_schedule_at_once_both_have_their_way(on: Stage) -> None:
    schedule = await saved(on)
    await asyncio.gather(changed(on, schedule, name="Mornings"), changed(on, schedule, missed=Missed.SKIP))
    after = await schedules(on).show(on.client, None, schedule.id)
    assert (after.plan.name, after.plan.missed) == ("Mornings", Missed.SKIP)


async def test_fifty_calls_at_once_under_one_key_make_one_schedule(on: Stage) -> None:
    outcomes = await asyncio.gather(*(saved(on, key="monday") for _ in range(50)), return_exceptions=True)
    made = {one.id for one in outcomes if isinstance(one, Schedule)}
    assert len(made) == 1
    assert {type(one) for one in outcomes} <= {Schedule, Conflict}
    assert len(await schedules(on).by_name(on.client, None, None, 10)) == 1
    assert (await saved(on, key="monday")).id in made


async def test_a_key_is_known_again_whatever_has_become_of_the_schedule(on: Stage) -> None:
    schedule = await saved(on, key="monday")
    await changed(on, schedule, name="Mornings")
    assert (await saved(on, key="monday")).plan.name == "Mornings"
    with pytest.raises(Unprocessable, match="Idempotency-Key"):
        await saved(on, plan(Daily(at=FIRST.time())), key="monday")


async def test_every_change_is_written_down_in_its_commit(on: Stage) -> None:
    schedule = await saved(on)
    await changed(on, schedule, name="Mornings")
    await changed(on, schedule, paused=True)
    await changed(on, schedule, paused=False)
    await schedules(on).run_now(on.client, None, ADMINISTRATOR, on.token(), schedule.id, None)
    await schedules(on).remove(on.client, None, ADMINISTRATOR, schedule.id)
    assert [action for action, _ in await written(on, schedule.id)] == [
        "schedule.saved",
        "schedule.saved",
        "schedule.paused",
        "schedule.resumed",
        "schedule.run",
        "schedule.removed",
    ]


async def written(on: Stage, subject: UUID) -> list[tuple[str, str]]:
    async with transaction(on.pool, on.client) as connection:
        rows = await connection.fetch(
            "SELECT action, actor FROM audit WHERE subject = $1 ORDER BY position", f"schedule/{subject}"
        )
    return [(row["action"], row["actor"]) for row in rows]
