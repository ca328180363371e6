"""What figures are made of, on dossiers made at random: it adds up, and it is what the dossier itself holds (R14)."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from vigie_extractor.extraction import extract
from vigie_extractor.outcome import ExtractionResult
from vigie_extractor.sources.dossier import DossierSource

from .reference import answer, scopes_of
from .reference.money import cents
from .reference.rows import (
    OUTSTANDING,
    SourceRow,
    contributions,
    party_entries,
    revenue_accounts,
    revenue_entries,
    sales_rows,
    treasury_entries,
)
from .reference.scope import Scope
from .rewriting import Row, with_rows
from .strategies import GeneratedDossier, dossiers

LONG = os.environ.get("VIGIE_EXACT") == "long"
EXAMPLES = 1000 if LONG else 40

HALF_A_CENT = Decimal("0.005")
Json = dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """One indicator of a scope with its explanation, beside the reference's view of the scope."""

    scope: Scope
    name: str
    figures: Json
    explanation: Json

    @property
    def where(self) -> str:
        return f"{'+'.join(self.scope.members)} {self.name}"


def settled(dossier: GeneratedDossier) -> GeneratedDossier:
    """The dossier with every third line of its entries lettered: the drawn ones never are."""

    def letter(rows: list[Row]) -> Sequence[Row]:
        return [row | {"lettering": "A" if number % 3 == 0 else ""} for number, row in enumerate(rows)]

    return with_rows(dossier, "entries", letter)


def explained(folder: Path, as_of: date) -> Iterator[Explained]:
    """Every indicator of every scope that was extracted."""
    result: ExtractionResult = extract(DossierSource(folder), as_of, explained=True)
    scopes = scopes_of(folder, as_of)
    for document in result.document()["scopes"]:
        kind = next(
            key for key in result.explanations if (key[0].value, key[1]) == (document["kind"], document["code"])
        )
        for name, figures in document["indicators"].items():
            scope = scopes[document["kind"], document["code"]]
            yield Explained(scope, name, figures, result.explanations[kind][name])


def published(figures: Json, breakdown: Json) -> str:
    """The amount of the indicator that a breakdown is of."""
    match breakdown["of"]:
        case "row":
            return next(
                str(row["amount"])
                for row in figures["rows"]
                if row["code"] == breakdown["code"] and row.get("company") == breakdown["company"]
            )
        case "series":
            return str(dict(figures["series"])[breakdown["code"]])
        case of:
            return str(figures[of])


def amounts_of(figures: Json) -> Counter[tuple[str, str | None, str | None]]:
    """Every amount that a figure publishes, by name, code and company."""
    names = [name for name in figures if name not in {"available", "rows", "series", "not_provided"}]
    rows = [("row", row["code"], row.get("company")) for row in figures.get("rows", [])]
    months = [("series", month, None) for month, _ in figures.get("series", [])]
    return Counter([(name, None, None) for name in names] + rows + months)


def adds_up(one: Explained) -> None:
    explanation = one.explanation
    assert explanation["available"] is one.figures["available"], one.where
    if not one.figures["available"]:
        assert explanation == one.figures
        return
    told = {(found["of"], found["code"], found["company"]) for found in explanation["breakdowns"]}
    assert told == set(amounts_of(one.figures)), one.where
    for found in explanation["breakdowns"]:
        where = f"{one.where} {found['of']} {found['code']} by {found['by']}"
        assert found["amount"] == published(one.figures, found), where
        added = sum((Decimal(row["amount"]) for row in found["rows"]), Decimal(found["rest"]["amount"]))
        assert added + Decimal(found["rounding"]) == Decimal(found["amount"]), where
        rows = sum(row["count"] if row["kind"] == "sum" else 1 for row in found["rows"])
        assert rows + found["rest"]["count"] == found["count"], where
        assert all(row["date"] <= one.scope.as_of.isoformat() for row in found["rows"] if "date" in row), where
        if found["by"] != "group":
            # each row is rounded once, and so is what every company has in the rest
            most = HALF_A_CENT * (len(found["rows"]) + 3 * len(one.scope.members))
            assert abs(Decimal(found["rounding"])) <= most, where
    for found in explanation["differences"]:
        where = f"{one.where} {found['of']} by {found['by']}"
        assert Decimal(found["amount"]) == Decimal(one.figures[found["of"]]) - Decimal(one.figures[found["against"]])
        added = sum((Decimal(row["amount"]) for row in found["rows"]), Decimal(found["rest"]["amount"]))
        assert added + Decimal(found["rounding"]) == Decimal(found["amount"]), where
        assert len(found["rows"]) + found["rest"]["count"] == found["count"], where
        for row in (*found["rows"], found["rest"]):
            assert Decimal(row["current"]) - Decimal(row["previous"]) == Decimal(row["amount"]), where


