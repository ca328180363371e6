"""Messages a second from the extractor's outbox to the publisher's snapshots, against aio-pika that only publishes.

The way is the real one: rows committed to the outbox of a running extractor, its relay, RabbitMQ, the inbox of a
running publisher, a snapshot of each scope in PostgreSQL; meanwhile the publisher answers and the extractor hears it. A
message holds all that the demonstration's group publishes, about 10 kB, and each is about a scope of its own.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.bench.children import VIGIE, cost_of
from tests.bench.client import CODE, Client
from tests.bench.conditions import Conditions, by_turns
from tests.bench.dossiers import AS_OF, demonstration
from tests.bench.peers import publishing
from tests.bench.platform import Platform, running
from tests.bench.results import AtLeast, Compared, Demand
from vigie_shared.database import create_pool, transaction
from vigie_shared.events import IndicatorsExtracted, IndicatorsExtractedData, NamedScope
from vigie_shared.outbox import emit_all

_SERVICES = ("auth", "extractor", "publisher")
_EXTRACTIONS, _SCOPES = 16, 250
MESSAGES = _EXTRACTIONS * _SCOPES
_PATIENCE = 300.0
_DEMAND = Demand(AtLeast(0.4), aim=AtLeast(0.7))

_STANDING = "SELECT count(*) FROM vigie_publisher.snapshots WHERE extraction_id = ANY($1::uuid[])"
_UNDER_WAY = """
SELECT (SELECT count(*) FROM vigie_extractor.outbox) + (SELECT count(*) FROM vigie_publisher.outbox)
"""


def measure(conditions: Conditions) -> list[Compared]:
    """Both ways by turns, after a round of each that does not count."""
    extracted = _extracted(conditions.data)
    with running(_SERVICES, {}) as platform, TemporaryDirectory(prefix="vigie-bench-") as folder:
        client = Client(platform)
        body = Path(folder) / "message.json"
        body.write_bytes(_messages(*client.grant(), extracted, 0)[0].to_bytes())

        def ours() -> float:
            emitted = [_messages(*client.grant(), extracted, number) for number in range(_EXTRACTIONS)]
            return MESSAGES / asyncio.run(_publish(platform, emitted))

        def theirs() -> float:
            return MESSAGES / _publish_bare(platform.amqp_url, body)

        by_turns(1, ours, theirs)
        measured, compared = by_turns(conditions.rounds, ours, theirs)
    what = f"outbox to snapshot, {MESSAGES} messages"
    return [Compared(what, "/s", "aio-pika, 100 in flight", tuple(measured), tuple(compared), _DEMAND)]


def _extracted(data: Path) -> dict[str, Any]:
    """The group of the demonstration in its result document."""
    with TemporaryDirectory(prefix="vigie-bench-") as folder:
        output = Path(folder) / "result.json"
        cost_of([VIGIE, "extract", demonstration(data), "--as-of", AS_OF.isoformat(), "--json"], output=output)
        [*_, group] = json.loads(output.read_text())["scopes"]
    return dict(group)


def _messages(extraction_id: UUID, grant: str, extracted: dict[str, Any], number: int) -> list[IndicatorsExtracted]:
    """What an extraction of 250 companies emits; the extractions of a round have no company in common."""
    scopes = [NamedScope(kind="company", code=f"S{number * _SCOPES + i}", name="Société") for i in range(_SCOPES)]
    return [
        IndicatorsExtracted(
            id=uuid4(),
            subject=f"{scope.kind}/{scope.code}",
            time=datetime.now(UTC),
            clientcode=CODE,
            data=IndicatorsExtractedData(
                extraction_id=extraction_id,
                grant=grant,
                scope=scope,
                as_of=AS_OF,
                currency=extracted["currency"],
                periods=extracted["periods"],
                indicators=extracted["indicators"],
            ),
        )
        for scope in scopes
    ]


async def _publish(platform: Platform, emitted: Sequence[Sequence[IndicatorsExtracted]]) -> float:
    """Seconds from before the first commit until every scope shows what was emitted about it."""
    extractions = {message.data.extraction_id for messages in emitted for message in messages}
    outbox = await create_pool(platform.database_url, "extractor", size=1)
    watching = await asyncpg.connect(platform.database_url)

    started = time.perf_counter()
    for messages in emitted:
        async with transaction(outbox, CODE) as connection:
            await emit_all(connection, messages)
    await _becomes(watching, MESSAGES, _STANDING, extractions)
    seconds = time.perf_counter() - started
    await _becomes(watching, 0, _UNDER_WAY)  # so that the peer's turn finds the machine at rest
    await watching.close()
    await outbox.close()
    return seconds


async def _becomes(watching: asyncpg.Connection, count: int, statement: str, *values: object) -> None:
    """Look twenty times a second, which costs next to nothing, until a statement counts what it should."""
    async with asyncio.timeout(_PATIENCE):
        while await watching.fetchval(statement, *values) != count:
            await asyncio.sleep(0.05)


def _publish_bare(amqp_url: str, body: Path) -> float:
    command = [sys.executable, publishing.__file__, amqp_url, str(body), str(MESSAGES)]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return float(answer.stdout)
