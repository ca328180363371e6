"""What is no request of anybody is refused as such, wherever it is sent."""

import httpx2
import pytest
from services.auth.tests.world import Caller, Tenant, World
from tests.security.calls import CALLS, EVERYBODY


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoieCJ9.e30.AAAA"]
)
async def test_what_is_no_token_is_nobody(world: World, token: str) -> None:
    caller = Caller(world.app, "10.1.1.1", {"access_token": token})

    for (method, path), access in CALLS.items():
        if path.startswith("/auth/") and access.allowed != EVERYBODY:
            response = await caller.request(method.upper(), path.replace("{", "").replace("}", ""))
            assert response.status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("cut", [5, 20, 200])
async def test_a_token_that_was_touched_is_nobody(world: World, tenant: Tenant, cut: int) -> None:
    token = tenant.administrator.tokens["access_token"]
    touched = token[:-cut] + ("A" if token[-cut] != "A" else "B") + token[len(token) - cut + 1 :]

    await Caller(world.app, "10.1.1.1", {"access_token": touched}).get("/auth/v1/rights", expect=401)


@pytest.mark.parametrize("body", ["{", '{"client_code": "\\u0000"}', '{"client_code": "\\ud800"}', "[]", "null", ""])
async def test_bodies_that_are_none_are_refused_with_a_problem_document(world: World, body: str) -> None:
    transport = httpx2.ASGITransport(world.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://auth") as http:
        response = await http.post(
            "/auth/v1/sessions", content=body.encode(), headers={"Content-Type": "application/json"}
        )

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
