"""The runner: each run is executed once, whoever dies on the way, and nobody who was thought dead can commit."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from services.extractor.tests.auth_double import company
from services.extractor.tests.computing import Held, everything_asked_for
from services.extractor.tests.dossiers import invoice, write_dossier
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds, running
from tests.stack.waiting import until

from vigie_extractor.domain.report import Reason, Step
from vigie_extractor.domain.run import Request, RunStatus
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.execution import MOST_FAILURES, Compute
from vigie_extractor.handlers.progress import Observe, log_step
from vigie_extractor.orders import Computed, Order, carry_out
from vigie_extractor.runner import Lease, Runner
from vigie_extractor.storage import work
from vigie_extractor.storage.work import Claim, LeaseLost
from vigie_extractor.wakening import Wakening
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.events import IndicatorsExtracted
from vigie_shared.tracing import tracing

SHORT = Lease(timedelta(seconds=1), timedelta(seconds=0.2))

ALL_SAID = [
    "extraction.requested",
    "extraction.started",
    "indicators.extracted",
    "indicators.extracted",
    "indicators.extracted",
    "extraction.completed",
    "indicators.explained",
    "indicators.explained",
    "indicators.explained",
]


def runner(on: Stage, compute: Compute, observe: Observe = log_step, lease: Lease = SHORT) -> Runner:
    return Runner(on.pool, Wakening(on.pool), on.execution(compute, observe), lease=lease)


async def asked(on: Stage, companies: Sequence[str] | None = None) -> UUID:
    request = Request(Selection(None if companies is None else tuple(companies), None), date(2026, 11, 24))
    return await on.extractions().request(on.client, ADMINISTRATOR, on.token(), request, None)


async def claim(on: Stage, lease: timedelta = SHORT.length) -> Claim | None:
    async with transaction(on.pool, ALL_CLIENTS) as connection:
        return await work.claim(connection, lease)


async def claimed(on: Stage, lease: timedelta = SHORT.length) -> Claim:
    found = await claim(on, lease)
    assert found is not None
    return found


async def test_a_queued_run_is_executed_to_the_point_where_the_publisher_is_awaited(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)
    async with running(runner(on, everything_asked_for).run):
        run = await on.reaches(run_id, "publishing")
    assert kinds(await on.said()) == ALL_SAID
    assert [line.name for line in run.report.steps] == list(Step)
    assert [line.seconds is None for line in run.report.steps] == [False, False, False, False, True]
    assert await claim(on) is None


@pytest.mark.parametrize("step", [Step.AUTHORISE, Step.VERIFY, Step.COMPUTE, Step.EMIT])
async def test_a_run_stopped_at_any_step_ends_like_one_that_was_not(on: Stage, step: Step) -> None:
    # given a process that stops for good once it has reached the step
    await on.register()
    sales = [invoice("NORD", "2026-11-05", "1200.00"), invoice("SUD", "2026-11-06", "300.50")]
    write_dossier(on.folder, sales_lines=sales)
    run_id = await asked(on)
    reached, never = asyncio.Event(), asyncio.Event()

    async def stop_here(_claim: Claim, begun: Step) -> None:
        if begun == step:
            reached.set()
            await never.wait()

    async with running(runner(on, carry_out, stop_here).run):
        await asyncio.wait_for(reached.wait(), 10)

    # when another one is there
    async with running(runner(on, carry_out).run):
        run = await on.reaches(run_id, "publishing")

    # then nothing is missing and nothing was said twice
    said = await on.said()
    assert kinds(said) == ALL_SAID
    assert len({event.id for event in said}) == len(said)
    assert [line.name for line in run.report.steps] == list(Step)
    extracted = [event.data for event in said if isinstance(event, IndicatorsExtracted)]
    assert {data.scope.code: data.indicators["commercial_revenue"]["month"] for data in extracted} == {
        "NORD": "1200.00",
        "SUD": "300.50",
        "GROUPE": "1500.50",
    }
    assert len({data.grant for data in extracted}) == 1


async def test_the_run_of_a_process_that_died_without_a_word_is_taken_over_when_its_lease_is_over(on: Stage) -> None:
    # given a claim whose holder never gives a sign of life
    await on.register()
    run_id = await asked(on)
    dead = await claimed(on, timedelta(seconds=0.5))

    # when a runner is there
    async with running(runner(on, everything_asked_for).run):
        await on.reaches(run_id, "publishing")

    # then the run was executed under a newer fence, once
    assert kinds(await on.said()) == ALL_SAID
    async with transaction(on.pool, on.client) as connection:
        with pytest.raises(LeaseLost):
            await work.hold(connection, dead)


async def test_a_run_whose_holder_lives_is_never_taken_over(on: Stage) -> None:
    # given a computation that lasts several leases
    await on.register()
    run_id = await asked(on)
    held, other = Held(), Held()
    lease = Lease(timedelta(seconds=0.4), timedelta(seconds=0.1))
    async with running(runner(on, held, lease=lease).run, runner(on, other, lease=lease).run):
        await until(lambda: _is_set(held.begun, other.begun))
        first = held if held.begun.is_set() else other
        for _ in range(3):
            await _one_lease_passes(on)

        # when it ends
        first.let_go.set()
        await on.reaches(run_id, "publishing")

    # then nobody else had begun it
    assert len(held.orders) + len(other.orders) == 1


async def test_a_zombie_can_commit_nothing(on: Stage) -> None:
    # given a holder whose lease ran out while it computed, and another one that has finished the run since
    await on.register()
    run_id = await asked(on)
    held = Held()
    zombie = asyncio.create_task(on.execution(held)(await claimed(on, timedelta(0))))
    await held.begun.wait()
    async with running(runner(on, everything_asked_for).run):
        await on.reaches(run_id, "publishing")
    said = await on.said()

    # when the first one wakes up and goes on
    held.let_go.set()

    # then it is refused, and nothing has changed
    with pytest.raises(LeaseLost):
        await zombie
    assert await on.said() == said
    assert (await on.run(run_id)).status is RunStatus.PUBLISHING


async def test_a_zombie_can_commit_nothing_while_another_holder_is_at_work(on: Stage) -> None:
    # given a run that was taken over, and is being computed by both
    await on.register()
    run_id = await asked(on)
    first, second = Held(), Held()
    zombie = asyncio.create_task(on.execution(first)(await claimed(on, timedelta(0))))
    await first.begun.wait()
    heir = asyncio.create_task(on.execution(second)(await claimed(on, timedelta(minutes=1))))
    await second.begun.wait()

    # when the first one is done first, then it is refused
    first.let_go.set()
    with pytest.raises(LeaseLost):
        await zombie
    assert (await on.run(run_id)).status is RunStatus.RUNNING

    # and the other one commits
    second.let_go.set()
    await heir
    assert kinds(await on.said()) == ALL_SAID


async def test_a_run_that_is_taken_over_does_not_say_again_that_it_has_started(on: Stage) -> None:
    # given a run that died after it had started, and whose messages were carried to the bus since
    await on.register()
    run_id = await asked(on)
    held = Held()
    dead = asyncio.create_task(on.execution(held)(await claimed(on, timedelta(0))))
    await held.begun.wait()
    dead.cancel()
    await asyncio.gather(dead, return_exceptions=True)
    started_at = (await on.run(run_id)).started_at
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("DELETE FROM outbox")

    # when it is taken over
    await on.execution(everything_asked_for)(await claimed(on))

    # then only what had not been said is said
    assert kinds(await on.said()) == ALL_SAID[2:]
    assert (await on.run(run_id)).started_at == started_at


async def test_two_runners_execute_each_run_once(on: Stage) -> None:
    await on.register()
    on.tenant.companies = [company(f"C{index}") for index in range(8)]
    on.tenant.families = []
    orders: list[Order] = []

    async def count(order: Order) -> Computed:
        orders.append(order)
        return await everything_asked_for(order)

    run_ids = [await asked(on, [f"C{index}"]) for index in range(8)]
    async with running(runner(on, count).run, runner(on, count).run):
        for run_id in run_ids:
            await on.reaches(run_id, "publishing")
    assert sorted(order.scopes.companies[0].code for order in orders) == [f"C{index}" for index in range(8)]
    assert kinds(await on.said()).count("indicators.extracted") == 8


async def test_a_second_run_of_a_company_waits_for_the_first_and_one_of_another_does_not(on: Stage) -> None:
    # given three runs, the second of which shares a company with the first
    await on.register()
    await asked(on, ["NORD"])
    await asked(on, ["NORD", "SUD"])
    on.tenant.companies.append(company("EST"))
    await asked(on, ["EST"])

    # when claims are made
    first, second, third = await claim(on), await claim(on), await claim(on)

    # then only two are had, and the one that shares waits for the end of the first
    assert first is not None
    assert second is not None
    assert third is None
    async with transaction(on.pool, on.client) as connection:
        await work.finish(connection, first.client, first.run_id)
    assert (await claimed(on)).run_id not in {first.run_id, second.run_id}


async def test_runs_whose_companies_are_not_known_share_with_none_of_their_client(on: Stage) -> None:
    on.auth.away = True
    await asked(on)
    await asked(on)
    assert await claim(on) is not None
    assert await claim(on) is None


async def test_a_later_run_that_is_being_executed_blocks_an_earlier_one_only_while_its_holder_lives(on: Stage) -> None:
    # given a run that only became visible after a later one of the same company was claimed
    first, second = await asked(on, ["NORD"]), await asked(on, ["NORD"])
    lease = "UPDATE work SET leased_until = clock_timestamp() + $1 WHERE run_id = $2"
    async with transaction(on.pool, on.client) as connection:
        await connection.execute(lease, timedelta(minutes=1), second)

    # when work is looked for, then there is none as long as the later one is held
    assert await claim(on) is None

    # and once its holder has died the earlier one comes first
    async with transaction(on.pool, on.client) as connection:
        await connection.execute(lease, timedelta(0), second)
    assert (await claimed(on)).run_id == first


async def test_one_trace_leads_from_the_request_to_the_messages_of_its_run(on: Stage) -> None:
    await on.register()
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    with tracing(traceparent):
        run_id = await asked(on)
    async with running(runner(on, everything_asked_for).run):
        await on.reaches(run_id, "publishing")
    assert {(event.traceparent or "")[3:35] for event in await on.said()} == {"ab" * 16}


async def test_cancelling_stops_a_computation_that_is_under_way(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)
    held = Held()
    async with running(runner(on, held).run):
        await held.begun.wait()
        await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
        await until(lambda: _counts(held))
    run = await on.run(run_id)
    assert run.status is RunStatus.CANCELLED
    assert run.finished_at is not None
    assert kinds(await on.said()) == ["extraction.requested", "extraction.started", "extraction.cancelled"]


async def test_a_run_that_breaks_off_again_and_again_is_given_up_and_says_so(on: Stage) -> None:
    # given a run one failure short of being given up
    await on.register()
    run_id = await asked(on)
    async with transaction(on.pool, on.client) as connection:
        await connection.execute("UPDATE work SET failures = $1 WHERE run_id = $2", MOST_FAILURES - 1, run_id)

    async def break_off(_order: Order) -> Computed:
        raise ZeroDivisionError

    async def try_again_at_once() -> bool:
        async with transaction(on.pool, on.client) as connection:
            await connection.execute("UPDATE work SET ready_at = clock_timestamp()")
        return (await on.run(run_id)).status.ended

    # when it breaks once more
    async with running(runner(on, break_off).run):
        await until(try_again_at_once)

    # then it has failed for good
    run = await on.run(run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.ABANDONED)
    assert kinds(await on.said())[-1] == "extraction.failed"


async def test_a_run_waits_for_auth_and_goes_on_when_it_is_back(on: Stage) -> None:
    # given a run asked for while auth is away
    await on.register()
    on.auth.away = True
    run_id = await asked(on)

    async def has_waited() -> bool:
        async with transaction(on.pool, on.client) as connection:
            return bool(await connection.fetchval("SELECT pauses > 0 FROM work WHERE run_id = $1", run_id))

    async with running(runner(on, everything_asked_for).run):
        await until(has_waited)
        assert (await on.run(run_id)).status is RunStatus.QUEUED

        # when auth is back, then it is executed
        on.auth.away = False
        await on.reaches(run_id, "publishing")


async def test_a_claim_that_is_not_there_is_not_held(on: Stage) -> None:
    async with transaction(on.pool, on.client) as connection:
        with pytest.raises(LeaseLost):
            await work.prolong(connection, Claim(on.client, uuid4(), 1, 0, 0, 0, None), SHORT.length)


async def _is_set(*any_of: asyncio.Event) -> bool:
    return any(event.is_set() for event in any_of)


async def _counts(held: Held) -> bool:
    return held.stopped == 1


async def _one_lease_passes(on: Stage) -> None:
    """Wait until the lease was prolonged beyond where it stood."""
    async with transaction(on.pool, on.client) as connection:
        before = await connection.fetchval("SELECT leased_until + interval '0.4 s' FROM work")

    async def prolonged() -> bool:
        async with transaction(on.pool, on.client) as connection:
            return bool(await connection.fetchval("SELECT leased_until > $1 FROM work", before))

    await until(prolonged)
