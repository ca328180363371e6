"""What each figure is and would become: the same scopes, computed twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Any]
"""An indicator as the result document writes it."""


@dataclass(frozen=True, slots=True)
class Computation:
    """A scope as one computation gives it: its currency, and its published indicators by name."""

    kind: str
    code: str
    name: str
    currency: str
    indicators: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class Compared:
    """One indicator; None where it is not published. `changed`: whether anything of it would be different."""

    indicator: str
    now: Figures | None
    then: Figures | None

    @property
    def changed(self) -> bool:
        return self.now != self.then


@dataclass(frozen=True, slots=True)
class ComparedScope:
    """One scope; a side on which it cannot be extracted is None, and has no indicators."""

    now: Computation | None
    then: Computation | None
    indicators: tuple[Compared, ...]

    @property
    def scope(self) -> Computation:
        known = self.then or self.now
        if known is None:  # compare makes none without either
            raise LookupError("a scope that neither computation has")
        return known

    @property
    def changed(self) -> bool:
        currencies = {None if side is None else side.currency for side in (self.now, self.then)}
        return len(currencies) > 1 or any(one.changed for one in self.indicators)


def compare(
    now: Sequence[Computation], then: Sequence[Computation], indicators: Sequence[str]
) -> tuple[ComparedScope, ...]:
    """Every scope of either computation, in the order of what is now; its indicators in the order of `indicators`."""
    by_now, by_then = ({(one.kind, one.code): one for one in side} for side in (now, then))
    return tuple(
        _scope(by_now.get(scope), by_then.get(scope), indicators) for scope in dict.fromkeys([*by_now, *by_then])
    )


def _scope(now: Computation | None, then: Computation | None, indicators: Sequence[str]) -> ComparedScope:
    return ComparedScope(now, then, tuple(_indicators(now, then, indicators)))


def _indicators(now: Computation | None, then: Computation | None, indicators: Sequence[str]) -> Iterator[Compared]:
    for name in indicators:
        before, after = (None if side is None else side.indicators.get(name) for side in (now, then))
        if before is not None or after is not None:
            yield Compared(name, before, after)
