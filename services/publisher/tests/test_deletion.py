"""R11 in the publisher: everything that a client published goes, stays away, and the receipt says what went."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.publisher.tests.world import ACME, GROUP, NORD, POISON, World

from vigie_shared.bus import Fate, NotYet, Parked
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.events import (
    DataDeleted,
    EmptiedData,
    ExtractorEmptied,
    GatewayEmptied,
    Role,
    SnapshotPublished,
    derived_id,
)
from vigie_shared.topology import PUBLISHER_CLIENTS, PUBLISHER_INDICATORS

T = datetime(2026, 11, 24, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def told(world: World, client: str) -> DataDeleted:
    """What the publisher said of the latest deletion."""
    return [one for one in await world.answers(client) if isinstance(one, DataDeleted)][-1]


async def parked(world: World, client: str) -> set[UUID]:
    """Which messages of a client are parked of the publisher's queues."""
    found: set[UUID] = set()

    async def look(one: Parked) -> Fate:
        if one.client == client:
            found.add(one.id)
        return Fate.STAY

    for queue in (PUBLISHER_INDICATORS, PUBLISHER_CLIENTS):
        await world.bus.settle_parked(queue, look)
    return found


async def test_r11_nothing_that_was_published_can_be_read_any_more(
    world: World, client: str, other_client: str
) -> None:
    # given two clients with a snapshot and a history
    for code in (client, other_client):
        await world.feed(
            *(world.run(code, T + number * MINUTE).extracted(scope) for number in (0, 1) for scope in (ACME, GROUP))
        )
    theirs = await world.past(other_client)

    # when one deletes its data
    await world.delete(client, T + 5 * MINUTE)

    # then nothing of it is left, and everything of the other
    assert [await world.shown(client, scope) for scope in (ACME, GROUP)] == [None, None]
    assert await world.past(client) == []
    async with world.signed_in(client, ACME, GROUP) as http:
        assert (await http.get("/heads")).json() == {"heads": []}
    assert await world.past(other_client) == theirs
    assert await world.shown(other_client) == theirs[0]


async def test_r11_a_deletion_takes_a_typed_confirmation(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted())
    async with world.signed_in(client, role="administrator") as http:
        for confirm in ("", client.lower(), f"{client} ", "OTHER"):
            answer = await http.post("/deletions", json={"confirm": confirm})
            assert answer.status_code == 422
            assert answer.json()["errors"] == [{"where": "confirm", "what": "is not the client code"}]
        assert (await http.post("/deletions", json={})).status_code == 422
        assert (await http.get("/deletions")).json() == {"items": [], "next": None}
    assert await world.shown(client) == run.id


@pytest.mark.parametrize("role", ["mobile", "preparer", "operator"])
async def test_r11_only_an_administrator_deletes(world: World, client: str, role: Role) -> None:
    async with world.signed_in(client, role=role) as http:
        answers = [
            await http.post("/deletions", json={"confirm": client}),
            await http.get("/deletions"),
            await http.get("/deletions/preview"),
            await http.get(f"/deletions/{uuid4()}"),
        ]
    assert {answer.status_code for answer in answers} == {403}


async def test_r11_an_ended_session_deletes_nothing(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted())
    async with world.signed_in(client, role="administrator") as http:
        world.auth.end_sessions(client, "reader")
        assert (await http.post("/deletions", json={"confirm": client})).status_code == 401
    assert await world.shown(client) == run.id


async def test_r11_the_preview_counts_what_will_go(world: World, client: str) -> None:
    async with world.signed_in(client, role="administrator") as http:
        nothing = (await http.get("/deletions/preview")).json()
        for number in range(3):
            await world.feed(
                *(world.run(client, T + number * MINUTE).extracted(scope) for scope in (ACME, NORD, GROUP))
            )
        everything = (await http.get("/deletions/preview")).json()
    assert (nothing["publications"], nothing["as_of"], nothing["published_at"]) == (0, None, None)
    counted = {kind: everything[kind] for kind in ("snapshots", "publications", "companies", "families")}
    assert counted == {"snapshots": 3, "publications": 9, "companies": 2, "families": 1}
    assert everything["as_of"] == ["2026-11-24", "2026-11-24"]
    first, last = map(datetime.fromisoformat, everything["published_at"])
    assert first <= last
    assert everything["services"] == ["extractor", "mobile-gateway", "publisher"]


