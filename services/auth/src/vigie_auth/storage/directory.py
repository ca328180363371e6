"""Companies and families of a client."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from vigie_auth.domain.directory import Company, Directory, DossierKind, Family, FiscalYear, NamedScope, ScopeKey
from vigie_shared.database import Connection
from vigie_shared.words import folded, searchable

_COMPANIES = """
SELECT s.code, s.shortcut_code, s.name, s.to_extract, c.accounting_currency, c.reporting_currency, c.reporting_rate,
       array(
           SELECT (f.first_day, f.last_day, f.unit) FROM fiscal_years f
           WHERE f.client_code = s.client_code AND f.company = s.code ORDER BY f.first_day
       ) AS fiscal_years
FROM scopes s JOIN companies c ON c.client_code = s.client_code AND c.code = s.code
WHERE s.client_code = $1 AND s.kind = 'company' AND s.code > $2 AND ($3::text IS NULL OR s.code = $3)
  AND s.search_text LIKE ALL ($4::text[]) AND ($5::boolean IS NULL OR s.to_extract = $5)
ORDER BY s.code
LIMIT $6
"""

_FAMILIES = """
SELECT s.code, s.shortcut_code, s.name, s.to_extract,
       array(
           SELECT m.company FROM family_members m
           WHERE m.client_code = s.client_code AND m.family = s.code ORDER BY m.company
       ) AS companies
FROM scopes s
WHERE s.client_code = $1 AND s.kind = 'family' AND s.code > $2 AND ($3::text IS NULL OR s.code = $3)
  AND s.search_text LIKE ALL ($4::text[]) AND ($5::boolean IS NULL OR s.to_extract = $5)
ORDER BY s.code
LIMIT $6
"""

_SAVE_SCOPES = """
INSERT INTO scopes (client_code, kind, code, name, shortcut_code, shortcut_folded, to_extract, search_text)
SELECT $1, kind, code, name, shortcut_code, shortcut_folded, to_extract, search_text
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[])
    AS s (kind, code, name, shortcut_code, shortcut_folded, to_extract, search_text)
ON CONFLICT (client_code, kind, code) DO UPDATE
SET name = excluded.name, shortcut_code = excluded.shortcut_code, shortcut_folded = excluded.shortcut_folded,
    to_extract = excluded.to_extract, search_text = excluded.search_text
"""

_SAVE_COMPANIES = """
INSERT INTO companies (client_code, code, accounting_currency, reporting_currency, reporting_rate)
SELECT $1, code, accounting_currency, reporting_currency, reporting_rate
FROM unnest($2::text[], $3::text[], $4::text[], $5::numeric[])
    AS c (code, accounting_currency, reporting_currency, reporting_rate)
ON CONFLICT (client_code, code) DO UPDATE
SET accounting_currency = excluded.accounting_currency, reporting_currency = excluded.reporting_currency,
    reporting_rate = excluded.reporting_rate
