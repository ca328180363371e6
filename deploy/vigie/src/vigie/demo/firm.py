"""The invented firm: two wholesalers of one group, who they sell to, what they sell, and who sells it."""

from dataclasses import dataclass
from enum import Enum, auto

from vigie.demo.dice import Dice
from vigie.demo.names import CUSTOMER_NAMES, PACKAGINGS, PRODUCTS, REPRESENTATIVES, TOWNS

CATEGORIES = tuple(CUSTOMER_NAMES)
FAMILIES = tuple(PRODUCTS)
_REDUCED_VAT_FAMILIES = frozenset(FAMILIES[:7])


class Billing(Enum):
    """When deliveries become an invoice."""

    EACH_DELIVERY = auto()
    FORTNIGHT = auto()
    MONTH_END = auto()


class Habit(Enum):
    """How a customer pays."""

    PUNCTUAL = auto()
    SLOW = auto()
    BAD = auto()


@dataclass(frozen=True, slots=True)
class Terms:
    """Days of credit from the invoice; `end_of_month`: counted, then moved to the end of that month."""

    days: int
    end_of_month: bool


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity. Amounts are cents a month, but for the yearly depreciation; `pace` is orders a thousand days."""

    code: str
    name: str
    pace: int
    growth_percent_a_year: int
    counter_percent: int
    season: tuple[int, ...]
    gross_pay: int
    rent: int
    loan_repayment: int
    depreciation: int
    overdrawn_at_the_end: bool


@dataclass(frozen=True, slots=True)
class Representative:
    code: str
    name: str
    companies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """`price` in cents a unit excluding tax; `vat` in thousandths; `sizes`: the quantities people order."""

    code: str
    name: str
    family: str
    category: str
    price: int
    vat: int
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """`weight`: its share of the orders; `contract`: also invoiced a fixed supply on the first of each month;
    `insolvent`: goes bankrupt within the period; `departed`: stops buying and is left with a credit note."""

    code: str
    name: str
    category: str
    size: str
    representative: str
    companies: tuple[str, ...]
    weight: int
    discount_percent: int
    terms: Terms
    habit: Habit
    billing: Billing
    pays_by_bill: bool
    contract: bool
    insolvent: bool
    departed: bool


@dataclass(frozen=True, slots=True)
class Firm:
    companies: tuple[Company, ...]
    representatives: tuple[Representative, ...]
    items: tuple[Item, ...]
    customers: tuple[Customer, ...]

    def customers_of(self, company: Company) -> tuple[Customer, ...]:
        """The customers that a company knows, by code."""
        return tuple(customer for customer in self.customers if company.code in customer.companies)


NORD = Company(
    code="NORD",
    name="Comptoirs Vernelle Nord",
    pace=1200,
    growth_percent_a_year=5,
    counter_percent=85,
    season=(82, 84, 95, 98, 102, 104, 92, 76, 104, 108, 118, 137),
    gross_pay=27_900_00,
    rent=6_800_00,
    loan_repayment=1_850_00,
    depreciation=26_400_00,
    overdrawn_at_the_end=False,
)
SUD = Company(
    code="SUD",
    name="Comptoirs Vernelle Sud",
    pace=900,
    growth_percent_a_year=-4,
    counter_percent=72,
    season=(76, 80, 90, 100, 110, 122, 136, 128, 104, 94, 92, 114),
    gross_pay=19_600_00,
    rent=5_200_00,
    loan_repayment=1_240_00,
    depreciation=19_200_00,
    overdrawn_at_the_end=True,
)

_BOTH = ("NORD", "SUD")
_TERMS = (Terms(30, False), Terms(30, True), Terms(45, True), Terms(60, False), Terms(30, False))
_ONLY_NORD, _SHARED = 35, 50  # customers before the first are NORD's alone, those before the second are both companies'
_CONTRACTS = frozenset((*range(12), *range(35, 39), *range(50, 62)))
_INSOLVENT = frozenset({20, 66})
_DEPARTED = frozenset({21, 67})


def found(seed: int) -> Firm:
    """The firm of a seed: the names are always the same, their weights, prices and habits change."""
    representatives = tuple(
        Representative(f"R{n:02d}", name, _BOTH if 3 <= n <= 6 else ("NORD",) if n < 3 else ("SUD",))
        for n, name in enumerate(REPRESENTATIVES, start=1)
    )
    return Firm((NORD, SUD), representatives, _items(Dice(seed, "items")), _customers(Dice(seed, "customers")))


def _items(dice: Dice) -> tuple[Item, ...]:
    items = []
    for family_number, (family, products) in enumerate(PRODUCTS.items(), start=1):
        single = len(products) == 7  # the seventh product of a family comes in one packaging only
        variants = [
            (f"{name}, {packaging}", cents * factor // 100)
            for n, (name, cents) in enumerate(products)
            for packaging, factor in zip(PACKAGINGS[family], (100, 215), strict=True)
            if not (single and n == 6 and factor != 100)
        ]
        for n, (name, cents) in enumerate(variants, start=1):
            price = cents * dice.between(92, 112) // 100
            items.append(
                Item(
                    code=f"{family_number:02d}-{n:03d}",
                    name=name,
                    family=family,
                    category=_category(family),
                    price=price,
                    vat=55 if family in _REDUCED_VAT_FAMILIES else 200,
                    sizes=(12, 20, 24, 36, 48, 60, 80, 100) if price < 4000 else (4, 6, 8, 12, 18, 24, 36, 48),
                )
            )
    return tuple(items)


def _category(family: str) -> str:
    if family in {"Vins", "Bières et cidres", "Eaux et jus"}:
        return "Boissons"
    return "Alimentaire" if family in _REDUCED_VAT_FAMILIES else "Non alimentaire"


def _customers(dice: Dice) -> tuple[Customer, ...]:
    customers = []
    for n in range(80):
        companies = ("NORD",) if n < _ONLY_NORD else _BOTH if n < _SHARED else ("SUD",)
        category = CATEGORIES[n % 6]
        draw = dice.below(100)
        weight = dice.between(60, 110) if draw < 12 else dice.between(18, 45) if draw < 45 else dice.between(4, 15)
        habit = Habit.PUNCTUAL if draw % 10 < 6 else Habit.SLOW if draw % 10 < 9 else Habit.BAD
        by_bill = n % 9 == 4
        billing = dice.pick((Billing.EACH_DELIVERY, Billing.EACH_DELIVERY, Billing.FORTNIGHT, Billing.MONTH_END))
        if n in _DEPARTED | _INSOLVENT:
            weight, habit, billing = 45, Habit.PUNCTUAL, Billing.EACH_DELIVERY
        customers.append(
            Customer(
                code=f"C{n + 1:04d}",
                name=_name(dice, CUSTOMER_NAMES[category][n // 6], TOWNS[companies[n % len(companies)]]),
                category=category,
                size="Grand compte" if weight >= 60 else "Compte moyen" if weight > 15 else "Petit compte",
                representative=_representative(n, companies),
                companies=companies,
                weight=weight,
                discount_percent=12 if weight >= 60 else dice.pick((3, 5, 8)) if weight > 15 else dice.pick((0, 0, 2)),
                terms=dice.pick(_TERMS),
                habit=Habit.PUNCTUAL if by_bill else habit,
                billing=billing,
                pays_by_bill=by_bill,
                contract=n in _CONTRACTS,
                insolvent=n in _INSOLVENT,
                departed=n in _DEPARTED,
            )
        )
    return tuple(customers)


def _name(dice: Dice, name: str, towns: tuple[str, ...]) -> str:
    """The name with a town, unless it tells its own."""
    town = dice.pick(towns)
    named = any(other in name for others in TOWNS.values() for other in others)
    return name if named else f"{name} - {town}"


def _representative(n: int, companies: tuple[str, ...]) -> str:
    """Turning with the number, so that few customers suffice to meet everyone who sells for a company."""
    if companies == _BOTH:
        return f"R{3 + n % 4:02d}"
    return f"R{(1 if companies == ('NORD',) else 3) + (n + n // 6) % 6:02d}"
