"""Several schedulers, killed in the middle of taking up slots: each slot has its run, and no slot has two."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, takewhile
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import psutil

from tests.faults.form import FORM
from tests.stack.databases import as_role, fresh_database
from tests.stack.waiting import until
from vigie_extractor.domain.schedule_rules import Every
from vigie_extractor.domain.schedule_slots import next_slot, slots
from vigie_extractor.domain.schedules import Missed, Plan, Schedule
from vigie_extractor.domain.selection import Selection
from vigie_extractor.storage import schedules
from vigie_extractor.storage import slots as slots_storage
from vigie_shared.database import create_pool, transaction
from vigie_shared.migrate import migrations_of

CLIENT = "CLOCKS"
EVERY = Every(minutes=30)

STEP = timedelta(minutes=30)
"""All slots fall on these: the clocks of Lord Howe change by half an hour."""

STARTS = {
    "Europe/Paris": datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 3, 30, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 13, tzinfo=UTC),
}
"""Hours before the clocks of each zone change: those of the first two go back, those of the third forward."""

ROUNDS = FORM.slots // FORM.schedules // len(STARTS)
KILL_EVERY = ROUNDS // (FORM.scheduler_kills // len(STARTS) + 1)

STEPS_OF_A_TRANSACTION = ("runs", "work", "outbox", "firings")
"""The tables that taking up a slot writes to, in this order: who is kept from one has claimed and not committed."""


@dataclass
class Schedulers:
    """Processes that take up slots, to be killed and started again."""

    url: str
    clock_file: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        self.running.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.faults.scheduler", self.url, str(self.clock_file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            )
        )

    def kill_owner_of(self, ports: set[int]) -> None:
        """Kill one that has a connection from one of these ports, without a chance to clean up."""
        for process in self.running:
            if {one.laddr.port for one in psutil.Process(process.pid).net_connections("tcp")} & ports:
                _end(process)
                self.running.remove(process)
                return
        raise AssertionError(f"no scheduler has a connection from {sorted(ports)}")

    def end(self) -> None:
        for process in self.running:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


@contextmanager
def schedulers(url: str, clock_file: Path, number: int) -> Iterator[Schedulers]:
    some = Schedulers(url, clock_file)
    try:
        for _ in range(number):
            some.start()
        yield some
    finally:
        some.end()


async def plan_in(zone: str, url: str, start: datetime) -> list[Schedule]:
    """Schedules that are due every half an hour, half of which skip what they miss."""
    pool = await create_pool(url, "extractor", size=1)
    planned = []
    async with transaction(pool, CLIENT) as connection:
        for number in range(FORM.schedules):
            plan = Plan(f"S{number}", EVERY, zone, Selection((f"C{number}",)), list(Missed)[number % 2], paused=False)
            schedule = Schedule(CLIENT, uuid4(), plan, "admin", start, next_slot(EVERY, plan.zone, start))
            await schedules.add(connection, schedule)
            await slots_storage.put(connection, CLIENT, schedule.id, schedule.due_at)
            planned.append(schedule)
    await pool.close()
    return planned


async def test_schedulers_killed_in_the_middle_miss_no_slot_and_double_none_while_clocks_change(
    postgres_url: str, tmp_path: Path
) -> None:
    clock_file = tmp_path / "clock"
    clock_file.write_text(min(STARTS.values()).isoformat())
    async with fresh_database(postgres_url, [migrations_of("extractor")]) as owner_url:
        url = as_role(owner_url, "extractor")
        watching, locking = await asyncpg.connect(owner_url), await asyncpg.connect(owner_url)
        steps = cycle(STEPS_OF_A_TRANSACTION)
        with schedulers(url, clock_file, 4) as four:
            for zone, start in sorted(STARTS.items(), key=lambda item: item[1]):
                # given four schedulers, and schedules whose clocks are about to change
                planned = await plan_in(zone, url, start)
                expected = _slots_until(start + ROUNDS * STEP, zone, start)
                kills = 0

                # when time goes by, and now and then one of them is killed between its claim and its commit
                for number in range(1, ROUNDS + 1):
                    now = start + number * STEP
                    if number % KILL_EVERY == 0 and now in expected:
                        async with _locked(locking, next(steps)):
                            await _set(clock_file, now, watching)
                            four.kill_owner_of(await _ports_of_those_who_wait(watching))
                            kills += 1
                        four.start()
                    else:
                        await _set(clock_file, now, watching)
                    await until(partial(_all_are_taken_up, watching, now), 60)

                # then each slot of each schedule was taken up once, on time, and has one run that was asked for once
                assert kills >= FORM.scheduler_kills // len(STARTS)
                await _each_has_one_run(watching, {(one.id, slot) for one in planned for slot in expected})
                for table in ("schedules", "runs", "outbox"):
                    await watching.execute(f"DELETE FROM vigie_extractor.{table}")
        await watching.close()
        await locking.close()


def _slots_until(end: datetime, zone: str, start: datetime) -> list[datetime]:
    return [*takewhile(lambda slot: slot <= end, slots(EVERY, ZoneInfo(zone), start))]


async def _each_has_one_run(watching: asyncpg.Connection, wanted: set[tuple[UUID, datetime]]) -> None:
    firings = await watching.fetch("SELECT schedule_id, slot FROM vigie_extractor.firings WHERE ran")
    runs = await watching.fetch("SELECT schedule_id, slot FROM vigie_extractor.runs")
    for rows in (firings, runs):
        assert {tuple(row) for row in rows} == wanted
        assert len(rows) == len(wanted)
    for table in ("firings", "work", "outbox"):
        assert await watching.fetchval(f"SELECT count(*) FROM vigie_extractor.{table}") == len(wanted)
    assert await watching.fetchval("SELECT count(missed_since) FROM vigie_extractor.firings") == 0


@asynccontextmanager
async def _locked(locking: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Keep everybody from a table: who takes up a slot stands still in the middle of it."""
    async with locking.transaction():
        await locking.execute(f"LOCK TABLE vigie_extractor.{table} IN ACCESS EXCLUSIVE MODE")
        yield


async def _set(clock_file: Path, now: datetime, watching: asyncpg.Connection) -> None:
    """Have the schedulers see this time, and tell them to look: they sleep by the time of this machine."""
    following = clock_file.with_suffix(".new")
    following.write_text(now.isoformat())
    following.rename(clock_file)
    await watching.execute(f"SELECT pg_notify('vigie_extractor_{slots_storage.CHANGED}', '')")


async def _ports_of_those_who_wait(watching: asyncpg.Connection) -> set[int]:
    """The ports of the schedulers' connections that wait for a lock, once there is one."""
    ports: set[int] = set()

    async def somebody_waits() -> bool:
        rows = await watching.fetch(
            """
            SELECT client_port FROM pg_stat_activity
            WHERE datname = current_database() AND usename = 'vigie_extractor' AND wait_event_type = 'Lock'
              AND backend_xid IS NOT NULL
            """
        )
        ports.update(row["client_port"] for row in rows)
        return bool(ports)

    await until(somebody_waits, 60)
    return ports


async def _all_are_taken_up(watching: asyncpg.Connection, now: datetime) -> bool:
    return not await watching.fetchval("SELECT count(*) FROM vigie_extractor.slots WHERE ready_at <= $1", now)
