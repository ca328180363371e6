"""Drawing with odds, and remembering which corners a dossier was drawn into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices:
    """One dossier's draws. Everything shrinks towards the first option and towards no corner at all."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._draws = 0
        self.corners: set[str] = set()

    def number(self, low: int, high: int) -> int:
        # Hypothesis tries five near-copies of each example, made by repeating a part under a part of the same label.
        # Labels of their own leave it nothing to repeat: each example is a new dossier, six times as many corners.
        self._draws += 1
        return self._draw(st.integers(low, high), label=self._draws)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def chance(self, percent: int, corner: str = "") -> bool:
        """True in about `percent` of 100 draws; then the dossier is known to reach `corner`."""
        happens = self.number(0, 99) >= 100 - percent
        if happens and corner:
            self.corners.add(corner)
        return happens

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """One of the options, each as often as its weight says."""
        return self.pick([option for option, weight in options for _ in range(weight)])

    def named(self, what: str, options: Sequence[tuple[T, int]]) -> T:
        """A weighted choice that is itself a corner."""
        option = self.weighted(options)
        self.corners.add(f"{what}: {option}")
        return option
