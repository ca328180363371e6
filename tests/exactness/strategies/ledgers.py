"""Movements of the books, and the `entries` table made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .calendars import Year
from .choices import Choices
from .generated import table
from .sales import CODES, STRANGER, amount

REVENUE = ("701000", "706000", "709000", "709500", "708100", "70")
CUSTOMERS = ("411000", "411100", "413000", "416000", "411C1")
SUPPLIERS = ("401000", "403000", "401100")
BANK = ("512000", "512100", "514000", "519000", "511000")
CASH = ("531000", "530000", "53")
TRANSFERS = ("580000",)
OTHERS = ("607000", "445710", "120000", "467000")

# An auxiliary account may bear the number of a general one.
PARTIES = (*CODES, "411000", "401100")
LABELS = ("Martin", "martin", "Éts Müller", "Zoé", "Crédit €", 'Dit "Le', "Œuvre \\")

# The accounts of both sides, debit first, and how often such a movement is drawn.
MOVEMENTS = (
    ((CUSTOMERS, REVENUE), 6),
    ((BANK, CUSTOMERS), 4),
    ((OTHERS, SUPPLIERS), 4),
    ((SUPPLIERS, BANK), 3),
    ((CASH, REVENUE), 3),
    ((TRANSFERS, BANK), 1),
    ((OTHERS, CASH), 1),
)
UNPAID = ((CUSTOMERS, REVENUE), (OTHERS, SUPPLIERS))
OPENINGS = ((CUSTOMERS, OTHERS), (OTHERS, SUPPLIERS), (BANK, OTHERS), (CASH, OTHERS))

ENTRY_COLUMNS = (
    "company",
    "journal",
    "entry_number",
    "entry_date",
    "account",
    "account_label",
    "third_party",
    "third_party_label",
    "label",
    "debit",
    "credit",
    "piece",
    "lettering",
    "kind",
)


@dataclass(frozen=True)
class Line:
    """One line of the books, before it is written as an entry or as a line of a FEC."""

    journal: str
    journal_label: str
    number: str
    day: date
    account: str
    account_label: str
    third_party: str
    third_party_label: str
    debit: Decimal
    credit: Decimal
    kind: str = "normal"


def _side(c: Choices, accounts: Sequence[str], labels: Sequence[str], parties: Sequence[str]) -> dict[str, str]:
    account = c.pick(accounts)
    has_party = account.startswith(("40", "41")) and c.chance(60, "third party: auxiliary account")
    if account.startswith(("40", "41")) and not has_party:
        c.corners.add("third party: the account itself")
    return {
        "account": account,
        "account_label": "" if c.chance(15, "label: none") else c.pick(labels),
        "third_party": c.pick(parties) if has_party else "",
        "third_party_label": c.pick(labels) if has_party and not c.chance(15, "label: none") else "",
    }


def movement(
    c: Choices, day: date, number: str, sides: tuple[Sequence[str], Sequence[str]], readable: str = "utf-8"
) -> list[Line]:
    """Two lines that balance, mostly; all their texts can be written in the encoding `readable`."""
    labels, parties = ([text for text in of if _fits(text, readable)] for of in (LABELS, PARTIES))
    value = Decimal(amount(c))
    if c.chance(6, "entry: negative amount"):
        value = -value
    first, second = (_side(c, accounts, labels, parties) for accounts in sides)
    if c.chance(20, "entry: the other way round"):
        first, second = second, first
    lines = [
        Line("OD", "Journal", number, day, debit=value, credit=Decimal(0), **first),
        Line("OD", "Journal", number, day, debit=Decimal(0), credit=value, **second),
    ]
    if c.chance(5, "entry: unbalanced"):
        lines[1] = replace(lines[1], credit=value + Decimal(c.pick(["0.01", "-1.5", "0.004"])))
    return lines


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _kind(c: Choices, lines: list[Line], as_of: date, years: Sequence[Year]) -> list[Line]:
    """Now and then an opening or a closing, in its place or out of it."""
    if not c.chance(25):
        return lines
    kind = c.named(
        "kind",
        [("opening", 5), ("closing", 3), ("OPENING", 1), ("Closing", 1), ("", 2)],
    )
    day = lines[0].day
    if kind.lower() == "opening" and years and c.chance(65, "opening: on the first day of a year"):
        day = c.pick(list(reversed(years))).start
    elif kind.lower() == "opening":
        c.corners.add("opening: on another day")
        if not any(year.start <= day <= year.end for year in years):
            c.corners.add("opening: outside the declared years")
        elif day > as_of:
            c.corners.add("opening: after the system date")
    return [replace(line, kind=kind, day=day) for line in lines]


def entries(c: Choices, years: dict[str, list[Year]], days: Sequence[date], as_of: date) -> dict[str, bytes]:
    rows: list[dict[str, str]] = []
    for company, own in years.items():
        if c.chance(8, "entries: a company without rows"):
            continue
        numbered = not c.chance(12, "entry: number 0 for all")
        # Enough third parties at times that outstanding is longer than what it shows.
        busy = c.chance(30, "entries: many rows")
        for number in range(c.number(14, 20) if busy else c.number(0, 10)):
            sides = c.pick(UNPAID) if busy else c.weighted(MOVEMENTS)
            lines = movement(c, c.pick(days), str(number) if numbered else "0", sides)
            lines = _kind(c, lines, as_of, own)
            if lines[0].kind.lower() == "opening":
                c.corners.add("entries: with an opening")
            rows += [_row(c, company, line) for line in lines]
        if own and c.chance(20, "opening: a day before the year's first"):
            day = own[-1].start - timedelta(days=1)
            lines = movement(c, day, "99", c.pick(OPENINGS))
            rows += [_row(c, company, replace(line, kind="opening")) for line in lines]
    return table(c, "entries", ENTRY_COLUMNS, rows)


def _row(c: Choices, company: str, line: Line) -> dict[str, str]:
    row = {
        "company": company,
        "journal": line.journal,
        "entry_number": line.number,
        "entry_date": line.day.isoformat(),
        "account": line.account,
        "account_label": line.account_label,
        "third_party": line.third_party,
        "third_party_label": line.third_party_label,
        "label": "",
        "debit": str(line.debit),
        "credit": str(line.credit),
        "piece": "",
        "lettering": "",
        "kind": line.kind,
    }
    if not c.chance(2):
        return row
    column, value = c.pick(
        [("entry_date", ""), ("entry_date", "2023-02-29"), ("debit", "1,00"), ("credit", "x"), ("company", STRANGER)]
    )
    c.corners.add(f"bad entry: {column}")
    return row | {column: value}


def cash_accounts(c: Choices, companies: Sequence[str]) -> dict[str, bytes]:
    rows = []
    for company in companies:
        for account in (*CASH, "512000", "467000"):
            undeclared, what = (4, "cash account") if account in CASH else (10, "no 53 account")
            declared = c.weighted([("", undeclared), ("true", 3), ("false", 2)])
            if declared:
                c.corners.add(f"{what}: {declared}")
                rows.append({"company": company, "account": account, "cash_account": declared})
    if c.chance(5, "cash_accounts: of an unknown company"):
        rows.append({"company": STRANGER, "account": "531000", "cash_account": "true"})
    return table(c, "cash_accounts", ("company", "account", "cash_account"), rows)
