"""Chance that repeats: the same seed and subject give the same draws, in every process and every version of Python."""

from bisect import bisect_right
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws for one subject of the demonstration.

    Python promises the same sequence for the same seed of `Random.random` only, so everything here is made from it, in
    integers. Each subject has its own dice: drawing once more for one leaves the others as they were.
    """

    def __init__(self, seed: int, subject: str) -> None:
        self._next = Random(f"{seed}/{subject}").random  # noqa: S311 - invented sales hold no secret, and must repeat

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1."""
        return int(self._next() * bound)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, percent: int) -> bool:
        """True `percent` times out of a hundred."""
        return self._next() * 100 < percent

    def pick(self, among: Sequence[T]) -> T:
        """One of them, each as likely."""
        return among[int(self._next() * len(among))]

    def weighted(self, cumulated: Sequence[int]) -> int:
        """The index of one of them, by weights that were cumulated beforehand."""
        return bisect_right(cumulated, int(self._next() * cumulated[-1]))

    def rounded(self, expected: int, unit: int) -> int:
        """A whole number of times whose mean is `expected` / `unit`."""
        whole, rest = divmod(expected, unit)
        return whole + (int(self._next() * unit) < rest)
