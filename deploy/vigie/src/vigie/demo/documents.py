"""The sales documents of a company, numbered by date: quotes, orders, deliveries, invoices and credit notes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from vigie.demo.days import later
from vigie.demo.dice import Dice
from vigie.demo.firm import Company, Customer, Firm
from vigie.demo.invoicing import (
    CreditNote,
    Delivery,
    Invoice,
    billing_day,
    credits_on,
    drafts_of_contracts,
    drafts_of_deliveries,
    drafts_of_the_counter,
    due_day,
)
from vigie.demo.orders import Order, OrderLine, take_orders

_DAYS_A_QUOTE_HOLDS = 30


class SalesLine(NamedTuple):
    """A row of `sales_lines`; amounts are cents."""

    company: str
    kind: str
    document: str
    line: int
    day: date
    due: date
    customer: Customer
    item: str
    quantity: int
    net: int
    open: int


@dataclass(frozen=True, slots=True)
class Sales:
    """All that a company sold: the rows, by kind and date, and the documents that its books are made from."""

    lines: tuple[SalesLine, ...]
    invoices: tuple[Invoice, ...]
    credit_notes: tuple[CreditNote, ...]


class _Numbers:
    """The numbers of one kind of document: prefix, year, and a count that starts again each year."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given: defaultdict[int, int] = defaultdict(int)

    def next(self, day: date) -> str:
        self._given[day.year] += 1
        return f"{self._prefix}{day.year % 100:02d}{self._given[day.year]:05d}"


def sell(firm: Firm, company: Company, seed: int, start: date, as_of: date) -> Sales:
    """Everything a company quoted, took orders for, delivered, invoiced and credited from `start` to `as_of`.

    The order book is older: what was ordered in the months before is delivered and invoiced from `start` on, so that
    the first months sell as much as the others.
    """
    book = take_orders(firm, company, Dice(seed, f"{company.code} orders"), date(start.year - 1, 9, 1), as_of)
    orders = [order for order in book if order.day >= start]
    deliveries = _deliver(book, Dice(seed, f"{company.code} deliveries"), start, as_of)
    drafts = [
        *drafts_of_deliveries(deliveries, as_of),
        *drafts_of_contracts(firm, company, Dice(seed, f"{company.code} contracts"), start, as_of),
        *drafts_of_the_counter(firm, company, Dice(seed, f"{company.code} counter"), start, as_of),
    ]
    numbers = _Numbers("FA")
    invoices = tuple(
        Invoice(
            number=numbers.next(draft.day),
            day=draft.day,
            due=draft.day if draft.at_counter else due_day(draft.day, draft.customer),
            customer=draft.customer,
            lines=draft.lines,
            at_counter=draft.at_counter,
        )
        for draft in sorted(drafts, key=lambda draft: (draft.day, draft.at_counter, draft.customer.code))
    )
    numbers = _Numbers("AV")
    credit_notes = tuple(
        replace(note, number=numbers.next(note.day))
        for note in credits_on(invoices, Dice(seed, f"{company.code} credits"), as_of)
    )
    rows = (
        *_quote_rows(company, orders, start),
        *_order_rows(company, orders, as_of),
        *_delivery_rows(company, deliveries, as_of),
        *_invoice_rows(company, invoices),
        *_credit_rows(company, credit_notes),
    )
    return Sales(rows, invoices, credit_notes)


def _deliver(orders: Iterable[Order], dice: Dice, start: date, as_of: date) -> tuple[Delivery, ...]:
    shipments = sorted(
        (shipment.day, position, order, shipment)
        for position, order in enumerate(orders)
        for shipment in order.shipments
        if start <= shipment.day <= as_of
    )
    numbers = _Numbers("BL")
    return tuple(
        Delivery(
            number=numbers.next(day),
            day=day,
            customer=order.customer,
            lines=tuple(OrderLine(order.lines[at].item, quantity, net) for at, quantity, net in shipment.parts),
            billed=billing_day(dice, ordinal, day, order.customer),
        )
        for ordinal, (day, _, order, shipment) in enumerate(shipments)
    )


class _Head(NamedTuple):
    """What the rows of one document share."""

    kind: str
    number: str
    day: date
    due: date
    customer: Customer


def _rows(company: Company, head: _Head, lines: Iterable[tuple[OrderLine, int]]) -> Iterator[SalesLine]:
    """The rows of one document, from its lines and what is open of each."""
    for n, (line, still_open) in enumerate(lines, start=1):
        yield SalesLine(
            company=company.code,
            kind=head.kind,
            document=head.number,
            line=n,
            day=head.day,
            due=head.due,
            customer=head.customer,
            item=line.item.code,
            quantity=line.quantity,
            net=line.net,
            open=still_open,
        )


def _quote_rows(company: Company, orders: Iterable[Order], start: date) -> Iterator[SalesLine]:
    """The quotes that became an order, and as many others that the customer left unanswered."""
    quotes = []
    for n, order in enumerate(orders):
        if order.quoted is not None and order.quoted >= start:
            quotes.append((order.quoted, n, order))
        if n % 6 == 4:
            quotes.append((order.day, n, order))
    numbers = _Numbers("DE")
    for day, _, order in sorted(quotes, key=lambda quote: quote[:2]):
        due = later(day, _DAYS_A_QUOTE_HOLDS)
        lines = ((line, 0) for line in order.lines)
        yield from _rows(company, _Head("quote", numbers.next(day), day, due, order.customer), lines)


def _order_rows(company: Company, orders: Iterable[Order], as_of: date) -> Iterator[SalesLine]:
    """An order is open for what no shipment up to `as_of` took away."""
    numbers = _Numbers("CD")
    for order in orders:
        still_open = [line.net for line in order.lines]
        for shipment in order.shipments:
            if shipment.day <= as_of:
                for at, _, net in shipment.parts:
                    still_open[at] -= net
        lines = zip(order.lines, still_open, strict=True)
        number = numbers.next(order.day)
        yield from _rows(company, _Head("order", number, order.day, order.promised, order.customer), lines)


def _delivery_rows(company: Company, deliveries: Iterable[Delivery], as_of: date) -> Iterator[SalesLine]:
    """A delivery is open as long as its invoice is to come."""
    for one in deliveries:
        lines = ((line, line.net if one.billed > as_of else 0) for line in one.lines)
        yield from _rows(company, _Head("delivery", one.number, one.day, one.day, one.customer), lines)


def _invoice_rows(company: Company, invoices: Iterable[Invoice]) -> Iterator[SalesLine]:
    for one in invoices:
        lines = ((line, 0) for line in one.lines)
        yield from _rows(company, _Head("invoice", one.number, one.day, one.due, one.customer), lines)


def _credit_rows(company: Company, credit_notes: Iterable[CreditNote]) -> Iterator[SalesLine]:
    for one in credit_notes:
        lines = ((line, 0) for line in one.lines)
        yield from _rows(company, _Head("credit_note", one.number, one.day, one.day, one.invoice.customer), lines)
