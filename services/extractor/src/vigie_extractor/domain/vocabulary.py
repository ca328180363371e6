"""What parameters can name, and what is wrong with those that name something else.

Parameters that name nothing the sources have would empty figures without a word, so they are looked up before they are
kept. What holds already, by itself or by default, is not: it changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import DEFAULTS, HEADINGS, Chosen

SHOWN = 20
"""So many values that would be right are named at most."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the sources have. `item_categories` are those on the axis that is asked for; `journals` those of FEC."""

    customer_axes: frozenset[str] = frozenset()
    item_axes: frozenset[str] = frozenset()
    item_categories: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    journals: frozenset[str] = frozenset()

    def __or__(self, other: "Vocabulary") -> "Vocabulary":
        return Vocabulary(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with one parameter, and the values that would be right, `SHOWN` at most."""

    parameter: str
    what: str
    values: tuple[str, ...]


def to_look_up(chosen: Chosen, owns: Sequence[Chosen]) -> frozenset[str]:
    """The parameters that only the data can prove right: not the currency, nor what holds already, by default or
    because every source says so of itself (`owns`)."""
    defaults = DEFAULTS.said()
    beneath = [own.over(DEFAULTS).said() for own in owns]
    return frozenset(
        name
        for name, value in chosen.said().items()
        if name != "currency"
        and value not in (defaults.get(name), ())
        and not (beneath and all(value == one.get(name) for one in beneath))
    ) | frozenset(name for name in HEADINGS if getattr(chosen, name) == Heading(()))


def objections(
    chosen: Chosen, wanted: Iterable[str], known: Vocabulary, sold_categories: Sequence[str]
) -> tuple[Objection, ...]:
    """What is wrong with the parameters `wanted` of `chosen`. `sold_categories` are those that hold with it, whoever
    says so: another axis is to have them too."""
    wanted = frozenset(wanted)
    return (
        *_axes(chosen, wanted, known),
        *_categories(chosen, wanted, known, sold_categories),
        *_headings(chosen, wanted, known.accounts),
        *_journals(chosen, wanted, known.journals),
    )


def _axes(chosen: Chosen, wanted: frozenset[str], known: Vocabulary) -> Iterator[Objection]:
    of: Mapping[str, tuple[str, frozenset[str]]] = {
        "customer_category_axis": ("customers", known.customer_axes),
        "item_category_axis": ("items", known.item_axes),
    }
    for name, (table, axes) in of.items():
        axis = getattr(chosen, name)
        if name in wanted and axis not in axes:
            yield _objection(name, f"no source has {table} with a column category_{axis}", sorted(axes), "axes")


def _categories(chosen: Chosen, wanted: frozenset[str], known: Vocabulary, sold: Sequence[str]) -> Iterator[Objection]:
    axis_is_wrong = "item_category_axis" in wanted and chosen.item_category_axis not in known.item_axes
    if axis_is_wrong or wanted.isdisjoint({"sold_item_categories", "item_category_axis"}):
        return
    for category in sold:
        if category not in known.item_categories:
            what = f"no item has the category {category} on this axis"
            yield _objection("sold_item_categories", what, sorted(known.item_categories), "categories")


def _headings(chosen: Chosen, wanted: frozenset[str], accounts: frozenset[str]) -> Iterator[Objection]:
    for name in HEADINGS:
        heading = getattr(chosen, name)
        if name in wanted and not any(heading.holds(account) for account in accounts):
            what = f"no account of the books lies in {', '.join(heading.prefixes) or 'a heading without prefixes'}"
            yield _objection(f"headings.{name}", what, near(heading, accounts), "nearest accounts")


def _journals(chosen: Chosen, wanted: frozenset[str], journals: frozenset[str]) -> Iterator[Objection]:
    if "opening_journals" in wanted:
        for code in chosen.opening_journals or ():
            if code.strip() not in journals:
                yield _objection("opening_journals", f"no FEC has a journal {code}", sorted(journals), "journals")


def near(heading: Heading, accounts: Iterable[str]) -> list[str]:
    """Accounts that begin most like a prefix of the heading, in byte order."""
    prefixes = [prefix for prefix, included in heading.rules if included] or [""]
    likeness = {account: max(_alike(account, prefix) for prefix in prefixes) for account in accounts}
    best = max(likeness.values(), default=0)
    return sorted((account for account, like in likeness.items() if like == best), key=str.encode)


def _alike(account: str, prefix: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(account, prefix, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(account), len(prefix)))


def _objection(parameter: str, what: str, values: Sequence[str], called: str) -> Objection:
    if not values:
        return Objection(parameter, f"{what}: the sources have none", ())
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return Objection(parameter, f"{what}; {called}: {', '.join(values[:SHOWN])}{more}", tuple(values[:SHOWN]))
