"""What the publisher answers to whoever auth lets read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.publisher.tests.world import ACME, GROUP, INDICATORS, NORD, World

T = datetime(2026, 11, 24, 18, tzinfo=UTC)


async def test_a_snapshot_is_the_document_of_the_contract(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted())
    async with world.signed_in(client, ACME) as http:
        answer = await http.get("/snapshots/company/ACME")
    document = answer.json()
    assert datetime.fromisoformat(document.pop("published_at")).tzinfo is not None
    assert document == {
        "kind": "company",
        "code": "ACME",
        "name": "Acme",
        "currency": "EUR",
        "as_of": "2026-11-24",
        "extraction_id": str(run.id),
        "periods": {"month": ["2026-11-01", "2026-11-24"]},
        "indicators": INDICATORS,
    }
    assert list(document["indicators"]) == list(INDICATORS)


async def test_r2_indicators_that_a_user_may_not_see_are_absent(world: World, client: str) -> None:
    await world.feed(world.run(client, T).extracted())
    async with world.signed_in(client, ACME, indicators=["treasury_position"]) as http:
        document = (await http.get("/snapshots/company/ACME")).json()
        hidden = await http.get("/snapshots/company/ACME/history?indicator=accounting_revenue")
    assert list(document["indicators"]) == ["treasury_position"]
    assert hidden.status_code == 404


async def test_r2_a_scope_that_is_not_theirs_is_answered_as_an_unknown_one(world: World, client: str) -> None:
    await world.feed(world.run(client, T).extracted(NORD))
    async with world.signed_in(client, ACME) as http:
        theirs_not = await http.get("/snapshots/company/NORD")
        unknown = await http.get("/snapshots/company/SUD")
        unpublished = await http.get("/snapshots/company/ACME")
    assert [one.status_code for one in (theirs_not, unknown, unpublished)] == [404, 404, 404]
    assert theirs_not.json()["detail"].replace("NORD", "SUD") == unknown.json()["detail"]


async def test_r13_a_client_never_sees_the_snapshots_of_another(world: World, client: str, other_client: str) -> None:
    await world.feed(world.run(client, T).extracted())
    async with world.signed_in(other_client, ACME) as http:
        assert (await http.get("/snapshots/company/ACME")).status_code == 404
        assert (await http.get("/heads")).json() == {"heads": []}
        history = await http.get("/snapshots/company/ACME/history?indicator=treasury_position")
    assert history.json()["items"] == []


async def test_what_a_reader_holds_is_not_sent_again(world: World, client: str) -> None:
    await world.feed(world.run(client, T).extracted())
    async with world.signed_in(client, ACME) as http:
        etag = (await http.get("/snapshots/company/ACME")).headers["etag"]
        same = await http.get("/snapshots/company/ACME", headers={"If-None-Match": f'"other", {etag}'})
        other = await http.get("/snapshots/company/ACME", headers={"If-None-Match": '"other"'})
    assert etag.startswith('W/"')
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert other.status_code == 200


async def test_the_etag_changes_with_each_publication_and_with_the_rights(world: World, client: str) -> None:
    etags = []
    for minute in range(2):
        await world.feed(world.run(client, T + timedelta(minutes=minute)).extracted())
        for indicators in (None, ["treasury_position"], ["accounting_revenue"]):
            async with world.signed_in(client, ACME, indicators=indicators) as http:
                etags.append((await http.get("/snapshots/company/ACME")).headers["etag"])
                [head] = (await http.get("/heads")).json()["heads"]
                assert head["etag"] == etags[-1]
    assert len(set(etags)) == 6


async def test_heads_are_those_of_the_users_scopes_companies_first(world: World, client: str) -> None:
    run = world.run(client, T)
    await world.feed(run.extracted(GROUP), run.extracted(NORD), run.extracted(ACME))
    async with world.signed_in(client, ACME, NORD, GROUP) as http:
        heads = (await http.get("/heads")).json()["heads"]
    async with world.signed_in(client, NORD) as http:
        fewer = (await http.get("/heads")).json()["heads"]
    assert [(head["kind"], head["code"]) for head in heads] == [
        ("company", "ACME"),
        ("company", "NORD"),
        ("family", "GROUP"),
    ]
    assert {UUID(head["extraction_id"]) for head in heads} == {run.id}
    assert [head["code"] for head in fewer] == ["NORD"]


async def test_history_is_read_page_by_page_without_hole_or_repetition(world: World, client: str) -> None:
    runs = [world.run(client, T + timedelta(minutes=minute)) for minute in range(5)]
    await world.feed(*[run.extracted() for run in runs])
    seen, cursor = [], None
    async with world.signed_in(client, ACME) as http:
        while True:
            query = "indicator=treasury_position&limit=2" + (f"&cursor={cursor}" if cursor else "")
            page = (await http.get(f"/snapshots/company/ACME/history?{query}")).json()
            seen += [UUID(item["extraction_id"]) for item in page["items"]]
            assert all(item["indicator"] == INDICATORS["treasury_position"] for item in page["items"])
            cursor = page["next"]
            if cursor is None:
                break
        wrong = await http.get("/snapshots/company/ACME/history?indicator=treasury_position&cursor=nonsense")
    assert seen == [run.id for run in reversed(runs)]
    assert wrong.status_code == 422


async def test_history_leaves_out_publications_without_the_indicator(world: World, client: str) -> None:
    with_it, without = world.run(client, T), world.run(client, T + timedelta(minutes=1))
    await world.feed(with_it.extracted(), without.extracted(indicators={"commercial_revenue": {"available": False}}))
    assert await world.past(client) == [with_it.id]


async def test_nobody_reads_without_a_session_of_a_client(world: World, client: str) -> None:
    async with world.signed_in(client, ACME) as http:
        ended = world.auth.end_sessions(client, "reader")
        operator = world.auth.token(client, "op", role="operator")
        answers = [
            await http.get("/heads"),
            await http.get("/heads", headers={"Authorization": "Bearer nonsense"}),
            await http.get("/heads", headers={"Authorization": ""}),
            await http.get("/heads", headers={"Authorization": f"Bearer {operator}"}),
        ]
    assert ended
    assert [answer.status_code for answer in answers] == [401, 401, 401, 403]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
