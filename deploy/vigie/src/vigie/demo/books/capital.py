"""What lasts: the loan and the bank's fees, depreciation and stock at the year's end, and last year's result."""

from datetime import date

from vigie.demo.books.chart import FIRST_BANK, LOAN, SECOND_BANK, STOCK
from vigie.demo.books.ledger import Ledger, Line
from vigie.demo.days import month_end, month_starts, working_from, working_until
from vigie.demo.dice import Dice
from vigie.demo.firm import Company

LOAN_AT_START = 118_000_00
_INTEREST_PER_MILLE_A_MONTH = 3


def post_banking(ledger: Ledger, company: Company, dice: Dice, start: date, as_of: date) -> None:
    """The loan's instalment on the fifth of each month, the banks' fees at its end."""
    owed = LOAN_AT_START
    for month in month_starts(start, as_of):
        day = working_from(month.replace(day=5))
        interest = owed * _INTEREST_PER_MILLE_A_MONTH // 1000
        paid = company.loan_repayment
        if day <= as_of:
            owed -= paid
            lines = (Line(LOAN, paid), Line("661100", interest), Line(FIRST_BANK, -paid - interest))
            ledger.post("BQ1", day, f"PRET{month:%y%m}", f"Échéance emprunt {month:%m/%Y}", lines)
        day = working_until(month_end(month))
        fees, overdraft = dice.between(38_00, 96_00), dice.between(12_00, 74_00)
        if day <= as_of:
            label = f"Commissions {month:%m/%Y}"
            ledger.post("BQ1", day, f"COM{month:%y%m}", label, (Line("627000", fees), Line(FIRST_BANK, -fees)))
            label = f"Agios et frais de tenue {month:%m/%Y}"
            agios = (Line("661600", overdraft), Line(SECOND_BANK, -overdraft))
            ledger.post("BQ2", day, f"AGIO{month:%y%m}", label, agios)


def post_year_ends(ledger: Ledger, company: Company, dice: Dice, start: date, as_of: date) -> None:
    """Depreciation, and what the stock gained or lost, on the last day of each year that ended by `as_of`."""
    for year in range(start.year, as_of.year + 1):
        end = date(year, 12, 31)
        gained = dice.between(-9_000_00, 14_000_00)
        if end > as_of:
            return
        wear = company.depreciation
        label = f"Dotation aux amortissements {year}"
        ledger.post("OD", end, f"AMO{year}", label, (Line("681120", wear), Line("281820", -wear)))
        label = f"Variation de stock {year}"
        ledger.post("OD", end, f"STK{year}", label, (Line(STOCK, gained), Line("603700", -gained)))
