"""What a test needs to feed a publisher and to see what it answers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
from tests.fakes.auth import FakeAuth

from vigie_publisher.main import create_app
from vigie_publisher.settings import PublisherSettings
from vigie_shared import events
from vigie_shared.bus import Confirmation, Confirmed, Outgoing
from vigie_shared.database import ALL_CLIENTS, Pool, transaction
from vigie_shared.events import (
    ClientResumed,
    ClientSuspended,
    Event,
    IndicatorsExplained,
    IndicatorsExplainedData,
    IndicatorsExtracted,
    IndicatorsExtractedData,
    MomentData,
    NamedScope,
    Role,
    Scope,
)
from vigie_shared.local_bus import LocalBus

ACME = NamedScope(kind="company", code="ACME", name="Acme")
NORD = NamedScope(kind="company", code="NORD", name="Nord")
GROUP = NamedScope(kind="family", code="GROUP", name="The group")
POISON = NamedScope(kind="company", code="A\x00", name="What no database takes")
"""A scope whose messages fail whenever they are handled."""

INDICATORS = {
    "treasury_position": {"available": True, "amount": "5230.10"},
    "accounting_revenue": {"available": False, "reason": "no_entries"},
}

EXPLANATIONS = {
    "treasury_position": {
        "available": True,
        "breakdowns": [
            {
                "of": "row",
                "code": "512000",
                "company": "ACME",
                "by": "entry",
                "amount": "5230.10",
                "count": 3,
                "rows": [{"kind": "sum", "name": "opening", "count": 3, "amount": "5230.10"}],
                "rest": {"count": 0, "amount": "0.00"},
                "rounding": "0.00",
            }
        ],
        "differences": [],
    },
    "accounting_revenue": {"available": False, "reason": "no_entries"},
}


class Run:
    """One extraction of a client, granted by auth."""

    def __init__(self, auth: FakeAuth, client: str, started_at: datetime) -> None:
        self.client = client
        self.id = uuid4()
        self.grant = auth.grant(client, self.id, started_at)

    def extracted(
        self,
        scope: NamedScope = ACME,
        indicators: Mapping[str, dict[str, Any]] = INDICATORS,
        *,
        grant: str | None = None,
        client: str | None = None,
    ) -> IndicatorsExtracted:
        """The message about one scope; `grant` and `client` forge what it says."""
        return IndicatorsExtracted(
            id=uuid4(),
            subject=f"{scope.kind}/{scope.code}",
            time=datetime.now(UTC),
            clientcode=client or self.client,
            data=IndicatorsExtractedData(
                extraction_id=self.id,
                grant=grant or self.grant,
                scope=scope,
                as_of=date(2026, 11, 24),
                currency="EUR",
                periods={"month": (date(2026, 11, 1), date(2026, 11, 24))},
                indicators=dict(indicators),
            ),
        )

    def explained(
        self,
        scope: NamedScope = ACME,
        explanations: Mapping[str, dict[str, Any]] = EXPLANATIONS,
        *,
        grant: str | None = None,
        client: str | None = None,
    ) -> IndicatorsExplained:
        """The message about what the figures of one scope are made of."""
        return IndicatorsExplained(
            id=uuid4(),
            subject=f"{scope.kind}/{scope.code}",
            time=datetime.now(UTC),
            clientcode=client or self.client,
            data=IndicatorsExplainedData(
                extraction_id=self.id,
                grant=grant or self.grant,
                scope=Scope(kind=scope.kind, code=scope.code),
                explanations=dict(explanations),
            ),
        )


class World:
    """A publisher whose consumers are fed by a bus of its own; its outbox stays full, to be looked at."""

    def __init__(self, auth: FakeAuth, auth_url: str, pool: Pool, bus_pool: Pool) -> None:
        self.auth = auth
        self.pool = pool
        self.bus = LocalBus(bus_pool)
        self._app = create_app(PublisherSettings(auth_url=auth_url), pool, self.bus)

    def run(self, client: str, started_at: datetime) -> Run:
        return Run(self.auth, client, started_at)

    async def feed(self, *said: Event) -> Sequence[Confirmation]:
        """Deliver messages in one batch."""
        return await self.bus.publish([Outgoing(event.id, event.routing_key, event.to_bytes()) for event in said])

    async def feed_until_taken(self, *said: Event) -> None:
        """Deliver messages again and again, as a relay does, until each has had its effect or is parked."""
        for event in said:
            while await self.feed(event) != [Confirmed()]:
                pass

    async def feed_unreadable(self, client: str) -> UUID:
        """Deliver a message of a client that nobody can read, and return its id."""
        event_id = uuid4()
        await self.bus.publish([Outgoing(event_id, f"{IndicatorsExtracted.routing_stem()}.{client}", b"{}")])
        return event_id

    async def answers(self, client: str) -> list[Event]:
        """What the publisher has said about a client, in order."""
        async with transaction(self.pool, ALL_CLIENTS) as connection:
            rows = await connection.fetch("SELECT body FROM outbox WHERE client_code = $1 ORDER BY position", client)
        return [events.parse(row["body"]) for row in rows]

    async def reasons(self, client: str) -> list[str]:
        """Those answers in one word each: `published`, or why not."""
        return [
            one.data.reason if isinstance(one, events.PublicationRefused) else "published"
            for one in await self.answers(client)
            if isinstance(one, events.PublicationRefused | events.SnapshotPublished)
        ]

    @asynccontextmanager
    async def signed_in(
        self,
        client: str,
        *scopes: NamedScope,
        indicators: Sequence[str] | None = None,
        username: str = "reader",
        role: Role = "mobile",
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """An HTTP client that carries the token of a user with these rights."""
        self.auth.allow(client, username, scopes, indicators)
        headers = {"Authorization": f"Bearer {self.auth.token(client, username, role=role)}"}
        transport = httpx2.ASGITransport(self._app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://publisher/publisher/v1", headers=headers
        ) as http:
            yield http

    async def delete(self, client: str, until: datetime) -> UUID:
        """Have an administrator delete all that the client published by extractions that started up to `until`."""
        self.auth.moment = until
        async with self.signed_in(client, role="administrator") as http:
            answer = await http.post("/deletions", json={"confirm": client})
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["id"])

    async def receipt(self, client: str, deletion_id: UUID) -> dict[str, Any]:
        async with self.signed_in(client, role="administrator") as http:
            return dict((await http.get(f"/deletions/{deletion_id}")).json())

    async def shown(self, client: str, scope: NamedScope = ACME) -> UUID | None:
        """Which extraction the snapshot of a scope comes from."""
        async with self.signed_in(client, scope) as http:
            answer = await http.get(f"/snapshots/{scope.kind}/{scope.code}")
        return UUID(answer.json()["extraction_id"]) if answer.status_code == 200 else None

    async def past(self, client: str, scope: NamedScope = ACME) -> list[UUID]:
        """Which extractions the history of a scope holds, newest first."""
        async with self.signed_in(client, scope) as http:
            answer = await http.get(f"/snapshots/{scope.kind}/{scope.code}/history?indicator=treasury_position")
        return [UUID(item["extraction_id"]) for item in answer.json()["items"]]


def suspended(client: str, at: datetime) -> ClientSuspended:
    return ClientSuspended(id=uuid4(), subject=client, time=at, clientcode=client, data=MomentData(at=at))


def resumed(client: str, at: datetime) -> ClientResumed:
    return ClientResumed(id=uuid4(), subject=client, time=at, clientcode=client, data=MomentData(at=at))
