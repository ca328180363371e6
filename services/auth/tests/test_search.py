"""Finding companies, families and users among many, by what somebody types."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.auth.tests.world import Tenant

from vigie_shared.database import transaction
from vigie_shared.words import search_patterns, searchable

COMPANIES, FAMILIES, USERS = (f"/auth/v1/admin/{things}" for things in ("companies", "families", "users"))


async def found(tenant: Tenant, path: str, name: str = "code", **query: str) -> list[str]:
    text = "&".join(f"{key}={quote(value)}" for key, value in query.items())
    return [one[name] for one in (await tenant.administrator.get(f"{path}?{text}"))["items"]]


@pytest.fixture
async def firm(tenant: Tenant) -> Tenant:
    await tenant.has_single_base("NORD")
    await tenant.has_company("C1", name="Société du Nord", shortcut_code="sdn", to_extract=False)
    await tenant.has_company("C2", name="Œuvres de Crémone", shortcut_code="100%_A")
    for code, name in (("F1", "Groupe Été"), ("F2", "Hiver")):
        body = {"name": name, "shortcut_code": code, "companies": ["C1"], "to_extract": code == "F2"}
        await tenant.administrator.put(f"{FAMILIES}/{code}", body)
    return tenant


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ["C1", "C2", "NORD"]),
        ("   ", ["C1", "C2", "NORD"]),
        ("nord", ["C1", "NORD"]),
        ("NORD societe", ["C1"]),
        ("société", ["C1"]),
        ("SDN", ["C1"]),
        ("c1", ["C1"]),
        ("oeuvres CREMONE", ["C2"]),
        ("ŒUV", ["C2"]),
        ("100%", ["C2"]),
        ("%_a", ["C2"]),
        ("_", ["C2"]),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("ouest", []),
    ],
)
async def test_companies_are_found_by_words_whatever_case_and_accents(
    firm: Tenant, typed: str, codes: Sequence[str]
) -> None:
    assert await found(firm, COMPANIES, q=typed) == codes


async def test_families_and_users_are_found_too(firm: Tenant) -> None:
    await firm.has_user("Élodie", active=False)
    await firm.has_user("bob", active=False)

    assert await found(firm, FAMILIES, q="ete") == ["F1"]
    assert await found(firm, USERS, "username", q="elodie") == ["Élodie"]
    assert await found(firm, USERS, "username", q="") == ["admin", "bob", "Élodie"]


async def test_what_is_to_be_extracted_can_be_listed_alone(firm: Tenant) -> None:
    assert await found(firm, COMPANIES, to_extract="true") == ["C2", "NORD"]
    assert await found(firm, COMPANIES, to_extract="false", q="nord") == ["C1"]
    assert await found(firm, FAMILIES, to_extract="true") == ["F2"]


async def test_a_renamed_company_is_found_by_its_new_name_only(firm: Tenant) -> None:
    await firm.has_company("C1", name="Compagnie de l'Est", shortcut_code="sdn")

    assert await found(firm, COMPANIES, q="nord") == ["NORD"]
    assert await found(firm, COMPANIES, q="compagnie") == ["C1"]


@pytest.mark.parametrize("query", ["q=%00", f"q={'x' * 201}", "to_extract=perhaps"])
async def test_what_cannot_be_searched_for_is_refused(firm: Tenant, query: str) -> None:
    await firm.administrator.get(f"{COMPANIES}?{query}", expect=422)


async def test_a_search_among_two_thousand_companies_comes_in_parts(tenant: Tenant) -> None:
    async with transaction(tenant.world.pool, tenant.code) as connection:
        await connection.execute(
            """
            INSERT INTO scopes (client_code, kind, code, name, shortcut_code, shortcut_folded, to_extract, search_text)
            SELECT $1, 'company', code, 'Company ' || n, code, lower(code), n % 2 = 0, lower(code) || ' company ' || n
            FROM generate_series(1, 2000) AS n, LATERAL (SELECT 'C' || lpad(n::text, 4, '0') AS code) AS c
            """,
            tenant.code,
        )
        await connection.execute(
            "INSERT INTO companies (client_code, code, accounting_currency, reporting_currency, reporting_rate)"
            " SELECT client_code, code, 'EUR', 'EUR', 1 FROM scopes",
        )

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        path = f"{COMPANIES}?q=company 19&to_extract=true&limit=40{after}"
        part: dict[str, Any] = await tenant.administrator.get(path)
        seen += [one["code"] for one in part["items"]]
        cursor = part["next"]

    matching = [number for number in range(1, 2001) if str(number).startswith("19") and number % 2 == 0]
    codes = {f"C{number:04}" for number in matching}
    assert seen == sorted(seen)
    assert codes <= set(seen)
    assert len(set(seen)) == len(seen)
    assert all("19" in code for code in seen)


def fits(text: str, patterns: Sequence[str]) -> bool:
    """What LIKE ALL does with patterns that begin and end with a percent sign."""
    words = [pattern[1:-1].replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\") for pattern in patterns]
    return all(word in text for word in words)


@given(st.text(max_size=40).map(lambda text: text.replace("\\", "")))
def test_everything_is_found_by_its_own_name_in_any_case(name: str) -> None:
    for typed in (name, name.upper(), name.lower(), name.casefold()):
        assert fits(searchable("code", name), search_patterns(typed)) or _changes_by_case(name, typed)


def _changes_by_case(name: str, typed: str) -> bool:
    """Whether changing the case made other letters of it, as with the dotless i."""
    return typed.casefold() != name.casefold()
