"""All the books of a company, in the order in which one part needs the other."""

from datetime import date

from vigie.demo.books.capital import post_banking, post_year_ends
from vigie.demo.books.ledger import Ledger
from vigie.demo.books.opening import balances_at_start, post_settlements_of_before
from vigie.demo.books.purchases import post_purchases
from vigie.demo.books.sales import post_sales
from vigie.demo.books.staff import post_payroll
from vigie.demo.books.taxes import post_profit_tax, post_vat
from vigie.demo.books.treasury import post_petty_cash, post_takings, post_transfers
from vigie.demo.books.years import FiscalYear, cut_into_years
from vigie.demo.dice import Dice
from vigie.demo.documents import Sales
from vigie.demo.firm import Company, Firm


def keep_books(firm: Firm, company: Company, sales: Sales, *, seed: int, start: date, as_of: date) -> list[FiscalYear]:
    """The fiscal years of a company from `start` to `as_of`, made from its sales.

    Taxes follow all that is sold and bought, transfers between the banks follow all payments, and the first opening
    follows them all.
    """

    def dice(subject: str) -> Dice:
        return Dice(seed, f"{company.code} {subject}")

    ledger = Ledger()
    items = post_settlements_of_before(ledger, firm, company, dice("before"), start)
    post_sales(ledger, sales, dice("payments"), as_of)
    post_purchases(ledger, firm, company, sales, dice=dice("purchases"), start=start, as_of=as_of)
    post_payroll(ledger, company, start, as_of)
    post_banking(ledger, company, dice("banking"), start, as_of)
    post_petty_cash(ledger, dice("petty cash"), start, as_of)
    post_year_ends(ledger, company, dice("year ends"), start, as_of)
    post_vat(ledger, company, start, as_of)
    post_profit_tax(ledger, company, start, as_of)
    post_takings(ledger, as_of)
    post_transfers(ledger, company, start, as_of)
    balances = balances_at_start(ledger, company, items)
    return cut_into_years(ledger, company.code, balances, items, start=start, as_of=as_of)
