"""Sales lines and their master tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .calendars import due_days
from .choices import Choices
from .generated import table

# Codes whose order differs by bytes, by UTF-16 units, by case and by any language's alphabet.
CODES = ("C1", "C2", "C10", "c1", "ÉC", "Ｚ9", "𝒞1", "C 1", "Z")
FAR_APART = ("Ｚ9", "𝒞1", "z", "É", "Z")
CATEGORIES = ("K1", "K2", "k1", "Élite", "Ｚ", "𝒦", "K10")
FAMILIES = ("F1", "F2", "f1", "Éd", "Ｆ", "𝓕", "F10")
NAMES = ("Martin SA", "Éts Müller", 'Dit "le Grand", fils', "martin sa")
STRANGER = "NOBODY"

LINE_COLUMNS = (
    "company",
    "document_type",
    "document",
    "line",
    "date",
    "due_date",
    "customer",
    "item",
    "sales_rep",
    "quantity",
    "net_amount",
    "open_amount",
)


def amount(c: Choices) -> str:
    """Often equal (ties), often on or beside half a cent, up to four decimals."""
    kind = c.weighted([("even", 6), ("half", 5), ("any", 4), ("large", 1)])
    if kind == "even":
        return c.pick(["100.00", "50.00", "200", "10.5", "0.00"])
    if kind == "half":
        return c.pick(["0.005", "0.0050", "0.0049", "0.0051", "33.335", "10.1250", "1.0049", "0.015", "66.6650"])
    if kind == "large":
        return c.pick(["1234567.8901", "98765432.1"])
    return f"{c.number(0, 999)}.{c.number(0, 9999):04d}"


def _line(c: Choices, company: str, number: int, days: Sequence[date], as_of: date) -> dict[str, str]:
    kind = c.weighted([("invoice", 9), ("order", 5), ("credit_note", 3), ("delivery", 2), ("quote", 1)])
    c.corners.add(f"line: {kind}")
    net, rest = amount(c), amount(c)
    if kind == "credit_note":
        net = f"-{net}"
    elif c.chance(6, "line: negative amount"):
        net, rest = f"-{net}", f"-{rest}"
    due = ""
    if kind in {"order", "delivery", "quote"} and not c.chance(30, "line: no due date"):
        due = c.pick(due_days(as_of)).isoformat()
    return {
        "company": company,
        "document_type": kind,
        "document": f"{kind[0].upper()}{number // 2}",
        "line": str(number % 2 + 1),
        "date": c.pick(days).isoformat(),
        "due_date": due,
        "customer": "" if c.chance(7, "line: no customer") else c.pick(CODES),
        "item": "" if c.chance(7, "line: no item") else c.pick(CODES),
        "sales_rep": "" if c.chance(10, "line: no representative") else c.pick(CODES),
        "quantity": "1",
        "net_amount": net,
        "open_amount": rest if kind in {"order", "delivery"} else "",
    }


def _spoiled(c: Choices, line: dict[str, str]) -> dict[str, str]:
    """A row that must be refused."""
    column, value = c.pick(
        [
            ("date", ""),
            ("date", "2024-02-30"),
            ("date", "31/01/2024"),
            ("net_amount", "12,5"),
            ("net_amount", "abc"),
            ("document_type", "receipt"),
            ("company", STRANGER),
        ]
    )
    c.corners.add(f"bad line: {column}")
    return line | {column: value}


def sales_lines(c: Choices, companies: Sequence[str], days: Sequence[date], as_of: date) -> dict[str, bytes]:
    rows = []
    for company in companies:
        if c.chance(10, "sales: a company without lines"):
            continue
        # Enough of them that rankings are longer than what they show.
        busy = c.chance(50, "sales: many lines")
        tied = busy and c.chance(25, "sales: ties of codes far apart")
        recent = [day for day in days if day <= as_of][:4] if c.chance(50) else days
        for number in range(c.number(8, 22) if busy else c.number(0, 6)):
            line = _line(c, company, number, recent if busy else days, as_of)
            if tied:
                line |= {"net_amount": "100.00", "customer": c.pick(FAR_APART), "item": c.pick(FAR_APART)}
            rows.append(_spoiled(c, line) if c.chance(2) else line)
    return table(c, "sales_lines", LINE_COLUMNS, rows)


def _master(
    c: Choices, name: str, companies: Sequence[str], header: Sequence[str], values: Mapping[str, Sequence[str]]
) -> dict[str, bytes]:
    rows: list[dict[str, str]] = []
    for company in companies:
        for code in CODES:
            if not c.chance(85):
                c.corners.add(f"{name}: a code is missing")
                continue
            row = {"company": company, "code": code}
            for column in header[2:]:
                blank = c.chance(10, f"{name}: blank {column}")
                row[column] = "" if blank else c.pick(values[column])
            rows.append(row)
            if c.chance(4, f"{name}: duplicate"):
                rows.append(row | {column: c.pick(values[column]) for column in header[2:]})
    if c.chance(5, f"{name}: of an unknown company"):
        rows.append({"company": STRANGER, "code": "C1"} | {column: values[column][0] for column in header[2:]})
    return table(c, name, header, rows)


def customers(c: Choices, companies: Sequence[str], axes: Sequence[str]) -> dict[str, bytes]:
    categories = [f"category_{axis}" for axis in axes]
    values = {"name": NAMES, **dict.fromkeys(categories, CATEGORIES)}
    return _master(c, "customers", companies, ["company", "code", "name", *categories], values)


def items(c: Choices, companies: Sequence[str], axes: Sequence[str]) -> dict[str, bytes]:
    categories = [f"category_{axis}" for axis in axes]
    values = {"name": NAMES, "family": FAMILIES, **dict.fromkeys(categories, CATEGORIES)}
    return _master(c, "items", companies, ["company", "code", "name", "family", *categories], values)


def sales_reps(c: Choices, companies: Sequence[str]) -> dict[str, bytes]:
    return _master(c, "sales_reps", companies, ["company", "code", "name"], {"name": NAMES})
