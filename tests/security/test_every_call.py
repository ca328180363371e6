"""Every call of every service, tried by somebody in every role, of the client that it is about and of another (R13)."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.e2e.processes import PREFIXES, Platform, one_process
from tests.security.calls import ACTORS, CALLS, EVERYBODY, Access, Actor, Call
from tests.security.two_firms import Caller, MarkedFirm, settle, sign_in
from tests.stack.folders import reachable

pytestmark = pytest.mark.timeout(240)

_NOBODYS = "00000000-0000-4000-8000-000000000000"

UNKNOWN_IDS = {
    "{kind}": "family",
    "{indicator}": "treasury_position",
    **dict.fromkeys(("{session_id}", "{run_id}", "{schedule_id}", "{deletion_id}", "{message_id}"), _NOBODYS),
}
"""What a parameter names when it is to name nothing; any other one: `unknown`."""


@dataclass(frozen=True)
class World:
    platform: Platform
    http: httpx2.AsyncClient
    documents: dict[Call, dict[str, Any]]
    mine: MarkedFirm
    theirs: MarkedFirm

    def caller(self, firm: MarkedFirm, actor: Actor) -> Caller:
        return Caller(self.platform, self.http, None if actor == "nobody" else firm.tokens[actor])

    async def caller_of(self, access: Access, firm: MarkedFirm, actor: Actor) -> Caller:
        """Who is to make a call; one that ends the session is made in a session of its own."""
        if access.ends and actor in access.allowed:
            anybody = Caller(self.platform, self.http)
            return Caller(self.platform, self.http, await sign_in(anybody, firm, actor))
        return self.caller(firm, actor)


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    """Two clients that have published, on one process."""
    with reachable() as folder, one_process(folder) as platform:
        await platform.start()
        async with httpx2.AsyncClient() as http:
            mine, theirs = MarkedFirm("AIGLE", "Aigle-Royal"), MarkedFirm("LIEVRE", "Lievre-Variable")
            await settle(platform, http, mine, folder / "dossiers")
            await settle(platform, http, theirs, folder / "dossiers")
            yield World(platform, http, await documents(platform, http), mine, theirs)


async def documents(platform: Platform, http: httpx2.AsyncClient) -> dict[Call, dict[str, Any]]:
    """What the services say of themselves: every call with its OpenAPI operation."""
    found: dict[Call, dict[str, Any]] = {}
    for prefix in PREFIXES.values():
        answer = await http.get(platform.url(f"/{prefix}/v1/openapi.json"))
        for path, operations in answer.json()["paths"].items():
            found |= {(method, path): operation for method, operation in operations.items()}
    return found


def path_of(pattern: str, ids: dict[str, str]) -> str:
    segments = pattern.split("/")
    return "/".join(ids.get(part, "unknown") if part.startswith("{") else part for part in segments)


async def answered(caller: Caller, call: Call, access: Access, ids: dict[str, str]) -> httpx2.Response:
    method, pattern = call
    path = path_of(pattern, ids)
    if access.streams:
        return await caller.head_of(path)
    return await caller(method.upper(), path, access.body, access.query)


def told(actor: Actor, call: Call, answer: httpx2.Response) -> str:
    text = answer.text if answer.is_closed and not answer.is_success else ""
    return f"{actor}: {call[0].upper()} {call[1]}: {answer.status_code} {text}"


def test_the_table_names_every_call_and_no_other(world: World) -> None:
    assert set(world.documents) == set(CALLS)


def test_every_call_that_names_something_can_be_asked_for_something_of_a_client(world: World) -> None:
    named = {part for _, path in CALLS for part in path.split("/") if part.startswith("{")}

    assert named == set(world.mine.ids)


@pytest.mark.parametrize("actor", ACTORS)
async def test_a_call_answers_its_own_roles_and_refuses_every_other(world: World, actor: Actor) -> None:
    for call, access in in_order(CALLS):
        # when somebody asks for what is there and not for them, or for what is not there
        allowed = actor in access.allowed
        caller = await world.caller_of(access, world.mine, actor)
        answer = await answered(caller, call, access, UNKNOWN_IDS if allowed else world.mine.ids)

        # then the answer is the one for the role, documented, and explains itself
        if not allowed:
            assert answer.status_code == (401 if actor == "nobody" else 403), told(actor, call, answer)
        elif access.allowed != EVERYBODY:
            assert answer.status_code not in {401, 403}, told(actor, call, answer)
        assert str(answer.status_code) in world.documents[call]["responses"], told(actor, call, answer)
        assert answer.status_code < 500, told(actor, call, answer)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", told(actor, call, answer)
            assert {"type", "title", "status", "detail", "errors"} <= set(answer.json()), told(actor, call, answer)


@pytest.mark.parametrize("actor", ["mobile", "preparer", "administrator"])
async def test_nobody_of_another_client_reads_or_changes_anything(world: World, actor: Actor) -> None:
    # given what a client has, as its administrator sees it
    owner = world.caller(world.mine, "administrator")
    before = await everything(world, owner)
    assert world.mine.mark in before

    # when somebody of another client asks for the same things by their names and identifiers
    for call, access in in_order(CALLS):
        if actor in access.allowed and access.allowed != EVERYBODY:
            stranger = await world.caller_of(access, world.theirs, actor)
            answer = await answered(stranger, call, access, world.mine.ids)
            text = "" if access.streams and answer.is_success else answer.text

            # then no answer holds anything of it, and what only it has is not there
            assert world.mine.mark not in text, told(actor, call, answer)
            assert world.mine.code not in text, told(actor, call, answer)
            if any(UNKNOWN_IDS.get(part) == _NOBODYS for part in call[1].split("/")):
                assert answer.status_code == 404, told(actor, call, answer)

    # and everything is as it was
    assert await everything(world, owner) == before


async def everything(world: World, owner: Caller) -> str:
    """All that the client's administrator can read, but for the audit, which grows. A 409 says that something is not
    set up, and is to stay so."""
    found = {}
    for (method, pattern), access in sorted(CALLS.items()):
        readable = "administrator" in access.allowed and method == "get" and not access.streams
        if readable and not pattern.endswith(("/audit", "/jwks")):
            answer = await owner("GET", path_of(pattern, world.mine.ids), None, access.query)
            found[pattern] = answer.text
            assert answer.status_code in {200, 409}, f"{pattern}: {answer.status_code} {answer.text}"
    return json.dumps(found, ensure_ascii=False)


def in_order(calls: dict[Call, Access]) -> list[tuple[Call, Access]]:
    """Reads first, removals last."""
    rank = {"get": 0, "put": 1, "patch": 1, "post": 2, "delete": 3}
    return sorted(calls.items(), key=lambda one: (rank[one[0][0]], one[0][1]))
