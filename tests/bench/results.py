"""What a row found: values by rounds, their spread, the ratio to the peer, and whether it does what is demanded."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median


class NotMeasurable(Exception):
    """A row cannot be measured on this machine; the message says why and what to do."""


@dataclass(frozen=True)
class AtMost:
    """A figure that must not be above `bound`."""

    bound: float
    sign = "≤"
    opposite = ">"

    def holds(self, value: float) -> bool:
        return value <= self.bound


@dataclass(frozen=True)
class AtLeast:
    """A figure that must not be below `bound`."""

    bound: float
    sign = "≥"
    opposite = "<"

    def holds(self, value: float) -> bool:
        return value >= self.bound


Limit = AtMost | AtLeast


@dataclass(frozen=True)
class Demand:
    """What a figure must do, and where there is one the `aim` that it is to reach one day."""

    limit: Limit
    aim: Limit | None = None

    def verdict(self, value: float) -> "Verdict":
        """What becomes of the demand when the figure is `value`."""
        if not self.limit.holds(value):
            return Verdict.NOT_MET
        return Verdict.AIM_MET if self.aim is not None and self.aim.holds(value) else Verdict.MET


class Verdict(Enum):
    """Whether a demand is met."""

    NOT_MET = "not met"
    MET = "met"
    AIM_MET = "met, and the aim"


@dataclass(frozen=True)
class Spread:
    """The middle of some values, with the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Compared:
    """One figure of Vigie and of its peer, both measured in every round. The demand is on the ratio."""

    what: str
    unit: str
    peer: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    demand: Demand | None = None

    def __post_init__(self) -> None:
        if len(self.ours) != len(self.theirs) or not self.ours:
            raise ValueError(f"{self.what}: {len(self.ours)} rounds of Vigie and {len(self.theirs)} of its peer")

    @property
    def ratio(self) -> Spread:
        """Round by round, so that what slowed a whole round down weighs on both sides of it."""
        return Spread.of([ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)])

    @property
    def judged(self) -> float:
        """The figure that the demand is about."""
        return self.ratio.median


@dataclass(frozen=True)
class Measured:
    """One figure that has no peer. The demand is on the figure itself."""

    what: str
    unit: str
    ours: tuple[float, ...]
    demand: Demand | None = None

    @property
    def judged(self) -> float:
        """The figure that the demand is about."""
        return Spread.of(self.ours).median


@dataclass(frozen=True)
class NotMeasured:
    """A row that cannot be measured here."""

    why: str


Figure = Compared | Measured
Line = Figure | NotMeasured


@dataclass(frozen=True)
class Found:
    """A line of the table, under the name of its row."""

    row: str
    line: Line