async def test_r11_what_was_granted_before_never_comes_back_in_any_order_or_repetition(
    world: World, client: str
) -> None:
    await world.delete(client, T + MINUTE)
    before, at, after = (world.run(client, T + number * MINUTE) for number in (0, 1, 2))
    for number, order in enumerate(permutations((before, at, after))):
        scope = ACME.model_copy(update={"code": f"ACME{number}"})
        for run in (*order, *order):
            await world.feed(run.extracted(scope))
        assert await world.shown(client, scope) == after.id
        assert await world.past(client, scope) == [after.id]
    # what is said again, under other ids, is answered again
    assert Counter(await world.reasons(client)) == {"data_deleted": 24, "published": 12}


async def test_r11_what_was_extracted_after_the_moment_stays_although_it_was_published_before(
    world: World, client: str
) -> None:
    old, new = world.run(client, T), world.run(client, T + 2 * MINUTE)
    await world.feed(old.extracted(), new.extracted(), old.extracted(NORD))
    await world.delete(client, T + MINUTE)
    assert await world.past(client) == [new.id]
    assert [await world.shown(client, scope) for scope in (ACME, NORD)] == [new.id, None]


async def test_r11_the_receipt_is_complete_once_every_service_has_said_what_it_emptied(
    world: World, client: str
) -> None:
    await world.feed(world.run(client, T).extracted(ACME), world.run(client, T).extracted(NORD))
    deletion_id = await world.delete(client, T + MINUTE)

    # at once: what the publisher held is gone, the rest is awaited
    receipt = await world.receipt(client, deletion_id)
    assert (receipt["state"], receipt["finished_at"], receipt["requested_by"]) == ("running", None, "reader")
    assert receipt["awaited"] == ["extractor", "mobile-gateway", "publisher"]
    assert receipt["gone"] == {"snapshots": 2, "publications": 2, "explanations": 0, "unsent_events": 2}
    assert datetime.fromisoformat(receipt["deleted_until"]) == T + MINUTE

    # as each says so
    deleted = await told(world, client)
    await world.feed(deleted)
    assert (await world.receipt(client, deletion_id))["awaited"] == ["extractor", "mobile-gateway"]
    emptied: dict[str, Any] = {"subject": str(deletion_id), "time": T, "clientcode": client}
    said = EmptiedData(deletion_id=deletion_id, at=deleted.data.at, gone={"announcements": 4, "parked_messages": 1})
    gateway = GatewayEmptied(id=uuid4(), data=said, **emptied)
    await world.feed(gateway, gateway)
    extractor = ExtractorEmptied(id=uuid4(), data=said.model_copy(update={"gone": {"runs": 1}}), **emptied)
    await world.feed(extractor)

    receipt = await world.receipt(client, deletion_id)
    assert (receipt["state"], receipt["awaited"]) == ("done", [])
    assert receipt["gone"] == {
        "snapshots": 2,
        "publications": 2,
        "explanations": 0,
        "unsent_events": 2,
        "announcements": 4,
        "runs": 1,
        "parked_messages": 1,
    }
    assert receipt["finished_at"] == max(part["emptied_at"] for part in receipt["parts"])


async def test_r11_announcements_that_were_not_sent_are_taken_back(world: World, client: str) -> None:
    later = world.run(client, T + 2 * MINUTE)
    await world.feed(world.run(client, T).extracted(), later.extracted(NORD))
    await world.delete(client, T + MINUTE)
    announced = [one for one in await world.answers(client) if isinstance(one, SnapshotPublished)]
    assert [one.data.extraction_id for one in announced] == [later.id]


async def test_r11_the_publisher_is_awaited_while_an_announcement_is_being_sent(world: World, client: str) -> None:
    # given an announcement that a relay holds
    said = world.run(client, T).extracted()
    await world.feed(said)
    async with transaction(world.pool, ALL_CLIENTS) as relay:
        announcement = derived_id("snapshot.published", said.id)
        await relay.execute("SELECT FROM outbox WHERE event_id = $1 FOR UPDATE", announcement)

        # when the deletion is made and heard
        deletion_id = await world.delete(client, T + MINUTE)
        deleted = await told(world, client)
        [outcome] = await world.feed(deleted)
        assert isinstance(outcome, NotYet)
        assert "publisher" in (await world.receipt(client, deletion_id))["awaited"]
        await relay.execute("DELETE FROM outbox WHERE event_id = $1", announcement)

    # then it is done when it is heard again
    await world.feed(deleted)
    assert "publisher" not in (await world.receipt(client, deletion_id))["awaited"]


