"""What the firm owned and owed before the first year of its books."""

from datetime import date
from typing import NamedTuple

from vigie.demo.books.capital import LOAN_AT_START
from vigie.demo.books.chart import (
    CUSTOMERS,
    EARNINGS_KEPT,
    FIRST_BANK,
    LOAN,
    LOSSES_KEPT,
    PETTY_CASH,
    PROFIT,
    SECOND_BANK,
    STOCK,
    SUPPLIERS,
    TILL,
    VAT_DUE,
)
from vigie.demo.books.ledger import Ledger, Line
from vigie.demo.books.purchases import SUPPLIER_NAMES
from vigie.demo.books.staff import dues_on
from vigie.demo.books.taxes import vat_due_at_start
from vigie.demo.books.treasury import (
    PETTY_CASH_AT_START,
    SECOND_BANK_AT_START,
    TILL_AT_START,
    first_bank_at_start,
)
from vigie.demo.days import later, working_from
from vigie.demo.dice import Dice
from vigie.demo.firm import Company, Firm


class Carried(NamedTuple):
    """An item that a year takes over from the one before: its line, and the document it comes from."""

    line: Line
    piece: str
    day: date


def post_settlements_of_before(ledger: Ledger, firm: Firm, company: Company, dice: Dice, start: date) -> list[Carried]:
    """What customers owed and suppliers were owed at the start, and its payment within the first ten weeks."""
    items = []
    for n, customer in enumerate(firm.customers_of(company)):
        if n % 2 == 0:
            amount = customer.weight * dice.between(120_00, 260_00)
            issued, paid = later(start, -dice.between(5, 40)), working_from(later(start, dice.between(4, 70)))
            settlement = ledger.settlement(paid)
            piece = f"FA{issued.year % 100:02d}9{n:04d}"
            items.append(Carried(Line(CUSTOMERS, amount, customer.code, settlement), piece, issued))
            lines = (Line(FIRST_BANK, amount), Line(CUSTOMERS, -amount, customer.code, settlement))
            label = f"Virement reçu {customer.name}"
            ledger.post("BQ1", paid, f"VR{paid:%y%m%d}-{customer.code}", label, lines)
    for supplier, name in SUPPLIER_NAMES.items():
        amount = dice.between(1_150_00, 6_400_00)
        issued, paid = later(start, -dice.between(5, 40)), working_from(later(start, dice.between(4, 50)))
        settlement = ledger.settlement(paid)
        piece = f"{issued:%y%m}-{dice.between(1000, 9999)}"
        items.append(Carried(Line(SUPPLIERS, -amount, supplier, settlement), piece, issued))
        lines = (Line(SUPPLIERS, amount, supplier, settlement), Line(FIRST_BANK, -amount))
        ledger.post("BQ1", paid, f"VF{paid:%y%m%d}-{supplier}", f"Virement émis {name}", lines)
    return items


def balances_at_start(ledger: Ledger, company: Company, items: list[Carried]) -> dict[str, int]:
    """The balances of the accounts without third parties at the start, in cents; with `items` they come to zero."""
    dues = dues_on(company.gross_pay)
    balances = {
        "101300": -150_000_00,
        "106100": -15_000_00,
        PROFIT: -company.gross_pay * 8 // 10,
        "218200": company.depreciation * 8,
        "281820": -company.depreciation * 3,
        LOAN: -LOAN_AT_START,
        STOCK: company.gross_pay * 9,
        **{account: -amount for account, amount in dues.items()},
        VAT_DUE: -vat_due_at_start(company),
        FIRST_BANK: first_bank_at_start(ledger),
        SECOND_BANK: SECOND_BANK_AT_START,
        TILL: TILL_AT_START,
        PETTY_CASH: PETTY_CASH_AT_START,
    }
    rest = -sum(balances.values()) - sum(item.line.amount for item in items)
    balances[EARNINGS_KEPT if rest < 0 else LOSSES_KEPT] = rest
    return balances
