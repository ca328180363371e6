"""Stores that crash, go away for long or run short: what was acknowledged stays, and work goes on when they return."""

import asyncio
import time
from collections import Counter
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.firm import Firm
from tests.e2e.processes import SERVICES
from tests.faults.figures import Figures, published, stand_once
from tests.faults.form import FORM
from tests.faults.stage import BROKER, DATABASE, PATIENCE, Link, Stage
from tests.faults.test_links import asked_until_taken
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(900 if FORM.long else 300)


async def test_a_database_that_crashes_under_load_loses_nothing_that_was_acknowledged(
    stage: Stage, firm: Firm, figures: Figures
) -> None:
    # given extractions and writes that go on all the time
    written: list[str] = []
    extractions: list[str] = []
    writing = asyncio.create_task(write_on(firm, written))
    slowest = 0.0
    for _ in range(FORM.database_crashes):
        extraction = asyncio.create_task(asked_until_taken(firm))
        before = len(written)
        await until(lambda: len(written) >= before + 3, 60)  # noqa: B023

        # when PostgreSQL stops at once, and comes back
        stage.postgres.crash()
        assert (await stage.readiness("publisher"))[1] == ["the database does not answer"]
        await asyncio.to_thread(stage.postgres.start)
        began = time.monotonic()

        # then every service is ready again in time, by itself
        await until(stage.all_ready, FORM.recovery)
        slowest = max(slowest, time.monotonic() - began)
        extractions.append(await extraction)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    for extraction_id in extractions:
        await published(firm, extraction_id, 180)
    print(f"ready {slowest:.1f} s after the slowest return")  # noqa: T201 - a measurement of the long form

    # and nothing that was acknowledged is lost, nothing is published twice
    rows = await stage.asked("SELECT code FROM vigie_auth.companies WHERE client_code = $1", firm.code)
    kept = Counter(row["code"] for row in rows)
    assert [code for code in written if kept[code] != 1] == []
    await stage.drained(120)
    await stand_once(stage, firm, extractions, figures)


async def test_without_a_broker_writes_go_on_and_the_outbox_drains_at_its_return(
    stage: Stage, firm: Firm, figures: Figures
) -> None:
    # given a broker that is gone
    written: list[str] = []
    stage.rabbit.kill()

    # when clients go on writing
    writing = asyncio.create_task(write_on(firm, written))
    extraction = await firm.extract()
    await asyncio.sleep(FORM.broker_away)
    await until(lambda: len(written) > 3, 60)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    # then each service says what is missing, and keeps what it has to say
    assert (await stage.readiness("publisher"))[1] == ["the broker does not answer"]
    assert sum((await stage.outboxes()).values()) > len(written)
    assert (await firm.run(extraction))["status"] in {"queued", "running", "publishing"}

    # and all of it is said once the broker is back
    await asyncio.to_thread(stage.rabbit.start)
    await published(firm, extraction, 60)
    await stage.drained(60)
    await until(stage.all_ready, FORM.recovery)
    await stand_once(stage, firm, [extraction], figures)


async def test_a_broker_short_of_memory_takes_nothing_and_loses_nothing(
    stage: Stage, firm: Firm, figures: Figures
) -> None:
    # given a broker that says it is short of memory
    known = len(stage.log("extractor"))
    await asyncio.to_thread(stage.rabbit.control, "set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        await until(stage.alarmed, 30)

        # when something is to be published
        extraction = await firm.extract()

        async def is_kept() -> bool:
            [said] = await stage.asked(
                "SELECT count(*) AS waiting FROM vigie_extractor.outbox WHERE routing_key LIKE 'indicators.extracted%'"
            )
            return bool(said["waiting"]) and "takes no messages now" in stage.log("extractor")[known:]

        # then it stays in the outbox, and the relay knows why
        await until(is_kept, 60)
        assert (await firm.run(extraction))["status"] == "publishing"
    finally:
        await asyncio.to_thread(stage.rabbit.control, "set_vm_memory_high_watermark", "0.4")

    # and it is published once there is room again
    await published(firm, extraction, 60)
    await stage.drained(60)
    await stand_once(stage, firm, [extraction], figures)


async def test_what_a_broker_loses_with_its_disk_is_said_again(stage: Stage, firm: Firm, figures: Figures) -> None:
    # given figures that the broker has confirmed and nobody has consumed
    before = await firm.extract()
    await published(firm, before)
    stage.process("publisher").kill()
    extraction = await firm.extract()

    async def only_the_broker_has_them() -> bool:
        return (await firm.run(extraction))["status"] == "publishing" and not (await stage.outboxes())["extractor"]

    await until(only_the_broker_has_them, 60)
    await until(lambda: stage.queues()["publisher.indicators"] >= len(figures))

    # when the broker comes back with an empty disk
    stage.rabbit.kill()
    stage.rabbit.lose_disk()
    await asyncio.to_thread(stage.rabbit.start)
    await stage.platform.restart("publisher")

    # then the extraction is said again and published, once
    await published(firm, extraction, 60 + PATIENCE)
    await stage.drained(60)
    await stand_once(stage, firm, [before, extraction], figures)


async def test_services_killed_at_random_lose_and_double_no_publication(
    stage: Stage, firm: Firm, figures: Figures
) -> None:
    # given one extraction after the other
    extractions: list[str] = []
    for number in range(FORM.extraction_kills):
        extraction = await firm.extract()
        extractions.append(extraction)
        victim = SERVICES[number % len(SERVICES)]

        # when a service is killed on the way, auth too
        async def is_on_its_way() -> bool:
            return bool((await firm.run(extraction))["status"] != "queued")  # noqa: B023

        await until(is_on_its_way, 60)
        assert (await firm.run(extraction))["status"] in {"running", "publishing", "published"}
        stage.process(victim).kill()
        await stage.platform.restart(victim)

    # then every one is published, once
    for extraction in extractions:
        await published(firm, extraction, 180)
    await stage.drained(120)
    await stand_once(stage, firm, extractions, figures)


async def write_on(firm: Firm, written: list[str]) -> None:
    """Save one company after the other, and note each whose saving was acknowledged."""
    while True:
        code = f"W{uuid4().hex[:8]}".upper()
        body = {
            "shortcut_code": code,
            "name": code,
            "accounting_currency": "EUR",
            "to_extract": False,
        }
        try:
            answer = await firm.asked("PUT", f"/auth/v1/admin/companies/{code}", body, await firm.administrator())
        except httpx2.TransportError:
            continue
        if answer.is_success:
            written.append(code)
        else:
            assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.05)


def test_every_store_is_reached_through_a_link(stage: Stage) -> None:
    for service in SERVICES:
        assert stage.links[Link(service, BROKER)].target == stage.rabbit.port
        assert stage.links[Link(service, DATABASE)].target == stage.postgres.port
