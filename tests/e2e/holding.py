"""A bus that holds messages back: before they leave their outbox, or before their consumer has them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NoReturn

from tests.stack.waiting import until
from vigie_shared.bus import Bus, Confirmation, Decide, Deliver, Gap, Hear, NotYet, Outgoing, Verdict
from vigie_shared.topology import Broadcast, Queue


class Hold:
    """A place on the way of messages. While it is shut, they go no further."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._came = 0

    @property
    def is_shut(self) -> bool:
        return not self._open.is_set()

    def shut(self) -> None:
        self._came = 0
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def held(self) -> None:
        """Wait until messages stand here."""
        await until(lambda: self._came > 0, 60)

    def turns_away(self) -> bool:
        """Whether a message that comes now has to come again."""
        self._came += self.is_shut
        return self.is_shut

    async def passed(self) -> None:
        """Wait until messages may go on."""
        self._came += self.is_shut
        await self._open.wait()


class Holds:
    """Where messages can be held back, on all buses of a platform."""

    def __init__(self) -> None:
        self._leaving: dict[str, Hold] = {}
        self._arriving: dict[Queue, Hold] = {}

    def leaving(self, beginning: str) -> Hold:
        """Before messages whose routing key begins so leave their outbox."""
        return self._leaving.setdefault(beginning, Hold())

    def turn_away(self, routing_key: str) -> bool:
        """Whether a message with this routing key is held where it is."""
        return any(hold.turns_away() for beginning, hold in self._leaving.items() if routing_key.startswith(beginning))

    def arriving(self, queue: Queue) -> Hold:
        """Before messages of a queue reach their consumer."""
        return self._arriving.setdefault(queue, Hold())


class HoldingBus:
    """The bus that it is made of, but for what is held back."""

    def __init__(self, bus: Bus, holds: Holds) -> None:
        self._bus = bus
        self._holds = holds

    @property
    def ready(self) -> bool:
        return self._bus.ready

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        going = [one for one in messages if not self._holds.turn_away(one.routing_key)]
        confirmed = dict(zip(going, await self._bus.publish(going), strict=True)) if going else {}
        return [confirmed.get(one) or NotYet("it is held back by the test") for one in messages]

    def consume(self, queue: Queue, deliver: Deliver) -> None:
        async def deliver_when_open(bodies: Sequence[bytes]) -> Sequence[Verdict]:
            await self._holds.arriving(queue).passed()
            return await deliver(bodies)

        self._bus.consume(queue, deliver_when_open)

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:
        self._bus.listen(broadcast, hear, gap)

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        await self._bus.settle_parked(queue, decide)

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        return await self._bus.count_parked(queues)

    async def run(self) -> NoReturn:
        await self._bus.run()
