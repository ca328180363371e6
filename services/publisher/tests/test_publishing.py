"""What becomes of the messages of extractions, from the bus to the database and the outbox."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

from services.publisher.tests.world import ACME, GROUP, NORD, World, resumed, suspended
from tests.stack.waiting import until

from vigie_publisher.storage import publications
from vigie_shared.bus import Confirmed
from vigie_shared.database import transaction
from vigie_shared.events import SnapshotPublished, derived_id

T = datetime(2026, 11, 24, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_a_granted_extraction_is_published_and_told(world: World, client: str) -> None:
    said = world.run(client, T).extracted()
    await world.feed(said)
    [told] = await world.answers(client)
    assert isinstance(told, SnapshotPublished)
    assert (told.id, told.causationid) == (derived_id("snapshot.published", said.id), said.id)
    assert told.data.scope == ACME
    assert await world.shown(client) == told.data.extraction_id == said.data.extraction_id


async def test_r5_each_scope_of_a_run_is_published_by_itself(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(ACME), run.extracted(NORD), run.extracted(GROUP))
    assert [await world.shown(client, scope) for scope in (ACME, NORD, GROUP)] == [run.id] * 3


async def test_r12_a_late_message_never_replaces_a_newer_snapshot_in_any_order(world: World, client: str) -> None:
    runs = [world.run(client, T + number * MINUTE) for number in range(3)]
    for number, order in enumerate(permutations(runs)):
        scope = ACME.model_copy(update={"code": f"ACME{number}"})
        for run in order:
            await world.feed(run.extracted(scope))
        assert await world.shown(client, scope) == runs[2].id
        assert await world.past(client, scope) == [run.id for run in reversed(runs)]


async def test_r12_a_late_message_is_answered_as_superseded(world: World, client: str) -> None:
    newer, late = world.run(client, T + MINUTE), world.run(client, T)
    await world.feed(newer.extracted())
    await world.feed(late.extracted())
    assert await world.reasons(client) == ["published", "superseded"]


async def test_r12_a_batch_ends_with_its_newest(world: World, client: str) -> None:
    runs = [world.run(client, T + number * MINUTE) for number in (1, 0, 2)]
    await world.feed(*[run.extracted() for run in runs])
    assert await world.shown(client) == runs[2].id
    assert await world.reasons(client) == ["published", "superseded", "published"]


async def test_r12_a_repeated_message_changes_nothing(world: World, client: str) -> None:
    run = world.run(client, T)
    said = run.extracted()
    await world.feed(said)
    await world.feed(said)
    assert await world.reasons(client) == ["published"]
    await world.feed(run.extracted(indicators={"treasury_position": {"available": True, "amount": "0.00"}}))
    assert await world.past(client) == [run.id]
    async with world.signed_in(client, ACME) as http:
        document = (await http.get("/snapshots/company/ACME")).json()
    assert document["indicators"]["treasury_position"]["amount"] == "5230.10"


async def test_what_is_said_again_under_another_id_is_answered_again_as_it_stands(world: World, client: str) -> None:
    early, late = world.run(client, T), world.run(client, T + timedelta(hours=1))
    await world.feed(early.extracted())
    await world.feed(early.extracted())
    await world.feed(late.extracted())
    await world.feed(early.extracted())
    assert await world.reasons(client) == ["published", "published", "published", "superseded"]
    assert sorted(await world.past(client)) == sorted([early.id, late.id])


async def test_r12_a_reader_sees_one_whole_snapshot_while_others_are_published(world: World, client: str) -> None:
    whole = [{name: {"available": True, "amount": str(number)} for name in ("a", "b", "c")} for number in range(30)]
    runs = [world.run(client, T + number * MINUTE) for number in range(30)]
    await world.feed(runs[0].extracted(indicators=whole[0]))

    async def publish() -> None:
        for run, indicators in zip(runs[1:], whole[1:], strict=True):
            await world.feed(run.extracted(indicators=indicators))

    publishing = asyncio.create_task(publish())
    seen = 0
    async with world.signed_in(client, ACME) as http:
        while not publishing.done():
            document = (await http.get("/snapshots/company/ACME")).json()
            number = [run.id.hex for run in runs].index(document["extraction_id"].replace("-", ""))
            assert document["indicators"] == whole[number]
            seen += 1
    await publishing
    assert seen > 1


async def test_r1_a_grant_that_auth_did_not_sign_publishes_nothing(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(
        run.extracted(grant="nonsense"),
        run.extracted(grant=run.grant[:-8] + "AAAAAAAA"),
        run.extracted(grant=world.auth.token(client, "somebody")),
        run.extracted(grant=world.auth.grant(client, run.id, T, aud="vigie")),
        run.extracted(grant=world.auth.grant(client, run.id, T, iss="somebody")),
        run.extracted(grant=world.auth.grant(client, uuid4(), T)),
    )
    assert await world.reasons(client) == ["grant_invalid"] * 6
    assert await world.shown(client) is None


async def test_r13_a_grant_of_one_client_publishes_nothing_for_another(
    world: World, client: str, other_client: str
) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(client=other_client))
    assert await world.reasons(other_client) == ["grant_invalid"]
    assert await world.answers(client) == []
    assert await world.shown(other_client) is None


async def test_r1_a_grant_signed_with_a_key_of_this_moment_is_good(world: World, client: str) -> None:
    await world.feed(world.run(client, T).extracted())
    world.auth.change_key()
    later = world.run(client, T + MINUTE)
    await world.feed(later.extracted())
    assert await world.shown(client) == later.id


async def test_r1_a_suspended_client_publishes_nothing_and_keeps_what_it_has(world: World, client: str) -> None:
    before, late = world.run(client, T), world.run(client, T + MINUTE)
    await world.feed(before.extracted())
    await world.feed(suspended(client, T + MINUTE))
    await world.feed(late.extracted())
    assert await world.reasons(client) == ["published", "client_suspended"]
    assert await world.shown(client) == before.id
    assert await world.past(client) == [before.id]


async def test_r1_a_voided_grant_stays_void_after_resuming_and_a_new_one_is_good(world: World, client: str) -> None:
    void, good = world.run(client, T), world.run(client, T + 3 * MINUTE)
    await world.feed(suspended(client, T + MINUTE), resumed(client, T + 2 * MINUTE))
    await world.feed(void.extracted())
    assert await world.shown(client) is None
    await world.feed(good.extracted())
    assert await world.shown(client) == good.id


async def test_r1_suspensions_that_come_late_or_again_never_give_a_grant_back(world: World, client: str) -> None:
    first, second = suspended(client, T), suspended(client, T + 2 * MINUTE)
    await world.feed(second, first, second, suspended(client, T))
    await world.feed(resumed(client, T + MINUTE))
    await world.feed(world.run(client, T + MINUTE).extracted())
    assert await world.reasons(client) == ["client_suspended"]


async def test_publishers_side_by_side_neither_wait_for_ever_nor_lose_a_message(
    world: World, client: str, other_client: str
) -> None:
    scopes = [ACME, NORD, GROUP]
    runs = [world.run(one, T + number * MINUTE) for number in range(8) for one in (client, other_client)]
    batches = [[run.extracted(scope) for run in runs[offset::4] for scope in scopes] for offset in range(4)]
    batches[1].reverse()
    batches[3].reverse()
    outcomes = await asyncio.gather(*[world.feed(*batch) for batch in batches])
    assert {type(outcome) for batch in outcomes for outcome in batch} == {Confirmed}
    for one, newest in ((client, runs[-2]), (other_client, runs[-1])):
        for scope in scopes:
            assert await world.shown(one, scope) == newest.id
            assert len(await world.past(one, scope)) == 8


async def test_publishers_lock_clients_in_one_order_whatever_that_of_the_messages(
    world: World, client: str, other_client: str
) -> None:
    assert client < other_client
    await world.feed(world.run(client, T).extracted(), world.run(other_client, T).extracted())
    later = [world.run(one, T + MINUTE) for one in (other_client, client)]
    async with transaction(world.pool, client) as held:
        _, now = await publications.lock_client(held, client)
        feeding = asyncio.create_task(world.feed(*[run.extracted() for run in later]))
        await until(lambda: world.pool.fetchval(_ONE_WAITS, now))
        async with transaction(world.pool, other_client) as free:
            await free.execute("SET LOCAL lock_timeout = '1ms'")
            await publications.lock_client(free, other_client)
    assert {type(outcome) for outcome in await feeding} == {Confirmed}


_ONE_WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start >= $1
"""
