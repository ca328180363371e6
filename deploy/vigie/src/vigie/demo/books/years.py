"""The ledger cut into fiscal years: opening entries, the numbers of the entries, and what was lettered in a year."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from vigie.demo.books.chart import EARNINGS_KEPT, JOURNALS, LOSS, PROFIT
from vigie.demo.books.ledger import Entry, Ledger, Line
from vigie.demo.books.opening import Carried

_JOURNAL_RANK = {journal: rank for rank, journal in enumerate(JOURNALS)}


class NumberedLine(NamedTuple):
    """A line of a fiscal year's books. `amount` in cents, debit positive; `lettering` with the day it was complete."""

    journal: str
    number: str
    day: date
    account: str
    third: str
    piece: str
    label: str
    amount: int
    lettering: str
    lettered: date | None


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A calendar year's books, up to the system date when that is earlier: lines by day and journal."""

    company: str
    start: date
    end: date
    lines: tuple[NumberedLine, ...]


def cut_into_years(
    ledger: Ledger, company: str, balances: dict[str, int], items: list[Carried], *, start: date, as_of: date
) -> list[FiscalYear]:
    """The fiscal years of a company, each opened with the closing balances of the one before.

    The result of a year opens the next one on account 120 or 129; accounts 6 and 7 are not opened. At the end of June
    the meeting carries it forward.
    """
    by_year: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        by_year[entry.day.year].append(entry)
    years = []
    for year in range(start.year, as_of.year + 1):
        first, last = date(year, 1, 1), date(year, 12, 31)
        entries = sorted(
            chain(by_year[year], _allocation(balances, date(year, 6, 30), as_of)),
            key=lambda entry: (entry.day, _JOURNAL_RANK[entry.journal], entry.piece),
        )
        lettering = _Lettering(ledger, last)
        numbered = [
            lettering.line("AN000001", entry, line)
            for entry in _opening(balances, items, first)
            for line in entry.lines
            if line.amount
        ]
        counts: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            counts[entry.journal] += 1
            number = f"{entry.journal}{counts[entry.journal]:06d}"
            numbered += [lettering.line(number, entry, line) for line in entry.lines]
        years.append(FiscalYear(company, first, last, tuple(numbered)))
        items = _open_items(ledger, items, entries, last)
        balances = _closing_balances(balances, entries)
    return years


class _Lettering:
    """The letters of the settlements that were complete within a year, a series for each third party's account."""

    def __init__(self, ledger: Ledger, last: date) -> None:
        self._ledger = ledger
        self._last = last
        self._letters: dict[int, str] = {}
        self._given: defaultdict[tuple[str, str], int] = defaultdict(int)

    def line(self, number: str, entry: Entry, line: Line) -> NumberedLine:
        letter, lettered = "", None
        if self._ledger.settled_by(line.settlement, self._last):
            letter = self._letters.get(line.settlement, "")
            lettered = self._ledger.settled_on(line.settlement)
            if not letter:
                letter = _letters(self._given[line.account, line.third])
                self._given[line.account, line.third] += 1
                self._letters[line.settlement] = letter
        return NumberedLine(
            journal=entry.journal,
            number=number,
            day=entry.day,
            account=line.account,
            third=line.third,
            piece=entry.piece,
            label=entry.label,
            amount=line.amount,
            lettering=letter,
            lettered=lettered,
        )


def _opening(balances: dict[str, int], items: Iterable[Carried], first: date) -> Iterator[Entry]:
    """The parts of the one opening entry: balances by account, and each open item with the document it comes from."""
    for account, amount in sorted(balances.items()):
        yield Entry("AN", first, "AN", "Report à nouveau", (Line(account, amount),))
    for item in items:
        yield Entry("AN", first, item.piece, f"Report {item.piece} du {item.day:%d/%m/%Y}", (item.line,))


def _letters(n: int) -> str:
    """AAA, AAB, ... as accountants letter."""
    return "".join(chr(ord("A") + n // 26**power % 26) for power in (2, 1, 0))


def _allocation(balances: dict[str, int], day: date, as_of: date) -> Iterable[Entry]:
    """The meeting's decision on last year's result: kept with the earnings of before, or taken from them."""
    for account in (PROFIT, LOSS):
        result = balances.get(account, 0)
        if result and day <= as_of:
            lines = (Line(account, -result), Line(EARNINGS_KEPT, result))
            yield Entry("OD", day, f"AGO{day.year}", f"Affectation du résultat {day.year - 1}", lines)


def _open_items(ledger: Ledger, items: list[Carried], entries: Iterable[Entry], last: date) -> list[Carried]:
    """The items of third parties that no settlement up to the year's end closed, oldest first."""
    mine = [Carried(line, entry.piece, entry.day) for entry in entries for line in entry.lines if line.third]
    return [item for item in (*items, *mine) if not ledger.settled_by(item.line.settlement, last)]


def _closing_balances(balances: dict[str, int], entries: Iterable[Entry]) -> dict[str, int]:
    """The balances that open the next year: accounts without third parties, and the result for classes 6 and 7."""
    closing = defaultdict(int, balances)
    result = 0
    for entry in entries:
        for line in entry.lines:
            if line.account[0] in "67":
                result += line.amount
            elif not line.third:
                closing[line.account] += line.amount
    closing[PROFIT if result < 0 else LOSS] += result
    return {account: amount for account, amount in closing.items() if amount}
