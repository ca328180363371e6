"""What whoever measures can choose."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Conditions:
    """`rounds`: how often everything is measured; `lines`: sales lines of the large dossier; `data`: where large
    dossiers are kept from one run to the next; `seconds`: how long a server is put under load each time."""

    rounds: int
    lines: int
    data: Path
    seconds: int


def by_turns(rounds: int, ours: Callable[[], A], theirs: Callable[[], B]) -> tuple[list[A], list[B]]:
    """Both measured by turns, ours first: what changes on the machine meanwhile meets both."""
    measured = [(ours(), theirs()) for _ in range(rounds)]
    return [one for one, _ in measured], [other for _, other in measured]
