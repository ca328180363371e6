"""Live updates: who is told what, how a phone resumes, and when its stream ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.fakes.auth import FakeAuth
from tests.fakes.bus import GappyBus
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher
from tests.stack.waiting import until

from vigie_mobile_gateway import schedule
from vigie_mobile_gateway.domain.announcement import Announcement
from vigie_mobile_gateway.live import Phones
from vigie_mobile_gateway.sessions import SignedIn
from vigie_shared.access import Rights
from vigie_shared.database import Pool, transaction
from vigie_shared.events import (
    DirectoryUserSaved,
    Event,
    NamedScope,
    SessionRevoked,
    SessionRevokedData,
    SnapshotPublished,
    UserData,
)
from vigie_shared.service import ServiceApp

MakePhone = Callable[[str | None], FakePhone]
Tell = Callable[[Event], Awaitable[None]]

ACME = NamedScope(kind="company", code="ACME", name="Acme")
NORD = NamedScope(kind="company", code="NORD", name="Nord")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


async def aged(pool: Pool, client: str, event: Event, age: timedelta) -> None:
    """Let an announcement be noted earlier than it was."""
    async with transaction(pool, client) as connection:
        await connection.execute(
            "UPDATE announcements SET announced_at = announced_at - $2::interval WHERE event_id = $1", event.id, age
        )


def published(event: SnapshotPublished) -> tuple[str, str, dict[str, str]]:
    return str(event.id), "snapshot.published", event.data.scope.model_dump()


async def test_a_phone_that_listens_is_told_of_a_publication_and_reads_it(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    await mobile.get("/snapshots/company/ACME")
    async with mobile.listening() as stream:
        event = publisher.publish(client, ACME, treasury_position="2.00")
        await tell(event)
        told = await stream.next()
        assert told is not None
        assert (told.id, told.event, told.data["scope"]) == published(event)
        assert datetime.fromisoformat(told.data["published_at"]) == event.data.published_at
        assert await mobile.amounts("/snapshots/company/ACME") == {"treasury_position": "2.00"}


async def test_r2_a_phone_is_told_of_its_users_scopes_only(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [NORD])
    async with phone(auth.token(client, "demo")).listening() as stream:
        await tell(publisher.publish(client, ACME))
        theirs = publisher.publish(client, NORD)
        await tell(theirs)
        told = await stream.next()
    assert told is not None
    assert told.id == str(theirs.id)


async def test_r13_a_phone_is_never_told_of_another_client(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str, other_client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    async with mobile.listening() as stream:
        await tell(publisher.publish(other_client, ACME))
        mine = publisher.publish(client, ACME)
        await tell(mine)
        told = await stream.next()
    async with mobile.listening(last_event_id=str(uuid4())) as stream:
        resumed = await stream.next()
    assert told is not None
    assert told == resumed
    assert told.id == str(mine.id)


async def test_a_phone_that_was_away_learns_what_it_missed(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, pool: Pool, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    mobile = phone(auth.token(client, "demo"))
    seen, replaced, missed = [publisher.publish(client, scope) for scope in (ACME, NORD, NORD)]
    for event in (seen, replaced, missed):
        await tell(event)
    await aged(pool, client, seen, timedelta(minutes=10))
    await aged(pool, client, replaced, timedelta(minutes=5))
    async with mobile.listening(last_event_id=str(seen.id)) as stream:
        now = publisher.publish(client, ACME)
        await tell(now)
        told = [await stream.next(), await stream.next()]
    assert [one.id for one in told if one] == [str(missed.id), str(now.id)]


async def test_a_phone_that_missed_nothing_is_told_nothing_old(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, pool: Pool, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    mobile = phone(auth.token(client, "demo"))
    old, seen = publisher.publish(client, NORD), publisher.publish(client, ACME)
    for event in (old, seen):
        await tell(event)
    await aged(pool, client, old, timedelta(minutes=10))
    async with mobile.listening(last_event_id=str(seen.id)) as stream:
        now = publisher.publish(client, NORD)
        await tell(now)
        told = await stream.next()
    assert told is not None
    assert told.id == str(now.id)


async def test_a_phone_with_an_unknown_last_event_learns_the_newest_of_each_scope(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    mobile = phone(auth.token(client, "demo"))
    events = [publisher.publish(client, scope) for scope in (ACME, NORD, ACME)]
    for event in events:
        await tell(event)
    for unknown in (str(uuid4()), "nonsense"):
        async with mobile.listening(last_event_id=unknown) as stream:
            told = [await stream.next(), await stream.next()]
        assert [one.id for one in told if one] == [str(events[1].id), str(events[2].id)]


async def test_an_open_stream_shows_that_it_is_alive(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    async with phone(auth.token(client, "demo")).listening() as stream:
        assert [await stream.next_comment() for _ in range(3)] == [": still here"] * 3


async def test_r2_a_stream_ends_with_its_session(auth: FakeAuth, phone: MakePhone, tell: Tell, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    async with phone(auth.token(client, "demo")).listening() as stream:
        [session_id] = auth.end_sessions(client, "demo")
        data = SessionRevokedData(username="demo", session_id=session_id)
        await tell(SessionRevoked(id=uuid4(), subject="demo", time=NOW, clientcode=client, data=data))
        assert await stream.next() is None


async def test_a_stream_ends_with_its_token(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    async with phone(auth.token(client, "demo", seconds=2)).listening() as stream:
        assert await stream.next() is None


async def test_r2_a_stream_ends_when_the_users_rights_change_and_the_next_one_has_the_new_rights(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    async with mobile.listening() as stream:
        auth.allow(client, "demo", [NORD])
        data = UserData(
            username="demo", role="mobile", active=True, scopes=(), indicators=None, may_extract=(), version=2
        )
        await tell(DirectoryUserSaved(id=uuid4(), subject="demo", time=NOW, clientcode=client, data=data))
        assert await stream.next() is None
    async with mobile.listening() as stream:
        await tell(publisher.publish(client, ACME))
        theirs = publisher.publish(client, NORD)
        await tell(theirs)
        told = await stream.next()
    assert told is not None
    assert told.id == str(theirs.id)


async def test_r2_rights_that_change_as_a_phone_begins_to_listen_are_read_again(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    auth.open_gate.clear()
    opening = asyncio.create_task(mobile.get("/events"))
    await until(lambda: "/auth/v1/rights" in auth.asked)
    [session_id] = auth.end_sessions(client, "demo")
    data = SessionRevokedData(username="demo", session_id=session_id)
    await tell(SessionRevoked(id=uuid4(), subject="demo", time=NOW, clientcode=client, data=data))
    auth.open_gate.set()
    assert (await opening).status_code == 401


async def test_streams_end_when_something_may_have_been_missed(
    auth: FakeAuth, phone: MakePhone, bus: GappyBus, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    async with phone(auth.token(client, "demo")).listening() as stream:
        await bus.gap()
        assert await stream.next() is None


async def test_a_phone_that_does_not_take_holds_back_the_newest_of_each_scope_only() -> None:
    rights = Rights(scopes=(ACME, NORD), indicators=None, may_extract=())
    signed_in = SignedIn("ACME", "demo", uuid4(), 0, rights, rights.cut, rights.view, frozenset())
    phones = Phones()
    slow = phones.open(signed_in)
    announced = [
        Announcement(uuid4(), scope, NOW.date(), NOW + timedelta(seconds=number))
        for number in range(1000)
        for scope in (ACME, NORD)
    ]
    for one in announced:
        phones.announce("ACME", one)
    assert await slow.take(1) == announced[-2:]
    phones.close(slow)
    assert len(phones) == 0


async def test_a_phone_that_went_away_is_no_longer_counted_among_those_that_listen(
    auth: FakeAuth, phone: MakePhone, gateway: str, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    async with mobile.listening():
        assert await listening(mobile, gateway) == 1

    async def nobody_listens() -> bool:
        return await listening(mobile, gateway) == 0

    await until(nobody_listens)


async def listening(mobile: FakePhone, gateway: str) -> int:
    """How many phones listen, by the gateway's own account."""
    shown = (await mobile.http.get(f"{gateway}/metrics")).text
    [line] = [line for line in shown.splitlines() if line.startswith("vigie_phones_listening{")]
    return int(float(line.rpartition(" ")[2]))


