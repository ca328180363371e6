"""The promises of the bus, the same on RabbitMQ and inside one process."""

import asyncio
from collections import Counter

import pytest
from shared.tests.promises.platform import Platform, suspended
from tests.stack.waiting import until

from vigie_shared.bus import Outgoing
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.errors import Rejected, Unavailable
from vigie_shared.events import Event
from vigie_shared.outbox import emit


async def is_parked(platform: Platform, body: bytes) -> None:
    async def reached() -> bool:
        return await platform.parked() == [body]

    await until(reached)


async def emit_and_fail(platform: Platform, event: Event) -> None:
    async with transaction(platform.pool, event.clientcode) as connection:
        await emit(connection, event)
        raise ZeroDivisionError


async def settled(platform: Platform, expected: int) -> None:
    async def reached() -> bool:
        return len(await platform.effects()) >= expected and await platform.waiting() == 0

    await until(reached)


async def test_what_is_emitted_has_its_effect_once(platform: Platform) -> None:
    events = [suspended(client) for client in ("ACME", "NORD", "ACME") * 70]
    async with platform.running():
        for event in events:
            await platform.emit(event)
        await settled(platform, len(events))
    assert Counter(await platform.effects()) == Counter(event.id for event in events)


async def test_what_is_rolled_back_was_never_said(platform: Platform) -> None:
    said, unsaid = suspended(), suspended()
    async with platform.running():
        with pytest.raises(ZeroDivisionError):
            await emit_and_fail(platform, unsaid)
        await platform.emit(said)
        await settled(platform, 1)
    assert await platform.effects() == [said.id]


async def test_a_message_that_comes_again_has_no_second_effect(platform: Platform) -> None:
    event, last = suspended(), suspended()
    async with platform.running():
        await platform.emit(event)
        await settled(platform, 1)
        again = Outgoing(event.id, event.routing_key, event.to_bytes())
        await platform.bus.publish([again, again])
        await platform.emit(last)
        await settled(platform, 2)
    assert await platform.effects() == [event.id, last.id]


async def test_what_nobody_consumes_yet_waits_and_is_not_lost(platform: Platform) -> None:
    event = suspended()
    async with platform.running(consuming=False):
        await platform.emit(event)

        async def was_tried() -> bool:
            async with transaction(platform.pool, ALL_CLIENTS) as connection:
                return bool(await connection.fetchval("SELECT attempts > 0 FROM outbox"))

        await until(was_tried)
        assert await platform.waiting() == 1
    async with platform.running():
        await settled(platform, 1)
    assert await platform.effects() == [event.id]


async def test_a_handler_that_fails_for_a_while_is_tried_again(platform: Platform) -> None:
    event = suspended()
    failures = iter([ValueError("first"), ValueError("second")])

    async def fail_twice(_: Event) -> None:
        for error in failures:
            raise error

    platform.noting.disturb = fail_twice
    async with platform.running():
        await platform.emit(event)
        await settled(platform, 1)
    assert await platform.effects() == [event.id]
    assert len(platform.noting.seen) >= 3
    assert await platform.parked() == []


async def test_a_poison_message_is_parked_after_five_failures_and_stops_nobody(platform: Platform) -> None:
    poison, others = suspended("EVIL"), [suspended() for _ in range(30)]

    async def refuse_poison(event: Event) -> None:
        if event.id == poison.id:
            raise ValueError("poison")

    platform.noting.disturb = refuse_poison
    async with platform.running():
        for event in (others[0], poison, *others[1:]):
            await platform.emit(event)
        await settled(platform, len(others))
        await is_parked(platform, poison.to_bytes())
    assert Counter(await platform.effects()) == Counter(event.id for event in others)
    async with transaction(platform.pool, ALL_CLIENTS) as connection:
        assert await connection.fetchval("SELECT failures FROM inbox_failures WHERE event_id = $1", poison.id) == 5


async def test_what_is_merely_unavailable_never_counts_against_a_message(platform: Platform) -> None:
    event = suspended()
    away = iter(range(6))

    async def be_away(_: Event) -> None:
        if next(away, None) is not None:
            raise Unavailable("another service is away")

    platform.noting.disturb = be_away
    async with platform.running():
        await platform.emit(event)
        await settled(platform, 1)
    assert await platform.effects() == [event.id]
    async with transaction(platform.pool, ALL_CLIENTS) as connection:
        assert await connection.fetchval("SELECT count(*) FROM inbox_failures") == 0


async def test_what_a_handler_rejects_is_parked_at_once_and_stops_nobody(platform: Platform) -> None:
    rejected, others = suspended("EVIL"), [suspended() for _ in range(3)]

    async def reject(event: Event) -> None:
        if event.id == rejected.id:
            raise Rejected("its token is not good")

    platform.noting.disturb = reject
    async with platform.running():
        for event in (others[0], rejected, *others[1:]):
            await platform.emit(event)
        await settled(platform, len(others))
        await is_parked(platform, rejected.to_bytes())
    assert Counter(await platform.effects()) == Counter(event.id for event in others)
    async with transaction(platform.pool, ALL_CLIENTS) as connection:
        row = await connection.fetchrow("SELECT failures, last_error FROM inbox_failures")
    assert row is not None
    assert tuple(row) == (1, "its token is not good")


async def test_what_cannot_be_parsed_is_parked_at_once(platform: Platform) -> None:
    good = suspended()
    bad = Outgoing(suspended().id, good.routing_key, b'{"type": "vigie.nothing.known.v1"}')
    async with platform.running():
        await platform.bus.publish([bad])
        await platform.emit(good)
        await settled(platform, 1)
        await is_parked(platform, bad.body)
    assert await platform.effects() == [good.id]


async def test_a_consumer_stopped_in_the_middle_of_its_work_does_it_when_it_is_back(platform: Platform) -> None:
    event = suspended()
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(_: Event) -> None:
        reached.set()
        await never.wait()

    platform.noting.disturb = hang
    async with platform.running():
        await platform.emit(event)
        await asyncio.wait_for(reached.wait(), 20)
    assert await platform.effects() == []
    platform.noting.disturb = None
    async with platform.running():
        await settled(platform, 1)
    assert await platform.effects() == [event.id]
