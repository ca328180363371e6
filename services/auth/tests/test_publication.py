"""R1: a client publishes only after its publication credentials were verified, and not while it is suspended."""

import asyncio
import itertools
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from services.auth.tests.world import Caller, Tenant, World, scope

from vigie_shared.access import InvalidGrant, Verifier
from vigie_shared.database import transaction
from vigie_shared.errors import Unauthenticated
from vigie_shared.events import ClientResumed, ClientSuspended, CredentialsRotated


def grant_form(tenant: Tenant, **changes: object) -> dict[str, Any]:
    return {
        "client_code": tenant.code,
        "password": tenant.publication_password,
        "extraction_id": str(uuid4()),
        "username": "admin",
        **changes,
    }


async def granted(caller: Caller, tenant: Tenant, **changes: object) -> dict[str, Any]:
    answer: dict[str, Any] = await caller.post("/auth/v1/publication-grants", grant_form(tenant, **changes))
    return answer


def verifier_of(world: World) -> Verifier:
    """A service that knows auth by its public keys alone."""
    return Verifier(lambda: world.at().get("/auth/v1/jwks"))


async def test_r1_right_credentials_hold_and_wrong_ones_do_not(world: World, tenant: Tenant) -> None:
    form = {"client_code": tenant.code, "password": tenant.publication_password}
    caller = world.at()

    await caller.post("/auth/v1/publication-credentials/checks", form, expect=204)
    for wrong in ({"password": "wrong"}, {"client_code": "NOBODY"}):
        refused = await caller.post("/auth/v1/publication-credentials/checks", {**form, **wrong}, expect=422)
        assert refused["reason"] == "credentials_refused"


async def test_r1_a_suspension_is_told_to_whoever_has_the_password_and_to_nobody_else(
    world: World, tenant: Tenant
) -> None:
    caller, form = world.at(), {"client_code": tenant.code, "password": tenant.publication_password}
    await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/suspend", expect=204)
    with_password = await caller.post("/auth/v1/publication-credentials/checks", form, expect=422)
    without = await caller.post("/auth/v1/publication-credentials/checks", {**form, "password": "wrong"}, expect=422)
    assert (with_password["reason"], without["reason"]) == ("client_suspended", "credentials_refused")


async def test_r1_a_grant_is_verified_offline_and_names_client_run_and_start(world: World, tenant: Tenant) -> None:
    extraction_id = uuid4()

    answer = await granted(world.at(), tenant, extraction_id=str(extraction_id))

    grant = await verifier_of(world).grant(answer["grant"])
    assert (grant.client, grant.extraction_id) == (tenant.code, extraction_id)
    assert grant.started_at == datetime.fromisoformat(answer["started_at"])


async def test_a_grant_is_no_access_token_and_an_access_token_no_grant(world: World, tenant: Tenant) -> None:
    verifier = verifier_of(world)
    grant = (await granted(world.at(), tenant))["grant"]

    with pytest.raises(Unauthenticated):
        await verifier.claims(grant)
    with pytest.raises(InvalidGrant):
        await verifier.grant(tenant.administrator.tokens["access_token"])


async def test_a_run_that_asks_again_has_the_same_start(world: World, tenant: Tenant) -> None:
    extraction_id = str(uuid4())
    first = await granted(world.at(), tenant, extraction_id=extraction_id)
    between = await granted(world.at(), tenant)

    again = await granted(world.at(), tenant, extraction_id=extraction_id)

    assert again["started_at"] == first["started_at"] < between["started_at"]


async def test_starts_of_runs_granted_at_once_are_all_different_and_kept(world: World, tenant: Tenant) -> None:
    callers = [world.at() for _ in range(12)]

    answers = await asyncio.gather(*(granted(caller, tenant) for caller in callers))

    starts = sorted(datetime.fromisoformat(answer["started_at"]) for answer in answers)
    assert all(earlier < later for earlier, later in itertools.pairwise(starts))
    async with transaction(world.pool, tenant.code) as connection:
        kept = await connection.fetch("SELECT started_at FROM publication_grants ORDER BY started_at")
    assert [row["started_at"] for row in kept] == starts


