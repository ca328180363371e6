"""Sales in the books: invoices, credit notes, and the customers' payments, on time, late or never."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vigie.demo.books.chart import (
    BILLS_RECEIVABLE,
    COLLECTED_VAT,
    CUSTOMERS,
    DOUBTFUL_CUSTOMERS,
    FIRST_BANK,
    REBATES,
    SALES,
    TILL,
)
from vigie.demo.books.ledger import NOT_SETTLED, Ledger, Line
from vigie.demo.days import later, next_working, working_from
from vigie.demo.dice import Dice
from vigie.demo.documents import Sales
from vigie.demo.firm import Customer, Habit
from vigie.demo.invoicing import CreditNote
from vigie.demo.orders import OrderLine

_DAYS_LATE = {Habit.PUNCTUAL: (0, 3), Habit.SLOW: (8, 30), Habit.BAD: (45, 140)}
_DAYS_UNTIL_BILL = 6
_UNPAID_BEFORE_INSOLVENCY = 3  # payments


@dataclass(frozen=True, slots=True)
class Receivable:
    """What a customer owes on a document: cents with tax; negative for a credit note."""

    number: str
    day: date
    customer: Customer
    amount: int
    credits: tuple[Line, ...]


def insolvency_day(as_of: date) -> date:
    """When the insolvent customers, who stopped paying months before, are put into receivership."""
    return working_from(later(as_of, -180))


def post_sales(ledger: Ledger, sales: Sales, dice: Dice, as_of: date) -> None:
    """The invoices and credit notes of a company, and what its customers paid on them up to `as_of`."""
    notes: defaultdict[str, list[CreditNote]] = defaultdict(list)
    for note in sales.credit_notes:
        notes[note.invoice.number].append(note)
    together: defaultdict[tuple[date, str], list[Receivable]] = defaultdict(list)
    for invoice in sales.invoices:
        owed = _receivable(invoice.number, invoice.day, invoice.customer, invoice.lines, rebate=False)
        if invoice.at_counter:
            _post_counter(ledger, owed, dice, as_of)
            continue
        day = working_from(later(invoice.due, dice.between(*_DAYS_LATE[invoice.customer.habit])))
        together[day, invoice.customer.code].append(owed)
        for note in notes[invoice.number]:
            credit = _receivable(note.number, note.day, invoice.customer, note.lines, rebate=note.rebate)
            if note.day <= day:
                together[day, invoice.customer.code].append(credit)
            else:
                _post_refund(ledger, credit, as_of)
    insolvents: defaultdict[str, list[tuple[date, list[Receivable]]]] = defaultdict(list)
    for (day, code), documents in sorted(together.items(), key=lambda group: group[0]):
        customer = documents[0].customer
        if customer.insolvent:
            insolvents[code].append((day, documents))
        elif customer.pays_by_bill:
            _post_bill(ledger, day, customer, documents, as_of)
        else:
            _post_payment(ledger, day, customer, documents, as_of)
    for payments in insolvents.values():
        for day, documents in payments[:-_UNPAID_BEFORE_INSOLVENCY]:
            _post_payment(ledger, day, documents[0].customer, documents, as_of)
        unpaid = [owed for _, documents in payments[-_UNPAID_BEFORE_INSOLVENCY:] for owed in documents]
        _post_insolvency(ledger, unpaid, as_of)


def _receivable(number: str, day: date, customer: Customer, lines: Iterable[OrderLine], *, rebate: bool) -> Receivable:
    """The debt a document makes, with its revenue by account and its tax by rate, rounded once a rate."""
    revenue: defaultdict[str, int] = defaultdict(int)
    bases: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        revenue[REBATES[line.item.vat] if rebate else SALES[line.item.family]] -= line.net
        bases[line.item.vat] += line.net
    taxes = {rate: _rounded_tax(base, rate) for rate, base in bases.items()}
    return Receivable(
        number=number,
        day=day,
        customer=customer,
        amount=sum(bases.values()) + sum(taxes.values()),
        credits=(
            *(Line(account, amount) for account, amount in sorted(revenue.items())),
            *(Line(COLLECTED_VAT[rate], -tax) for rate, tax in sorted(taxes.items())),
        ),
    )


def _rounded_tax(base: int, rate: int) -> int:
    """Tax in cents on a base in cents, half away from zero; the rate in thousandths."""
    tax = (abs(base) * rate + 500) // 1000
    return tax if base >= 0 else -tax


def _post_document(ledger: Ledger, owed: Receivable, settlement: int) -> None:
    kind = "Facture" if owed.amount >= 0 else "Avoir"
    debt = Line(CUSTOMERS, owed.amount, owed.customer.code, settlement)
    ledger.post("VE", owed.day, owed.number, f"{kind} {owed.number} {owed.customer.name}", (debt, *owed.credits))


def _post_counter(ledger: Ledger, owed: Receivable, dice: Dice, as_of: date) -> None:
    """Paid on the spot: in cash into the till, or by card, which the bank pays out on the next working day."""
    in_cash = dice.chance(45)
    day = owed.day if in_cash else next_working(owed.day)
    settlement = ledger.settlement(day) if day <= as_of else NOT_SETTLED
    _post_document(ledger, owed, settlement)
    if day <= as_of:
        journal, account = ("CA", TILL) if in_cash else ("BQ1", FIRST_BANK)
        label = f"{'Espèces' if in_cash else 'Carte'} {owed.number} {owed.customer.name}"
        paid = Line(CUSTOMERS, -owed.amount, owed.customer.code, settlement)
        ledger.post(journal, day, owed.number, label, (Line(account, owed.amount), paid))


def _post_refund(ledger: Ledger, credit: Receivable, as_of: date) -> None:
    """A credit note on an invoice that is paid already: sent back ten days later, but to those who departed."""
    day = working_from(later(credit.day, 10))
    if credit.customer.departed or day > as_of:
        _post_document(ledger, credit, NOT_SETTLED)
        return
    settlement = ledger.settlement(day)
    _post_document(ledger, credit, settlement)
    back = Line(CUSTOMERS, -credit.amount, credit.customer.code, settlement)
    label = f"Remboursement {credit.number} {credit.customer.name}"
    ledger.post("BQ1", day, credit.number, label, (back, Line(FIRST_BANK, credit.amount)))


def _post_payment(ledger: Ledger, day: date, customer: Customer, documents: list[Receivable], as_of: date) -> None:
    """One transfer for all that a customer pays on a day."""
    settlement = ledger.settlement(day) if day <= as_of else NOT_SETTLED
    for owed in documents:
        _post_document(ledger, owed, settlement)
    if day <= as_of:
        total = sum(owed.amount for owed in documents)
        paid = Line(CUSTOMERS, -total, customer.code, settlement)
        label = f"Virement reçu {customer.name}"
        ledger.post("BQ1", day, f"VR{day:%y%m%d}-{customer.code}", label, (Line(FIRST_BANK, total), paid))


def _post_bill(ledger: Ledger, day: date, customer: Customer, documents: list[Receivable], as_of: date) -> None:
    """A bill of exchange: accepted some days after the last invoice, held until it is due, then paid to the bank."""
    accepted = working_from(later(max(owed.day for owed in documents), _DAYS_UNTIL_BILL))
    if accepted >= day:
        _post_payment(ledger, day, customer, documents, as_of)
        return
    settlement = ledger.settlement(accepted) if accepted <= as_of else NOT_SETTLED
    for owed in documents:
        _post_document(ledger, owed, settlement)
    if accepted > as_of:
        return
    total = sum(owed.amount for owed in documents)
    piece = f"LC{day:%y%m%d}-{customer.code}"
    paid = ledger.settlement(day) if day <= as_of else NOT_SETTLED
    held = Line(BILLS_RECEIVABLE, total, customer.code, paid)
    exchanged = Line(CUSTOMERS, -total, customer.code, settlement)
    ledger.post("OD", accepted, piece, f"Lettre de change {customer.name}", (held, exchanged))
    if day <= as_of:
        cashed = Line(BILLS_RECEIVABLE, -total, customer.code, paid)
        ledger.post("BQ1", day, piece, f"Effet encaissé {customer.name}", (Line(FIRST_BANK, total), cashed))


def _post_insolvency(ledger: Ledger, documents: list[Receivable], as_of: date) -> None:
    """Receivership: the debt becomes doubtful, and half of it, without tax at the full rate, is written down."""
    day = insolvency_day(as_of)
    settlement = ledger.settlement(day)
    for owed in documents:
        _post_document(ledger, owed, settlement)
    total = sum(owed.amount for owed in documents)
    code, name = documents[0].customer.code, documents[0].customer.name
    transferred = (Line(DOUBTFUL_CUSTOMERS, total, code), Line(CUSTOMERS, -total, code, settlement))
    piece = f"RJ-{code}"
    ledger.post("OD", day, piece, f"Redressement judiciaire {name}", transferred)
    loss = total * 5 // 12
    label = f"Dépréciation créance {name}"
    ledger.post("OD", day, piece, label, (Line("681740", loss), Line("491000", -loss)))
