"""Sign-in on the phone: passed on to auth, and its answers passed back unchanged."""

from collections.abc import Callable

import pytest
from tests.fakes.auth import FakeAuth
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher

from vigie_shared.events import NamedScope

MakePhone = Callable[[str | None], FakePhone]

ACME = NamedScope(kind="company", code="ACME", name="Acme")


def typed(client: str, **changes: object) -> dict[str, object]:
    return {"client_code": client, "shortcut_code": "ACME", "username": "demo", "password": "demo", **changes}


async def test_a_sign_in_opens_a_session_that_reads_and_can_be_refreshed(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    signed_in = await phone(None).http.post("/sessions", json=typed(client))
    assert signed_in.status_code == 201
    session = signed_in.json()
    assert (session["scope"], session["token_type"]) == (ACME.model_dump(), "Bearer")
    refreshed = await phone(None).http.post("/sessions/refresh", json={"refresh_token": session["refresh_token"]})
    assert refreshed.status_code == 200
    for token in (session["access_token"], refreshed.json()["access_token"]):
        assert (await phone(token).get("/snapshots/company/ACME")).status_code == 200


async def test_r10_auth_is_told_the_address_of_the_phone(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    await phone(None).http.post("/sessions", json=typed(client), headers={"X-Forwarded-For": "203.0.113.9"})
    await phone(None).http.post("/sessions", json=typed(client))
    assert auth.forwarded_for == ["203.0.113.9", "127.0.0.1"]


async def test_r10_a_wrong_sign_in_is_answered_in_the_words_of_auth(
    auth: FakeAuth, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    answers = [
        await phone(None).http.post("/sessions", json=typed(client, **wrong))
        for wrong in ({"password": "wrong"}, {"username": "nobody"}, {"client_code": "NOBODY"})
    ]
    refused = await phone(None).http.post("/sessions/refresh", json={"refresh_token": "none/none"})
    assert {answer.status_code for answer in [*answers, refused]} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["content-type"] == "application/problem+json"


async def test_r10_a_phone_is_told_how_long_to_wait(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.throttled = 37
    answer = await phone(None).http.post("/sessions", json=typed(client))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "37")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 429


@pytest.mark.parametrize("body", [{}, {"client_code": "A"}, {"extra": 1}, {"password": "x" * 257}, {"username": 7}])
async def test_a_sign_in_that_is_none_never_reaches_auth(
    auth: FakeAuth, phone: MakePhone, client: str, body: dict[str, object]
) -> None:
    if len(body) == 1 and body.keys() & {"extra", "password", "username"}:
        body = typed(client, **body)
    answer = await phone(None).http.post("/sessions", json=body)
    assert (answer.status_code, auth.asked) == (422, [])
    assert "x" * 257 not in answer.text


async def test_r2_a_session_that_signed_out_reads_nothing_more(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    assert [(await mobile.get("/snapshots/company/ACME")).status_code for _ in range(2)] == [200, 200]
    async with mobile.listening() as stream:
        answer = await mobile.http.delete("/sessions/current")
        assert await stream.next() is None
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await mobile.get("/snapshots/company/ACME")).status_code == 401
    assert (await mobile.http.delete("/sessions/current")).status_code == 401
