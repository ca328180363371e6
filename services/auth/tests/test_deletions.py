"""R11: an administrator, and nobody else, may delete what the client published up to a moment by auth's clock."""

from datetime import datetime
from typing import Any

import pytest
from services.auth.tests.test_publication import granted, verifier_of
from services.auth.tests.world import Tenant, World

from vigie_shared.access import InvalidGrant, InvalidPermission
from vigie_shared.errors import Unauthenticated

PERMISSIONS = "/auth/v1/deletion-permissions"


async def permitted(tenant: Tenant) -> Any:
    return await tenant.administrator.post(PERMISSIONS, expect=201)


async def test_r11_the_moment_lies_between_the_runs_granted_before_and_after(world: World, tenant: Tenant) -> None:
    before = await granted(world.at(), tenant)
    permission = await permitted(tenant)
    after = await granted(world.at(), tenant)

    started = [datetime.fromisoformat(one["started_at"]) for one in (before, after)]
    assert started[0] < datetime.fromisoformat(permission["at"]) < started[1]


async def test_r11_a_permission_is_verified_offline_and_names_client_moment_and_who_asked(
    world: World, tenant: Tenant
) -> None:
    permission = await permitted(tenant)

    deletion = await verifier_of(world).deletion(permission["permission"])

    assert (deletion.client, deletion.by) == (tenant.code, "admin")
    assert deletion.at == datetime.fromisoformat(permission["at"])


async def test_a_permission_is_of_one_purpose_only(world: World, tenant: Tenant) -> None:
    verifier = verifier_of(world)
    permission = (await permitted(tenant))["permission"]
    grant = (await granted(world.at(), tenant))["grant"]

    with pytest.raises(Unauthenticated):
        await verifier.claims(permission)
    with pytest.raises(InvalidGrant):
        await verifier.grant(permission)
    for other in (grant, tenant.administrator.tokens["access_token"], permission[:-8] + "AAAAAAAA", ""):
        with pytest.raises(InvalidPermission):
            await verifier.deletion(other)


async def test_r11_nobody_is_permitted_once_the_session_has_ended(tenant: Tenant) -> None:
    await tenant.operator.post(f"/auth/v1/operator/clients/{tenant.code}/suspend", expect=204)

    await tenant.administrator.post(PERMISSIONS, expect=401)