async def test_an_announcement_is_dropped_once_it_is_old(
    *, publisher: FakePublisher, tell: Tell, pool: Pool, client: str
) -> None:
    old, recent = publisher.publish(client, ACME), publisher.publish(client, ACME)
    for event in (old, recent):
        await tell(event)
    await aged(pool, client, old, timedelta(days=8))
    dropping = asyncio.create_task(schedule.drop_old_announcements(pool, timedelta(days=7)))

    async def is_dropped() -> bool:
        return old.id not in await noted(pool, client)

    try:
        await until(is_dropped)
    finally:
        dropping.cancel()
    assert await noted(pool, client) == {recent.id}


async def test_an_announcement_that_comes_again_is_noted_once(
    publisher: FakePublisher, tell: Tell, pool: Pool, client: str
) -> None:
    event = publisher.publish(client, ACME)
    for again in (event, event, event.model_copy(update={"subject": "again"})):
        await tell(again)
    assert await noted(pool, client) == {event.id}


async def noted(pool: Pool, client: str) -> set[UUID]:
    """The events in the client's log of announcements."""
    async with transaction(pool, client) as connection:
        return {row["event_id"] for row in await connection.fetch("SELECT event_id FROM announcements")}


async def test_a_gateway_that_is_about_to_stop_ends_every_stream_and_each_new_one(
    auth: FakeAuth, phone: MakePhone, app: ServiceApp, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    async with mobile.listening() as before:
        assert app.when_stopping is not None
        app.when_stopping()
        assert await before.next() is None
    async with mobile.listening() as after:
        assert await after.next() is None
