"""R2: a client publishes the indicators that it wants to, whatever its users may see of them."""

from typing import Any

import pytest
from services.auth.tests.test_publication import granted
from services.auth.tests.world import Tenant, World, scope

from vigie_shared.events import DirectoryIndicatorsChanged

PUBLISHED = "/auth/v1/admin/published-indicators"


async def publishes(tenant: Tenant, indicators: list[str] | None, *, expect: int = 200) -> Any:
    return await tenant.administrator.put(PUBLISHED, {"indicators": indicators}, expect=expect)


async def said(tenant: Tenant) -> list[tuple[str, ...] | None]:
    return [event.data.indicators for event in await tenant.events() if isinstance(event, DirectoryIndicatorsChanged)]


async def test_r2_a_client_publishes_every_indicator_until_it_says_otherwise(world: World, tenant: Tenant) -> None:
    assert await tenant.administrator.get(PUBLISHED) == {"indicators": None}
    assert (await granted(world.at(), tenant))["published_indicators"] is None


@pytest.mark.parametrize(
    ("published", "of_user", "seen"),
    [
        (None, None, None),
        (None, ["treasury_position"], ["treasury_position"]),
        (["treasury_position", "month_portfolio"], None, ["month_portfolio", "treasury_position"]),
        (["treasury_position", "month_portfolio"], ["accounting_revenue", "treasury_position"], ["treasury_position"]),
        (["treasury_position"], [], []),
        ([], None, []),
    ],
)
async def test_r2_a_user_sees_what_both_the_client_publishes_and_the_user_may_see(
    world: World, tenant: Tenant, published: list[str] | None, of_user: list[str] | None, seen: list[str] | None
) -> None:
    await tenant.has_single_base("NORD")
    await tenant.has_user("demo", scopes=[scope("company", "NORD")], indicators=of_user)
    phone = await world.at().signs_in_on_phone(tenant.code, "demo")

    await publishes(tenant, published)

    assert (await phone.get("/auth/v1/rights"))["indicators"] == seen


async def test_r2_an_extraction_is_told_what_it_may_emit_and_everybody_that_it_changed(
    world: World, tenant: Tenant
) -> None:
    await publishes(tenant, ["treasury_position", "month_portfolio"])
    await publishes(tenant, ["month_portfolio", "treasury_position"])
    during = await granted(world.at(), tenant)
    await publishes(tenant, None)

    assert during["published_indicators"] == ["month_portfolio", "treasury_position"]
    assert (await granted(world.at(), tenant))["published_indicators"] is None
    assert await said(tenant) == [("month_portfolio", "treasury_position"), None]


@pytest.mark.parametrize("indicators", [["profit"], ["treasury_position", "treasury_position"]])
async def test_what_is_no_indicator_is_refused_by_its_place(tenant: Tenant, indicators: list[str]) -> None:
    refused = await publishes(tenant, indicators, expect=422)

    assert refused["errors"][0]["where"] == f"indicators.{len(indicators) - 1}"
    assert await said(tenant) == []
    assert await tenant.administrator.get(PUBLISHED) == {"indicators": None}
