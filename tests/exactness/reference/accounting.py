"""The four accounting indicators (indicators.md, "Accounting indicators")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from .model import Entry
from .money import ZERO, byte_order, share, total, written
from .periods import Span
from .scope import Figures, Scope, best_first, flows, not_available

INDICATORS = ("accounting_revenue", "top_customer_outstanding", "top_supplier_outstanding", "treasury_position")


def in_heading(heading: list[str], account: str) -> bool:
    """The longest matching prefix decides, an exclusion (`-709`) before an inclusion of the same length."""
    inclusions = [prefix for prefix in heading if not prefix.startswith("-") and account.startswith(prefix)]
    exclusions = [prefix[1:] for prefix in heading if prefix.startswith("-") and account.startswith(prefix[1:])]
    longest_inclusion = max((len(prefix) for prefix in inclusions), default=-1)
    longest_exclusion = max((len(prefix) for prefix in exclusions), default=-1)
    return longest_inclusion > longest_exclusion


def opening_year_start(entries: list[Entry], as_of: date) -> date | None:
    """The start of the latest fiscal year that has an opening entry counting at `as_of`; None where none has."""
    starts = [line.year.start for line in entries if line.year is not None and line.counts_on <= as_of]
    return max(starts, default=None)


def balance_entries(entries: list[Entry], as_of: date) -> list[Entry]:
    """What a balance is made of: from the start of that year, else from the first entry on, up to `as_of` (R6).

    Reading: closing entries never count in a flow, but they are part of a balance.
    """
    start = opening_year_start(entries, as_of)
    return [line for line in entries if line.counts_on <= as_of and (start is None or line.counts_on >= start)]


def latest_label(labels: list[tuple[date, str]]) -> str:
    """The label of the latest entry that has one, by the date on which it counts (ties: the greatest in byte order)."""
    present = [(day, byte_order(label), label) for day, label in labels if label != ""]
    return max(present)[2] if present else ""


def accounting_revenue(scope: Scope) -> Figures:
    """Credit − debit on the accounts of `net_revenue`; opening and closing entries excluded."""
    heading = scope.dossier.parameters.headings["net_revenue"]

    def flow(span: Callable[[str], Span]) -> str:
        return written(
            scope.added(
                lambda company: [
                    line.credit - line.debit
                    for line in scope.dossier.entries[company]
                    if line.kind == "normal"
                    and span(company).holds(line.counts_on)
                    and in_heading(heading, line.account)
                ]
            )
        )

    return flows(scope, flow)


def third_party(line: Entry) -> tuple[str, str]:
    """Code and label: of the auxiliary account; where it is empty, of the account itself."""
    if line.third_party:
        return line.third_party, line.third_party_label
    return line.account, line.account_label


def outstanding(scope: Scope, heading_name: str, sign: Callable[[Entry], Decimal]) -> Figures:
    """Balances at `as_of` by third party, netted by code over a family; the positive ones are ranked."""
    heading = scope.dossier.parameters.headings[heading_name]

    def lines(company: str) -> list[Entry]:
        counted = balance_entries(scope.dossier.entries[company], scope.as_of)
        return [line for line in counted if in_heading(heading, line.account)]

    def by_code(company: str) -> dict[str, list[Decimal]]:
        groups: dict[str, list[Decimal]] = {}
        for line in lines(company):
            groups.setdefault(third_party(line)[0], []).append(sign(line))
        return groups

    def label(code: str) -> str:
        """In a family that of the first company by code that has one; else the code.

        Reading: a counted entry is one that is part of the balance, hence also of its heading.
        """
        for company in scope.members:
            parties = [(line.counts_on, *third_party(line)) for line in lines(company)]
            found = latest_label([(day, text) for day, party, text in parties if party == code])
            if found:
                return found
        return code

    balances = scope.netted(by_code)
    positive = total(amount for amount in balances.values() if amount > ZERO)
    in_credit = total(amount for amount in balances.values() if amount < ZERO)
    rows = best_first(balances)
    return {
        "available": True,
        "total": written(positive),
        "in_credit": written(in_credit),
        "others": written(positive - total(amount for _, amount in rows)),
        "rows": [
            {
                "rank": rank,
                "code": code,
                "label": label(code),
                "amount": written(amount),
                "share": share(amount, positive),
            }
            for rank, (code, amount) in enumerate(rows, start=1)
        ],
    }


def treasury_position(scope: Scope) -> Figures:
    """Each account of `bank`, and each that `cash_accounts` marks as cash account (R7), by company and account."""
    bank = scope.dossier.parameters.headings["bank"]
    rows: list[dict[str, str]] = []
    amounts: list[Decimal] = []
    for company in scope.members:
        counted = balance_entries(scope.dossier.entries[company], scope.as_of)
        for account in sorted({line.account for line in counted}, key=byte_order):
            if not in_heading(bank, account) and not scope.dossier.cash_accounts.get((company, account), False):
                continue
            lines = [line for line in counted if line.account == account]
            balance = scope.rounded(company, [line.debit - line.credit for line in lines])
            if balance == ZERO:
                continue
            label = latest_label([(line.counts_on, line.account_label) for line in lines]) or account
            rows.append({"company": company, "code": account, "label": label, "amount": written(balance)})
            amounts.append(balance)
    return {
        "available": True,
        "amount": written(total(amounts)),
        "assets": written(total(amount for amount in amounts if amount > ZERO)),
        "overdrafts": written(total(amount for amount in amounts if amount < ZERO)),
        "rows": rows,
    }


def accounting_indicators(scope: Scope) -> dict[str, Figures]:
    """All four; a company without books has none of them, nor has a family that holds it."""
    without = [company for company in scope.members if company not in scope.dossier.entries]
    if without:
        return {indicator: not_available(f"no entries or FEC of {without}") for indicator in INDICATORS}
    return {
        "accounting_revenue": accounting_revenue(scope),
        "top_customer_outstanding": outstanding(scope, "customer_outstanding", lambda line: line.debit - line.credit),
        "top_supplier_outstanding": outstanding(scope, "supplier_outstanding", lambda line: line.credit - line.debit),
        "treasury_position": treasury_position(scope),
    }
