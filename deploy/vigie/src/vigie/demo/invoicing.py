"""What is invoiced, when, and until when it may be paid: deliveries, contracts, the counter; and what is credited."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from vigie.demo.days import each_day, is_holiday, later, month_end, month_starts, working_from
from vigie.demo.dice import Dice
from vigie.demo.firm import Billing, Company, Customer, Firm
from vigie.demo.orders import OrderLine, price

_CASH_LIMIT = 800_00  # between professionals the law forbids cash from 1,000 euros, tax included


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that left: `lines` with their net amounts in cents; `billed`: the day of its invoice, maybe to come."""

    number: str
    day: date
    customer: Customer
    lines: tuple[OrderLine, ...]
    billed: date


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice without a number yet."""

    day: date
    customer: Customer
    lines: tuple[OrderLine, ...]
    at_counter: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """`at_counter`: paid on the spot."""

    number: str
    day: date
    due: date
    customer: Customer
    lines: tuple[OrderLine, ...]
    at_counter: bool


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What is given back on one invoice: goods returned, or a `rebate` on them. Amounts are negative cents."""

    number: str
    day: date
    invoice: Invoice
    lines: tuple[OrderLine, ...]
    rebate: bool


def billing_day(dice: Dice, ordinal: int, day: date, customer: Customer) -> date:
    """When a delivery is invoiced; one in twenty waits for weeks, for want of an agreement on it."""
    if ordinal % 20 == 17 and not (customer.insolvent or customer.departed):
        return working_from(later(day, dice.between(40, 95)))
    if customer.billing is Billing.EACH_DELIVERY:
        return working_from(later(day, dice.between(1, 3)))
    if customer.billing is Billing.FORTNIGHT and day.day <= 15:
        return day.replace(day=15)
    return month_end(day)


def due_day(day: date, customer: Customer) -> date:
    """The day until which an invoice may be paid, by the customer's terms."""
    due = later(day, customer.terms.days)
    return month_end(due) if customer.terms.end_of_month else due


def drafts_of_deliveries(deliveries: Iterable[Delivery], as_of: date) -> Iterator[Draft]:
    """One invoice for all that a customer has to be invoiced on a day."""
    together: defaultdict[tuple[date, str], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.billed <= as_of:
            together[delivery.billed, delivery.customer.code].append(delivery)
    for (day, _), billed in together.items():
        yield Draft(day, billed[0].customer, tuple(line for one in billed for line in one.lines), at_counter=False)


def drafts_of_contracts(firm: Firm, company: Company, dice: Dice, start: date, as_of: date) -> Iterator[Draft]:
    """The fixed supplies, invoiced on the first of each month, whatever day that is.

    They touch every category, family and representative: even on the first of January there is something to rank.
    """
    items = [[item for item in firm.items if item.family == family] for family in _families(firm)]
    contracts = [customer for customer in firm.customers_of(company) if customer.contract]
    supplies = []
    for n, customer in enumerate(contracts):
        chosen = (dice.pick(items[n % 12]), dice.pick(items[(n + 5) % 12]))
        supplies.append((customer, [(item, item.sizes[1 + n % 3]) for item in chosen]))
    for day in month_starts(start, as_of):
        for customer, supply in supplies:
            lines = []
            for item, usual in supply:
                quantity = max(1, usual * company.season[day.month - 1] // 100)
                lines.append(OrderLine(item, quantity, price(item, quantity, customer.discount_percent)))
            yield Draft(day, customer, tuple(lines), at_counter=False)


def _families(firm: Firm) -> list[str]:
    return list(dict.fromkeys(item.family for item in firm.items))


def drafts_of_the_counter(firm: Firm, company: Company, dice: Dice, start: date, as_of: date) -> Iterator[Draft]:
    """Small customers who come and take what they lack, Mondays to Saturdays."""
    small = [c for c in firm.customers_of(company) if c.size == "Petit compte" and not (c.insolvent or c.departed)]
    for day in each_day(start, as_of):
        if day.weekday() == 6 or is_holiday(day):
            continue
        for _ in range(dice.rounded(company.counter_percent * company.season[day.month - 1], 10_000)):
            customer = dice.pick(small)
            lines: list[OrderLine] = []
            for _ in range(dice.between(1, 2)):
                item = dice.pick(firm.items)
                quantity = dice.between(1, 4)
                line = OrderLine(item, quantity, price(item, quantity, customer.discount_percent))
                if sum(other.net for other in lines) + line.net <= _CASH_LIMIT:
                    lines.append(line)
            if lines:
                yield Draft(day, customer, tuple(lines), at_counter=True)


def credits_on(invoices: Sequence[Invoice], dice: Dice, as_of: date) -> list[CreditNote]:
    """The credit notes, by day and not numbered yet: on one invoice in eighteen, and the last one of who departed."""
    notes = []
    last_of_departed: dict[str, Invoice] = {}
    for ordinal, invoice in enumerate(invoice for invoice in invoices if not invoice.at_counter):
        if invoice.customer.departed:
            last_of_departed[invoice.customer.code] = invoice
        elif ordinal % 18 == 9 and not invoice.customer.insolvent:
            day = working_from(later(invoice.day, dice.between(4, 20)))
            if day <= as_of:
                notes.append(_credit(invoice, day, dice.pick(invoice.lines), rebate=ordinal % 36 == 9))
    for invoice in last_of_departed.values():
        day = working_from(later(as_of, -25))
        notes.append(_credit(invoice, day, max(invoice.lines, key=lambda line: line.net), rebate=False))
    return sorted(notes, key=lambda note: (note.day, note.invoice.number))


def _credit(invoice: Invoice, day: date, line: OrderLine, *, rebate: bool) -> CreditNote:
    """A tenth of the line as a rebate, or the return of about a third of it; one unit at least."""
    if rebate:
        quantity, net = 1, max(1, line.net // 10)
    else:
        quantity = max(1, line.quantity // 3)
        net = line.net * quantity // line.quantity
    return CreditNote("", day, invoice, (OrderLine(line.item, -quantity, -net),), rebate)
