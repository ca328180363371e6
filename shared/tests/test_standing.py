"""R2: a token is believed only while auth says that its session lasts, asked once a second."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from tests.fakes.auth import FakeAuth
from tests.fakes.served import served

from vigie_shared.access import Auth
from vigie_shared.errors import Unauthenticated
from vigie_shared.standing import ASKED_EVERY, StandingVerifier

RIGHTS = "/auth/v1/rights"


class Clock:
    """A clock that a test moves on."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def auth() -> FakeAuth:
    made = FakeAuth()
    made.allow("ACME", "admin", [])
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=5) as http:
        yield http


async def test_r2_the_session_of_a_token_is_asked_for_once_a_second(
    auth: FakeAuth, clock: Clock, http: httpx2.AsyncClient
) -> None:
    async with served(auth.app) as address:
        verifier = StandingVerifier(Auth(http, address), clock)
        token = auth.token("ACME", "admin", role="administrator")

        for _ in range(5):
            assert (await verifier.claims(token)).sub == "admin"
        assert auth.asked.count(RIGHTS) == 1
        clock.now += ASKED_EVERY
        await verifier.claims(token)
        assert auth.asked.count(RIGHTS) == 2


async def test_r2_a_token_whose_session_has_ended_is_refused_within_a_second(
    auth: FakeAuth, clock: Clock, http: httpx2.AsyncClient
) -> None:
    async with served(auth.app) as address:
        verifier = StandingVerifier(Auth(http, address), clock)
        token = auth.token("ACME", "admin", role="administrator")
        await verifier.claims(token)

        auth.end_sessions("ACME", "admin")
        clock.now += ASKED_EVERY

        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await verifier.claims(token)


async def test_while_auth_is_away_the_token_alone_counts_and_auth_is_asked_again(
    auth: FakeAuth, clock: Clock, http: httpx2.AsyncClient
) -> None:
    async with served(auth.app) as address:
        verifier = StandingVerifier(Auth(http, address), clock)
        known, ended = (auth.token("ACME", "admin", role="administrator") for _ in range(2))
        await verifier.claims(known)
    clock.now += ASKED_EVERY

    assert (await verifier.claims(known)).sub == "admin"
    assert (await verifier.claims(ended)).sub == "admin"


async def test_an_operator_has_no_session_that_could_be_asked_for(
    auth: FakeAuth, clock: Clock, http: httpx2.AsyncClient
) -> None:
    async with served(auth.app) as address:
        verifier = StandingVerifier(Auth(http, address), clock)

        claims = await verifier.claims(auth.token(f"{uuid4()}", "operator", role="operator"))

    assert (claims.role, claims.client) == ("operator", None)
    assert RIGHTS not in auth.asked
