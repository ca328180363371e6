"""Exact amounts: how they are read, rounded and written (indicators.md, Rounding)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

ZERO = Decimal(0)
_AMOUNT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def parse_amount(text: str) -> Decimal | None:
    """The amount written in `text`, or None when it is not one. A blank one is zero (an invoice has no open amount)."""
    if text == "":
        return ZERO
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum: no binary float and no limit of digits comes near it."""
    with localcontext(prec=80):
        return sum(amounts, ZERO)


def cents(amount: Decimal, rate: Decimal = Decimal(1)) -> Decimal:
    """Half away from zero to two places, once, on an exact sum times the rate; never a negative zero."""
    with localcontext(prec=80):
        return (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP) + ZERO


def share(amount: Decimal, whole: Decimal) -> str | None:
    """Amount / total, four decimals, half away from zero, null when the total is not above zero."""
    if whole <= ZERO:
        return None
    with localcontext(prec=80):
        return str((amount / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def written(amount: Decimal) -> str:
    """Amounts are strings with two decimals, a point, no grouping."""
    return f"{amount + ZERO:.2f}"


def byte_order(code: str) -> bytes:
    """Codes are ordered by the bytes of their UTF-8 form."""
    return code.encode("utf-8")
