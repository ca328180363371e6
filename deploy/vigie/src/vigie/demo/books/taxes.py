"""What goes to the state: VAT each month, the tax on profits each year."""

from collections import defaultdict
from datetime import date

from vigie.demo.books.chart import (
    COLLECTED_VAT,
    DEDUCTIBLE_VAT,
    FIRST_BANK,
    PROFIT_TAX,
    VAT_CREDIT,
    VAT_DUE,
)
from vigie.demo.books.ledger import Ledger, Line
from vigie.demo.days import month_end, month_starts, next_month, working_from
from vigie.demo.firm import Company

_DAY_OF_VAT = 24
_PROFIT_TAX_PERCENT = 25


def vat_due_at_start(company: Company) -> int:
    """The VAT of the December before the first year, in cents of whole euros."""
    return company.gross_pay * 42 // 10_000 * 100


def post_vat(ledger: Ledger, company: Company, start: date, as_of: date) -> None:
    """The declaration of each month that ended by `as_of`, in whole euros, and its payment on the 24th after it."""
    _pay(ledger, start, vat_due_at_start(company), as_of)
    accounts = (*COLLECTED_VAT.values(), DEDUCTIBLE_VAT)
    turnover: defaultdict[tuple[date, str], int] = defaultdict(int)
    for entry in ledger.entries:
        for line in entry.lines:
            if line.account in accounts:
                turnover[entry.day.replace(day=1), line.account] += line.amount
    credit = 0
    for month in month_starts(start, as_of):
        day = month_end(month)
        if day > as_of:
            return
        exact = credit + sum(turnover[month, account] for account in accounts)
        euros = (abs(exact) + 50) // 100 * 100 * (1 if exact > 0 else -1)
        rounding = euros - exact
        lines = (
            *(Line(account, -turnover[month, account]) for account in accounts),
            Line(VAT_CREDIT, -credit),
            Line(VAT_DUE if euros < 0 else VAT_CREDIT, euros),
            Line("658000" if rounding < 0 else "758000", -rounding),
        )
        ledger.post("OD", day, f"TVA{month:%y%m}", f"Déclaration de TVA {month:%m/%Y}", lines)
        credit = max(euros, 0)
        _pay(ledger, next_month(month), max(-euros, 0), as_of)


def _pay(ledger: Ledger, month: date, amount: int, as_of: date) -> None:
    day = working_from(month.replace(day=_DAY_OF_VAT))
    if day <= as_of:
        lines = (Line(VAT_DUE, amount), Line(FIRST_BANK, -amount))
        ledger.post("BQ1", day, f"PRLV{day:%y%m%d}", "Prélèvement TVA", lines)


def post_profit_tax(ledger: Ledger, company: Company, start: date, as_of: date) -> None:
    """A quarter of last year's tax each quarter, the tax itself at the year's end, the balance on the 15th of May."""
    results: defaultdict[int, int] = defaultdict(int)
    for entry in ledger.entries:
        for line in entry.lines:
            if line.account[0] in "67":
                results[entry.day.year] -= line.amount
    tax_before = company.gross_pay * 9 // 10_000 * 4 * 100
    balance = 0
    for year in range(start.year, as_of.year + 1):
        instalment = tax_before // 400 * 100
        for month in (3, 6, 9, 12):
            _move(ledger, working_from(date(year, month, 15)), instalment, f"Acompte IS {month:02d}/{year}", as_of)
        _move(ledger, working_from(date(year, 5, 15)), balance, f"Solde IS {year - 1}", as_of)
        end = date(year, 12, 31)
        if end > as_of:
            return
        tax = max(results[year], 0) * _PROFIT_TAX_PERCENT // 10_000 * 100
        lines = (Line("695000", tax), Line(PROFIT_TAX, -tax))
        ledger.post("OD", end, f"IS{year}", f"Impôt sur les bénéfices {year}", lines)
        balance = tax - 4 * instalment
        tax_before = tax


def _move(ledger: Ledger, day: date, amount: int, label: str, as_of: date) -> None:
    """A payment to the state, or, when negative, what it pays back."""
    if day <= as_of:
        ledger.post("BQ1", day, f"IS{day:%y%m%d}", label, (Line(PROFIT_TAX, amount), Line(FIRST_BANK, -amount)))
