"""A running auth on a real database, as its own role, and the words in which the tests speak to it."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx2
from fastapi import FastAPI

from vigie_shared import events
from vigie_shared.bus import Confirmation, Decide, Deliver, Gap, Hear, Outgoing
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import BusUnavailable
from vigie_shared.events import AnyEvent
from vigie_shared.topology import Broadcast, Queue

PASSWORD = "seven green bicycles"
OPERATOR_PASSWORD = "the operator of the tests"

_numbers = itertools.count(1)


class AbsentBus:
    """A broker that never answers: what is emitted stays in the outbox, where the tests read it."""

    ready = False

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        raise BusUnavailable(f"{len(messages)} messages wait: there is no broker in this test")

    def consume(self, queue: Queue, deliver: Deliver) -> None:
        raise AssertionError(f"auth consumes nothing, not {queue} with {deliver}")

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:
        raise AssertionError(f"auth listens to nothing, not {broadcast} with {hear} and {gap}")

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        raise AssertionError(f"auth has no queue, not {queue} for {decide}")

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        raise AssertionError(f"auth has no queue, not {queues}")

    async def run(self) -> NoReturn:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("unreachable")


class World:
    """The platform as the tests see it."""

    def __init__(self, app: FastAPI, pool: Pool, owner_url: str) -> None:
        self.app = app
        self.pool = pool
        self.owner_url = owner_url
        self._operator = self.at()
        self._operator_until = 0.0

    def at(self, address: str | None = None) -> "Caller":
        """Somebody at an address, by default one that nobody else is at; not signed in."""
        number = next(_numbers)
        place = address or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return Caller(self.app, place)

    async def operator(self) -> "Caller":
        """The operator of the platform, signed in."""
        if time.monotonic() > self._operator_until:
            self._operator = await self.at().signs_in_as_operator("operator", OPERATOR_PASSWORD)
            self._operator_until = time.monotonic() + 180  # well within the life of the token
        return self._operator

    async def new_client(self) -> "Tenant":
        """A client of its own with an administrator, who is signed in."""
        code = f"C{secrets.token_hex(5)}"
        operator = await self.operator()
        made = await operator.post("/auth/v1/operator/clients", {"code": code, "name": f"Client {code}"}, expect=201)
        await operator.post(
            f"/auth/v1/operator/clients/{code}/administrators", {"username": "admin", "password": PASSWORD}, expect=201
        )
        administrator = await self.at().signs_in_to_console(code, "admin")
        return Tenant(self, code, made["password"], operator, administrator)

    async def verifications(self) -> int:
        """How many password hashes were checked so far."""
        text = (await self.at().request("GET", "/metrics")).text
        [line] = [one for one in text.splitlines() if one.startswith("vigie_password_verifications_total")]
        return int(float(line.split()[-1]))

    async def events(self, client: str) -> list[AnyEvent]:
        """What was said about a client, in order."""
        async with transaction(self.pool, client) as connection:
            rows = await connection.fetch("SELECT body FROM outbox ORDER BY position")
        return [events.parse(row["body"]) for row in rows]


class Caller:
    """Somebody at an address, with or without a token."""

    def __init__(self, app: FastAPI, address: str, tokens: Mapping[str, Any] | None = None) -> None:
        self._app = app
        self.address = address
        self.tokens = dict(tokens or {})

    async def request(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        transport = httpx2.ASGITransport(self._app, client=(self.address, 50000), raise_app_exceptions=False)
        sent = dict(headers or {})
        if self.tokens:
            sent.setdefault("Authorization", f"Bearer {self.tokens['access_token']}")
        async with httpx2.AsyncClient(transport=transport, base_url="http://auth") as http:
            return await http.request(method, path, json=body, headers=sent)

    async def _expect(self, method: str, path: str, body: object, expect: int) -> Any:
        response = await self.request(method, path, body)
        assert response.status_code == expect, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def get(self, path: str, *, expect: int = 200) -> Any:
        return await self._expect("GET", path, None, expect)

    async def post(self, path: str, body: object = None, *, expect: int = 200) -> Any:
        return await self._expect("POST", path, body, expect)

    async def put(self, path: str, body: object, *, expect: int = 200) -> Any:
        return await self._expect("PUT", path, body, expect)

    async def delete(self, path: str, *, expect: int = 204) -> Any:
        return await self._expect("DELETE", path, None, expect)

    async def signs_in_as_operator(self, username: str, password: str) -> "Caller":
        body = {"username": username, "password": password}
        return Caller(self._app, self.address, await self.post("/auth/v1/operator/sessions", body, expect=201))

    async def signs_in_to_console(self, client: str, username: str, password: str = PASSWORD) -> "Caller":
        body = {"client_code": client, "username": username, "password": password}
        return Caller(self._app, self.address, await self.post("/auth/v1/admin/sessions", body, expect=201))

    async def tries_phone(
        self, client: str, username: str, *, shortcut_code: str = "NORD", password: str = PASSWORD
    ) -> httpx2.Response:
        body = {"client_code": client, "shortcut_code": shortcut_code, "username": username, "password": password}
        return await self.request("POST", "/auth/v1/sessions", body)

    async def signs_in_on_phone(self, client: str, username: str, shortcut_code: str = "NORD") -> "Caller":
        response = await self.tries_phone(client, username, shortcut_code=shortcut_code)
        assert response.status_code == 201, response.text
        return Caller(self._app, self.address, response.json())


@dataclass
class Tenant:
    """A client with its administrator."""

    world: World
    code: str
    publication_password: str
    operator: Caller
    administrator: Caller

    async def has_company(self, code: str, **changes: object) -> Any:
        return await self.administrator.put(f"/auth/v1/admin/companies/{code}", company(code, **changes))

    async def has_single_base(self, *companies: str, family: str | None = None) -> None:
        """A single-base dossier with these companies, all in a family where one is named."""
        await self.administrator.put("/auth/v1/admin/dossier", {"kind": "single-base"})
        for code in companies:
            await self.has_company(code)
        if family:
            body = {"name": family.title(), "shortcut_code": family, "companies": list(companies)}
            await self.administrator.put(f"/auth/v1/admin/families/{family}", body)

    async def has_user(self, username: str, role: str = "mobile", *, expect: int = 200, **changes: object) -> Any:
        body = user(role, **changes)
        return await self.administrator.put(f"/auth/v1/admin/users/{username}", body, expect=expect)

    async def events(self) -> list[AnyEvent]:
        return await self.world.events(self.code)


def company(code: str, **changes: object) -> dict[str, Any]:
    """A company as the API takes it."""
    return {
        "name": code.title(),
        "shortcut_code": code,
        "accounting_currency": "EUR",
        "reporting_currency": "USD",
        "reporting_rate": "1.0825",
        "fiscal_years": [
            {"start": "2025-01-01", "end": "2025-12-31", "unit": "month"},
            {"start": "2026-01-01", "end": "2026-12-31", "unit": "month"},
        ],
        "to_extract": True,
        **changes,
    }


def user(role: str = "mobile", **changes: object) -> dict[str, Any]:
    """A user as the API takes it."""
    return {
        "password": PASSWORD,
        "active": True,
        "role": role,
        "scopes": [],
        "may_extract": [],
        "indicators": None,
        **changes,
    }


def scope(kind: str, code: str) -> dict[str, str]:
    return {"kind": kind, "code": code}
