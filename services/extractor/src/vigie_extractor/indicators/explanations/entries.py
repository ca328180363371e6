"""The lines of the books behind accounting revenue, outstanding and treasury: one pass over the entries.

The sums of accounts and third parties stand in the cells of indicators.accounting already; what is read here are the
largest lines, and of what is shown alone: revenue by span of days, third parties that have a row, treasury accounts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum

from vigie_extractor.domain.parameters import Headings
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import heading_holds
from vigie_extractor.indicators.explanations.model import EntryRow
from vigie_extractor.indicators.explanations.parts import Part
from vigie_extractor.indicators.periods import month_start
from vigie_extractor.readiness import Ready
from vigie_extractor.sources.canonical import Entries

ENTRIES = 25
"""How many lines of an amount are listed at most."""


class Side(IntEnum):
    """For which figure a line counts."""

    REVENUE = 0
    CUSTOMERS = 1
    SUPPLIERS = 2
    TREASURY = 3


class Phase(IntEnum):
    """When a line of the treasury counts: with the opening, before the month of the system date, or in it."""

    OPENING = 0
    EARLIER = 1
    MONTH = 2


OPEN, LETTERED = 0, 1

Slot = tuple[Side, str, int]
"""A side with its code and slot: revenue '' by bucket, a third party OPEN or LETTERED, a treasury account by phase."""


@dataclass(frozen=True, slots=True)
class ExplainedEntries:
    """What the lines of each company come to by slot, and the largest lines."""

    ready: Ready
    slots: Mapping[int, Mapping[Slot, Part]]

    def part(self, position: int, slot: Slot) -> Part:
        found = self.slots.get(position, {}).get(slot)
        return found or Part(self.ready.companies[position].rate)


def read_entries(
    engine: Engine,
    entries: Entries,
    ready: Ready,
    headings: Headings,
    *,
    parties: Collection[tuple[Side, int, str]],
    accounts: Collection[tuple[int, str]],
) -> ExplainedEntries:
    """Over the DuckDB tables `cells`, `balance_spans`, `opening_days` and `fec_files`, and one pass over the entries.

    `parties` are the third parties shown, with the position of a company; `accounts` those of the treasury.
    """
    engine.run("CREATE TEMP TABLE explained_parties (side TINYINT, position INTEGER, party VARCHAR)")
    engine.insert("explained_parties", sorted(parties))
    engine.run("CREATE TEMP TABLE treasury_accounts (position INTEGER, account VARCHAR)")
    engine.insert("treasury_accounts", sorted(accounts))
    engine.run(
        f"""
        CREATE TEMP TABLE explained_accounts AS
        SELECT position, account, {heading_holds("account", headings.net_revenue)} AS revenue,
               {heading_holds("account", headings.customer_outstanding)} AS customers,
               {heading_holds("account", headings.supplier_outstanding)} AS suppliers,
               t.account IS NOT NULL AS treasury
        FROM (SELECT DISTINCT position, account FROM cells) a LEFT JOIN treasury_accounts t USING (position, account)
        WHERE revenue OR customers OR suppliers OR treasury
        """
    )
    engine.run(_slots(entries, ready))
    rows: dict[tuple[int, int, str, int], list[EntryRow]] = {}
    for position, side, code, slot, *values in engine.run(
        "SELECT position, side, code, slot, one.account, one.journal, one.number, one.day, one.label, one.piece, "
        "one.amount FROM (SELECT position, side, code, slot, unnest(largest) AS one FROM entry_slots)"
    ):
        row = EntryRow(ready.codes[position], *values)
        rows.setdefault((position, side, code, slot), []).append(row)
    slots: dict[int, dict[Slot, Part]] = {}
    for position, side, code, slot, exact, lines in engine.run(
        "SELECT position, side, code, slot, exact, lines FROM entry_slots"
    ):
        part = Part(ready.companies[position].rate, exact, lines, rows.get((position, side, code, slot), ()))
        slots.setdefault(position, {})[Side(side), code, slot] = part
    engine.run("DROP TABLE entry_slots")
    return ExplainedEntries(ready, slots)


def _slots(entries: Entries, ready: Ready) -> str:
    phase = (
        f"CASE WHEN is_opening THEN {Phase.OPENING:d} WHEN day < DATE '{month_start(ready.as_of)}' "
        f"THEN {Phase.EARLIER:d} ELSE {Phase.MONTH:d} END"
    )
    parts = (
        _part(Side.REVENUE, "revenue AND in_flow", "''", "coalesce(bucket, 0)", "credit - debit"),
        _part(Side.CUSTOMERS, f"customers AND in_balance AND {_is_shown(Side.CUSTOMERS)}", "party", "lettered"),
        _part(
            Side.SUPPLIERS,
            f"suppliers AND in_balance AND {_is_shown(Side.SUPPLIERS)}",
            "party",
            "lettered",
            "credit - debit",
        ),
        _part(Side.TREASURY, "treasury AND in_balance", "account", phase),
    )
    return f"""
        CREATE TEMP TABLE entry_slots AS
        SELECT position, part.side AS side, part.code AS code, part.slot AS slot, sum(part.amount) AS exact,
               count(*) AS lines,
               max({{'size': abs(part.amount), 'day': day, 'account': account, 'journal': journal, 'number': number,
                    'label': label, 'piece': piece, 'amount': part.amount}}, {ENTRIES}) AS largest
        FROM (SELECT *, unnest([{", ".join(parts)}]) AS part FROM ({_lines(entries, ready)})) WHERE part IS NOT NULL
        GROUP BY ALL
        """


def _part(side: Side, counts: str, code: str, slot: str, amount: str = "debit - credit") -> str:
    """SQL: how a line counts for a side, NULL where it does not."""
    return (
        f"CASE WHEN {counts} THEN {{'side': {side:d}::TINYINT, 'code': {code}, 'slot': ({slot})::INTEGER, "
        f"'amount': {amount}}} END"
    )


def _is_shown(side: Side) -> str:
    return f"list_contains(sides, {side:d}::TINYINT)"


def _lines(entries: Entries, ready: Ready) -> str:
    """The lines on accounts that matter, with how they count: in a flow, in a balance, on which day.

    The opening of a FEC counts on the first day of its file's year; a line of it that bears a later date than the
    system's is shown on that day, any other on its own. Conditions on journal and account are asked after the join, of
    the few lines that are left.
    """
    nowhere = list(entries.refusals.values())
    if entries.is_fec:
        own = "make_date(date // 10000, date // 100 % 100, date % 100)"
        later = f"date > {ready.as_of:%Y%m%d}"
        company = "JOIN fec_files f ON f.file = e.file JOIN computed y ON y.company = f.company"
        opening_day, digits = "o.day", "d.digits = e.date"
        openings = "LEFT JOIN opening_days o ON o.file = e.file"
        in_balance = "CASE WHEN is_opening THEN opening_day IS NOT NULL ELSE in_span AND NOT later END"
        day = f"CASE WHEN later AND is_opening THEN opening_day ELSE {own} END"
    else:
        later = f"date > DATE '{ready.as_of}'"
        company = "JOIN computed y ON y.company = e.company"
        opening_day, digits = "NULL::DATE", "d.day = e.date"
        openings = ""
        in_balance, day = "in_span AND NOT later", "date"
        nowhere.append(f"{entries.opening} AND year IS NULL")
    texts = "".join(f", trim(coalesce({text}, '')) AS {text}" for text in ("journal", "number", "label", "piece"))
    return f"""
        SELECT l.*, {in_balance} AS in_balance, {day} AS day, p.sides,
               NOT is_opening AND NOT is_closing AND NOT later AS in_flow
        FROM (
            SELECT * EXCLUDE (journal, number, label, piece, account), trim(account) AS account {texts},
                   {entries.opening} AS is_opening, {entries.closing} AS is_closing, {later} AS later,
                   (trim(coalesce(lettering, '')) <> '')::INTEGER AS lettered,
                   CASE WHEN NOT (customers OR suppliers) THEN NULL
                        WHEN trim(third_party) <> '' THEN trim(third_party) ELSE trim(account) END AS party
            FROM (
                SELECT e.journal, e.journal_label, e.kind, e.number, e.date, e.account, e.third_party, e.label, e.piece,
                       e.lettering, e.debit, e.credit, y.position, a.revenue, a.customers, a.suppliers, a.treasury,
                       d.bucket, d.year, b.span IS NOT NULL AS in_span, {opening_day} AS opening_day
                FROM ({entries.query}) e {company}
                JOIN explained_accounts a ON a.position = y.position AND a.account = trim(e.account)
                LEFT JOIN calendars c ON c.position = y.position
                LEFT JOIN days d ON d.calendar = c.calendar AND {digits} {openings}
                LEFT JOIN balance_spans b ON b.position = y.position AND b.span = coalesce(d.span, 0)
                WHERE e.refusal IS NULL
            ) WHERE NOT ({" OR ".join(f"({wrong})" for wrong in nowhere)})
        ) l LEFT JOIN (
            SELECT position, party, list(side) AS sides FROM explained_parties GROUP BY ALL
        ) p ON p.position = l.position AND p.party = l.party
        """
