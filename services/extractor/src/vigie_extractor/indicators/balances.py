"""Balances at the system date: customer and supplier outstanding, treasury, and the accounts that call for a word.

A balance runs from the start of the latest fiscal year that has an opening entry counting at the system date, so that
two years loaded together never count the same balance twice; where none has, from the first entry on.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from vigie_extractor.domain.company import FiscalYear
from vigie_extractor.domain.headings import CASH, INTERNAL_TRANSFERS, Heading
from vigie_extractor.domain.parameters import Headings
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import heading_holds
from vigie_extractor.indicators.periods import Period
from vigie_extractor.indicators.result import TOP, ZERO, Outstanding, RankedRow, Treasury, TreasuryRow, published, share
from vigie_extractor.indicators.timeline import Timeline

CUSTOMERS, SUPPLIERS = 0, 1


@dataclass(frozen=True, slots=True)
class OpeningDay:
    """The opening of a FEC counts, whatever the dates of its lines, on the first day of the file's year."""

    file: int
    position: int
    year: FiscalYear


@dataclass(frozen=True, slots=True)
class AccountBalance:
    position: int
    account: str
    label: str
    amount: Decimal


@dataclass
class Balances:
    """What is left to pick from, per scope and per company. `transfers` are exact and in the accounting currency: they
    are about the books, and published nowhere; what is less than half a cent is none, as everywhere."""

    outstanding: dict[tuple[int, int], Outstanding] = field(default_factory=dict)
    treasury: dict[int, list[AccountBalance]] = field(default_factory=lambda: defaultdict(list))
    cash: list[AccountBalance] = field(default_factory=list)
    transfers: list[AccountBalance] = field(default_factory=list)


def opening_years(
    engine: Engine, as_of: date, is_fec: bool, timelines: Mapping[int, Timeline], openings: Sequence[OpeningDay]
) -> dict[int, FiscalYear]:
    """By company, the latest fiscal year that has an opening entry counting at the system date."""
    latest: dict[int, FiscalYear] = {}
    if is_fec:
        found = [(opening.position, opening.year) for opening in openings if opening.year.start <= as_of]
    else:
        found = [
            (position, year)
            for position, span in engine.run("SELECT DISTINCT position, span FROM cells WHERE opening AND NOT later")
            if position in timelines and (year := timelines[position].year_of_span(span))
        ]
    for position, year in found:
        latest[position] = max(year, latest.get(position, year))
    return latest


def count_cells(
    engine: Engine,
    as_of: date,
    *,
    is_fec: bool,
    timelines: Mapping[int, Timeline],
    openings: Sequence[OpeningDay],
    starts: Mapping[int, FiscalYear],
) -> None:
    """Makes the DuckDB table `counted` of the cells that count in a balance, each with the day on which it counts."""
    engine.run("CREATE TEMP TABLE balance_spans (position INTEGER, span SMALLINT)")
    spans = []
    for position, timeline in timelines.items():
        last = timeline.spans.index(as_of)
        start = starts.get(position)
        first = timeline.spans.inside(Period(start.start, as_of)).start if start else 0
        spans += [(position, span) for span in range(first, last + 1)]
    engine.insert("balance_spans", spans)
    engine.run("CREATE TEMP TABLE opening_days (file INTEGER, day DATE)")
    engine.insert(
        "opening_days",
        [
            (opening.file, opening.year.start)
            for opening in openings
            if opening.position in starts and starts[opening.position].start <= opening.year.start <= as_of
        ],
    )
    own_day = "NOT c.opening" if is_fec else "true"
    engine.run(
        f"""
        CREATE TEMP TABLE counted AS
        SELECT c.position, c.account, c.account_label, c.party, c.party_label, c.amount, c.last AS day
        FROM party_cells c JOIN balance_spans b ON b.position = c.position AND b.span = coalesce(c.span, 0)
        WHERE {own_day} AND NOT c.later
        UNION ALL
        SELECT c.position, c.account, c.account_label, c.party, c.party_label, c.amount, o.day
        FROM party_cells c JOIN opening_days o ON o.file = c.file WHERE c.opening AND NOT ({own_day})
        """
    )


