"""`vigie parked` as an operator meets it: one command shows what is parked of all services, and mends it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.processes import OPERATOR_PASSWORD, free_port
from tests.e2e.together import Together, together
from tests.stack.waiting import until
from vigie_shared.bus import Confirmed, Fate, Outgoing, Parked
from vigie_shared.events import ExtractionRequested, ExtractionRequestedData, SnapshotPublished
from vigie_shared.topology import EXTRACTOR_REQUESTS

pytestmark = pytest.mark.timeout(180)

VIGIE = str(Path(sys.executable).parent / "vigie")


@dataclass
class Operator:
    """Somebody at a terminal, before a platform."""

    platform: Together

    async def types(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Run a command of `vigie parked`: its exit status, what it prints, and what it complains of."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
        command = await asyncio.create_subprocess_exec(
            VIGIE,
            "parked",
            *arguments,
            env={
                **outside,
                "VIGIE_PORT": self.platform.address.rpartition(":")[2],
                "VIGIE_OPERATOR_PASSWORD": OPERATOR_PASSWORD,
                "COLUMNS": "300",
                **environment,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await command.communicate()
        return command.returncode or 0, output.decode(), errors.decode()

    async def lists(self, *arguments: str) -> list[dict[str, Any]]:
        status, output, errors = await self.types("list", "--json", *arguments)
        assert (status, errors) == (0, "")
        return list(json.loads(output))

    async def parked_at(self, client: str) -> dict[str, datetime | None]:
        """When which request of a client was parked."""
        found: dict[str, datetime | None] = {}

        async def look(one: Parked) -> Fate:
            if one.client == client:
                found[str(one.id)] = one.parked_at
            return Fate.STAY

        await self.platform.buses["extractor"].settle_parked(EXTRACTOR_REQUESTS, look)
        return found

    async def park(self, message: Outgoing) -> str:
        """Have a message parked by whoever hears it, and return its id."""
        assert await self.platform.buses["publisher"].publish([message]) == [Confirmed()]
        return str(message.event_id)


@pytest.fixture(scope="module")
async def operator(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> AsyncIterator[Operator]:
    async with together(postgres_url, tmp_path_factory.mktemp("data")) as platform:
        yield Operator(platform)


def unreadable(client: str) -> Outgoing:
    """What the extractor and the gateway hear, and nobody can read."""
    return Outgoing(uuid4(), f"{SnapshotPublished.routing_stem()}.{client}", b'{"grant": "a.signed.grant"}')


def from_outside(client: str) -> Outgoing:
    """A request that nobody has signed."""
    data = ExtractionRequestedData(extraction_id=uuid4(), requested_by="somebody")
    event = ExtractionRequested(
        id=uuid4(), subject=str(data.extraction_id), time=datetime.now(UTC), clientcode=client, data=data
    )
    return Outgoing(event.id, event.routing_key, event.to_bytes())


async def test_one_command_shows_what_is_parked_of_all_services_and_why(operator: Operator) -> None:
    message = await operator.park(unreadable("ACME"))
    request = await operator.park(from_outside("ACME"))
    await operator.park(unreadable("NORD"))
    found = await operator.lists("--client", "ACME")
    assert {(one["queue"], one["id"]) for one in found} == {
        ("extractor.publications", message),
        ("mobile-gateway.announcements", message),
        ("extractor.requests", request),
    }
    [asked] = [one for one in found if one["id"] == request]
    assert asked["reason"] == "a request from outside must carry the access token of a user allowed to extract"
    status, shown, _ = await operator.types("list", "--queue", "extractor.requests")
    assert status == 0
    assert request in shown
    assert message not in shown


async def test_a_message_is_shown_with_its_body_but_not_its_secrets(operator: Operator) -> None:
    message = await operator.park(unreadable("SUD"))
    status, shown, _ = await operator.types("show", "--id", message)
    assert status == 0
    assert '"grant": "***"' in shown
    assert "signed" not in shown
    assert shown.count(message) == 2


async def test_a_message_is_replayed_wherever_it_is_parked_and_a_queue_is_dropped(operator: Operator) -> None:
    request = await operator.park(from_outside("EST"))
    other = await operator.park(from_outside("EST"))
    before = (await operator.parked_at("EST"))[request]
    assert (await operator.types("replay", "--id", request))[:2] == (0, "extractor.requests: 1 replayed\n")

    async def is_parked_again() -> bool:
        found = await operator.parked_at("EST")
        return found.keys() == {request, other} and found[request] != before

    await until(is_parked_again)
    assert (await operator.types("drop", "--id", other))[1] == "extractor.requests: 1 dropped\n"
    assert (await operator.parked_at("EST")).keys() == {request}
    status, output, _ = await operator.types("drop", "--queue", "extractor.requests", "--yes", "--json")
    assert status == 0
    assert json.loads(output)["extractor.requests"] >= 1
    assert await operator.lists("--queue", "extractor.requests") == []


async def test_what_cannot_be_done_is_said_with_what_to_do(operator: Operator) -> None:
    unknown = str(uuid4())
    for arguments, complaint in (
        (("replay", "--id", unknown), f"No message {unknown} is parked."),
        (("drop", "--queue", "nobody.knows", "--yes"), "There is no queue nobody.knows. The queues: "),
    ):
        status, output, errors = await operator.types(*arguments)
        assert (status, output) == (1, "")
        assert complaint in errors
    status, _, errors = await operator.types("replay")
    assert status == 2
    assert "--id MESSAGE, or --queue QUEUE" in errors
    status, _, errors = await operator.types("list", VIGIE_OPERATOR_PASSWORD="not the operator's")
    assert status == 1
    assert "auth refuses (401)" in errors


async def test_a_service_that_does_not_answer_is_named_and_the_others_are_listed(operator: Operator) -> None:
    request = await operator.park(from_outside("OUEST"))
    away = f"http://127.0.0.1:{free_port()}"
    status, output, errors = await operator.types("list", "--json", VIGIE_PUBLISHER_URL=away)
    assert status == 1
    assert request in {one["id"] for one in json.loads(output)}
    assert f"publisher does not answer at {away}" in errors
    assert "VIGIE_PUBLISHER_URL" in errors
