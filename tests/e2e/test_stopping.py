"""A process that is asked to stop tells those who listen to it, and does not wait until it has to cut them off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.dossiers import write_dossier
from tests.e2e.firm import Firm
from tests.e2e.processes import Platform, a_process_each
from tests.stack.amqp import forgetting
from tests.stack.databases import new_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
async def without_publisher(tmp_path: Path, postgres_url: str, amqp_url: str) -> AsyncIterator[Platform]:
    """Nothing is ever published here, so an extraction goes on for as long as one looks on."""
    prefix = f"e2e.{uuid4().hex[:8]}."
    async with new_database(postgres_url) as database_url, forgetting(amqp_url, prefix):
        with a_process_each(tmp_path, database_url, amqp_url, prefix) as all_four:
            platform = Platform({name: one for name, one in all_four.processes.items() if name != "publisher"})
            await platform.start()
            yield platform


async def test_open_streams_of_phones_and_extractions_end_in_order_with_their_process(
    without_publisher: Platform, tmp_path: Path
) -> None:
    # given a phone that listens, and somebody who follows an extraction
    async with httpx2.AsyncClient(timeout=30) as http:
        firm = Firm(without_publisher, "STOPPING", http)
        await firm.register(write_dossier(tmp_path / "dossier"))
        extraction = await firm.extract()
        streams = {
            "mobile-gateway": ("/mobile/v1/events", (await firm.phone())["access_token"]),
            "extractor": (f"/extractor/v1/extractions/{extraction}/events", await firm.administrator()),
        }
        followed = [follow(http, without_publisher.url(path), token) for path, token in streams.values()]
        reading = [await anext(one) for one in followed]
        assert all(reading)

        # when both processes are asked to stop
        ending = [asyncio.create_task(rest(one)) for one in followed]
        statuses = await asyncio.gather(
            *(asyncio.to_thread(without_publisher.processes[service].stop) for service in streams)
        )

        # then the streams end in order: one that is waited for is cut off once requests in hand have had their time
        await asyncio.gather(*ending)
        assert statuses == [0, 0]


async def follow(http: httpx2.AsyncClient, url: str, token: str) -> AsyncIterator[bytes]:
    async with http.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status_code == 200
        async for part in answer.aiter_raw():
            yield part


async def rest(stream: AsyncIterator[bytes]) -> None:
    """Read a stream to its end. Raises where it breaks off rather than ends."""
    async for _ in stream:
        pass
