"""What RabbitBus makes of a broker that answers otherwise than hoped, or goes away, and of being stopped meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NoReturn
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tests.stack.amqp import forgetting
from tests.stack.waiting import until

from vigie_shared import topology
from vigie_shared.bus import Confirmed, Done, NotYet, Outgoing, RabbitBus, Verdict
from vigie_shared.errors import BusUnavailable

HEARD = topology.PUBLISHER_CLIENTS
TO_THE_QUEUE = "client.suspended.v1.ACME"
TO_A_QUEUE_NOBODY_HAS_DECLARED = "indicators.extracted.v1.ACME"
TO_NOBODY = "client.registered.v1.ACME"

A_MOMENT = 0.0005
"""Seconds between two places at which something happens to a bus; it connects within some thirty of them."""
STOPS = 80
LINKS_BROKEN = 20


def message(routing_key: str, body: bytes = b"{}") -> Outgoing:
    return Outgoing(uuid4(), routing_key, body)


class Link:
    """A link to the broker over which, once it is `frozen`, nothing comes back; `withheld` is what would have."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self.frozen = False
        self.withheld = b""
        self._ends: list[asyncio.StreamWriter] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._there)
        self._ends += [writer, there_writer]
        await asyncio.gather(self._pass(reader, there_writer), self._pass(there_reader, writer, back=True))

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool = False) -> None:
        try:
            while part := await reader.read(65536):
                if back and self.frozen:
                    self.withheld += part
                else:
                    writer.write(part)
        except OSError:
            pass
        finally:
            writer.close()


@pytest.fixture
async def prefix(amqp_url: str) -> AsyncIterator[str]:
    prefix = f"test.{uuid4().hex[:8]}."
    async with forgetting(amqp_url, prefix):
        yield prefix


@pytest.fixture
async def heard() -> list[bytes]:
    return []


@asynccontextmanager
async def kept(bus: RabbitBus) -> AsyncIterator[asyncio.Task[NoReturn]]:
    """The task in which a bus runs, once it is ready."""
    task = asyncio.create_task(bus.run())
    try:
        await until(lambda: bus.ready)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def running(amqp_url: str, prefix: str, heard: list[bytes]) -> AsyncIterator[RabbitBus]:
    """A bus on which one queue is declared; what comes to it ends in `heard`."""

    async def deliver(bodies: Sequence[bytes]) -> list[Verdict]:
        heard.extend(bodies)
        return [Done()] * len(bodies)

    bus = RabbitBus(amqp_url, service="publishing", prefix=prefix)
    bus.consume(HEARD, deliver)
    async with kept(bus):
        yield bus


@asynccontextmanager
async def linked(amqp_url: str) -> AsyncIterator[tuple[Link, str]]:
    """A link, and the address of the broker at its other end."""
    parts = urlsplit(amqp_url)
    link = Link(parts.hostname or "127.0.0.1", parts.port or 5672)
    server = await asyncio.start_server(link.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    netloc = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
    try:
        yield link, parts._replace(netloc=netloc).geturl()
    finally:
        link.cut()
        server.close()


async def test_each_message_of_a_batch_has_an_outcome_of_its_own(
    amqp_url: str, prefix: str, heard: list[bytes]
) -> None:
    batch = [
        message(TO_THE_QUEUE, b"first"),
        message(TO_A_QUEUE_NOBODY_HAS_DECLARED),
        message(TO_NOBODY),
        message(TO_A_QUEUE_NOBODY_HAS_DECLARED),
        message(TO_THE_QUEUE, b"last"),
    ]
    async with running(amqp_url, prefix, heard) as bus:
        for _ in range(3):  # a message that was returned is sent again under the same id
            outcomes = await bus.publish(batch)
            assert [type(outcome) for outcome in outcomes] == [Confirmed, NotYet, Confirmed, NotYet, Confirmed]
        assert isinstance(outcomes[1], NotYet)
        assert "no queue has taken it" in outcomes[1].reason

        async def all_heard() -> bool:
            return sorted(heard) == [b"first"] * 3 + [b"last"] * 3

        await until(all_heard)
        assert await bus.publish([]) == []


async def test_bodies_of_any_size_arrive_whole(amqp_url: str, prefix: str, heard: list[bytes]) -> None:
    bodies = [b"", b"x", b"y" * 131_064, b"z" * 131_065, bytes(range(256)) * 4096]
    async with running(amqp_url, prefix, heard) as bus:
        assert list(await bus.publish([message(TO_THE_QUEUE, body) for body in bodies])) == [Confirmed()] * len(bodies)

        async def all_heard() -> bool:
            return len(heard) == len(bodies)

        await until(all_heard)
    assert sorted(heard) == sorted(bodies)


async def test_what_the_broker_had_not_confirmed_when_the_link_broke_is_not_believed(
    amqp_url: str, prefix: str, heard: list[bytes]
) -> None:
    async with linked(amqp_url) as (link, address), running(address, prefix, heard) as bus:
        # given a link over which no confirm comes back
        link.frozen = True
        async with asyncio.TaskGroup() as tasks:
            publishing = tasks.create_task(bus.publish([message(TO_THE_QUEUE) for _ in range(150)]))

            async def confirmed_in_vain() -> bool:
                return len(link.withheld) > 0

            await until(confirmed_in_vain)
            assert not publishing.done()

            # when it breaks
            link.cut()
        assert [type(outcome) for outcome in publishing.result()] == [NotYet] * 150

        # then the bus comes back by itself, and until then says that it is away
        link.frozen = False

        async def taken() -> bool:
            try:
                return list(await bus.publish([message(TO_THE_QUEUE)])) == [Confirmed()]
            except BusUnavailable:
                return False

        await until(taken)


async def test_a_link_that_breaks_while_messages_are_acknowledged_is_only_a_loss(amqp_url: str, prefix: str) -> None:
    async with linked(amqp_url) as (link, address):
        # given consumers whose link breaks a little earlier or later before each acknowledgement
        breaks = [number * A_MOMENT for number in range(LINKS_BROKEN)]

        async def deliver(bodies: Sequence[bytes]) -> list[Verdict]:
            if breaks:
                link.cut()
                await asyncio.sleep(breaks.pop())
            return [Done()] * len(bodies)

        bus = RabbitBus(address, service="acknowledging", prefix=prefix)
        bus.consume(HEARD, deliver)
        async with kept(bus) as task:
            # when messages come
            async def all_broken() -> bool:
                with suppress(BusUnavailable):
                    await bus.publish([message(TO_THE_QUEUE)])
                return task.done() or not breaks

            await until(all_broken)

            # then the bus is still there, or comes back
            await until(lambda: task.done() or bus.ready)
            assert not task.done()


async def test_a_bus_stops_when_it_is_told_to_at_any_moment(amqp_url: str, prefix: str) -> None:
    async def deliver(bodies: Sequence[bytes]) -> list[Verdict]:
        return [Done()] * len(bodies)

    for moments in range(STOPS):
        # given a bus that is connecting, or has just connected
        bus = RabbitBus(amqp_url, service="stopping", prefix=prefix)
        bus.consume(HEARD, deliver)
        task = asyncio.create_task(bus.run())
        await asyncio.sleep(moments * A_MOMENT)

        # when it is told to stop, then it does
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()
