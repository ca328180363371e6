"""Processes that are asked to stop, one after the other under load: nobody's request fails."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.e2e.firm import PHONE_PASSWORD, Firm
from tests.e2e.processes import VigieProcess
from tests.faults.figures import published
from tests.faults.form import FORM
from tests.faults.front import find_nginx, front
from tests.faults.proxy import Fault
from tests.faults.stage import Link, Stage
from tests.stack.process import free_ports
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(300)

HISTORY = "/mobile/v1/snapshots/company/S01/history?indicator=commercial_revenue"
PHONES = 8


async def test_requests_in_hand_are_all_answered_when_their_process_is_asked_to_stop(stage: Stage, firm: Firm) -> None:
    # given requests that all wait for the publisher
    await published(firm, await firm.extract())
    headers = {"Authorization": f"Bearer {(await firm.phone())['access_token']}"}
    gateway = stage.process("mobile-gateway")
    link = stage.links[Link("mobile-gateway", "publisher")]
    limits = httpx2.Limits(max_connections=FORM.requests_in_flight)
    async with httpx2.AsyncClient(base_url=gateway.address, headers=headers, limits=limits, timeout=30) as http:
        struck = link.strike(Fault.FROZEN)
        asked = [asyncio.create_task(http.get(HISTORY)) for _ in range(FORM.requests_in_flight)]
        await until(lambda: struck.hit)

        await until(lambda: connected_to(gateway.port) >= FORM.requests_in_flight)
        assert not any(one.done() for one in asked)

        # when the process is asked to stop, and the publisher answers
        stopping = asyncio.create_task(asyncio.to_thread(gateway.stop))

        async def is_leaving() -> bool:
            return (await stage.readiness("mobile-gateway"))[1] == ["it is being stopped"]

        await until(is_leaving)
        link.mend()
        answers = await asyncio.gather(*asked)

    # then each of them is answered, and the process has ended in order
    assert Counter(answer.status_code for answer in answers) == {200: FORM.requests_in_flight}
    assert await stopping == 0
    await stage.platform.restart("mobile-gateway")


def connected_to(port: int) -> int:
    """How many connections a port of this machine holds, by the system's own count."""
    established, local = "01", f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(local) and line.split()[3] == established for line in lines)


@asynccontextmanager
async def replicas(stage: Stage, folder: Path, program: str) -> AsyncIterator[tuple[str, list[VigieProcess]]]:
    """Two of auth and two of the gateway on the stage's stores, behind nginx; yields its address and the four."""
    ports = free_ports(4)
    auths, gateways = ports[:2], ports[2:]
    behind = {
        "auth": auths,
        "mobile-gateway": gateways,
        "extractor": [stage.process("extractor").port],
        "publisher": [stage.process("publisher").port],
    }
    async with front(program, folder, behind) as address:
        processes = []
        for service, port in [("auth", one) for one in auths] + [("mobile-gateway", one) for one in gateways]:
            environment = {**stage.process(service).environment, "VIGIE_AUTH_URL": address}
            processes.append(VigieProcess((service,), environment, port, folder / f"{service}-{port}.log"))
        try:
            for process in processes:
                process.start()
            for process in processes:
                await process.ready()
            yield address, processes
        finally:
            for process in processes:
                if process.running is not None:
                    process.kill()


@pytest.mark.skipif(not FORM.long, reason="in the long form only: make faults ARGS='-k replicas'")
async def test_replicas_restarted_one_by_one_fail_no_request_and_lose_no_session(
    stage: Stage, firm: Firm, tmp_path: Path
) -> None:
    program = find_nginx()
    if program is None:
        pytest.skip("needs nginx: apt-get install nginx")
    await published(firm, await firm.extract())
    async with replicas(stage, tmp_path, program) as (address, processes):
        # given phones that read and refresh without a pause
        statuses: Counter[int] = Counter()
        over = asyncio.Event()
        sessions = [await signed_in(firm.code, address) for _ in range(PHONES)]
        async with asyncio.TaskGroup() as phones:
            for session in sessions:
                phones.create_task(use(session, address, statuses, over))
            await until(lambda: statuses.total() > 50 * PHONES, 60)

            # when every replica is stopped and started again, one after the other
            for process in processes:
                before = statuses.total()
                assert await asyncio.to_thread(process.stop) == 0
                await until(lambda: statuses.total() > before + 20 * PHONES, 60)  # noqa: B023
                process.start()
                await process.ready()
                await until(lambda: statuses.total() > before + 60 * PHONES, 60)  # noqa: B023
            over.set()

    # then no request has failed, and no phone had to sign in again
    assert set(statuses) <= {200, 201, 304}, statuses


async def signed_in(client: str, address: str) -> dict[str, str]:
    """A phone's session. Phones of one user that sign in at once would slow each other down (R10)."""
    typed = {"client_code": client, "shortcut_code": "tout", "username": "phone", "password": PHONE_PASSWORD}
    async with httpx2.AsyncClient(base_url=address, timeout=30) as http:
        answer = await http.post("/mobile/v1/sessions", json=typed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


async def use(session: dict[str, str], address: str, statuses: Counter[int], over: asyncio.Event) -> None:
    """Read, and refresh the session now and then, for as long as the test goes on."""
    async with httpx2.AsyncClient(base_url=address, timeout=30) as http:
        turn = 0
        while not over.is_set():
            headers = {"Authorization": f"Bearer {session['access_token']}"}
            for path in ("/mobile/v1/snapshots/company/S01", HISTORY, "/mobile/v1/scopes"):
                statuses[(await http.get(path, headers=headers)).status_code] += 1
            turn += 1
            if turn % 5 == 0:
                presented = {"refresh_token": session["refresh_token"]}
                answer = await http.post("/mobile/v1/sessions/refresh", json=presented)
                statuses[answer.status_code] += 1
                assert answer.is_success, answer.text
                session = answer.json()
