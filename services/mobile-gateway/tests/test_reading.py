"""Scopes, snapshots and history on the phone, and how soon a change is felt: R2, R12, R13."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.fakes.auth import FakeAuth
from tests.fakes.bus import GappyBus
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher
from tests.stack.waiting import until

from vigie_shared.events import (
    ClientSuspended,
    CodeData,
    DirectoryCompanyRemoved,
    DirectoryUserRemoved,
    DirectoryUserSaved,
    Event,
    MomentData,
    NamedScope,
    SessionRevoked,
    SessionRevokedData,
    UserData,
    UsernameData,
)

MakePhone = Callable[[str | None], FakePhone]
Tell = Callable[[Event], Awaitable[None]]

ACME = NamedScope(kind="company", code="ACME", name="Acme")
NORD = NamedScope(kind="company", code="NORD", name="Société Nord")
GROUP = NamedScope(kind="family", code="GROUP", name="The group")
PATH = "/snapshots/company/ACME"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def saved(client: str, username: str) -> DirectoryUserSaved:
    data = UserData(
        username=username, role="mobile", active=True, scopes=(), indicators=None, may_extract=(), version=2
    )
    return DirectoryUserSaved(id=uuid4(), subject=username, time=NOW, clientcode=client, data=data)


def rights_asked(auth: FakeAuth) -> int:
    return auth.asked.count("/auth/v1/rights")


async def test_scopes_are_all_the_users_companies_then_families(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD, GROUP])
    publisher.publish(client, GROUP, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    snapshot = await mobile.get("/snapshots/family/GROUP")
    nothing = {"as_of": None, "published_at": None, "etag": None}
    [acme, nord, group] = (await mobile.get("/scopes")).json()["scopes"]
    assert acme == {"kind": "company", "code": "ACME", "name": "Acme", **nothing}
    assert nord == {"kind": "company", "code": "NORD", "name": "Société Nord", **nothing}
    assert (group["code"], group["as_of"], group["etag"]) == ("GROUP", "2026-11-24", snapshot.headers["etag"])
    assert datetime.fromisoformat(group["published_at"]) == datetime.fromisoformat(snapshot.json()["published_at"])


async def test_a_snapshot_is_read_once_and_then_answered_from_memory(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    auth.allow(client, "other", [ACME, NORD])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile, other = phone(auth.token(client, "demo")), phone(auth.token(client, "other"))
    first = await mobile.get(PATH)
    answers = [await mobile.get(PATH) for _ in range(3)] + [await other.get(PATH) for _ in range(3)]
    plain = await mobile.get(PATH, accept_encoding="identity")
    assert {answer.json()["extraction_id"] for answer in [first, *answers]} == {plain.json()["extraction_id"]}
    assert {answer.headers["content-encoding"] for answer in [first, *answers]} == {"gzip"}
    assert "content-encoding" not in plain.headers
    assert (len(publisher.asked), rights_asked(auth)) == (1, 2)


async def test_the_hot_path_answers_as_the_ordinary_route_does_and_counts_as_it_does(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, gateway: str, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    for path, route in ((PATH, "/snapshots/{kind}/{code}"), ("/scopes", "/scopes")):
        ordinary, hot = await mobile.get(path), await mobile.get(path)
        assert (hot.status_code, hot.content) == (ordinary.status_code, ordinary.content)
        without_date = [{k: v for k, v in one.headers.items() if k != "date"} for one in (ordinary, hot)]
        assert without_date[0] == without_date[1]
        unchanged = await mobile.get(path, if_none_match=hot.headers["etag"])
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        shown = (await mobile.http.get(f"{gateway}/metrics")).text
        labels = f'route="/mobile/v1{route}",service="mobile-gateway"'
        assert f'vigie_http_requests_total{{{labels},status="200"}} 2.0' in shown
        assert f'vigie_http_requests_total{{{labels},status="304"}} 1.0' in shown
        assert f"vigie_http_seconds_count{{{labels}}} 3.0" in shown


async def test_r12_a_publication_is_seen_as_soon_as_it_is_told(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    etags = [(await mobile.get(PATH)).headers["etag"], (await mobile.get("/scopes")).json()["scopes"][0]["etag"]]
    await tell(publisher.publish(client, ACME, treasury_position="2.00"))
    fresh = await mobile.get(PATH, if_none_match=etags[0])
    assert fresh.json()["indicators"]["treasury_position"]["amount"] == "2.00"
    [scope] = (await mobile.get("/scopes")).json()["scopes"]
    assert etags[0] == etags[1] != fresh.headers["etag"] == scope["etag"]


@pytest.mark.parametrize("path", [PATH, "/scopes"])
async def test_r12_a_publication_that_comes_during_a_read_leaves_nothing_stale_behind(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str, path: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    publisher.open_gate.clear()
    reading = asyncio.create_task(mobile.get(path))
    await until(lambda: len(publisher.asked) == 1)
    event = publisher.publish(client, ACME, treasury_position="2.00")
    await tell(event)
    publisher.open_gate.set()
    await reading
    assert str(event.data.extraction_id) == (await mobile.get(PATH)).json()["extraction_id"]
    [scope] = (await mobile.get("/scopes")).json()["scopes"]
    assert datetime.fromisoformat(scope["published_at"]) == event.data.published_at


async def test_many_phones_that_ask_at_once_share_one_read(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    publisher.publish(client, ACME, treasury_position="1.00")
    phones = []
    for number in range(20):
        auth.allow(client, f"user{number}", [ACME])
        phones.append(phone(auth.token(client, f"user{number}")))
    publisher.open_gate.clear()
    asking = [asyncio.create_task(one.get(PATH)) for one in phones]
    await until(lambda: rights_asked(auth) == 20 and len(publisher.asked) == 1)
    publisher.open_gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*asking)} == {200}
    assert len(publisher.asked) == 1


async def test_r2_each_user_sees_their_indicators_only(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "all", [ACME])
    auth.allow(client, "one", [ACME], ["accounting_revenue"])
    auth.allow(client, "none", [ACME], [])
    publisher.publish(client, ACME, treasury_position="1.00", accounting_revenue="2.00")
    seen, etags = [], set()
    for _ in range(2):
        for username in ("all", "one", "none"):
            mobile = phone(auth.token(client, username))
            seen.append(sorted(await mobile.amounts(PATH)))
            etags.add((await mobile.get(PATH)).headers["etag"])
    assert seen == [["accounting_revenue", "treasury_position"], ["accounting_revenue"], []] * 2
    assert len(etags) == 3


async def test_r2_an_indicator_taken_away_is_gone_at_once(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00", accounting_revenue="2.00")
    mobile = phone(auth.token(client, "demo"))
    before = await mobile.get(PATH)
    auth.allow(client, "demo", [ACME], ["accounting_revenue"])
    await tell(saved(client, "demo"))
    after = await mobile.get(PATH, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert list(after.json()["indicators"]) == ["accounting_revenue"]


async def test_r2_a_scope_taken_away_is_gone_at_once(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    assert [(await mobile.get(path)).status_code for path in (PATH, "/scopes")] == [200, 200]
    auth.allow(client, "demo", [NORD])
    await tell(saved(client, "demo"))
    assert (await mobile.get(PATH)).status_code == 404
    assert [scope["code"] for scope in (await mobile.get("/scopes")).json()["scopes"]] == ["NORD"]


async def test_r2_a_company_removed_from_the_directory_is_gone_at_once(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    assert (await mobile.get(PATH)).status_code == 200
    auth.allow(client, "demo", [NORD])
    data = CodeData(code="ACME")
    await tell(DirectoryCompanyRemoved(id=uuid4(), subject="ACME", time=NOW, clientcode=client, data=data))
    assert (await mobile.get(PATH)).status_code == 404


async def test_r2_rights_that_change_while_they_are_read_are_not_remembered(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    auth.open_gate.clear()
    asking = asyncio.create_task(mobile.get(PATH))
    await until(lambda: rights_asked(auth) == 1)
    auth.allow(client, "demo", [NORD])
    await tell(saved(client, "demo"))
    auth.open_gate.set()
    await asking
    assert (await mobile.get(PATH)).status_code == 404


async def test_r2_bytes_cut_to_rights_of_a_moment_later_are_not_kept_for_others(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    narrow = ["accounting_revenue"]
    auth.allow(client, "widened", [ACME], narrow)
    auth.allow(client, "narrow", [ACME], narrow)
    publisher.publish(client, ACME, treasury_position="1.00", accounting_revenue="2.00")
    widened, other = phone(auth.token(client, "widened")), phone(auth.token(client, "narrow"))
    await widened.get("/scopes")
    auth.allow(client, "widened", [ACME])
    assert sorted(await widened.amounts(PATH)) == ["accounting_revenue", "treasury_position"]
    assert list(await other.amounts(PATH)) == narrow


def _revoked(client: str, auth: FakeAuth) -> Sequence[Event]:
    return [
        SessionRevoked(
            id=uuid4(),
            subject="demo",
            time=NOW,
            clientcode=client,
            data=SessionRevokedData(username="demo", session_id=session_id),
        )
        for session_id in auth.end_sessions(client, "demo")
    ]


def _removed(client: str, auth: FakeAuth) -> Sequence[Event]:
    auth.end_sessions(client, "demo")
    data = UsernameData(username="demo")
    return [DirectoryUserRemoved(id=uuid4(), subject="demo", time=NOW, clientcode=client, data=data)]


def _suspended(client: str, auth: FakeAuth) -> Sequence[Event]:
    auth.end_sessions(client, "demo")
    return [ClientSuspended(id=uuid4(), subject=client, time=NOW, clientcode=client, data=MomentData(at=NOW))]


@pytest.mark.parametrize("end", [_revoked, _removed, _suspended])
async def test_r2_a_session_that_ended_elsewhere_sees_nothing_more(
    *,
    auth: FakeAuth,
    publisher: FakePublisher,
    phone: MakePhone,
    tell: Tell,
    client: str,
    end: Callable[[str, FakeAuth], Sequence[Event]],
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    for path in (PATH, "/scopes"):
        assert [(await mobile.get(path)).status_code for _ in range(2)] == [200, 200]
    for event in end(client, auth):
        await tell(event)
    for path in (PATH, "/scopes", f"{PATH}/history?indicator=treasury_position"):
        assert (await mobile.get(path)).status_code == 401


async def test_a_token_that_has_run_out_is_refused_although_it_was_remembered(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo", seconds=2))
    assert (await mobile.get(PATH)).status_code == 200

    async def is_refused() -> bool:
        return (await mobile.get(PATH)).status_code != 200

    await until(is_refused)
    assert (await mobile.get(PATH)).status_code == 401


async def test_r13_two_clients_with_the_same_names_never_see_each_other(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str, other_client: str
) -> None:
    for one, amount in ((client, "1.00"), (other_client, "2.00")):
        auth.allow(one, "demo", [ACME])
        publisher.publish(one, ACME, treasury_position=amount)
    mine, theirs = phone(auth.token(client, "demo")), phone(auth.token(other_client, "demo"))
    for _ in range(2):
        assert await mine.amounts(PATH) == {"treasury_position": "1.00"}
        assert await theirs.amounts(PATH) == {"treasury_position": "2.00"}
    await tell(publisher.publish(client, ACME, treasury_position="3.00"))
    asked = len(publisher.asked)
    assert await theirs.amounts(PATH) == {"treasury_position": "2.00"}
    assert len(publisher.asked) == asked


async def test_what_is_not_there_and_what_is_not_theirs_are_answered_alike(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, NORD, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    hidden, unknown = await mobile.get("/snapshots/company/NORD"), await mobile.get("/snapshots/company/SUD0")
    unpublished = await mobile.get(PATH)
    assert [one.status_code for one in (hidden, unknown, unpublished)] == [404, 404, 404]
    assert hidden.text.replace("NORD", "SUD0") == unknown.text
    assert hidden.headers["content-type"] == "application/problem+json"


async def test_codes_with_spaces_and_accents_find_their_snapshot_and_lose_it_again(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    scope = NamedScope(kind="company", code="Été 50% ?#&", name="Été")
    auth.allow(client, "demo", [scope])
    publisher.publish(client, scope, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    path = "/snapshots/company/%C3%89t%C3%A9%2050%25%20%3F%23%26"
    assert [await mobile.amounts(path) for _ in range(2)] == [{"treasury_position": "1.00"}] * 2
    await tell(publisher.publish(client, scope, treasury_position="2.00"))
    assert await mobile.amounts(path) == {"treasury_position": "2.00"}


async def test_r2_nothing_remembered_outlives_a_gap_in_what_is_heard(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, bus: GappyBus, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00", accounting_revenue="2.00")
    mobile = phone(auth.token(client, "demo"))
    await mobile.get(PATH)
    publisher.publish(client, ACME, treasury_position="3.00", accounting_revenue="4.00")
    auth.allow(client, "demo", [ACME], ["accounting_revenue"])
    await bus.gap()
    assert await mobile.amounts(PATH) == {"accounting_revenue": "4.00"}


async def test_history_is_passed_on_with_the_users_token(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    answer = await mobile.get(f"{PATH}/history?indicator=treasury_position&limit=2&cursor=a%26b")
    assert answer.status_code == 200
    assert publisher.asked == [f"{PATH}/history?indicator=treasury_position&limit=2&cursor=a%26b"]


async def test_r14_an_explanation_is_passed_on_and_not_sent_again_to_who_holds_it(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    path = f"{PATH}/explanations/treasury_position"
    first = await mobile.get(path)
    held = await mobile.get(path, if_none_match=first.headers["etag"])
    assert first.json() == {"asked": path}
    assert first.headers["cache-control"] == "private, no-cache"
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", first.headers["etag"])
    assert publisher.asked == [path, path]


async def test_r2_an_explanation_of_an_indicator_that_is_not_theirs_is_not_found(
    auth: FakeAuth, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME], ["commercial_revenue"])
    mobile = phone(auth.token(client, "demo"))
    hidden = await mobile.get(f"{PATH}/explanations/treasury_position")
    unknown = await mobile.get(f"{PATH}/explanations/profit")
    assert (hidden.status_code, unknown.status_code) == (404, 422)
    assert hidden.headers["content-type"] == "application/problem+json"


async def test_nobody_reads_without_a_session_of_a_client(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    operator = auth.token(client, "op", role="operator")
    for path in (
        PATH,
        "/scopes",
        "/events",
        f"{PATH}/history?indicator=treasury_position",
        f"{PATH}/explanations/treasury_position",
    ):
        answers = [await phone(token).get(path) for token in (None, "nonsense", operator)]
        assert [answer.status_code for answer in answers] == [401, 401, 403]
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
