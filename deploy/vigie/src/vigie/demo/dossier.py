"""The demonstration as a whole: the firm, its sales and its books at a date."""

from dataclasses import dataclass
from datetime import date

from vigie.demo.books.accounts import keep_books
from vigie.demo.books.years import FiscalYear
from vigie.demo.documents import Sales, sell
from vigie.demo.firm import Company, Firm, found


@dataclass(frozen=True, slots=True)
class Trade:
    """What one company sold, and its books of it."""

    company: Company
    sales: Sales
    years: tuple[FiscalYear, ...]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Two whole calendar years and the one of `as_of`, after which nothing is dated but what is due."""

    as_of: date
    start: date
    firm: Firm
    trades: tuple[Trade, ...]


def imagine(seed: int, as_of: date) -> Demonstration:
    """The demonstration of a seed, as it stands on `as_of`: the same for the same arguments."""
    firm = found(seed)
    start = date(as_of.year - 2, 1, 1)
    trades = []
    for company in firm.companies:
        sales = sell(firm, company, seed, start, as_of)
        years = keep_books(firm, company, sales, seed=seed, start=start, as_of=as_of)
        trades.append(Trade(company, sales, tuple(years)))
    return Demonstration(as_of, start, firm, tuple(trades))
