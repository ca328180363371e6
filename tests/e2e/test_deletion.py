"""R11 over the whole platform, on both buses: all that a client published goes, and nothing brings it back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.e2e.dossiers import write_dossier
from tests.e2e.firm import ENDED, Firm
from tests.e2e.holding import Hold, HoldingBus, Holds
from tests.e2e.inventory import Emptied, Kept, everything_of, fates, rows_of, tables
from tests.e2e.together import Gate, Together, together
from tests.fakes.phone import FakePhone
from tests.stack.amqp import forgetting
from tests.stack.waiting import until
from vigie_shared.bus import Bus, Confirmed, Fate, Outgoing, Parked, RabbitBus
from vigie_shared.database import schema_of
from vigie_shared.events import ClientSuspended, SnapshotPublished
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.local_bus import LocalBus
from vigie_shared.topology import PUBLISHER_INDICATORS, QUEUES, Queue

pytestmark = pytest.mark.timeout(240)

COMPANIES, FAMILIES = ("S01", "S02"), ("EST",)
SCOPE = "company/S01"
PARKED_STEMS = sorted({event.routing_stem() for queue in QUEUES if queue.kept is None for event in queue.hears})
KEPT_STEM = ClientSuspended.routing_stem()
"""What is said, unreadably, to have a message parked of every queue whose messages a deletion drops, and of another."""


@dataclass
class Stage:
    """A platform with two clients of which something is published; `mine` is the one that deletes."""

    platform: Together
    holds: Holds
    on_broker: bool
    owner: asyncpg.Connection
    mine: Firm
    theirs: Firm

    async def published(self, firm: Firm) -> str:
        """Have something extracted and wait until it is published."""
        extraction = await firm.extract(COMPANIES, FAMILIES)
        await self.ended(firm, extraction, "published")
        return extraction

    async def ended(self, firm: Firm, extraction: str, status: str) -> None:
        async def has_ended() -> bool:
            return (await firm.run(extraction))["status"] in ENDED

        await until(has_ended, 60)
        run = await firm.run(extraction)
        assert run["status"] == status, run

    async def done(self, deletion: str) -> None:
        """Wait until every service has said that nothing is left."""

        async def is_done() -> bool:
            return bool((await self.mine.receipt(deletion))["state"] == "done")

        await until(is_done, 60)

    async def park(self, firm: Firm) -> None:
        """Have unreadable messages of a client parked."""
        said = [Outgoing(uuid4(), f"{stem}.{firm.code}", b"{}") for stem in (*PARKED_STEMS, KEPT_STEM)]
        assert set(await self.platform.buses["publisher"].publish(said)) == {Confirmed()}

        async def are_parked() -> bool:
            return set(await self.parked(firm)) >= {queue for queue in QUEUES if queue.kept is None}

        await until(are_parked)

    async def parked(self, firm: Firm) -> dict[Queue, int]:
        """How many messages of a client are parked, by queue."""
        found: dict[Queue, int] = {}
        for queue in QUEUES:

            async def look(one: Parked, *, of: Queue = queue) -> Fate:
                if one.client == firm.code:
                    found[of] = found.get(of, 0) + 1
                return Fate.STAY

            await self.platform.buses[queue.owner].settle_parked(queue, look)
        return found

    async def shown(self, phone: FakePhone) -> str | None:
        """Which extraction a phone is shown of a scope; none where nothing is."""
        answer = await phone.get(f"/snapshots/{SCOPE}")
        assert answer.status_code in {200, 404}
        return str(answer.json()["extraction_id"]) if answer.status_code == 200 else None

    async def history(self, phone: FakePhone) -> list[str]:
        answer = await phone.get(f"/snapshots/{SCOPE}/history?indicator=commercial_revenue")
        return [item["extraction_id"] for item in answer.json()["items"]]


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("dossier"))


@pytest.fixture(scope="module", params=["local", "rabbit"])
async def stage(
    request: pytest.FixtureRequest,
    postgres_url: str,
    amqp_url: str,
    dossier: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    on_broker = request.param == "rabbit"
    prefix, holds = f"e2e.{uuid4().hex[:8]}.", Holds()

    def new_bus(service: str, local: LocalBus) -> Bus:
        bus = RabbitBus(amqp_url, service=service, prefix=prefix) if on_broker else local
        return HoldingBus(bus, holds)

    async with AsyncExitStack() as stack:
        if on_broker:
            await stack.enter_async_context(forgetting(amqp_url, prefix))
        folder = tmp_path_factory.mktemp("data")
        platform = await stack.enter_async_context(together(postgres_url, folder, new_bus=new_bus))
        owner = await asyncpg.connect(platform.owner_url)
        stack.push_async_callback(owner.close)
        http = await stack.enter_async_context(httpx2.AsyncClient())
        mine, theirs = (Firm(platform, f"F{uuid4().hex[:10]}", http) for _ in range(2))
        made = Stage(platform, holds, on_broker, owner, mine, theirs)
        for firm in (mine, theirs):
            await firm.register(dossier)
            await made.published(firm)
        yield made


@pytest.fixture
async def phone(stage: Stage) -> AsyncIterator[Callable[[Firm], Awaitable[FakePhone]]]:
    """Makes phones that are signed in at a client."""
    async with AsyncExitStack() as phones:

        async def sign_in(firm: Firm) -> FakePhone:
            token = (await firm.phone())["access_token"]
            made = FakePhone(stage.platform.address, token)
            phones.push_async_callback(made.http.aclose)
            return made

        yield sign_in


async def test_r11_every_table_and_queue_is_emptied_or_kept_for_a_reason(stage: Stage) -> None:
    assert await tables(stage.owner) == fates().keys(), "a new table carries its fate in tests/e2e/inventory.py"
    assert all(len(fate.why) > 10 for fate in fates().values() if isinstance(fate, Kept))
    assert all(queue.kept is None or len(queue.kept) > 10 for queue in QUEUES)


async def test_r11_after_a_deletion_the_emptied_are_empty_and_another_client_is_untouched(stage: Stage) -> None:
    # given two clients with something in everything that a deletion empties
    figures = stage.holds.leaving("indicators.")
    announcements = stage.holds.leaving(SnapshotPublished.routing_stem())
    for firm in (stage.mine, stage.theirs):
        await stage.park(firm)
    for hold in (announcements, figures):
        hold.shut()
        await stage.mine.extract(COMPANIES, FAMILIES)
        await hold.held()
    emptied = {table: fate.where for table, fate in fates().items() if isinstance(fate, Emptied)}
    if stage.on_broker:  # which has parked twins instead
        del emptied[f"{schema_of(LOCAL_BUS)}.parked"]
    for table, where in emptied.items():
        assert await rows_of(stage.owner, stage.mine.code, table, where) > 0, f"{table} holds nothing to be emptied"
    before, parked = await everything_of(stage.owner, stage.theirs.code), await stage.parked(stage.theirs)

    # when one of them deletes its data
    preview = await stage.mine.call("GET", "/publisher/v1/deletions/preview", None, await stage.mine.administrator())
    deletion = await stage.mine.delete()
    await stage.done(deletion)

    # then nothing of it is left, the receipt says how much it was, and the other client has lost nothing
    left = {table: await rows_of(stage.owner, stage.mine.code, table, where) for table, where in emptied.items()}
    assert left == dict.fromkeys(emptied, 0)
    assert [queue for queue in await stage.parked(stage.mine) if queue.kept is None] == []
    gone = (await stage.mine.receipt(deletion))["gone"]
    assert {kind: gone[kind] for kind in ("snapshots", "publications", "explanations")} == {
        kind: preview[kind] for kind in ("snapshots", "publications", "explanations")
    }
    assert gone["parked_messages"] == sum(len(queue.hears) for queue in QUEUES if queue.kept is None)
    assert min(gone[kind] for kind in ("announcements", "report_details", "runs", "unsent_events")) > 0
    assert await everything_of(stage.owner, stage.theirs.code) == before
    assert await stage.parked(stage.theirs) == parked
    figures.open()
    announcements.open()


@pytest.mark.parametrize("moment", ["computing", "in the outbox", "on the queue"])
async def test_r11_a_message_that_is_held_back_during_a_deletion_brings_nothing_back(
    stage: Stage, phone: Callable[[Firm], Awaitable[FakePhone]], moment: str
) -> None:
    # given something published, a phone that watches, and an extraction that is held on its way
    gates: dict[str, Gate | Hold] = {
        "computing": stage.platform.gate,
        "in the outbox": stage.holds.leaving("indicators."),
        "on the queue": stage.holds.arriving(PUBLISHER_INDICATORS),
    }
    gate = gates[moment]
    await stage.published(stage.mine)
    mobile, other = await phone(stage.mine), await phone(stage.theirs)
    theirs = await stage.shown(other)
    assert await stage.shown(mobile) is not None
    gate.shut()
    held = await stage.mine.extract(COMPANIES, FAMILIES)
    await gate.held()

    # when everything is deleted, then the phone is told and shown nothing from that moment on
    async with mobile.listening() as stream:
        deletion = await stage.mine.delete()
        while (told := await stream.next()) is not None and told.event != "data.deleted":
            pass
        assert told is not None
        assert await stage.shown(mobile) is None

    # nor when what was held goes on
    gate.open()
    await stage.ended(stage.mine, held, "failed")
    assert (await stage.mine.run(held))["reason"] == "data_deleted"
    await stage.done(deletion)
    assert await stage.shown(mobile) is None
    assert await stage.history(mobile) == []
    assert theirs is not None
    assert await stage.shown(other) == theirs

    # and an extraction that starts now is published as ever
    fresh = await stage.published(stage.mine)
    assert await stage.shown(mobile) == fresh
    assert await stage.history(mobile) == [fresh]
