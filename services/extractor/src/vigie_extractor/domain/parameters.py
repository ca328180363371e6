"""Extraction parameters: what a client chooses about the computation.

Three layers: what is set in the service, beneath it what the source says of itself, beneath that the defaults.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from vigie_extractor.domain import headings
from vigie_extractor.domain.headings import Heading


class DisplayCurrency(StrEnum):
    """In which of a company's two currencies amounts are shown."""

    ACCOUNTING = "accounting"
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings behind the accounting indicators."""

    net_revenue: Heading
    customer_outstanding: Heading
    supplier_outstanding: Heading
    bank: Heading


@dataclass(frozen=True, slots=True)
class Parameters:
    """One whole set. `sold_item_categories` empty means every line counts; `opening_journals` None means the rule of
    the usual codes and labels, a tuple of codes replaces that rule whole."""

    currency: DisplayCurrency
    customer_category_axis: str
    item_category_axis: str
    sold_item_categories: tuple[str, ...]
    headings: Headings
    opening_journals: tuple[str, ...] | None


HEADINGS = tuple(one.name for one in fields(Headings))
"""The headings by name, in their order."""


class Origin(StrEnum):
    """Where the value of a parameter comes from."""

    SET = "set"
    """Set in the service."""
    SOURCE = "source"
    """The source says so of itself."""
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one layer says, None where it says nothing and the one beneath holds."""

    currency: DisplayCurrency | None = None
    customer_category_axis: str | None = None
    item_category_axis: str | None = None
    sold_item_categories: tuple[str, ...] | None = None
    opening_journals: tuple[str, ...] | None = None
    net_revenue: Heading | None = None
    customer_outstanding: Heading | None = None
    supplier_outstanding: Heading | None = None
    bank: Heading | None = None

    def said(self) -> dict[str, Any]:
        """By name, what this layer says."""
        values = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in values if value is not None}

    def over(self, beneath: "Chosen") -> "Chosen":
        """Both layers together: this one counts where both say something."""
        return Chosen(**{**beneath.said(), **self.said()})

    def parameters(self) -> Parameters:
        """The whole set, the defaults beneath."""
        whole = {"opening_journals": None, **self.over(DEFAULTS).said()}
        return Parameters(headings=Headings(**{name: whole.pop(name) for name in HEADINGS}), **whole)


NOTHING_CHOSEN = Chosen()

DEFAULTS = Chosen(
    currency=DisplayCurrency.ACCOUNTING,
    customer_category_axis="default",
    item_category_axis="default",
    sold_item_categories=(),
    net_revenue=headings.NET_REVENUE,
    customer_outstanding=headings.CUSTOMER_OUTSTANDING,
    supplier_outstanding=headings.SUPPLIER_OUTSTANDING,
    bank=headings.BANK,
)
"""What holds where nobody says anything. Opening journals have none: there the rule of the usual ones holds."""


@dataclass(frozen=True, slots=True)
class CashAccount:
    """A declared cash account and its "cash account" option (R7)."""

    company: str
    account: str
    cash_account: bool


def declared(chosen: Iterable[CashAccount], beneath: Iterable[CashAccount]) -> tuple[CashAccount, ...]:
    """The options of both layers, account by account; what is chosen counts where both speak of one."""
    together = {(one.company, one.account): one for one in (*beneath, *chosen)}
    return tuple(together.values())
