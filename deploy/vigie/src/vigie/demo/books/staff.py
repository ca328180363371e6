"""The staff in the books: pay at the end of each month, contributions and withheld tax on the fifteenth after it."""

from datetime import date

from vigie.demo.books.chart import PENSIONS, SECOND_BANK, SOCIAL_SECURITY, STAFF, WITHHELD_TAX
from vigie.demo.books.ledger import Ledger, Line
from vigie.demo.days import month_end, month_starts, next_month, working_from, working_until
from vigie.demo.firm import Company

_DUES = (SOCIAL_SECURITY, PENSIONS, WITHHELD_TAX)


def dues_on(gross: int) -> dict[str, int]:
    """What the firm owes on a month's gross pay, its own share and what it keeps back from the staff; cents."""
    return {
        SOCIAL_SECURITY: gross * 131 // 1000 + gross * 262 // 1000,
        PENSIONS: gross * 88 // 1000 + gross * 118 // 1000,
        WITHHELD_TAX: gross * 42 // 1000,
    }


def post_payroll(ledger: Ledger, company: Company, start: date, as_of: date) -> None:
    """Pay of each month that ended by `as_of`, 1.8 percent more each year, a bonus in December."""
    _pay_dues(ledger, start, dues_on(company.gross_pay), as_of)
    for month in month_starts(start, as_of):
        day = working_until(month_end(month))
        if day > as_of:
            break
        gross = company.gross_pay * (1000 + 18 * (month.year - start.year)) // 1000
        if month.month == 12:
            gross = gross * 135 // 100
        dues = dues_on(gross)
        kept_back = gross * 131 // 1000 + gross * 88 // 1000 + dues[WITHHELD_TAX]
        piece = f"PAIE{month:%y%m}"
        lines = (
            Line("641100", gross),
            Line("645100", gross * 262 // 1000),
            Line("645300", gross * 118 // 1000),
            Line(STAFF, kept_back - gross),
            *(Line(account, -dues[account]) for account in _DUES),
        )
        ledger.post("PA", day, piece, f"Salaires {month:%m/%Y}", lines)
        net = gross - kept_back
        ledger.post("BQ2", day, piece, f"Virement salaires {month:%m/%Y}", (Line(STAFF, net), Line(SECOND_BANK, -net)))
        _pay_dues(ledger, next_month(month), dues, as_of)


def _pay_dues(ledger: Ledger, month: date, dues: dict[str, int], as_of: date) -> None:
    day = working_from(month.replace(day=15))
    if day <= as_of:
        names = {SOCIAL_SECURITY: "URSSAF", PENSIONS: "Caisse de retraite", WITHHELD_TAX: "Prélèvement à la source"}
        for account in _DUES:
            lines = (Line(account, dues[account]), Line(SECOND_BANK, -dues[account]))
            ledger.post("BQ2", day, f"PRLV{day:%y%m%d}", f"Prélèvement {names[account]}", lines)
