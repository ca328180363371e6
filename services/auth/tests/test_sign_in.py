"""R10: a phone signs in with client code, shortcut code, user name and password, and a failure tells nothing."""

import pytest
from services.auth.tests.world import Tenant, World, scope


@pytest.fixture
async def demo(tenant: Tenant) -> Tenant:
    """A client with two companies, a family, and people of every kind."""
    await tenant.has_single_base("NORD", "SUD", family="GROUPE")
    await tenant.has_user("demo", scopes=[scope("company", "NORD"), scope("family", "GROUPE")])
    await tenant.has_user("away", active=False, scopes=[scope("company", "NORD")])
    await tenant.has_user("prep", "preparer", scopes=[scope("company", "NORD")], may_extract=["NORD"])
    return tenant


async def test_a_phone_signs_in_and_opens_on_the_scope_of_its_shortcut_code(world: World, demo: Tenant) -> None:
    response = await world.at().tries_phone(demo.code, "demo", shortcut_code="groupe")

    assert response.status_code == 201
    answer = response.json()
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "scope"}
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 300
    assert answer["scope"] == {"kind": "family", "code": "GROUPE", "name": "Groupe"}
    assert response.headers["cache-control"] == "no-store"


async def test_case_does_not_matter_in_user_name_and_shortcut_code(world: World, demo: Tenant) -> None:
    assert (await world.at().tries_phone(demo.code, "DEMO", shortcut_code="nOrD")).status_code == 201


async def test_the_session_covers_all_scopes_of_the_user_companies_first(world: World, demo: Tenant) -> None:
    phone = await world.at().signs_in_on_phone(demo.code, "demo", "GROUPE")

    rights = await phone.get("/auth/v1/rights")

    assert rights == {
        "scopes": [
            {"kind": "company", "code": "NORD", "name": "Nord"},
            {"kind": "family", "code": "GROUPE", "name": "Groupe"},
        ],
        "indicators": None,
        "may_extract": [],
    }


WRONG: dict[str, dict[str, str]] = {
    "unknown client": {"client": "NOBODY"},
    "no code at all": {"client": "*"},
    "unknown shortcut code": {"shortcut_code": "OUEST"},
    "another's shortcut code": {"shortcut_code": "SUD"},
    "unknown user": {"username": "nobody"},
    "inactive user": {"username": "away"},
    "preparer": {"username": "prep"},
    "wrong password": {"password": "not this one, no"},
    "empty password": {"password": ""},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_r10_every_wrong_part_has_the_same_answer_and_the_same_work(
    world: World, demo: Tenant, wrong: str
) -> None:
    reference = await world.at().tries_phone(demo.code, "demo", password="certainly wrong")
    before = await world.verifications()

    response = await world.at().tries_phone(**{"client": demo.code, "username": "demo", **WRONG[wrong]})

    assert response.status_code == 401
    assert response.content == reference.content
    assert dict(response.headers) == dict(reference.headers)
    assert await world.verifications() - before == 1


async def test_r10_a_suspended_client_is_refused_like_a_wrong_password(world: World, demo: Tenant) -> None:
    reference = await world.at().tries_phone(demo.code, "demo", password="certainly wrong")
    await demo.operator.post(f"/auth/v1/operator/clients/{demo.code}/suspend", expect=204)
    before = await world.verifications()

    response = await world.at().tries_phone(demo.code, "demo")

    assert (response.status_code, response.content) == (401, reference.content)
    assert await world.verifications() - before == 1


async def test_a_mobile_user_does_not_get_into_the_console(world: World, demo: Tenant) -> None:
    body = {"client_code": demo.code, "username": "demo", "password": "seven green bicycles"}

    assert (await world.at().request("POST", "/auth/v1/admin/sessions", body)).status_code == 401


async def test_a_user_of_one_client_does_not_sign_in_to_another(world: World, demo: Tenant) -> None:
    other = await world.new_client()
    await other.has_company("NORD")

    assert (await world.at().tries_phone(other.code, "demo")).status_code == 401


async def test_a_request_with_unknown_members_is_refused_with_a_problem_document(world: World) -> None:
    response = await world.at().request("POST", "/auth/v1/sessions", {"client_code": "A", "surprise": 1})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