async def test_r11_parked_figures_of_the_time_before_are_dropped_and_no_others(
    world: World, client: str, other_client: str
) -> None:
    # given messages that cannot be handled: of before, of later, of nobody knows when, and another client's
    before, later, theirs = (
        world.run(code, T + number * MINUTE).extracted(POISON)
        for code, number in ((client, 0), (client, 2), (other_client, 0))
    )
    await world.feed_until_taken(before, later, theirs)
    unreadable = await world.feed_unreadable(client)
    assert await parked(world, client) == {before.id, later.id, unreadable}

    # when the data is deleted
    deletion_id = await world.delete(client, T + MINUTE)
    await world.feed(await told(world, client))

    # then what was of before is gone, and what nobody can say it of
    assert await parked(world, client) == {later.id}
    assert await parked(world, other_client) == {theirs.id}
    [own] = [part for part in (await world.receipt(client, deletion_id))["parts"] if part["service"] == "publisher"]
    assert own["gone"]["parked_messages"] == 2


async def test_r11_figures_of_the_time_before_that_cannot_be_refused_are_dropped_rather_than_parked(
    world: World, client: str
) -> None:
    await world.delete(client, T + MINUTE)
    before, later = (world.run(client, T + number * MINUTE).extracted(POISON) for number in (0, 2))
    await world.feed_until_taken(before, later)
    assert await parked(world, client) == {later.id}


async def test_the_same_key_deletes_once_however_often_it_is_sent(world: World, client: str) -> None:
    world.auth.moment = T + MINUTE
    async with world.signed_in(client, role="administrator") as http:

        async def ask() -> tuple[int, str | None]:
            answer = await http.post("/deletions", json={"confirm": client}, headers={"Idempotency-Key": "once"})
            return answer.status_code, answer.json().get("id")

        answers = set(await asyncio.gather(*(ask() for _ in range(50))))
        again = await ask()
        items = (await http.get("/deletions")).json()["items"]
        other = await http.post("/deletions", json={"confirm": "OTHER"}, headers={"Idempotency-Key": "once"})
    assert again[0] == 202
    assert answers <= {again, (409, None)}
    assert [item["id"] for item in items] == [again[1]]
    assert other.status_code == 422
    assert len([one for one in await world.answers(client) if isinstance(one, DataDeleted)]) == 1


async def test_receipts_are_listed_latest_first_and_outlive_each_other(world: World, client: str) -> None:
    made = [str(await world.delete(client, T + number * MINUTE)) for number in range(3)]
    async with world.signed_in(client, role="administrator") as http:
        page = (await http.get("/deletions?limit=2")).json()
        rest = (await http.get(f"/deletions?limit=2&cursor={page['next']}")).json()
        assert (await http.get("/deletions?cursor=none")).status_code == 422
    assert [item["id"] for item in (*page["items"], *rest["items"])] == made[::-1]
    assert rest["next"] is None


async def test_r13_a_receipt_is_shown_to_its_client_only(world: World, client: str, other_client: str) -> None:
    deletion_id = await world.delete(client, T)
    async with world.signed_in(other_client, role="administrator") as http:
        assert (await http.get(f"/deletions/{deletion_id}")).status_code == 404
        assert (await http.get("/deletions")).json()["items"] == []


async def test_a_deletion_is_audited(world: World, client: str) -> None:
    deletion_id = await world.delete(client, T)
    async with world.signed_in(client, role="administrator") as http:
        [change] = (await http.get("/admin/audit")).json()["items"]
    assert (change["action"], change["subject"], change["actor"]["name"]) == (
        "deletion.confirmed",
        str(deletion_id),
        "reader",
    )


async def test_r11_a_permission_of_another_client_deletes_nothing(world: World, client: str, other_client: str) -> None:
    runs = [world.run(code, T) for code in (client, other_client)]
    for run in runs:
        await world.feed(run.extracted())
    world.auth.permits = other_client
    async with world.signed_in(client, role="administrator") as http:
        assert (await http.post("/deletions", json={"confirm": client})).status_code == 503
    assert [await world.shown(run.client) for run in runs] == [run.id for run in runs]
