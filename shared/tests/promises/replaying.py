"""A process that replays the first parked message, and is to be killed while it looks at the second: run as a module
with the broker's address and the platform's prefix."""

import asyncio
import sys

from shared.tests.promises.platform import QUEUE

from vigie_shared.bus import Fate, Parked, RabbitBus


async def main(amqp_url: str, prefix: str) -> None:
    bus = RabbitBus(amqp_url, service="replaying", prefix=prefix)
    running = asyncio.create_task(bus.run())
    while not bus.ready:
        await asyncio.sleep(0.01)
    looked_at = 0

    async def replay_the_first(_: Parked) -> Fate:
        nonlocal looked_at
        looked_at += 1
        if looked_at == 2:
            sys.stdout.write("looking\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        return Fate.REPLAY

    await bus.settle_parked(QUEUE, replay_the_first)
    running.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
