"""Every change of auth is written down: who, from where, what it was and what it became, and never a password."""

from typing import Any

from services.auth.tests.world import PASSWORD, Tenant, World, company, scope, user

from vigie_shared.database import transaction


async def written(tenant: Tenant, **filters: str) -> list[dict[str, Any]]:
    """What the administrator reads of the audit, oldest first, leaving out sign-ins."""
    query = "&".join(f"{name}={value}" for name, value in {"limit": "500", **filters}.items())
    items = (await tenant.administrator.get(f"/auth/v1/admin/audit?{query}"))["items"]
    return [item for item in reversed(items) if not item["action"].endswith("signed-in")]


async def told(tenant: Tenant, **filters: str) -> list[tuple[str, str]]:
    return [(item["action"], item["subject"]) for item in await written(tenant, **filters)]


async def test_what_an_operator_does_to_a_client_is_written_down(world: World, tenant: Tenant) -> None:
    path = f"/auth/v1/operator/clients/{tenant.code}"
    for action in ("rotate-password", "suspend", "suspend", "resume", "resume"):
        await tenant.operator.post(f"{path}/{action}", expect=200 if action == "rotate-password" else 204)
    tenant.administrator = await world.at().signs_in_to_console(tenant.code, "admin")

    assert await told(tenant) == [
        ("client.registered", tenant.code),
        ("administrator.added", "admin"),
        ("publication-password.rotated", tenant.code),
        ("client.suspended", tenant.code),
        ("client.resumed", tenant.code),
    ]
    registered, added = (await written(tenant))[:2]
    assert registered["actor"] == {"kind": "operator", "name": "operator", "address": None}
    assert registered["after"] == {"code": tenant.code, "name": f"Client {tenant.code}"}
    assert (added["before"], added["after"]["role"], added["after"]["has_password"]) == (None, "administrator", True)
    everything = await tenant.operator.get(f"/auth/v1/operator/audit?client={tenant.code}")
    assert everything["items"][-1]["actor"]["address"] == tenant.operator.address


async def test_what_an_administrator_does_to_the_directory_is_written_as_it_is_read(tenant: Tenant) -> None:
    await tenant.has_single_base("NORD", family="GROUPE")
    before = await tenant.administrator.get("/auth/v1/admin/companies/NORD")
    family = await tenant.administrator.get("/auth/v1/admin/families/GROUPE")
    await tenant.has_company("NORD", name="Nord Été")
    await tenant.has_company("NORD", name="Nord Été")
    after = await tenant.administrator.get("/auth/v1/admin/companies/NORD")
    await tenant.administrator.delete("/auth/v1/admin/families/GROUPE")
    await tenant.administrator.delete("/auth/v1/admin/companies/NORD")

    changes = [
        (item["action"], item["subject"], item["before"], item["after"])
        for item in await written(tenant, actor="admin")
    ]

    assert changes == [
        ("dossier.changed", tenant.code, {"kind": None}, {"kind": "single-base"}),
        ("company.saved", "NORD", None, before),
        ("family.saved", "GROUPE", None, family),
        ("company.saved", "NORD", before, after),
        ("family.removed", "GROUPE", family, None),
        ("company.removed", "NORD", after, None),
    ]
    assert {item["actor"]["address"] for item in await written(tenant, actor="admin")} == {tenant.administrator.address}


async def test_what_happens_to_a_user_is_written_without_any_password(world: World, tenant: Tenant) -> None:
    await tenant.has_single_base("NORD")
    first = await tenant.has_user("demo", scopes=[scope("company", "NORD")])
    second = await tenant.has_user("demo", password=None, scopes=[])
    await tenant.has_user("demo", password=None, scopes=[])
    third = await tenant.has_user("demo", password="another long password", scopes=[])
    await tenant.administrator.delete("/auth/v1/admin/users/demo")

    changes = [(item["action"], item["before"], item["after"]) for item in await written(tenant, subject="demo")]

    assert changes == [
        ("user.saved", None, first | {"password_changed": True}),
        ("user.saved", first, second | {"password_changed": False}),
        ("user.saved", second, third | {"password_changed": True}),
        ("user.removed", third, None),
    ]
    async with transaction(world.pool, tenant.code) as connection:
        text = await connection.fetchval("SELECT string_agg(a::text, '') FROM audit a")
    for secret in (PASSWORD, "another long password", "argon2", tenant.publication_password):
        assert secret not in text


async def test_an_import_is_written_with_its_counts_and_each_thing_that_it_changed(tenant: Tenant) -> None:
    await tenant.has_company("NORD")
    await tenant.has_company("SUD")
    kept = {name: value for name, value in company("SUD").items() if name != "to_extract"}
    source = {
        "dossier_kind": "single-base",
        "companies": [
            {"code": "SUD", **kept},
            {"code": "NORD", **kept, "name": "Renamed"},
            {"code": "EST", **kept, "shortcut_code": "EST"},
        ],
    }
    await tenant.administrator.put("/auth/v1/admin/directory/import", source | {"dry_run": True})
    assert len(await written(tenant, actor="admin")) == 2

    await tenant.administrator.put("/auth/v1/admin/directory/import", source)

    imported, *things = (await written(tenant, actor="admin"))[2:]
    assert (imported["action"], imported["subject"]) == ("directory.imported", tenant.code)
    assert imported["before"] == {"dossier_kind": None}
    assert imported["after"] == {"dossier_kind": "single-base", "created": 1, "changed": 1, "unchanged": 1}
    renamed, added = things
    assert (renamed["subject"], renamed["before"]["name"], renamed["after"]["name"]) == ("NORD", "Nord", "Renamed")
    assert (added["subject"], added["before"], added["after"]["name"]) == ("EST", None, "Sud")


async def test_what_is_published_and_a_permission_to_delete_are_written_down(tenant: Tenant) -> None:
    await tenant.administrator.put(
        "/auth/v1/admin/published-indicators", {"indicators": ["treasury_position", "month_portfolio"]}
    )
    permission = await tenant.administrator.post("/auth/v1/deletion-permissions", expect=201)

    published, permitted = await written(tenant, actor="admin")

    assert (published["action"], published["before"]) == ("published-indicators.changed", {"indicators": None})
    assert published["after"] == {"indicators": ["month_portfolio", "treasury_position"]}
    assert (permitted["action"], permitted["subject"]) == ("deletion.permitted", tenant.code)
    assert permission["permission"] not in str(permitted)


async def test_what_was_refused_is_not_written_as_if_it_had_happened(tenant: Tenant) -> None:
    await tenant.has_company("NORD")
    await tenant.administrator.put("/auth/v1/admin/companies/SUD", company("SUD", shortcut_code="nord"), expect=409)
    await tenant.administrator.put("/auth/v1/admin/users/demo", user(password="short"), expect=422)
    await tenant.administrator.delete("/auth/v1/admin/companies/EST", expect=404)

    assert await told(tenant, actor="admin") == [("company.saved", "NORD")]