def key_of(row: Json) -> tuple[object, ...]:
    match row["kind"]:
        case "document":
            return row["document_type"], row["document"], date.fromisoformat(row["date"]), row["customer"]
        case "entry":
            return row["account"], row["journal"], row["number"], date.fromisoformat(row["date"])
    return (row["code"],)


def is_made_of(one: Explained, found: Json, expected: Sequence[SourceRow], limit: int, *, sums: int = 0) -> None:
    """The rows listed are the largest of those expected, and the others are counted. `sums` counts the rows that stand
    under a name instead."""
    where = f"{one.where} {found['of']} {found['code']} by {found['by']}"
    rounded = [(row.company, row.key, cents(row.amount, one.scope.rate(row.company))) for row in expected]
    listed = [row for row in found["rows"] if row["kind"] != "sum"]
    assert found["count"] == len(expected) + sums, where
    assert len(listed) == min(limit, len(expected)), where
    largest = sorted((abs(amount) for _, _, amount in rounded), reverse=True)[:limit]
    assert sorted((abs(Decimal(row["amount"])) for row in listed), reverse=True) == largest, where
    told = Counter((row["company"], key_of(row), Decimal(row["amount"])) for row in listed)
    assert told <= Counter(rounded), where


def comes_from_the_dossier(one: Explained) -> None:
    scope, name = one.scope, one.name
    for found in one.explanation.get("breakdowns", ()):
        of, code, by = found["of"], found["code"], found["by"]
        if by == "document":
            limit = 5 if of == "series" else 10 if name.startswith("top_") else 25
            is_made_of(one, found, sales_rows(scope, name, of, code), limit)
        elif by == "account" and name == "accounting_revenue":
            is_made_of(one, found, revenue_accounts(scope, of, code), 5 if of == "series" else 25)
        elif by == "entry" and name == "accounting_revenue":
            is_made_of(one, found, revenue_entries(scope, of, code), 25)
        elif by == "entry" and name in OUTSTANDING:
            lettered = party_entries(scope, name, code, lettered=True)
            opened = party_entries(scope, name, code, lettered=False)
            is_made_of(one, found, opened, 10, sums=len(lettered))
            named = {row["name"]: row["count"] for row in found["rows"] if row["kind"] == "sum"}
            assert named == ({"lettered": len(lettered)} if lettered else {})
        elif by == "entry":
            phases = treasury_entries(scope, found["company"], code)
            month = phases.pop("month")
            is_made_of(one, found, month, 5, sums=sum(map(len, phases.values())))
            named = {row["name"]: (row["count"], row["amount"]) for row in found["rows"] if row["kind"] == "sum"}
            rate = scope.rate(found["company"])
            assert named == {
                phase: (len(rows), f"{cents(sum((row.amount for row in rows), Decimal(0)), rate):.2f}")
                for phase, rows in phases.items()
                if rows
            }


def comes_from_both_years(one: Explained) -> None:
    """The contributions listed are the largest rises and the largest falls of all."""
    for found in one.explanation.get("differences", ()):
        where = f"{one.where} {found['of']} by {found['by']}"
        current = contributions(one.scope, found["of"], found["by"])
        previous = contributions(one.scope, found["against"], found["by"])
        nothing = Decimal("0.00")
        every = {
            code: (current.get(code, nothing), previous.get(code, nothing))
            for code in current.keys() | previous.keys()
            if current.get(code, nothing) or previous.get(code, nothing)
        }
        assert found["count"] == len(every), where
        listed = {row["code"]: (Decimal(row["current"]), Decimal(row["previous"])) for row in found["rows"]}
        assert listed.items() <= every.items(), where
        for sign in (1, -1):
            changes = sorted((sign * (new - old) for new, old in every.values()), reverse=True)
            told = [sign * (new - old) for new, old in listed.values()]
            assert [change for change in told if change > 0] == [change for change in changes if change > 0][:8], where
        assert found["count"] - len(listed) == found["rest"]["count"], where


@pytest.mark.timeout(7200 if LONG else 600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(dossiers().map(settled))
def test_r14_every_amount_is_the_sum_of_its_rows_which_are_those_of_the_dossier(dossier: GeneratedDossier) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = dossier.write(Path(name))
        expected = answer(folder, dossier.as_of)
        if expected.undecided or expected.status == 2:
            event("nothing to explain")
            return
        for one in explained(folder, dossier.as_of):
            adds_up(one)
            comes_from_the_dossier(one)
            comes_from_both_years(one)