async def test_starts_grow_even_when_the_clock_goes_back(world: World, tenant: Tenant) -> None:
    async with transaction(world.pool, tenant.code) as connection:
        future = await connection.fetchval(
            "UPDATE clients SET last_moment = clock_timestamp() + interval '1 hour' RETURNING last_moment"
        )

    first = await granted(world.at(), tenant)
    second = await granted(world.at(), tenant)

    assert future < datetime.fromisoformat(first["started_at"]) < datetime.fromisoformat(second["started_at"])


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"client_code": "NOBODY"}])
async def test_r1_wrong_credentials_get_no_grant(world: World, tenant: Tenant, wrong: dict[str, str]) -> None:
    before = await world.verifications()

    refused = await world.at().post("/auth/v1/publication-grants", grant_form(tenant, **wrong), expect=403)

    assert refused["reason"] == "credentials_refused"
    assert await world.verifications() - before == 1


async def test_r1_a_suspended_client_gets_no_grant_and_only_its_own_learn_why(world: World, tenant: Tenant) -> None:
    path = "/auth/v1/publication-grants"
    extraction_id = str(uuid4())
    before = await granted(world.at(), tenant, extraction_id=extraction_id)
    await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/suspend", expect=204)

    for form in (grant_form(tenant), grant_form(tenant, extraction_id=extraction_id)):
        assert (await world.at().post(path, form, expect=403))["reason"] == "client_suspended"
    stranger = await world.at().post(path, grant_form(tenant, password="wrong"), expect=403)
    assert stranger["reason"] == "credentials_refused"

    [suspended] = [event for event in await tenant.events() if isinstance(event, ClientSuspended)]
    assert suspended.data.at > datetime.fromisoformat(before["started_at"])


async def test_after_a_suspension_new_runs_start_later_than_it(world: World, tenant: Tenant) -> None:
    base = f"/auth/v1/operator/clients/{tenant.code}"
    await tenant.operator.post(f"{base}/suspend", expect=204)
    await tenant.operator.post(f"{base}/suspend", expect=204)
    await tenant.operator.post(f"{base}/resume", expect=204)
    await tenant.operator.post(f"{base}/resume", expect=204)

    answer = await granted(world.at(), tenant)

    said = [event for event in await tenant.events() if isinstance(event, ClientSuspended | ClientResumed)]
    assert [type(event) for event in said] == [ClientSuspended, ClientResumed]
    assert said[0].data.at < said[1].data.at < datetime.fromisoformat(answer["started_at"])


async def test_rotating_the_publication_password_kills_the_old_one(world: World, tenant: Tenant) -> None:
    rotated = await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/rotate-password")

    await world.at().post("/auth/v1/publication-grants", grant_form(tenant), expect=403)
    await granted(world.at(), tenant, password=rotated["password"])
    assert [event for event in await tenant.events() if isinstance(event, CredentialsRotated)]


async def test_publication_passwords_are_long_random_and_kept_as_a_hash_only(world: World, tenant: Tenant) -> None:
    other = await world.new_client()
    digits = tenant.publication_password.replace("-", "")

    assert len(bytes.fromhex(digits)) * 8 >= 128
    assert tenant.publication_password != other.publication_password
    async with transaction(world.pool, tenant.code) as connection:
        row = await connection.fetchval("SELECT clients::text FROM clients")
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in row
    assert tenant.publication_password not in row


@pytest.mark.parametrize(
    ("username", "may_extract"),
    [("admin", ["NORD", "SUD"]), ("prep", ["SUD"]), ("demo", []), ("away", []), ("nobody", [])],
)
async def test_a_grant_tells_what_its_user_may_extract_now(
    world: World, tenant: Tenant, username: str, may_extract: list[str]
) -> None:
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")
    await tenant.has_user("prep", "preparer", may_extract=["SUD"])
    await tenant.has_user("away", "preparer", may_extract=["SUD"], active=False)
    await tenant.has_user("demo", scopes=[scope("company", "NORD")])

    directory = (await granted(world.at(), tenant, username=username))["directory"]

    assert directory["dossier_kind"] == "single-base"
    assert [company["code"] for company in directory["companies"]] == ["NORD", "SUD"]
    assert [family["companies"] for family in directory["families"]] == [["NORD", "SUD"]]
    assert directory["may_extract"] == may_extract
