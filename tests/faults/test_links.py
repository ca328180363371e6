"""Links between two parts that are cut, frozen or half open: nothing is lost, and all goes on without a restart."""

import asyncio
import time
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.dossiers import AS_OF, COMPANIES, FAMILIES
from tests.e2e.firm import Firm
from tests.faults.figures import Figures, published, stand_once
from tests.faults.form import FORM
from tests.faults.proxy import Fault
from tests.faults.stage import LINKS, Link, Stage
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(300)

Case = tuple[Link, Fault, float]

SHORT_CASES: list[Case] = [
    (Link("publisher", "database"), Fault.HALF_OPEN, 10),
    (Link("extractor", "broker"), Fault.HALF_OPEN, 10),
    (Link("mobile-gateway", "publisher"), Fault.FROZEN, 10),
]
"""Those by which the most was found."""

LONG_CASES: list[Case] = [(link, fault, seconds) for seconds in (10, 30) for link in LINKS for fault in Fault]


@pytest.mark.parametrize(("link", "fault", "seconds"), LONG_CASES if FORM.long else SHORT_CASES, ids=str)
async def test_a_link_that_fails_for_a_while_loses_nothing_and_is_overcome_without_a_restart(
    stage: Stage, firm: Firm, figures: Figures, link: Link, fault: Fault, seconds: float
) -> None:
    # given a platform at work, and processes that nobody will start again
    before = await firm.extract()
    await published(firm, before)
    token = (await firm.phone())["access_token"]
    processes = {service: stage.process(service).running for service in stage.platform.processes}

    # when a link fails while extractions are asked for and phones read
    proxy = stage.links[link]
    assert proxy.carried > 0
    async with proxy.suffering(fault) as struck:
        ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as during:
            asked = during.create_task(asked_until_taken(firm))
            reading = during.create_task(read_until(firm, token, ends))
            await asyncio.sleep(seconds)
            proxy.mend()
            began = time.monotonic()
    assert struck.hit, f"the fault hit nothing on {link}"
    assert reading.result() > 0

    # then it goes on in time, by itself
    await published(firm, asked.result(), FORM.recovery)
    await until(stage.all_ready, FORM.recovery)
    await until(lambda: is_read(firm, token), FORM.recovery)
    assert time.monotonic() - began < FORM.recovery
    await stage.drained(FORM.recovery)
    assert {service: stage.process(service).running for service in processes} == processes

    # and each figure stands as in an undisturbed run, once
    await stand_once(stage, firm, [before, asked.result()], figures)


async def asked_until_taken(firm: Firm) -> str:
    """Ask for an extraction as a script does: again, with the same key, until there is an answer. Returns its id."""
    key = str(uuid4())
    body = {"companies": list(COMPANIES), "families": list(FAMILIES), "as_of": AS_OF.isoformat()}
    while True:
        try:
            answer = await firm.asked("POST", "/extractor/v1/extractions", body, await firm.administrator(), key=key)
        except httpx2.TransportError:
            continue
        if answer.status_code in {200, 201, 202}:
            return str(answer.json()["id"])
        assert answer.status_code in {503, 409}, answer.text
        await asyncio.sleep(0.2)


async def read_until(firm: Firm, token: str, end: float) -> int:
    """Read as a phone does, past what the gateway remembers, until a moment; how often was tried."""
    tried = 0
    while time.monotonic() < end:
        await is_read(firm, token)
        tried += 1
        await asyncio.sleep(0.1)
    return tried


async def is_read(firm: Firm, token: str) -> bool:
    try:
        path = "/mobile/v1/snapshots/company/S01/history?indicator=commercial_revenue"
        answer = await firm.asked("GET", path, None, token)
    except httpx2.TransportError:
        return False
    assert answer.status_code in {200, 503}, answer.text
    return answer.status_code == 200