def _latest(label: str) -> str:
    """SQL: the label of the latest counted entry that has one; of one day, the greatest in byte order."""
    return f"max({{'day': day, 'label': {label}}}) FILTER (WHERE trim({label}) <> '').label"


def _rounded(rated: bool, sign: str = "") -> str:
    exact = f"{sign}sum(amount)"
    return f"round(({exact})::DECIMAL(22,4) * any_value(rate), 2)" if rated else f"round({exact}, 2)"


def read_balances(engine: Engine, headings: Headings, rated: bool) -> Balances:
    """Every balance of every scope of the DuckDB table `scope_members(scope, position)`."""
    balances = Balances()
    _read_outstanding(engine, balances, CUSTOMERS, headings.customer_outstanding, sign="", rated=rated)
    _read_outstanding(engine, balances, SUPPLIERS, headings.supplier_outstanding, sign="-", rated=rated)
    account_rows = engine.run(
        f"""
        SELECT position, account, coalesce({_latest("account_label")}, account), {_rounded(rated)}, sum(amount),
               {heading_holds("account", headings.bank)} OR any_value(k.cash_account) IS TRUE,
               {heading_holds("account", CASH)} AND NOT {heading_holds("account", headings.bank)},
               {heading_holds("account", INTERNAL_TRANSFERS)}
        FROM counted JOIN computed USING (position) LEFT JOIN declared_cash_accounts k USING (position, account)
        WHERE {heading_holds("account", headings.bank)} OR {heading_holds("account", CASH)}
           OR {heading_holds("account", INTERNAL_TRANSFERS)} OR k.cash_account
        GROUP BY position, account ORDER BY position, account
        """
    )
    for position, account, label, amount, exact, in_treasury, is_cash, is_transfer in account_rows:
        balance = AccountBalance(position, account, label, amount)
        if in_treasury and amount != 0:
            balances.treasury[position].append(balance)
        if is_cash:
            balances.cash.append(balance)
        if is_transfer and published(exact, Decimal(1)) != 0:
            balances.transfers.append(AccountBalance(position, account, label, exact))
    return balances


def _read_outstanding(
    engine: Engine, balances: Balances, side: int, heading: Heading, *, sign: str, rated: bool
) -> None:
    engine.run(
        f"""
        CREATE OR REPLACE TEMP TABLE scope_parties AS
        SELECT scope, code, sum(amount) AS amount, arg_min(label, position) AS label
        FROM (
            SELECT position, party AS code, {_rounded(rated, sign)} AS amount,
                   {_latest("party_label")} AS label
            FROM counted JOIN computed USING (position) WHERE {heading_holds("account", heading)}
            GROUP BY position, party
        ) JOIN scope_members USING (position)
        GROUP BY scope, code
        """
    )
    totals = {
        scope: (total or ZERO, in_credit or ZERO)
        for scope, total, in_credit in engine.run(
            "SELECT scope, sum(amount) FILTER (WHERE amount > 0), sum(amount) FILTER (WHERE amount < 0) "
            "FROM scope_parties GROUP BY scope"
        )
    }
    rows: dict[int, list[RankedRow]] = defaultdict(list)
    for scope, code, label, amount in engine.run(
        f"""
        SELECT scope, code, coalesce(label, code), amount FROM scope_parties WHERE amount > 0
        QUALIFY row_number() OVER (PARTITION BY scope ORDER BY amount DESC, code) <= {TOP}
        ORDER BY scope, amount DESC, code
        """
    ):
        rank = len(rows[scope]) + 1
        rows[scope].append(RankedRow(rank, code, label, amount, share(amount, totals[scope][0])))
    for scope, (total, in_credit) in totals.items():
        balances.outstanding[scope, side] = Outstanding(total, in_credit, tuple(rows[scope]))


NOTHING_OUTSTANDING = Outstanding(ZERO, ZERO, ())


def treasury_of(balances: Balances, positions: Collection[int], codes: Sequence[str]) -> Treasury:
    """The treasury of the companies at `positions`; `codes` are company codes by position, in byte order."""
    return Treasury(
        tuple(
            TreasuryRow(codes[position], row.account, row.label, row.amount)
            for position in sorted(positions)
            for row in balances.treasury.get(position, ())
        )
    )
