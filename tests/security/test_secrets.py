"""What is secret stays where it belongs: planted in every place a person or a program puts one, and found nowhere."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aio_pika
import asyncpg
import httpx2
import pytest

from tests.e2e.processes import PREFIXES, a_process_each
from tests.security.two_firms import Caller, MarkedFirm, settle
from tests.stack.amqp import forgetting
from tests.stack.databases import new_database
from tests.stack.waiting import until
from vigie_shared.topology import EXCHANGE

pytestmark = pytest.mark.timeout(240)

AMOUNT = "73194.68"
"""A figure of the client's, which belongs in its snapshots and their events, and in no log."""

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'vigie%' ORDER BY 1
"""


@dataclass
class Planted:
    """Secrets by what they are, and where they were looked for, by place."""

    secrets: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def plant(self, what: str) -> str:
        self.secrets[what] = f"planted-{len(self.secrets)}-{uuid4().hex}"
        return self.secrets[what]

    def found(self, secret: str) -> list[str]:
        """The places that hold a secret, as it is or as bytes are printed."""
        forms = {secret, secret.encode().hex(), b64encode(secret.encode()).decode()}
        return [place for place, text in self.places.items() if any(form in text for form in forms)]


@asynccontextmanager
async def overheard(amqp_url: str, prefix: str) -> AsyncIterator[list[str]]:
    """Every event that passes, as it is on the wire."""
    heard: list[str] = []
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(prefix + EXCHANGE)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, "#")

        async def hear(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            heard.append(message.body.decode())

        await queue.consume(hear, no_ack=True)
        yield heard


async def test_planted_secrets_are_found_in_no_log_metric_error_event_or_table(
    tmp_path: Path, postgres_url: str, amqp_url: str
) -> None:
    planted = Planted()
    prefix = f"secrets.{uuid4().hex[:8]}."
    errors: list[str] = []
    async with new_database(postgres_url) as database_url, forgetting(amqp_url, prefix):
        with a_process_each(tmp_path, database_url, amqp_url, prefix) as platform:
            # given a platform on which everything that is secret was used as it is meant to be
            await platform.start()
            async with overheard(amqp_url, prefix) as heard, httpx2.AsyncClient() as http:
                firm = MarkedFirm("AIGLE", "Aigle", planted.plant("a password of users"), amount=AMOUNT)
                await settle(platform, http, firm, tmp_path / "dossiers")
                planted.secrets |= {f"the access token of the {who}": token for who, token in firm.tokens.items()}
                planted.secrets |= firm.secrets

                # when the same and others are put where they do not belong
                anybody = Caller(platform, http)
                for typed in misplaced(planted, firm):
                    answer = await http.request(
                        typed.method,
                        platform.url(typed.path),
                        content=typed.content,
                        params=typed.query,
                        headers={"Content-Type": "application/json", **typed.headers},
                    )
                    assert answer.is_client_error, f"{typed.path}: {answer.status_code}"
                    errors.append(f"{answer.headers} {answer.text}")
                lines = (await anybody("GET", "/auth/v1/jwks")).text
                await everything_was_sent(database_url)

                # then they are in nothing that is written, counted, answered, said or kept
                planted.places = {
                    "the public keys": lines,
                    "events": "\n".join(without_grants(body) for body in heard),
                    "errors": "\n".join(errors),
                    "tables": await all_tables(database_url),
                    "metrics": "\n".join(
                        [(await http.get(f"{one.address}/metrics")).text for one in platform.processes.values()]
                    ),
                }
        planted.places["logs"] = "\n".join(process.logged for process in platform.processes.values())

    assert len(planted.secrets) >= 20
    assert {what: planted.found(secret) for what, secret in planted.secrets.items() if planted.found(secret)} == {}

    # and they were looked for where something was said of them, amounts in figures alone
    assert "request" in planted.places["logs"]
    assert "vigie.indicators.extracted.v1" in planted.places["events"]
    assert set(planted.found(AMOUNT)) == {"events", "tables"}


@dataclass(frozen=True)
class Typed:
    """A request that is refused."""

    method: str
    path: str
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def misplaced(planted: Planted, firm: MarkedFirm) -> list[Typed]:
    """Secrets where people put them by mistake, and where a careless service would repeat them."""
    plant = planted.plant
    administrator = {"Authorization": f"Bearer {firm.tokens['administrator']}"}

    def body(**members: object) -> bytes:
        return json.dumps(members).encode()

    names = {"client_code": firm.code, "username": "mobile"}
    user = {"active": True, "role": "mobile", "scopes": [], "may_extract": [], "indicators": None}
    return [
        Typed("POST", "/mobile/v1/sessions", body(**names, shortcut_code="NORD", password=plant("a wrong password"))),
        Typed("POST", "/auth/v1/admin/sessions", body(**names, password=plant("a wrong password of the console"))),
        Typed("POST", "/auth/v1/admin/sessions", body(**names, password=[plant("a password in a list")])),
        Typed("POST", "/auth/v1/admin/sessions", body(**names, passwort=plant("a password misspelt"))),
        Typed("POST", "/auth/v1/admin/sessions", body(**names, password=plant("a password too long") * 100)),
        Typed("POST", "/auth/v1/admin/sessions", b'{"password": "' + plant("a password cut off").encode()),
        Typed(
            "POST", "/auth/v1/operator/sessions", body(username="operator", password=plant("an operator's, mistyped"))
        ),
        Typed("POST", "/mobile/v1/sessions/refresh", body(refresh_token=plant("a refresh token of nobody"))),
        Typed(
            "PUT",
            "/extractor/v1/admin/publication-credentials",
            body(client_code=firm.code, password=plant("wrong publication credentials")),
            headers=administrator,
        ),
        Typed(
            "PUT",
            "/extractor/v1/admin/publication-credentials",
            body(client_code="no code", password=plant("credentials of no client")),
            headers=administrator,
        ),
        Typed(
            "PUT",
            "/auth/v1/admin/users/other",
            body(**{**user, "role": "king"}, password=plant("a password of a wrong user")),
            headers=administrator,
        ),
        Typed("GET", "/mobile/v1/scopes", query={"access_token": plant("a token in an address")}),
        Typed("GET", f"/mobile/v1/{plant('a token in a path')}"),
        Typed("GET", "/mobile/v1/scopes", headers={"Authorization": f"Bearer {plant('a token of nobody')}"}),
        Typed("GET", "/publisher/v1/heads", headers={"Authorization": f"Basic {plant('a token of another kind')}"}),
        Typed("GET", "/mobile/v1/scopes", headers={"Cookie": f"session={plant('a cookie')}"}),
        Typed("GET", "/mobile/v1/scopes", headers={"traceparent": plant("a trace that is none")}),
    ]


def without_grants(body: bytes | str) -> str:
    """An event without its publication grant, which is a secret that the publisher alone is meant to hear."""
    event = json.loads(body)
    event["data"].pop("grant", None)
    return json.dumps(event, ensure_ascii=False)


async def everything_was_sent(database_url: str) -> None:
    """Wait until no outbox holds anything, so that what is overheard is all."""
    connection = await asyncpg.connect(database_url)
    try:

        async def empty() -> bool:
            counts = [
                await connection.fetchval(f"SELECT count(*) FROM vigie_{service.replace('-', '_')}.outbox")
                for service in PREFIXES
            ]
            return not any(counts)

        await until(empty)
    finally:
        await connection.close()


async def all_tables(database_url: str) -> str:
    """Every row of every service, as text, read as the owner."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = []
        for record in await connection.fetch(_TABLES):
            rows += [row[0] for row in await connection.fetch(f"SELECT t::text FROM {record[0]} AS t")]
        return "\n".join(rows)
    finally:
        await connection.close()
