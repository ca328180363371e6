"""The third parties of outstanding that have no row: positive balances beyond the five, and the negative ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from vigie_extractor.domain.headings import Heading
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import heading_holds
from vigie_extractor.indicators.explanations.entries import Side
from vigie_extractor.indicators.explanations.model import GroupRow
from vigie_extractor.indicators.result import ZERO

GROUPS = 10
"""How many of them are listed at most."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The largest of some third parties, how many there are in all, and what they come to."""

    listed: tuple[GroupRow, ...]
    count: int
    amount: Decimal


NO_PARTIES = Parties((), 0, ZERO)


def read_parties(
    engine: Engine, side: Side, heading: Heading, shown: Collection[tuple[int, str]], *, rated: bool
) -> tuple[Mapping[int, Parties], Mapping[int, Parties]]:
    """By scope number those above zero and those below, from the DuckDB table `counted`. `shown` are the codes of the
    rows, beside their scope's number."""
    engine.run("CREATE OR REPLACE TEMP TABLE shown_parties (scope INTEGER, code VARCHAR)")
    engine.insert("shown_parties", sorted(shown))
    sign = "-" if side is Side.SUPPLIERS else ""
    amount = f"({sign}sum(amount))::DECIMAL(22,4) * any_value(rate)" if rated else f"{sign}sum(amount)"
    engine.run(
        f"""
        CREATE OR REPLACE TEMP TABLE other_parties AS
        SELECT scope, code, sum(amount) AS amount, coalesce(arg_min(label, position), code) AS label
        FROM (
            SELECT position, party AS code, round({amount}, 2) AS amount,
                   max({{'day': day, 'label': party_label}}) FILTER (WHERE trim(party_label) <> '').label AS label
            FROM counted JOIN computed USING (position) WHERE {heading_holds("account", heading)}
            GROUP BY position, party
        ) JOIN scope_members USING (position) ANTI JOIN shown_parties USING (scope, code)
        GROUP BY scope, code
        """
    )
    return _read(engine, "amount > 0"), _read(engine, "amount < 0")


def _read(engine: Engine, which: str) -> dict[int, Parties]:
    listed: dict[int, list[GroupRow]] = {}
    for scope, code, label, amount in engine.run(
        f"""
        SELECT scope, code, label, amount FROM other_parties WHERE {which}
        QUALIFY row_number() OVER (PARTITION BY scope ORDER BY abs(amount) DESC, code) <= {GROUPS}
        ORDER BY scope, abs(amount) DESC, code
        """
    ):
        listed.setdefault(scope, []).append(GroupRow(code, label, amount))
    return {
        scope: Parties(tuple(listed[scope]), count, amount)
        for scope, count, amount in engine.run(
            f"SELECT scope, count(*), sum(amount) FROM other_parties WHERE {which} GROUP BY scope"
        )
    }
