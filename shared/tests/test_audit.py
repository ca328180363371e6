"""The audit is written with the change, is read by those whom it concerns, and is altered by nobody."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from shared.tests.promises.platform import SERVICE, migrations
from shared.tests.test_service import PromisesSettings, SilentBus
from tests.fakes.auth import FakeAuth
from tests.fakes.served import served
from tests.stack.databases import as_role, fresh_database

from vigie_shared.access import Auth, Verifier
from vigie_shared.audit import Actor, Change, as_auth_knows, audit_routes, record, record_all
from vigie_shared.database import ALL_CLIENTS, Pool, create_pool, transaction
from vigie_shared.events import Role
from vigie_shared.service import create_service

ADMIN = Actor("user", "admin", "192.0.2.1")
OPERATOR = Actor("operator", "operator", "198.51.100.7")
READERS: tuple[Role, ...] = ("mobile", "preparer")


@pytest.fixture(scope="module")
async def database(postgres_url: str) -> AsyncIterator[str]:
    async with fresh_database(postgres_url, migrations()) as owner_url:
        yield owner_url


@pytest.fixture(scope="module")
async def pool(database: str) -> AsyncIterator[Pool]:
    pool = await create_pool(as_role(database, SERVICE), SERVICE, size=3)
    yield pool
    await pool.close()


@pytest.fixture
def client() -> str:
    return f"A{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def auth() -> FakeAuth:
    return FakeAuth()


Read = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture(scope="module")
async def read(pool: Pool, auth: FakeAuth) -> AsyncIterator[Read]:
    """Asks the service for its audit: a path, a token, filters."""
    async with served(auth.app) as auth_url, httpx2.AsyncClient(timeout=10) as http:
        asked = Auth(http, auth_url)
        routes = audit_routes(pool, Verifier(asked.keys), SERVICE, still_signed_in=as_auth_knows(asked))
        app = create_service(PromisesSettings(), pool, SilentBus(), routers=[routes])
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://promises") as service:

            async def ask(path: str, token: str | None = None, **filters: Any) -> httpx2.Response:
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                return await service.get(f"/promises/v1{path}", params=filters, headers=headers)

            yield ask


def administrator(auth: FakeAuth, client: str) -> str:
    auth.allow(client, "admin", [])
    return auth.token(client, "admin", role="administrator")


async def write(pool: Pool, client: str | None, *changes: Change, by: Actor = ADMIN) -> None:
    async with transaction(pool, client or "") as connection:
        await record_all(connection, by, client=client, changes=changes)


async def test_a_change_and_its_record_are_one_commit(pool: Pool, client: str) -> None:
    async def fail_after_recording() -> None:
        async with transaction(pool, client) as connection:
            await record(connection, ADMIN, client=client, action="company.saved", subject="NORD", after={"a": 1})
            await connection.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail_after_recording()

    async with transaction(pool, client) as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'somebody else'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "SELECT FROM audit FOR UPDATE",
        "INSERT INTO audit OVERRIDING SYSTEM VALUE TABLE audit ON CONFLICT (position) DO UPDATE SET actor = 'x'",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "DROP TABLE audit",
    ],
)
@pytest.mark.parametrize("bound", ["the client", ALL_CLIENTS])
async def test_nobody_alters_what_is_written(pool: Pool, client: str, statement: str, bound: str) -> None:
    await write(pool, client, Change("company.saved", "NORD"))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(pool, client if bound == "the client" else bound) as connection:
            await connection.execute(statement)

    async with transaction(pool, client) as connection:
        assert [row["actor"] for row in await connection.fetch("SELECT actor FROM audit")] == ["admin"]


async def test_r13_the_audit_of_another_client_is_neither_read_nor_written(pool: Pool, client: str) -> None:
    await write(pool, client, Change("company.saved", "NORD"))
    await write(pool, None, Change("key.rotated", "k"), by=OPERATOR)

    async with transaction(pool, "OTHER") as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit") == 0
    for client_code in (client, None):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(pool, "OTHER") as connection:
                await record(connection, ADMIN, client=client_code, action="a", subject="b")


async def test_an_administrator_reads_what_was_changed_newest_first(
    pool: Pool, auth: FakeAuth, read: Read, client: str
) -> None:
    before, after = {"name": "Nord", "opened": None}, {"name": "Nord Été", "opened": "2026-01-01"}
    await write(
        pool, client, Change("company.saved", "NORD", None, before), Change("company.saved", "NORD", before, after)
    )
    await write(pool, client, Change("client.suspended", client), by=OPERATOR)
    await write(pool, "OTHER", Change("company.saved", "SUD"))

    answer = (await read("/admin/audit", administrator(auth, client))).json()

    told = [(item["action"], item["subject"], item["before"], item["after"]) for item in answer["items"]]
    assert told == [
        ("client.suspended", client, None, None),
        ("company.saved", "NORD", before, after),
        ("company.saved", "NORD", None, before),
    ]
    assert answer["next"] is None
    suspended, renamed = answer["items"][0], answer["items"][1]
    assert renamed["actor"] == {"kind": "user", "name": "admin", "address": "192.0.2.1"}
    assert suspended["actor"] == {"kind": "operator", "name": "operator", "address": None}
    assert {item["client"] for item in answer["items"]} == {client}
    assert {item["service"] for item in answer["items"]} == {SERVICE}
    assert abs(datetime.fromisoformat(renamed["at"]).timestamp() - time.time()) < 300


async def test_an_operator_reads_all_of_it_or_one_client(pool: Pool, auth: FakeAuth, read: Read, client: str) -> None:
    await write(pool, client, Change("client.suspended", client), by=OPERATOR)
    await write(pool, None, Change("key.rotated", f"key of {client}"), by=OPERATOR)
    token = auth.token(client, "operator", role="operator")

    everything = (await read("/operator/audit", token)).json()["items"]
    of_client = (await read("/operator/audit", token, client=client)).json()["items"]

    assert {(item["client"], item["subject"]) for item in everything} >= {(client, client), (None, f"key of {client}")}
    assert [item["actor"]["address"] for item in of_client] == ["198.51.100.7"]


async def test_the_list_is_read_in_parts_while_more_is_written(
    pool: Pool, auth: FakeAuth, read: Read, client: str
) -> None:
    token = administrator(auth, client)
    await write(pool, client, *(Change("user.saved", str(number)) for number in range(5)))

    first = (await read("/admin/audit", token, limit=2)).json()
    await write(pool, client, Change("user.saved", "later"))
    second = (await read("/admin/audit", token, limit=2, cursor=first["next"])).json()
    third = (await read("/admin/audit", token, limit=2, cursor=second["next"])).json()

    assert [item["subject"] for page in (first, second, third) for item in page["items"]] == ["4", "3", "2", "1", "0"]
    assert third["next"] is None


async def test_the_list_is_narrowed_by_action_subject_actor_and_time(
    pool: Pool, auth: FakeAuth, read: Read, client: str
) -> None:
    token = administrator(auth, client)
    await write(pool, client, Change("company.saved", "NORD"), Change("company.removed", "NORD"))
    await write(pool, client, Change("company.saved", "SUD"), by=Actor("user", "second", None))
    now = datetime.now(UTC)
    soon, ago = (now + timedelta(minutes=5)).isoformat(), (now - timedelta(minutes=5)).isoformat()

    async def found(**filters: str) -> list[tuple[str, str]]:
        items = (await read("/admin/audit", token, **filters)).json()["items"]
        return [(item["action"], item["subject"]) for item in items]

    assert await found(action="company.saved") == [("company.saved", "SUD"), ("company.saved", "NORD")]
    assert await found(subject="NORD") == [("company.removed", "NORD"), ("company.saved", "NORD")]
    assert await found(actor="second") == [("company.saved", "SUD")]
    assert len(await found(since=ago, until=soon)) == 3
    assert await found(since=soon) == await found(until=ago) == await found(action="company") == []


@pytest.mark.parametrize(
    "filters",
    [{"cursor": "x"}, {"cursor": "9" * 30}, {"limit": "0"}, {"since": "2026-01-01T00:00:00"}, {"colour": "1"}],
)
async def test_a_filter_that_cannot_be_is_refused(auth: FakeAuth, read: Read, client: str, filters: Any) -> None:
    answer = await read("/admin/audit", administrator(auth, client), **filters)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_audit_is_for_administrators_and_operators_who_are_signed_in(
    auth: FakeAuth, read: Read, client: str
) -> None:
    ended = administrator(auth, client)
    auth.end_sessions(client, "admin")

    assert (await read("/admin/audit", ended)).status_code == 401
    assert (await read("/admin/audit")).status_code == 401
    others: list[tuple[str, Role]] = [("/admin/audit", "operator"), ("/operator/audit", "administrator")]
    for path, role in [*others, *((path, role) for path, _ in others for role in READERS)]:
        assert (await read(path, auth.token(client, "x", role=role))).status_code == 403
