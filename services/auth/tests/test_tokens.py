"""What auth signs: keys that are sealed, rotated without breaking anything, and tokens of one purpose each."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from services.auth.tests.world import Tenant, World
from tests.stack.databases import as_role, fresh_database

from vigie_auth.handlers.signing import prepare_keys, public_keys, rotate_key, sign_access_token
from vigie_auth.storage.platform import list_keys
from vigie_auth.tokens import Signer, new_key, public_key_set
from vigie_shared.access import Claims, Verifier
from vigie_shared.answers import CreatingCall
from vigie_shared.audit import Actor
from vigie_shared.database import Pool, create_pool, transaction
from vigie_shared.migrate import migrations_of
from vigie_shared.sealing import SealBroken, SealingKeys

SEALING = SealingKeys(secrets.token_bytes(32))
CALL = CreatingCall(Actor("operator", "operator", None), None, b"")


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    """A database of the test's own: keys are the platform's, so others would see them change."""
    async with fresh_database(postgres_url, [migrations_of("auth")]) as owner_url:
        pool = await create_pool(as_role(owner_url, "auth"), "auth")
        yield pool
        await pool.close()


async def access_token(pool: Pool) -> str:
    async with transaction(pool, "ACME") as connection:
        return await sign_access_token(
            connection,
            SEALING,
            username="demo",
            client="ACME",
            role="mobile",
            session_id=uuid4(),
            lasts=timedelta(minutes=5),
        )


async def test_processes_that_start_together_make_one_key(pool: Pool) -> None:
    await asyncio.gather(*(prepare_keys(pool, SEALING) for _ in range(6)))
    await prepare_keys(pool, SEALING)

    [key] = (await public_keys(pool))["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "Ed25519", "sig")


async def test_after_a_rotation_the_new_key_signs_and_the_old_still_verifies(pool: Pool) -> None:
    await prepare_keys(pool, SEALING)
    old = await access_token(pool)

    made = await rotate_key(pool, SEALING, CALL, signs_after=timedelta())
    new = await access_token(pool)

    verifier = Verifier(lambda: public_keys(pool))
    assert (await verifier.claims(old)).client == "ACME"
    assert (await verifier.claims(new)).client == "ACME"
    assert old.split(".")[0] != new.split(".")[0]
    assert made.key_id in {key["kid"] for key in (await public_keys(pool))["keys"]}


async def test_a_new_key_is_published_before_it_signs(pool: Pool) -> None:
    await prepare_keys(pool, SEALING)
    before = await access_token(pool)

    made = await rotate_key(pool, SEALING, CALL)

    assert (await access_token(pool)).split(".")[0] == before.split(".")[0]
    assert made.key_id in {key["kid"] for key in (await public_keys(pool))["keys"]}


async def test_private_keys_are_kept_sealed_for_their_own_id(pool: Pool) -> None:
    await prepare_keys(pool, SEALING)
    async with transaction(pool, "") as connection:
        [kept] = await list_keys(connection)

    with pytest.raises(SealBroken):
        Signer(kept, SealingKeys(secrets.token_bytes(32)))
    other = new_key(SEALING)
    moved = type(kept)(kept.key_id, kept.public_key, other.sealed_private_key)
    with pytest.raises(SealBroken):
        Signer(moved, SEALING)


async def test_a_key_that_auth_does_not_publish_signs_nothing_that_holds(world: World, tenant: Tenant) -> None:
    stranger = new_key(SEALING)
    claims = Claims(sub="admin", client=tenant.code, role="administrator", sid=uuid4(), iat=1, exp=2**33)
    forged = Signer(stranger, SEALING).access_token(claims)

    caller = world.at()
    caller.tokens["access_token"] = forged

    await caller.get("/auth/v1/admin/users", expect=401)
    assert public_key_set([stranger])["keys"][0]["kid"] == stranger.key_id


async def test_access_tokens_of_five_minutes_name_the_session(world: World, tenant: Tenant) -> None:
    verifier = Verifier(lambda: world.at().get("/auth/v1/jwks"))

    claims = await verifier.claims(tenant.administrator.tokens["access_token"])

    assert (claims.sub, claims.client, claims.role) == ("admin", tenant.code, "administrator")
    assert claims.exp - claims.iat == 300


async def test_a_rotation_signs_nobody_out(pool: Pool) -> None:
    """A service that knows only the old keys meets the new one and asks; what it knew of the old ones goes on."""
    await prepare_keys(pool, SEALING)
    verifier = Verifier(lambda: public_keys(pool))
    old = [await access_token(pool) for _ in range(3)]
    await verifier.claims(old[0])

    for _ in range(2):
        await rotate_key(pool, SEALING, CALL, signs_after=timedelta())

    late = Verifier(lambda: public_keys(pool))
    assert {(await late.claims(token)).sub for token in [*old, await access_token(pool)]} == {"demo"}
    assert {(await verifier.claims(token)).sub for token in old} == {"demo"}


async def test_keys_that_an_earlier_sealing_key_has_sealed_are_sealed_again_at_the_start(pool: Pool) -> None:
    await prepare_keys(pool, SEALING)
    await rotate_key(pool, SEALING, CALL, signs_after=timedelta())
    before = await access_token(pool)
    new = secrets.token_bytes(32)

    await prepare_keys(pool, SealingKeys(new, SEALING.every))

    async with transaction(pool, "") as connection:
        kept = await list_keys(connection)
    assert len(kept) == 2
    for key in kept:
        Signer(key, SealingKeys(new))
        with pytest.raises(SealBroken):
            Signer(key, SEALING)
    assert (await Verifier(lambda: public_keys(pool)).claims(before)).sub == "demo"


async def test_after_the_sealing_key_was_lost_a_rotation_lets_auth_sign_again(pool: Pool) -> None:
    await prepare_keys(pool, SEALING)
    before = await access_token(pool)
    other = SealingKeys(secrets.token_bytes(32))
    await prepare_keys(pool, other)

    with pytest.raises(SealBroken, match="VIGIE_SEALING_KEYS"):
        await rotate_key(pool, other, CALL, signs_after=timedelta())
    assert len((await public_keys(pool))["keys"]) == 1
    await rotate_key(pool, other, CALL, signs_after=timedelta(), sealing_key_lost=True)

    async with transaction(pool, "ACME") as connection:
        after = await sign_access_token(
            connection,
            other,
            username="demo",
            client="ACME",
            role="mobile",
            session_id=uuid4(),
            lasts=timedelta(minutes=5),
        )
    verifier = Verifier(lambda: public_keys(pool))
    assert {(await verifier.claims(token)).sub for token in (before, after)} == {"demo"}


async def test_operators_rotate_the_key_once_per_idempotency_key_and_see_it(world: World, tenant: Tenant) -> None:
    path, headers = "/auth/v1/operator/signing-keys", {"Idempotency-Key": secrets.token_hex(8)}

    made = [await tenant.operator.request("POST", path, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    listed = (await tenant.operator.get(path))["items"]
    assert listed[0] == made[0].json()
    audit = await tenant.operator.get("/auth/v1/operator/audit?action=signing-key.rotated&limit=1")
    assert [(item["subject"], item["client"]) for item in audit["items"]] == [(made[0].json()["key_id"], None)]
    await tenant.administrator.get("/auth/v1/rights")
