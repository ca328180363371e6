"""The table as a person reads it, and as a program does."""

from collections.abc import Sequence
from typing import Any

from tests.bench.machine import Machine
from tests.bench.results import Compared, Demand, Figure, Found, Limit, Measured, NotMeasured, Spread, Verdict

_HEADER = ("row", "figure", "Vigie", "peer", "ratio", "demand", "aim", "verdict")


def as_text(machine: Machine, found: Sequence[Found]) -> str:
    """The machine, then one line a figure: medians, in brackets the least and the most of the rounds."""
    rows: list[tuple[str, ...]] = [_HEADER, *map(_cells, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([*machine.lines(), "", *lines, ""])


def as_json(machine: Machine, found: Sequence[Found]) -> dict[str, Any]:
    """The same for a program, every round's value included."""
    return {**machine.document(), "figures": [{"row": one.row, **_document(one.line)} for one in found]}


def verdict_in_words(figure: Figure) -> str:
    """Whether the figure does what is demanded; nothing where nothing is."""
    if figure.demand is None:
        return ""
    verdict = figure.demand.verdict(figure.judged)
    if verdict is not Verdict.NOT_MET:
        return str(verdict.value)
    limit = figure.demand.limit
    return f"not met: {_number(figure.judged)} {limit.opposite} {_limit(limit, _unit(figure))}"


def _cells(found: Found) -> tuple[str, ...]:
    line = found.line
    match line:
        case NotMeasured(why):
            return (found.row, "", "", "", "", "", "", f"not measured: {' '.join(why.split())}")
        case Compared():
            theirs = f"{_spread(Spread.of(line.theirs), line.unit)}, {line.peer}"
            ratio = _spread(line.ratio, "×")
        case Measured():
            theirs = ratio = ""
    return (
        found.row,
        line.what,
        _spread(Spread.of(line.ours), line.unit),
        theirs,
        ratio,
        _limit(line.demand.limit, _unit(line), sign=True) if line.demand else "",
        _limit(line.demand.aim, _unit(line), sign=True) if line.demand and line.demand.aim else "",
        verdict_in_words(line),
    )


def _document(line: Figure | NotMeasured) -> dict[str, Any]:
    match line:
        case NotMeasured(why):
            return {"not_measured": why}
        case Compared():
            compared = {"peer": {"name": line.peer, **_values(line.theirs)}, "ratio": _of(line.ratio)}
        case Measured():
            compared = {}
    return {"figure": line.what, "unit": line.unit, "vigie": _values(line.ours), **compared, **_judgement(line)}


def _judgement(figure: Figure) -> dict[str, Any]:
    demand: Demand | None = figure.demand
    if demand is None:
        return {}
    return {
        "demand": _limit(demand.limit, _unit(figure), sign=True),
        **({"aim": _limit(demand.aim, _unit(figure), sign=True)} if demand.aim else {}),
        "verdict": demand.verdict(figure.judged).value,
    }


def _values(values: tuple[float, ...]) -> dict[str, Any]:
    return {**_of(Spread.of(values)), "values": list(values)}


def _of(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "min": spread.least, "max": spread.most}


def _unit(figure: Figure) -> str:
    """The unit of what is judged: that of the figure, or that of a ratio."""
    return "×" if isinstance(figure, Compared) else figure.unit


def _spread(spread: Spread, unit: str) -> str:
    return f"{_number(spread.median)} {unit} ({_number(spread.least)} to {_number(spread.most)})"


def _limit(limit: Limit, unit: str, *, sign: bool = False) -> str:
    return f"{limit.sign + ' ' if sign else ''}{limit.bound:g} {unit}"


def _number(value: float) -> str:
    """Three digits that say something, and all digits of a larger number's whole part."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
