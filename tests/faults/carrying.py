"""`python -m tests.faults.carrying relay|consumer DATABASE_URL AMQP_URL PREFIX`: one end of the transport in a process.

A relay carries an outbox to the broker; a consumer notes every message it handles, without a look at what it noted
before. Nothing but the shared transport is at work, so that whatever is lost or doubled is the transport's doing.
"""

import asyncio
import sys

from shared.tests.promises.platform import QUEUE, SERVICE, Noting

import vigie_shared
from vigie_shared import outbox
from vigie_shared.bus import RabbitBus
from vigie_shared.database import create_pool
from vigie_shared.events import ClientResumed, ClientSuspended
from vigie_shared.inbox import Consumer


async def carry(end: str, database_url: str, amqp_url: str, prefix: str) -> None:
    pool = await create_pool(database_url, SERVICE, size=4)
    bus = RabbitBus(amqp_url, service=f"{SERVICE} {end}", prefix=prefix)
    async with asyncio.TaskGroup() as tasks:
        if end == "relay":
            tasks.create_task(outbox.relay(pool, bus))
        else:
            noting = Noting()
            bus.consume(QUEUE, Consumer(QUEUE, pool, {ClientSuspended: noting, ClientResumed: noting}).deliver)
        tasks.create_task(bus.run())
        while not bus.ready:
            await asyncio.sleep(0.02)
        sys.stdout.write(f"ready with {vigie_shared.__file__}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(carry(*sys.argv[1:]))
