"""Whole dossiers at random, with the rare corners drawn often enough to be hit by every run.

Left out on purpose, because the definitions do not say what they mean: Parquet, blank amounts where one is due, files
that cannot be read, companies declared twice, families of a multi-base dossier, an empty list as a heading or as
`opening_journals`, two fiscal years with the same dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from hypothesis import strategies as st

from . import ledgers, sales
from .calendars import Year, days_that_matter, fiscal_years, shifted, system_date
from .choices import Choices
from .fec_files import fec_folder
from .generated import GeneratedDossier, table

__all__ = ["GeneratedDossier", "dossiers"]

COMPANY_CODES = ("B", "a", "Éco", "A1", "Zed")
NET_REVENUE = (["70", "-709"], ["70", "-709", "7095"], ["-70", "701"], ["7", "-70", "70"], ["70", "709", "-709"])
CUSTOMER_OUTSTANDING = (["411", "-4111"], ["41"], ["411", "416", "-411C"])
SUPPLIER_OUTSTANDING = (["40"], ["401", "-4011"])
BANK = (["512", "-5121", "53"], ["51", "-512", "5121"], ["512", "530"])
AXES = ("default", "region")
SOLD = (["K1", "K2", "Élite"], [*sales.CATEGORIES[:5]], ["K1"])


def _toml_list(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _toml(kind: str, parameters: Mapping[str, str], headings: Mapping[str, Sequence[str]]) -> bytes:
    lines = [f'kind = "{kind}"']
    if parameters:
        lines += ["[parameters]", *(f"{name} = {value}" for name, value in parameters.items())]
    if headings:
        lines += ["[headings]", *(f"{name} = {_toml_list(prefixes)}" for name, prefixes in headings.items())]
    return "\n".join([*lines, ""]).encode()


def _headings(c: Choices) -> dict[str, Sequence[str]]:
    given: dict[str, Sequence[str]] = {}
    for name, options in (
        ("net_revenue", NET_REVENUE),
        ("customer_outstanding", CUSTOMER_OUTSTANDING),
        ("supplier_outstanding", SUPPLIER_OUTSTANDING),
        ("bank", BANK),
    ):
        if c.chance(18, f"heading given: {name}"):
            given[name] = c.pick(options)
    return given


def _companies(c: Choices, codes: Sequence[str], single_base: bool) -> dict[str, bytes]:
    rows = []
    for code in codes:
        odd = code != codes[0] and c.chance(5 if single_base else 30)
        reporting_odd = code != codes[0] and c.chance(5 if single_base else 30)
        if odd or reporting_odd:
            c.corners.add("companies: different currencies")
        rows.append(
            {
                "code": code,
                "shortcut_code": code,
                "name": f"Company {code}, named",
                "accounting_currency": "CHF" if odd else "EUR",
                "reporting_currency": "GBP" if reporting_odd else "USD",
                "reporting_rate": c.pick(["", "1.085", "0.5", "655.957", "1.0005", "0.9"]),
            }
        )
    header = ("code", "shortcut_code", "name", "accounting_currency", "reporting_currency", "reporting_rate")
    return table(c, "companies", header, rows)


def _years(c: Choices, codes: Sequence[str], as_of: date, single_base: bool) -> dict[str, list[Year]]:
    """R8 wants the same fiscal years of all companies of a single-base dossier; some dossiers do not comply."""
    shared = fiscal_years(c, as_of)
    years: dict[str, list[Year]] = {}
    for code in codes:
        first = code == codes[0]
        if not first and single_base and c.chance(5, "single-base: a company without fiscal year"):
            years[code] = []
        elif not first and (not single_base or c.chance(5, "single-base: other fiscal years")):
            years[code] = fiscal_years(c, as_of)
        else:
            years[code] = shared
    return years


def _fiscal_years(c: Choices, years: Mapping[str, Sequence[Year]], single_base: bool) -> dict[str, bytes]:
    rows = []
    for position, (company, of) in enumerate(years.items()):
        quarters = position > 0 and c.chance(5 if single_base else 20, "year: another time unit")
        rows += [
            {
                "company": company,
                "start": year.start.isoformat(),
                "end": year.end.isoformat(),
                "unit": "quarter" if quarters else "month",
            }
            for year in of
        ]
    if c.chance(3, "fiscal_years: of an unknown company"):
        rows.append({"company": sales.STRANGER, "start": "2024-01-01", "end": "2024-12-31", "unit": "month"})
    return table(c, "fiscal_years", ("company", "start", "end", "unit"), rows) if rows else {}


def _families(c: Choices, codes: Sequence[str]) -> dict[str, bytes]:
    rows = []
    for number in range(c.weighted([(0, 1), (1, 2), (2, 3)])):
        members = [code for code in reversed(codes) if not c.chance(15)] or [codes[0]]
        if c.chance(15, "family: a member named twice"):
            members.append(members[0])
        if c.chance(8, "family: an unknown member"):
            members.append(sales.STRANGER)
        c.corners.add("family: of one company" if len(set(members)) == 1 else "family: of several companies")
        code = f"G{number}"
        rows.append({"code": code, "shortcut_code": code, "name": f"Group {code}", "companies": ";".join(members)})
    return table(c, "families", ("code", "shortcut_code", "name", "companies"), rows)


def _sales_tables(
    c: Choices, codes: Sequence[str], days: Sequence[date], as_of: date
) -> tuple[dict[str, bytes], dict[str, str]]:
    if c.chance(15, "no sales_lines"):
        return {}, {}
    files = sales.sales_lines(c, codes, days, as_of)
    parameters: dict[str, str] = {}
    axes = AXES if c.chance(40) else AXES[:1]
    for name in ("customer_category_axis", "item_category_axis"):
        if c.chance(25, f"{name}: another one"):
            parameters[name] = '"region"'
            if axes == AXES[:1]:
                c.corners.add(f"{name}: without its column")
    if c.chance(25, "sold_item_categories: given"):
        parameters["sold_item_categories"] = _toml_list(c.pick(SOLD))
    if not c.chance(10, "no customers"):
        files |= sales.customers(c, codes, axes)
    if not c.chance(10, "no items"):
        files |= sales.items(c, codes, axes)
    if not c.chance(15, "no sales_reps"):
        files |= sales.sales_reps(c, codes)
    return files, parameters


def _books(
    c: Choices, years: dict[str, list[Year]], days: Sequence[date], as_of: date, single_base: bool
) -> tuple[dict[str, bytes], dict[str, list[Year]], dict[str, str]]:
    """The books, the fiscal years that are declared beside them, and their parameter."""
    codes = list(years)
    kind = c.named("books", [("fec", 6), ("entries", 6), ("none", 1)])
    if kind == "none":
        return {}, years, {}
    cash = {} if c.chance(20, "no cash_accounts") else ledgers.cash_accounts(c, codes)
    if kind == "entries":
        return cash | ledgers.entries(c, years, days, as_of), years, {}
    all_undeclared = c.chance(25, "fec: no fiscal year declared")
    some_undeclared = not single_base and c.chance(40, "fec: some undeclared")
    declared = [code for code in codes if not all_undeclared and not (some_undeclared and c.chance(50))]
    files, journals = fec_folder(c, years, declared, days)
    shown = {code: years[code] for code in declared}
    return cash | files, shown, {"opening_journals": _toml_list(journals)} if journals else {}


@st.composite
def dossiers(draw: st.DrawFn) -> GeneratedDossier:
    """A dossier folder and the system date at which it is extracted."""
    c = Choices(draw)
    as_of = system_date(c)
    kind = c.named("kind of dossier", [("single-base", 2), ("multi-base", 1)])
    single_base = kind == "single-base"
    codes = [COMPANY_CODES[index] for index in range(c.weighted([(1, 3), (2, 5), (3, 4)]))]
    if c.chance(30):
        codes.reverse()
    years = _years(c, codes, as_of, single_base)
    all_years = [year for of in years.values() for year in of]
    days = days_that_matter(as_of, all_years) + [shifted(as_of, -c.number(0, 26)) for _ in range(4)]
    files = _companies(c, codes, single_base)
    books, declared, parameters = _books(c, years, days, as_of, single_base)
    files |= books | _fiscal_years(c, declared, single_base)
    if single_base:
        files |= _families(c, codes)
    sales_files, sales_parameters = _sales_tables(c, codes, days, as_of)
    files |= sales_files
    parameters = parameters | sales_parameters
    if c.chance(30, "currency: reporting"):
        parameters["currency"] = '"reporting"'
    files["dossier.toml"] = _toml(kind, parameters, _headings(c))
    return GeneratedDossier(as_of, files, frozenset(c.corners))
