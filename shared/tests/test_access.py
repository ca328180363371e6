"""Tokens are believed only when auth signed them, for this purpose, and until they run out."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from vigie_shared.access import (
    ACCESS_AUDIENCE,
    ACCESS_TYPE,
    ALGORITHM,
    DELETION_AUDIENCE,
    DELETION_TYPE,
    GRANT_AUDIENCE,
    GRANT_TYPE,
    ISSUER,
    InvalidGrant,
    InvalidPermission,
    Rights,
    Verifier,
)
from vigie_shared.errors import Unauthenticated

KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "now"})
STRANGER = OKPKey.generate_key("Ed25519", parameters={"kid": "now"})
NEXT = OKPKey.generate_key("Ed25519", parameters={"kid": "next"})


class Published:
    """Auth's public keys, and how often they were asked for."""

    def __init__(self, *keys: OKPKey) -> None:
        self.keys = list(keys)
        self.asked = 0

    async def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def claims(**changes: Any) -> dict[str, Any]:
    return {
        "iss": ISSUER,
        "aud": ACCESS_AUDIENCE,
        "sub": "demo",
        "client": "ACME",
        "role": "mobile",
        "sid": str(uuid4()),
        "iat": int(time.time()),
        "exp": int(time.time()) + 300,
        **changes,
    }


def access_token(key: OKPKey = KEY, *, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": ALGORITHM, "typ": ACCESS_TYPE, "kid": str(key.kid), **(header or {})}
    return jwt.encode(head, claims(**changes), key, algorithms=[ALGORITHM])


def grant(key: OKPKey = KEY, **changes: Any) -> str:
    content = {
        "iss": ISSUER,
        "aud": GRANT_AUDIENCE,
        "client": "ACME",
        "extraction_id": str(UUID(int=1)),
        "started_at": "2026-03-02T06:30:00.250000+00:00",
        **changes,
    }
    return jwt.encode({"alg": ALGORITHM, "typ": GRANT_TYPE, "kid": str(key.kid)}, content, key, algorithms=[ALGORITHM])


async def test_a_token_of_auth_is_believed_and_remembered() -> None:
    verifier = Verifier(Published(KEY))
    token = access_token()
    assert verifier.remembered(token) is None
    verified = await verifier.claims(token)
    assert (verified.sub, verified.client, verified.role) == ("demo", "ACME", "mobile")
    assert verifier.remembered(token) is verified


def unsigned() -> str:
    head, body, _ = access_token().split(".")
    return f"{head}.{body}."


def by_shared_secret() -> str:
    """The public key taken for a secret: the classical confusion."""
    secret = OctKey.import_key(str(KEY.as_dict(private=False)["x"]))
    return jwt.encode({"alg": "HS256", "typ": ACCESS_TYPE, "kid": "now"}, claims(), secret, algorithms=["HS256"])


def tampered() -> str:
    head, _, signature = access_token().split(".")
    return f"{head}.{access_token(role='operator').split('.')[1]}.{signature}"


WRONG: dict[str, Callable[[], str]] = {
    "of a stranger's key": lambda: access_token(STRANGER),
    "of an unknown key": lambda: access_token(NEXT),
    "unsigned": unsigned,
    "signed by the public key as a secret": by_shared_secret,
    "tampered with": tampered,
    "of another issuer": lambda: access_token(iss="elsewhere"),
    "for another audience": lambda: access_token(aud=GRANT_AUDIENCE),
    "of another type": lambda: access_token(header={"typ": GRANT_TYPE}),
    "of the general type": lambda: access_token(header={"typ": "JWT"}),
    "a grant": grant,
    "a deletion permission": lambda: deletion(sub="demo", role="administrator", sid=str(uuid4()), iat=1),
    "run out": lambda: access_token(exp=int(time.time()) - 1),
    "without an end": lambda: access_token(exp=None),
    "without a subject": lambda: access_token(sub=None),
    "with an unknown role": lambda: access_token(role="root"),
    "without a session": lambda: access_token(sid="none"),
    "cut off": lambda: access_token()[:-10],
    "two parts": lambda: "a.b",
    "empty": lambda: "",
    "not ASCII": lambda: "é.é.é",
    "nested": lambda: jwt.encode(
        {"alg": ALGORITHM, "typ": ACCESS_TYPE, "kid": "now", "cty": "JWT"},
        {"jwt": access_token()},
        KEY,
        algorithms=[ALGORITHM],
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_any_other_token_is_refused(what: str) -> None:
    with pytest.raises(Unauthenticated):
        await Verifier(Published(KEY)).claims(WRONG[what]())


async def test_a_new_key_is_fetched_when_it_is_met() -> None:
    published = Published(KEY)
    verifier = Verifier(published)
    await verifier.grant(grant())
    published.keys.append(NEXT)
    assert (await verifier.grant(grant(NEXT))).client == "ACME"
    assert published.asked == 2


async def test_unknown_keys_cannot_make_a_service_ask_auth_over_and_over() -> None:
    published = Published(KEY)
    verifier = Verifier(published)
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await verifier.claims(access_token(NEXT))
    assert published.asked == 1


@pytest.mark.parametrize("token", [access_token(), grant(STRANGER), grant(extraction_id="x"), grant(aud="vigie"), ""])
async def test_only_a_grant_of_auth_lets_publish_r1(token: str) -> None:
    with pytest.raises(InvalidGrant):
        await Verifier(Published(KEY)).grant(token)


def deletion(key: OKPKey = KEY, *, kind: str = DELETION_TYPE, **changes: Any) -> str:
    content = {
        "iss": ISSUER,
        "aud": DELETION_AUDIENCE,
        "client": "ACME",
        "at": "2026-03-02T06:30:00.250000+00:00",
        "by": "admin",
        **changes,
    }
    return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": str(key.kid)}, content, key, algorithms=[ALGORITHM])


async def test_a_permission_to_delete_tells_client_moment_and_who_asked_r11() -> None:
    permitted = await Verifier(Published(KEY)).deletion(deletion())

    assert (permitted.client, permitted.at.isoformat(), permitted.by) == (
        "ACME",
        "2026-03-02T06:30:00.250000+00:00",
        "admin",
    )


@pytest.mark.parametrize(
    "token",
    [
        access_token(),
        grant(),
        deletion(STRANGER),
        deletion(kind=GRANT_TYPE),
        deletion(aud=GRANT_AUDIENCE),
        deletion(iss="elsewhere"),
        deletion(at="2026-03-02T06:30:00"),
        deletion(client=None),
        "",
    ],
)
async def test_only_a_permission_of_auth_lets_delete_r11(token: str) -> None:
    with pytest.raises(InvalidPermission):
        await Verifier(Published(KEY)).deletion(token)


def test_equal_rights_have_one_cut_and_all_is_none_of_them() -> None:
    def cut(*indicators: str) -> str:
        return Rights(scopes=(), indicators=indicators, may_extract=()).cut

    assert cut("a", "b") == cut("b", "a", "a")
    assert len({cut(), cut("a"), cut("a", "b"), Rights(scopes=(), indicators=None, may_extract=()).cut}) == 4
