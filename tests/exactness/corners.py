"""Which corners a dossier really reached, read off its answer: labels for the statistics of a run."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .reference import Answer
from .strategies import GeneratedDossier


def _of_ranking(kind: str, indicator: dict[str, Any]) -> Iterator[str]:
    rows = indicator["rows"]
    reached = {
        "a tie": len({row["amount"] for row in rows}) < len(rows),
        "more than it shows": len(rows) == 5 and indicator["others"] != "0.00",
        "negative others": indicator["others"].startswith("-"),
        "rows without a share": any(row["share"] is None for row in rows),
        "unassigned": indicator.get("unassigned", "0.00") != "0.00",
        "in credit": indicator.get("in_credit", "0.00") != "0.00",
        "labelled": any(row["label"] != row["code"] for row in rows),
    }
    yield from (f"{kind}: {corner}" for corner, here in reached.items() if here)


def _of_indicator(name: str, indicator: dict[str, Any]) -> Iterator[str]:
    if not indicator["available"]:
        yield f"not available: {name}"
    elif name.startswith("top_"):
        yield from _of_ranking("outstanding" if "outstanding" in name else "ranking", indicator)
    elif name == "treasury_position":
        yield f"treasury: {min(len(indicator['rows']), 2)} accounts or more"
        if indicator["overdrafts"] != "0.00":
            yield "treasury: overdrawn"
    else:
        for field, amount in indicator.items():
            if isinstance(amount, str) and Decimal(amount) != 0:
                yield f"{name}: {field} is not zero"


def corners(dossier: GeneratedDossier, answer: Answer) -> set[str]:
    """Drawn corners and reached ones."""
    reached = {*dossier.corners, f"exit status {answer.status}"}
    reached |= {f"R8 fails: {criterion}" for criteria in answer.verdicts for criterion in criteria}
    if len(answer.verdicts) > 1:
        reached.add("R8: readings differ")
    reached |= {f"undecided: {sentence}" for sentence in answer.undecided}
    reached |= {f"anomaly: {finding.code}" for finding in answer.findings if finding.certain}
    for (kind, _), scope in answer.scopes.items():
        reached.add(f"scope: {kind}")
        indicators: Any = scope["indicators"]
        for name, indicator in indicators.items():
            reached.update(_of_indicator(name, indicator))
    return reached
