"""Parked messages are listed, shown, replayed and dropped, the same on RabbitMQ and inside one process."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import aio_pika
import pytest
from shared.tests.promises.platform import QUEUE, Platform, empty, rabbit_platform, suspended
from tests.stack.waiting import until

from vigie_shared.audit import Actor
from vigie_shared.bus import Fate, Outgoing, Parked
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.errors import NotFound, Rejected
from vigie_shared.events import ClientSuspended, Event
from vigie_shared.parked import ParkedMessage
from vigie_shared.topology import MAX_FAILURES

OPERATOR = Actor("operator", "operator", "192.0.2.1")


async def listed(platform: Platform, number: int) -> list[ParkedMessage]:
    """The parked messages, once there are so many."""

    async def there() -> bool:
        return (await platform.parked_messages.count())[QUEUE] == number

    await until(there)
    return await platform.parked_messages.listed(None, None)


async def reject_all(_: Event) -> None:
    raise Rejected("its token is not good")


async def rejected(platform: Platform, *events: ClientSuspended) -> Sequence[ParkedMessage]:
    """Have events parked by a handler that rejects them, which it does not any more afterwards."""
    platform.noting.disturb = reject_all
    for event in events:
        await platform.emit(event)
    parked = await listed(platform, len(events))
    platform.noting.disturb = None
    return parked


async def effects(platform: Platform, *expected: UUID) -> None:
    async def there() -> bool:
        return await platform.effects() == list(expected)

    await until(there)


async def test_a_parked_message_is_listed_with_the_reason(platform: Platform) -> None:
    # given one that is rejected, one that fails and one that nobody can read
    refused, failing, unreadable = suspended("ACME"), suspended("NORD"), suspended("SUD")

    async def disturb(event: Event) -> None:
        if event.id == refused.id:
            raise Rejected("its token is not good")
        raise ValueError("a secret of the client")

    platform.noting.disturb = disturb
    async with platform.running():
        await platform.emit(refused)
        await platform.emit(failing)
        await platform.bus.publish([Outgoing(unreadable.id, unreadable.routing_key, b'{"type": "vigie.none.v1"}')])

        # when they are listed
        found = {one.id: one for one in await listed(platform, 3)}
        of_nord = await platform.parked_messages.listed(QUEUE.name, "NORD")

    # then each says why, without what must not be written down
    assert found[refused.id].reason == "its token is not good"
    assert (found[failing.id].reason, found[failing.id].failures) == (
        f"its handler failed {MAX_FAILURES} times, last with ValueError",
        MAX_FAILURES,
    )
    assert "not an event that is known here" in found[unreadable.id].reason
    assert [(found[one].client, found[one].type) for one in (refused.id, unreadable.id)] == [
        ("ACME", refused.type),
        ("SUD", None),
    ]
    assert [one.id for one in of_nord] == [failing.id]


async def test_looking_as_often_as_one_likes_loses_nothing(platform: Platform) -> None:
    async with platform.running():
        parked = await rejected(platform, *(suspended() for _ in range(20)))
        for _ in range(30):
            assert await platform.parked_messages.listed(None, None) == parked


async def test_a_message_is_shown_with_its_body_and_without_its_secrets(platform: Platform) -> None:
    event = suspended()
    body = (
        b'{"type":"vigie.none.v1","data":{"grant":"a.signed.grant","scopes":[{"token":"a.signed.token","code":"N"}]}}'
    )
    async with platform.running():
        await platform.bus.publish([Outgoing(event.id, event.routing_key, body)])
        await listed(platform, 1)
        message, shown = await platform.parked_messages.shown(QUEUE.name, event.id)
        with pytest.raises(NotFound):
            await platform.parked_messages.shown(QUEUE.name, suspended().id)
    assert message.size == len(body)
    assert "signed" not in shown
    assert '"code": "N"' in shown


async def test_a_replayed_message_takes_effect_once_under_its_own_id(platform: Platform) -> None:
    event, other = suspended(), suspended()
    async with platform.running():
        await rejected(platform, event, other)
        assert await platform.parked_messages.replay(OPERATOR, QUEUE.name, event.id) == 1
        await effects(platform, event.id)
        assert [one.id for one in await listed(platform, 1)] == [other.id]


async def test_all_of_a_queue_are_replayed_at_once(platform: Platform) -> None:
    events = [suspended() for _ in range(7)]
    async with platform.running():
        await rejected(platform, *events)
        assert await platform.parked_messages.replay(OPERATOR, QUEUE.name, None) == 7
        await listed(platform, 0)

        async def all_have_effect() -> bool:
            return set(await platform.effects()) == {event.id for event in events}

        await until(all_have_effect)


async def test_a_replayed_message_that_had_its_effect_meanwhile_has_no_second_one(platform: Platform) -> None:
    # given a parked message that was said again, and handled
    event, last = suspended(), suspended()
    async with platform.running():
        await rejected(platform, event)
        await platform.bus.publish([Outgoing(event.id, event.routing_key, event.to_bytes())])
        await effects(platform, event.id)

        # when it is replayed
        await platform.parked_messages.replay(OPERATOR, QUEUE.name, event.id)
        await listed(platform, 0)
        await platform.emit(last)

        # then nothing comes of it
        await effects(platform, event.id, last.id)


async def test_a_replayed_message_that_fails_again_is_parked_after_as_many_attempts_as_a_new_one(
    platform: Platform,
) -> None:
    event = suspended()

    async def fail(_: Event) -> None:
        raise ValueError("poison")

    async with platform.running():
        await rejected(platform, event)
        before = platform.noting.seen.count(event.id)
        platform.noting.disturb = fail
        await platform.parked_messages.replay(OPERATOR, QUEUE.name, event.id)

        async def tried_again() -> bool:
            return platform.noting.seen.count(event.id) == before + MAX_FAILURES

        await until(tried_again)
        [again] = await listed(platform, 1)
    assert (again.id, again.client, again.failures) == (event.id, event.clientcode, MAX_FAILURES)


async def test_a_dropped_message_is_gone_and_never_handled(platform: Platform) -> None:
    dropped, kept = suspended(), suspended()
    async with platform.running():
        await rejected(platform, dropped, kept)
        assert await platform.parked_messages.drop(OPERATOR, QUEUE.name, dropped.id) == 1
        assert [one.id for one in await listed(platform, 1)] == [kept.id]
        with pytest.raises(NotFound):
            await platform.parked_messages.drop(OPERATOR, QUEUE.name, dropped.id)
    assert await platform.effects() == []


async def test_a_death_while_messages_are_replayed_loses_none(platform: Platform) -> None:
    first, second, third = (suspended() for _ in range(3))

    async def die_at_the_second(parked: Parked) -> Fate:
        if parked.id == second.id:
            raise ZeroDivisionError
        return Fate.REPLAY

    async def hang(_: Parked) -> Fate:
        await asyncio.Event().wait()
        return Fate.REPLAY

    async with platform.running():
        await rejected(platform, first, second, third)

        # when one breaks in the middle, and another is ended while it looks
        with pytest.raises(ZeroDivisionError):
            await platform.bus.settle_parked(QUEUE, die_at_the_second)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(platform.bus.settle_parked(QUEUE, hang), 0.2)

        # then each message is parked, or has had its effect
        async def none_is_lost() -> bool:
            parked = {one.id for one in await platform.parked_messages.listed(None, None)}
            return parked | set(await platform.effects()) == {first.id, second.id, third.id}

        await until(none_is_lost)
        await platform.parked_messages.replay(OPERATOR, QUEUE.name, None)

        async def all_have_effect() -> bool:
            return sorted(await platform.effects()) == sorted((first.id, second.id, third.id))

        await until(all_have_effect)


async def test_what_is_done_to_parked_messages_is_audited(platform: Platform) -> None:
    replayed, dropped = suspended("ACME"), suspended("NORD")
    async with platform.running():
        await rejected(platform, replayed, dropped)
        await platform.parked_messages.replay(OPERATOR, QUEUE.name, replayed.id)
        await platform.parked_messages.drop(OPERATOR, QUEUE.name, dropped.id)
        await listed(platform, 0)
    async with transaction(platform.pool, ALL_CLIENTS) as connection:
        rows = await connection.fetch(
            "SELECT client_code, action, subject, actor FROM audit WHERE subject = ANY($1) ORDER BY position",
            [f"{QUEUE.name}/{event.id}" for event in (replayed, dropped)],
        )
    assert [tuple(row) for row in rows] == [
        ("ACME", "message.replayed", f"{QUEUE.name}/{replayed.id}", "operator"),
        ("NORD", "message.dropped", f"{QUEUE.name}/{dropped.id}", "operator"),
    ]


async def test_a_twin_that_was_declared_before_looks_counted_goes_on_to_serve(owner_url: str, amqp_url: str) -> None:
    await empty(owner_url)
    event = suspended()
    async with rabbit_platform(owner_url, amqp_url) as platform:
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            twin = platform.prefix + QUEUE.parked
            await channel.declare_queue(twin, durable=True, arguments={"x-queue-type": "quorum"})
        async with platform.running():
            [parked] = await rejected(platform, event)
            assert parked.id == event.id
            await platform.parked_messages.replay(OPERATOR, QUEUE.name, event.id)
            await effects(platform, event.id)


async def test_a_process_that_is_killed_while_it_replays_loses_nothing(owner_url: str, amqp_url: str) -> None:
    # given three parked messages, and a process that has replayed one and looks at the next
    await empty(owner_url)
    events = [suspended() for _ in range(3)]
    async with rabbit_platform(owner_url, amqp_url) as platform, platform.running():
        await rejected(platform, *events)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.tests.promises.replaying", amqp_url, platform.prefix),
            cwd=Path(__file__).parents[3],
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while (line := await process.stdout.readline()) != b"looking\n":
                assert line, "the process has ended"

        # when it is killed
        process.kill()
        await process.wait()

        # then one has had its effect, and the others are parked as they were
        left = await listed(platform, 2)
        [handled] = await platform.effects()
        assert {handled, *(one.id for one in left)} == {event.id for event in events}