"""

_ADD_FISCAL_YEARS = """
INSERT INTO fiscal_years (client_code, company, first_day, last_day, unit)
SELECT $1, company, first_day, last_day, unit
FROM unnest($2::text[], $3::date[], $4::date[], $5::text[]) AS y (company, first_day, last_day, unit)
"""

_FORGET_FISCAL_YEARS = "DELETE FROM fiscal_years WHERE client_code = $1 AND company = ANY($2::text[])"

_ADD_MEMBERS = """
INSERT INTO family_members (client_code, family, company)
SELECT $1, family, company FROM unnest($2::text[], $3::text[]) AS m (family, company)
"""

_FORGET_MEMBERS = "DELETE FROM family_members WHERE client_code = $1 AND family = ANY($2::text[])"

_SHORTCUT_CODES = "SELECT shortcut_folded, kind, code FROM scopes WHERE client_code = $1"

_SCOPES = """
SELECT kind, code, name, shortcut_code FROM scopes WHERE client_code = $1
ORDER BY kind, code -- "company" comes before "family"
"""

_FAMILIES_WITH = "SELECT family FROM family_members WHERE client_code = $1 AND company = $2 ORDER BY family"

_USERS_SEEING = "SELECT username FROM user_scopes WHERE client_code = $1 AND kind = $2 AND code = $3 ORDER BY username"

_USERS_EXTRACTING = "SELECT username FROM extraction_rights WHERE client_code = $1 AND company = $2 ORDER BY username"

_REMOVE = "DELETE FROM scopes WHERE client_code = $1 AND kind = $2 AND code = $3"

_EVERY = 2_147_483_647


@dataclass(frozen=True)
class Part:
    """Which part of a list by code is asked for: at most `limit` after the code `after`, of those that fit all
    `patterns` of LIKE and, where `to_extract` is given, have that tick."""

    after: str = ""
    limit: int = _EVERY
    patterns: Sequence[str] = ()
    to_extract: bool | None = None


ALL = Part()


async def list_companies(connection: Connection, client: str, part: Part = ALL) -> list[Company]:
    """Companies by code."""
    return [_company(row) for row in await connection.fetch(_COMPANIES, *_of(client, part))]


async def find_company(connection: Connection, client: str, code: str) -> Company | None:
    row = await connection.fetchrow(_COMPANIES, *_of(client, ALL, code))
    return _company(row) if row else None


async def list_families(connection: Connection, client: str, part: Part = ALL) -> list[Family]:
    """Families by code."""
    return [_family(row) for row in await connection.fetch(_FAMILIES, *_of(client, part))]


async def find_family(connection: Connection, client: str, code: str) -> Family | None:
    row = await connection.fetchrow(_FAMILIES, *_of(client, ALL, code))
    return _family(row) if row else None


async def read_directory(connection: Connection, client: str) -> Directory:
    """All of it."""
    kind: DossierKind | None = await connection.fetchval(
        "SELECT dossier_kind FROM clients WHERE client_code = $1", client
    )
    companies = await list_companies(connection, client)
    return Directory(kind, tuple(companies), tuple(await list_families(connection, client)))


async def save_companies(connection: Connection, client: str, companies: Sequence[Company]) -> None:
    """Add the companies, each in the place of the one with its code. A thousand cost little more than one."""
    codes = [company.code for company in companies]
    years = [(company.code, year) for company in companies for year in company.fiscal_years]
    await _save_scopes(connection, client, companies)
    await connection.execute(
        _SAVE_COMPANIES,
        client,
        codes,
        [company.accounting_currency for company in companies],
        [company.reporting_currency for company in companies],
        [company.reporting_rate for company in companies],
    )
    await connection.execute(_FORGET_FISCAL_YEARS, client, codes)
    await connection.execute(
        _ADD_FISCAL_YEARS,
        client,
        [code for code, _ in years],
        [year.start for _, year in years],
        [year.end for _, year in years],
        [year.unit for _, year in years],
    )


async def save_families(connection: Connection, client: str, families: Sequence[Family]) -> None:
    """Add the families, each in the place of the one with its code."""
    members = [(family.code, company) for family in families for company in family.companies]
    await _save_scopes(connection, client, families)
    await connection.execute(_FORGET_MEMBERS, client, [family.code for family in families])
    await connection.execute(
        _ADD_MEMBERS, client, [family for family, _ in members], [company for _, company in members]
    )


async def remove_scope(connection: Connection, client: str, key: ScopeKey) -> None:
    """Remove a company or family that nothing depends on."""
    await connection.execute(_REMOVE, client, key.kind, key.code)


async def shortcut_codes(connection: Connection, client: str) -> dict[str, ScopeKey]:
    """Whose each shortcut code is, by its folded form."""
    rows = await connection.fetch(_SHORTCUT_CODES, client)
    return {row["shortcut_folded"]: ScopeKey(row["kind"], row["code"]) for row in rows}


async def list_scopes(connection: Connection, client: str) -> list[NamedScope]:
    """Companies by code, then families by code."""
    return [
        NamedScope(ScopeKey(row["kind"], row["code"]), row["name"], row["shortcut_code"])
        for row in await connection.fetch(_SCOPES, client)
    ]


async def scope_keys(connection: Connection, client: str) -> frozenset[ScopeKey]:
    """Every company and family there is."""
    return frozenset(scope.key for scope in await list_scopes(connection, client))


async def families_with(connection: Connection, client: str, company: str) -> Sequence[str]:
    return [row["family"] for row in await connection.fetch(_FAMILIES_WITH, client, company)]


async def users_seeing(connection: Connection, client: str, key: ScopeKey) -> Sequence[str]:
    """Who has the company or family among the scopes."""
    return [row["username"] for row in await connection.fetch(_USERS_SEEING, client, key.kind, key.code)]


async def users_extracting(connection: Connection, client: str, company: str) -> Sequence[str]:
    """Who may extract the company."""
    return [row["username"] for row in await connection.fetch(_USERS_EXTRACTING, client, company)]


def _of(client: str, part: Part, code: str | None = None) -> tuple[object, ...]:
    return client, part.after, code, list(part.patterns), part.to_extract, part.limit


async def _save_scopes(connection: Connection, client: str, scopes: Sequence[Company | Family]) -> None:
    await connection.execute(
        _SAVE_SCOPES,
        client,
        [scope.key.kind for scope in scopes],
        [scope.code for scope in scopes],
        [scope.name for scope in scopes],
        [scope.shortcut_code for scope in scopes],
        [folded(scope.shortcut_code) for scope in scopes],
        [scope.to_extract for scope in scopes],
        [searchable(scope.code, scope.shortcut_code, scope.name) for scope in scopes],
    )


def _company(row: Record) -> Company:
    return Company(
        code=row["code"],
        shortcut_code=row["shortcut_code"],
        name=row["name"],
        accounting_currency=row["accounting_currency"],
        reporting_currency=row["reporting_currency"],
        reporting_rate=row["reporting_rate"],
        fiscal_years=tuple(FiscalYear(start, end, unit) for start, end, unit in row["fiscal_years"]),
        to_extract=row["to_extract"],
    )


def _family(row: Record) -> Family:
    return Family(
        code=row["code"],
        shortcut_code=row["shortcut_code"],
        name=row["name"],
        companies=tuple(row["companies"]),
        to_extract=row["to_extract"],
    )
