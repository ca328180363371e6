"""The order book: what customers order, when it is promised, and when it leaves."""

from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import NamedTuple

from vigie.demo.days import each_day, later, working_from
from vigie.demo.dice import Dice
from vigie.demo.firm import Company, Customer, Firm, Item
from vigie.demo.seasons import ORDER_UNIT, family_weights, orders_expected

_SIZES_OF_ORDERS = tuple(accumulate((22, 26, 22, 16, 9, 5)))  # orders of one line, of two, ... of six


class OrderLine(NamedTuple):
    """`net` in cents, excluding tax and after the customer's discount."""

    item: Item
    quantity: int
    net: int


class Shipment(NamedTuple):
    """A delivery to come or made: for each line of the order, its position, quantity and net amount."""

    day: date
    parts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Order:
    day: date
    promised: date
    customer: Customer
    lines: tuple[OrderLine, ...]
    shipments: tuple[Shipment, ...]
    quoted: date | None


def price(item: Item, quantity: int, discount_percent: int) -> int:
    """The net amount of a line in cents, rounded half up."""
    return (item.price * quantity * (100 - discount_percent) + 50) // 100


def last_shipment_day(customer: Customer, as_of: date) -> date:
    """The day after which nothing is shipped to a customer: those that leave do so well before `as_of`."""
    if customer.insolvent:
        return later(as_of, -195)
    return later(as_of, -120) if customer.departed else date.max


def take_orders(firm: Firm, company: Company, dice: Dice, start: date, as_of: date) -> tuple[Order, ...]:
    """The orders of a company from `start` to `as_of`, by day, each with its shipments, those after `as_of` too."""
    customers = firm.customers_of(company)
    weights = tuple(accumulate(customer.weight for customer in customers))
    by_family = [tuple(items) for _, items in groupby(firm.items, lambda item: item.family)]
    orders: list[Order] = []
    families: tuple[int, ...] = ()
    for day in each_day(start, as_of):
        if day.day == 1:
            families = family_weights(day, start)
        for _ in range(dice.rounded(orders_expected(company, day, start), ORDER_UNIT)):
            customer = customers[dice.weighted(weights)]
            lines = _lines(dice, customer, by_family, families)
            promised = _promise(dice, len(orders), day)
            shipments = _ship(dice, len(orders), day, promised, lines)
            if shipments[-1].day > last_shipment_day(customer, as_of):
                continue
            quoted = later(day, -dice.between(2, 15)) if len(orders) % 6 == 1 else None
            orders.append(
                Order(
                    day=day,
                    promised=promised,
                    customer=customer,
                    lines=lines,
                    shipments=shipments,
                    quoted=quoted,
                )
            )
    return tuple(orders)


def _lines(
    dice: Dice, customer: Customer, by_family: list[tuple[Item, ...]], families: tuple[int, ...]
) -> tuple[OrderLine, ...]:
    lines: dict[str, OrderLine] = {}
    for _ in range(1 + dice.weighted(_SIZES_OF_ORDERS)):
        item = dice.pick(by_family[dice.weighted(families)])
        quantity = dice.pick(item.sizes) * (2 if customer.weight >= 60 else 1)
        lines[item.code] = OrderLine(item, quantity, price(item, quantity, customer.discount_percent))
    return tuple(lines.values())


def _promise(dice: Dice, number: int, day: date) -> date:
    """Every eighth order is for the next season, of the others most for the coming days, some for the weeks after."""
    low, high = (40, 90) if number % 8 == 1 else (2, 9) if dice.below(10) < 8 else (12, 35)
    return working_from(later(day, dice.between(low, high)))


def _ship(dice: Dice, number: int, ordered: date, promised: date, lines: tuple[OrderLine, ...]) -> tuple[Shipment, ...]:
    """Every eighth order is late, and every eighth other leaves in two parts: there is always something overdue."""
    whole = tuple((position, line.quantity, line.net) for position, line in enumerate(lines))
    if number % 8 == 3:
        return (Shipment(working_from(later(promised, dice.between(18, 120))), whole),)
    on_time = working_from(max(later(promised, dice.between(-1, 1)), later(ordered, 1)))
    if number % 8 != 6:
        return (Shipment(on_time, whole),)
    first = []
    rest = []
    for position, quantity, net in whole:
        part = quantity * 6 // 10
        share = net * part // quantity
        if part:
            first.append((position, part, share))
        rest.append((position, quantity - part, net - share))
    late = Shipment(working_from(later(on_time, dice.between(14, 100))), tuple(rest))
    return (Shipment(on_time, tuple(first)), late) if first else (late,)
