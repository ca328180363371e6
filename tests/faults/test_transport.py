"""The transport under kills: nothing is lost, nothing has its effect twice, and whoever breaks a promise is convicted.

Each scenario kills at a named step. The mutants go through the same scenarios, in processes of their own.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults import broken
from tests.faults.broken import Broken
from tests.faults.form import FORM
from tests.faults.gates import gate
from tests.faults.proxy import Fault
from tests.faults.transport import EFFECTS, OUTBOX, End, Transport, transporting
from tests.stack.postgres import PostgresNode
from tests.stack.rabbitmq import RabbitNode
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(1800 if FORM.long else 300)

FEW = 20
LEAST_BYTES = 200
"""Of a message on the wire."""
SEED = 20261125
BACKLOG = 400
"""How many events are under way while things are killed."""


async def killed_between_confirm_and_delete(transport: Transport) -> None:
    """The relay dies when the broker has the messages and the outbox has them still."""
    relay = transport.of("relay")
    async with gate(transport.owner_url, OUTBOX, "DELETE") as closed:
        await transport.emit(FEW)
        await closed.reached()
        relay.kill()
    assert await transport.waiting() == FEW
    await relay.start()


async def cut_off_while_publishing(transport: Transport) -> None:
    """What the relay has sent is under way when the link breaks, and never arrives."""
    link = transport.of("relay").link
    struck = link.strike(Fault.FROZEN)
    await transport.emit(FEW)
    await until(lambda: struck.withheld > FEW * LEAST_BYTES)
    link.strike(Fault.CUT)
    link.mend()


async def killed_before_the_commit(transport: Transport) -> None:
    """The consumer dies when it has had the effect and not committed it."""
    consumer = transport.of("consumer")
    async with gate(transport.owner_url, EFFECTS, "INSERT") as closed:
        await transport.emit(FEW)
        await closed.reached()
        consumer.kill()
    await consumer.start()


async def killed_before_the_acknowledgement(transport: Transport) -> None:
    """The consumer dies when it has committed, and its acknowledgement is held up on the way."""
    consumer = transport.of("consumer")
    async with gate(transport.owner_url, EFFECTS, "INSERT") as closed:
        await transport.emit(FEW)
        await closed.reached()
        struck = consumer.link.strike(Fault.FROZEN)
        await closed.open()

        async def is_committed() -> bool:
            return await transport.noted() > 0

        await until(is_committed)
        await until(lambda: struck.withheld > 0)
        consumer.kill()
        consumer.link.strike(Fault.CUT)
        consumer.link.mend()
    await consumer.start()


Scenario = Callable[[Transport], Awaitable[None]]
SCENARIOS: tuple[Scenario, ...] = (
    killed_between_confirm_and_delete,
    cut_off_while_publishing,
    killed_before_the_commit,
    killed_before_the_acknowledgement,
)
CONVICTED_BY: dict[str, tuple[Broken, Scenario]] = {
    broken.NO_INBOX.name: (broken.NO_INBOX, killed_between_confirm_and_delete),
    broken.NO_CONFIRMS.name: (broken.NO_CONFIRMS, cut_off_while_publishing),
    broken.ACKNOWLEDGED_BEFORE_THE_COMMIT.name: (broken.ACKNOWLEDGED_BEFORE_THE_COMMIT, killed_before_the_commit),
}


async def test_a_kill_at_any_step_loses_and_doubles_nothing(
    own_postgres: PostgresNode, own_rabbit: RabbitNode, tmp_path: Path
) -> None:
    async with transporting(own_postgres, own_rabbit, tmp_path) as transport:
        for scenario in SCENARIOS:
            # given messages under way, when something dies at this step
            await scenario(transport)

            # then each has its effect, once
            await transport.settled()
            assert await transport.difference() == (0, 0), scenario.__doc__


@pytest.mark.parametrize("name", CONVICTED_BY)
async def test_a_transport_that_breaks_a_promise_is_convicted(
    own_postgres: PostgresNode, own_rabbit: RabbitNode, tmp_path: Path, name: str
) -> None:
    # given the transport with one promise broken
    mutant, scenario = CONVICTED_BY[name]
    source = mutant.write(tmp_path / "src")

    # when something dies at the step that the promise is for
    async with transporting(own_postgres, own_rabbit, tmp_path, source=source) as transport:
        await scenario(transport)
        await transport.settled()

        # then something is lost or doubled
        lost, doubled = await transport.difference()
        assert lost or doubled


async def test_processes_and_brokers_killed_at_random_lose_and_double_nothing(
    own_postgres: PostgresNode, own_rabbit: RabbitNode, tmp_path: Path
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - kills are to be repeatable, not unguessable
    kills = ["carrier"] * FORM.service_kills + ["broker"] * FORM.broker_kills
    dice.shuffle(kills)
    ends: tuple[End, ...] = ("relay", "relay", "consumer", "consumer")
    async with transporting(own_postgres, own_rabbit, tmp_path, ends=ends) as transport:
        # given a stream of messages that does not end before the last kill
        async with feeding(transport):
            for number, victim in enumerate(kills, start=1):
                await until(lambda: len(transport.emitted) >= FORM.messages * number // (len(kills) + 1), 300)  # noqa: B023

                # when something is killed while messages are under way: more than can arrive meanwhile
                await transport.emit(BACKLOG)
                await asyncio.sleep(dice.random() / 20)
                if victim == "broker":
                    own_rabbit.kill()
                    assert await transport.noted() < len(transport.emitted), "this kill hit nothing"
                    await asyncio.to_thread(own_rabbit.start)
                else:
                    carrier = dice.choice(transport.carriers)
                    carrier.kill()
                    assert await transport.noted() < len(transport.emitted), "this kill hit nothing"
                    await carrier.start()
        await transport.emit(max(0, FORM.messages - len(transport.emitted)))

        # then each message has its effect, once
        assert len(transport.emitted) >= FORM.messages
        await transport.settled(600)
        assert await transport.difference() == (0, 0)


@asynccontextmanager
async def feeding(transport: Transport) -> AsyncIterator[None]:
    """Events are said all the time, at most BACKLOG ahead of their effects. The last of them are said to the end: cut
    off in the middle, some would be under way that nobody counts."""
    enough = asyncio.Event()

    async def feed() -> None:
        while not enough.is_set():
            if len(transport.emitted) - await transport.noted() < BACKLOG:
                await transport.emit(BACKLOG // 4)
            else:
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(feed())
        try:
            yield
        finally:
            enough.set()


def test_every_broken_transport_can_still_be_made(tmp_path: Path) -> None:
    for number, one in enumerate(broken.ALL):
        assert (one.write(tmp_path / str(number)) / "vigie_shared").is_dir()
