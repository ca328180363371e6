"""Entries, and what belongs together in an account: the ledger of a company before it is cut into fiscal years."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

NOT_SETTLED = 0


class Line(NamedTuple):
    """`amount` in cents, debit positive, credit negative; `settlement`: the group it will be lettered with."""

    account: str
    amount: int
    third: str = ""
    settlement: int = NOT_SETTLED


class Entry(NamedTuple):
    journal: str
    day: date
    piece: str
    label: str
    lines: tuple[Line, ...]


class Ledger:
    """The entries of one company, and the day on which each settlement was complete."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._settled: list[date] = [date.max]

    def post(self, journal: str, day: date, piece: str, label: str, lines: Iterable[Line]) -> None:
        """Adds an entry; lines of nothing are left out, and an entry that would not balance is refused."""
        kept = tuple(line for line in lines if line.amount)
        if sum(line.amount for line in kept):
            raise ValueError(f"{journal} {piece} of {day} does not balance: {kept}")
        if kept:
            self.entries.append(Entry(journal, day, piece, label, kept))

    def settlement(self, day: date) -> int:
        """A new settlement, complete on `day`: its lines sum to zero."""
        self._settled.append(day)
        return len(self._settled) - 1

    def settled_by(self, settlement: int, day: date) -> bool:
        """Whether a settlement is complete on `day`; what is not settled never is."""
        return self._settled[settlement] <= day

    def settled_on(self, settlement: int) -> date:
        """The day on which a settlement was complete."""
        return self._settled[settlement]
