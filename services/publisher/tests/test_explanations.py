"""What figures are made of: kept with their publication and no other, and read within the user's rights (R14)."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from services.publisher.tests.world import ACME, EXPLANATIONS, NORD, World, suspended

from vigie_shared.database import transaction
from vigie_shared.events import NamedScope

T = datetime(2026, 11, 24, 18, tzinfo=UTC)
LATER = T + timedelta(minutes=1)


def path(scope: NamedScope = ACME, indicator: str = "treasury_position") -> str:
    return f"/snapshots/{scope.kind}/{scope.code}/explanations/{indicator}"


async def explained_by(world: World, client: str, scope: NamedScope = ACME) -> UUID | None:
    """The extraction that the explanation shown comes from, if one is shown."""
    async with world.signed_in(client, scope) as http:
        answer = await http.get(path(scope))
    return UUID(answer.json()["extraction_id"]) if answer.status_code == 200 else None


async def kept(world: World, client: str) -> set[UUID]:
    """The extractions whose explanations are in the database."""
    async with transaction(world.pool, client) as connection:
        return {row["extraction_id"] for row in await connection.fetch("SELECT extraction_id FROM explanations")}


async def test_an_explanation_is_the_document_of_the_contract(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(), run.explained())
    async with world.signed_in(client, ACME) as http:
        document = (await http.get(path())).json()
        snapshot = (await http.get("/snapshots/company/ACME")).json()
    assert document.pop("published_at") == snapshot["published_at"]
    assert document == {
        "kind": "company",
        "code": "ACME",
        "name": "Acme",
        "currency": "EUR",
        "as_of": "2026-11-24",
        "extraction_id": str(run.id),
        "indicator": "treasury_position",
        "explanation": EXPLANATIONS["treasury_position"],
    }


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))], ids=str)
async def test_r12_an_explanation_is_shown_with_its_own_snapshot_whatever_comes_first(
    world: World, client: str, order: tuple[int, ...]
) -> None:
    # given two extractions, their four messages coming in any order, one by one
    old, new = world.run(client, T), world.run(client, LATER)
    messages = [old.extracted(), old.explained(), new.extracted(), new.explained()]
    for number in order:
        await world.feed(messages[number])
        # then what is shown is never that of another snapshot
        assert await explained_by(world, client) in {None, await world.shown(client)}
    # and in the end it is that of the newest
    assert await explained_by(world, client) == new.id


async def test_an_explanation_of_a_snapshot_that_was_replaced_is_dropped(world: World, client: str) -> None:
    old, new = world.run(client, T), world.run(client, LATER)
    await world.feed(old.extracted(), old.explained())
    await world.feed(new.extracted())
    await world.feed(new.explained())
    await world.feed(old.explained())
    assert await kept(world, client) == {new.id}


async def test_an_explanation_that_comes_before_its_snapshot_leaves_the_one_that_stands(
    world: World, client: str
) -> None:
    old, new = world.run(client, T), world.run(client, LATER)
    await world.feed(old.extracted(), old.explained())
    await world.feed(new.explained())
    assert await explained_by(world, client) == old.id


async def test_r1_nothing_is_explained_without_a_grant_for_this_client_and_run(
    world: World, client: str, other_client: str
) -> None:
    run, other = world.run(client, T), world.run(other_client, T)
    another_run = world.run(client, LATER)
    await world.feed(run.extracted())
    await world.feed(
        run.explained(grant="nonsense"),
        run.explained(grant=other.grant),
        run.explained(grant=another_run.grant),
        other.explained(client=client),
    )
    assert await kept(world, client) == set()
    assert await world.reasons(client) == ["published"]


async def test_r1_a_suspension_voids_explanations_that_were_granted_before(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted())
    await world.feed(suspended(client, LATER))
    await world.feed(run.explained())
    assert await kept(world, client) == set()


async def test_r11_explanations_go_with_what_they_explain_and_do_not_come_back(
    world: World, client: str, other_client: str
) -> None:
    for code in (client, other_client):
        run = world.run(code, T)
        await world.feed(run.extracted(), run.explained())
    on_its_way, afterwards = world.run(client, T), world.run(client, LATER + timedelta(minutes=1))
    await world.delete(client, LATER)
    await world.feed(on_its_way.explained(), afterwards.explained())
    assert await kept(world, client) == {afterwards.id}
    assert await explained_by(world, other_client) is not None


async def test_r2_what_is_not_theirs_is_answered_as_what_is_not_there(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(), run.extracted(NORD), run.explained(), run.explained(NORD))
    async with world.signed_in(client, ACME, indicators=["accounting_revenue"]) as http:
        theirs = await http.get(path(indicator="accounting_revenue"))
        answers = [await http.get(path()), await http.get(path(NORD, "accounting_revenue"))]
    async with world.signed_in(client, ACME) as http:
        answers.append(await http.get(path(indicator="profit")))
    assert theirs.json()["explanation"] == EXPLANATIONS["accounting_revenue"]
    assert [one.status_code for one in answers] == [404, 404, 404]
    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}


async def test_r13_a_client_never_sees_what_another_ones_figures_are_made_of(
    world: World, client: str, other_client: str
) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(), run.explained())
    assert await explained_by(world, other_client) is None
    async with transaction(world.pool, other_client) as connection:
        assert await connection.fetchval("SELECT count(*) FROM explanations") == 0


async def test_a_figure_that_is_not_explained_yet_says_to_ask_again(world: World, client: str) -> None:
    await world.feed(world.run(client, T).extracted())
    async with world.signed_in(client, ACME) as http:
        answer = await http.get(path())
    assert answer.status_code == 404
    assert "ask again" in answer.json()["detail"]


async def test_what_a_reader_holds_is_not_sent_again_until_another_snapshot_stands(world: World, client: str) -> None:
    async def asked(http: httpx2.AsyncClient, etag: str = '"other"') -> httpx2.Response:
        return await http.get(path(), headers={"If-None-Match": etag})

    old, new = world.run(client, T), world.run(client, LATER)
    await world.feed(old.extracted(), old.explained())
    async with world.signed_in(client, ACME) as http:
        etag = (await asked(http)).headers["etag"]
        held = await asked(http, etag)
        of_another = (await http.get(path(indicator="accounting_revenue"))).headers["etag"]
        await world.feed(new.extracted(), new.explained())
        replaced = await asked(http, etag)
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", etag)
    assert of_another != etag
    assert (replaced.status_code, UUID(replaced.json()["extraction_id"])) == (200, new.id)


async def test_a_message_that_comes_twice_changes_nothing(world: World, client: str) -> None:
    run = world.run(client, T)
    message = run.explained()
    await world.feed(run.extracted(), message)
    await world.feed(message)
    await world.feed(message.model_copy(update={"id": uuid4()}))
    assert await kept(world, client) == {run.id}
    assert await explained_by(world, client) == run.id
