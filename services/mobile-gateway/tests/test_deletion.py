"""R11 on the phone's side: bytes, announcements and offline copies go, and nothing of the time before comes back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from tests.fakes.auth import FakeAuth
from tests.fakes.phone import FakePhone, Told
from tests.fakes.publisher import FakePublisher
from tests.stack.waiting import until

from vigie_mobile_gateway.domain.announcement import Announcement, Deletion, DeletionNotice
from vigie_mobile_gateway.live import Phones
from vigie_mobile_gateway.sessions import SignedIn
from vigie_shared.access import Rights
from vigie_shared.database import Pool, transaction
from vigie_shared.events import Event, GatewayEmptied, NamedScope, derived_id

MakePhone = Callable[[str | None], FakePhone]
Tell = Callable[[Event], Awaitable[None]]

ACME = NamedScope(kind="company", code="ACME", name="Acme")
NORD = NamedScope(kind="company", code="NORD", name="Nord")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def noted(pool: Pool, client: str) -> set[UUID]:
    """The announcements of a client that the log holds."""
    async with transaction(pool, client) as connection:
        return {row["event_id"] for row in await connection.fetch("SELECT event_id FROM announcements")}


async def emptied(elsewhere: list[Event], number: int) -> list[GatewayEmptied]:
    """What the gateway says of its being empty, once it has said so this often."""

    def said() -> list[GatewayEmptied]:
        return [one for one in elsewhere if isinstance(one, GatewayEmptied)]

    await until(lambda: len(said()) == number)
    return said()


async def test_r11_bytes_that_were_ready_are_gone(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    for path in ("/snapshots/company/ACME", "/scopes"):
        assert (await mobile.get(path)).status_code == 200
    await tell(publisher.delete(client))
    assert (await mobile.get("/snapshots/company/ACME")).status_code == 404
    [scope] = (await mobile.get("/scopes")).json()["scopes"]
    assert (scope["as_of"], scope["published_at"], scope["etag"]) == (None, None, None)


async def test_r11_bytes_that_were_being_read_are_not_kept(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    # given a read that has looked before the deletion
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    mobile = phone(auth.token(client, "demo"))
    publisher.open_gate.clear()
    reading = asyncio.create_task(mobile.get("/snapshots/company/ACME"))
    await until(lambda: len(publisher.asked) == 1)

    # when everything is deleted and the read ends
    await tell(publisher.delete(client))
    publisher.open_gate.set()
    await reading

    # then it was the last one
    assert (await mobile.get("/snapshots/company/ACME")).status_code == 404


async def test_r13_a_deletion_leaves_the_bytes_of_other_clients(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str, other_client: str
) -> None:
    auth.allow(other_client, "demo", [ACME])
    publisher.publish(other_client, ACME, treasury_position="1.00")
    theirs = phone(auth.token(other_client, "demo"))
    await theirs.get("/snapshots/company/ACME")
    async with theirs.listening() as stream:
        await tell(publisher.delete(client))
        await stream.next_comment()
        assert await theirs.amounts("/snapshots/company/ACME") == {"treasury_position": "1.00"}
    assert publisher.asked == ["/publisher/v1/snapshots/company/ACME"]


async def test_r11_a_phone_that_listens_is_told_for_each_of_its_scopes_and_no_other(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME, NORD])
    async with phone(auth.token(client, "demo")).listening() as stream:
        deleted = publisher.delete(client)
        await tell(deleted)
        told = [await stream.next(), await stream.next()]
    expected = {"deleted_at": deleted.time.isoformat()}
    assert told == [
        Told("", "data.deleted", {"scope": ACME.model_dump(), **expected}),
        Told(str(deleted.id), "data.deleted", {"scope": NORD.model_dump(), **expected}),
    ]


async def test_r11_a_phone_that_was_away_is_told_at_its_next_contact_and_once(
    *, auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, pool: Pool, client: str
) -> None:
    # given a phone that saw a publication, after which everything was deleted and something new published
    auth.allow(client, "demo", [ACME])
    mobile = phone(auth.token(client, "demo"))
    seen = publisher.publish(client, ACME)
    await tell(seen)
    deleted = publisher.delete(client)
    await tell(deleted)
    fresh = publisher.publish(client, ACME)
    await tell(fresh)

    # when it comes back, then it learns both, in this order
    async with mobile.listening(last_event_id=str(seen.id)) as stream:
        told = [await stream.next(), await stream.next()]
    assert [(one.id, one.event) for one in told if one] == [
        (str(deleted.id), "data.deleted"),
        (str(fresh.id), "snapshot.published"),
    ]

    # and what it knows already is not told again
    async with transaction(pool, client) as connection:
        await connection.execute("UPDATE clients SET heard_at = heard_at - interval '10 minutes'")
    async with mobile.listening(last_event_id=str(deleted.id)) as stream:
        assert await stream.next() == told[1]
    async with mobile.listening(last_event_id=str(fresh.id)) as stream:
        last = publisher.publish(client, ACME)
        await tell(last)
        assert (one := await stream.next()) is not None
        assert one.id == str(last.id)


async def test_r11_what_was_announced_is_forgotten_and_late_announcements_are_not_noted(
    *, publisher: FakePublisher, tell: Tell, elsewhere: list[Event], pool: Pool, client: str, other_client: str
) -> None:
    theirs = publisher.publish(other_client, ACME)
    await tell(theirs)
    before, at_once, late = (publisher.publish(client, scope) for scope in (ACME, NORD, ACME))
    deleted = publisher.delete(client)
    after = publisher.publish(client, ACME)
    for event in (before, at_once, deleted, late, after, late):
        await tell(event)
    assert await noted(pool, client) == {after.id}
    assert await noted(pool, other_client) == {theirs.id}
    [said] = await emptied(elsewhere, 1)
    assert said.id == derived_id("mobile-gateway.emptied", deleted.id)
    assert said.data.gone == {"announcements": 2, "parked_messages": 0}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_r11_the_log_ends_the_same_in_whatever_order_it_is_filled(
    *, publisher: FakePublisher, tell: Tell, pool: Pool, client: str, order: tuple[int, ...]
) -> None:
    before, deleted, after = publisher.publish(client, ACME), publisher.delete(client), publisher.publish(client, NORD)
    for position in order:
        await tell((before, deleted, after)[position])
    assert await noted(pool, client) == {after.id}


async def test_r11_a_publication_of_before_is_not_told_any_more(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, tell: Tell, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    late = publisher.publish(client, ACME)
    await tell(publisher.delete(client))
    async with phone(auth.token(client, "demo")).listening() as stream:
        await tell(late)
        fresh = publisher.publish(client, ACME)
        await tell(fresh)
        told = await stream.next()
    assert told is not None
    assert told.id == str(fresh.id)


async def test_r11_an_older_deletion_never_replaces_a_newer_one(
    publisher: FakePublisher, tell: Tell, elsewhere: list[Event], pool: Pool, client: str
) -> None:
    older, between, newer = publisher.delete(client), publisher.publish(client, ACME), publisher.delete(client)
    for event in (newer, older, between):
        await tell(event)
    assert await noted(pool, client) == set()
    assert {said.data.deletion_id for said in await emptied(elsewhere, 2)} == {
        older.data.deletion_id,
        newer.data.deletion_id,
    }


async def test_r11_a_slow_phone_is_told_of_the_deletion_first_and_only_of_what_came_after() -> None:
    scopes = (ACME, NORD)
    rights = Rights(scopes=scopes, indicators=None, may_extract=())
    phones = Phones()
    phone = phones.open(SignedIn("C", "demo", uuid4(), 0, rights, rights.cut, rights.view, frozenset()))
    before, after = (
        Announcement(uuid4(), scope, NOW.date(), NOW, at) for scope, at in ((ACME, NOW), (NORD, NOW + 2 * MINUTE))
    )
    deletion = Deletion(uuid4(), NOW + MINUTE, NOW + MINUTE)
    phones.announce("C", before)
    phones.announce("C", after)
    phones.delete("C", deletion)
    assert await phone.take(1) == [DeletionNotice(deletion, scopes), after]
