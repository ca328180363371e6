"""Headings: sets of accounts given by prefixes, with exclusions.

The longest matching prefix decides; of two of the same length an exclusion (`-709`) goes before an inclusion.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A list of account prefixes such as `("70", "-709")`."""

    prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in self.prefixes:
            if not prefix.removeprefix("-"):
                raise ValueError(f"{prefix!r} is not an account prefix; write for example 70 or -709")

    @property
    def rules(self) -> tuple[tuple[str, bool], ...]:
        """(prefix, included) in the order in which they decide: the first whose prefix matches is right."""
        rules = [(prefix.removeprefix("-"), not prefix.startswith("-")) for prefix in dict.fromkeys(self.prefixes)]
        return tuple(sorted(rules, key=lambda rule: (-len(rule[0]), rule[1])))

    def holds(self, account: str) -> bool:
        return next((included for prefix, included in self.rules if account.startswith(prefix)), False)


NET_REVENUE = Heading(("70",))
CUSTOMER_OUTSTANDING = Heading(("411", "413", "416"))
SUPPLIER_OUTSTANDING = Heading(("401", "403"))
BANK = Heading(("512", "514", "515", "516", "517", "519"))
CASH = Heading(("53",))
INTERNAL_TRANSFERS = Heading(("58",))
