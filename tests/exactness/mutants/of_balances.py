"""Mutants of what the books say: headings, openings and closings, third parties, treasury."""

from __future__ import annotations

from .mutant import Edit, Mutant, mutant

_OPENING = "a balance is the sum from the start of the latest fiscal year that has an opening entry counting at as_of"
_CASH = "treasury counts the bank accounts and those cash accounts whose option is on (R7)"

BALANCES = (
    mutant(
        "exclusions-ignored",
        '"-709" excludes a prefix',
        "indicators/accounting.py",
        "THEN {str(holds).lower()}",
        "THEN true",
    ),
    mutant(
        "shortest-prefix-decides",
        "the longest matching prefix decides",
        "domain/headings.py",
        "(-len(rule[0]), rule[1])",
        "(len(rule[0]), rule[1])",
    ),
    mutant(
        "inclusion-before-exclusion",
        "an exclusion goes before an inclusion of the same length",
        "domain/headings.py",
        "(-len(rule[0]), rule[1])",
        "(-len(rule[0]), not rule[1])",
    ),
    mutant(
        "closing-entries-in-flows",
        "closing entries never count in a flow",
        "indicators/accounting_section.py",
        "WHERE NOT opening AND NOT closing AND NOT later",
        "WHERE NOT opening AND NOT later",
    ),
    mutant(
        "opening-entries-in-flows",
        "opening entries are excluded from accounting revenue",
        "indicators/accounting_section.py",
        "WHERE NOT opening AND NOT closing AND NOT later",
        "WHERE NOT closing AND NOT later",
    ),
    mutant(
        "kind-by-its-case",
        "kind is read case aside",
        "sources/dossier_tables.py",
        """return f"lower(trim(coalesce({column}, '')))\"""",
        """return f"trim(coalesce({column}, ''))\"""",
    ),
    mutant(
        "balances-from-the-first-entry",
        _OPENING,
        "indicators/balances.py",
        "first = timeline.spans.inside(Period(start.start, as_of)).start if start else 0",
        "first = 0",
    ),
    mutant(
        "balances-from-the-earliest-opening",
        _OPENING,
        "indicators/balances.py",
        "latest[position] = max(year, latest.get(position, year))",
        "latest[position] = min(year, latest.get(position, year))",
    ),
    mutant(
        "every-opening-counts",
        "two consecutive years loaded together never count the same balance twice",
        "indicators/balances.py",
        "and starts[opening.position].start <= opening.year.start <= as_of",
        "and opening.year.start <= as_of",
    ),
    mutant(
        "openings-outside-every-year",
        "an opening entry that no declared year holds is a bad row and counts nowhere",
        "indicators/accounting.py",
        "{_refusal(entries)} IS NULL AND NOT ({entries.opening} AND year IS NULL) END",
        "{_refusal(entries)} IS NULL END",
    ),
    mutant(
        "no-third-party-without-auxiliary",
        "where the auxiliary account is empty, the third party is the account number itself",
        "indicators/accounting.py",
        "ELSE trim(account) END AS party,",
        "ELSE '' END AS party,",
    ),
    mutant(
        "account-unlabelled-as-third-party",
        "an account that stands for a third party is labelled by the account",
        "indicators/accounting.py",
        "ELSE trim(account_label) END AS party_label",
        "ELSE trim(third_party_label) END AS party_label",
    ),
    mutant(
        "label-of-the-earliest-entry",
        "a label is that of the latest counted entry that has one",
        "indicators/balances.py",
        "max({{'day': day, 'label': {label}}})",
        "min({{'day': day, 'label': {label}}})",
    ),
    mutant(
        "least-label-of-a-day",
        "of the labels of one day the greatest in byte order",
        "indicators/balances.py",
        """f"max({{'day': day, 'label': {label}}}) FILTER (WHERE trim({label}) <> '').label\"""",
        """f"(list({label} ORDER BY day DESC, {label}) FILTER (WHERE trim({label}) <> ''))[1]\"""",
    ),
    mutant(
        "outstanding-label-of-the-last-company",
        "in a family a third party's label is that of the first company by code that has one",
        "indicators/balances.py",
        "arg_min(label, position) AS label",
        "arg_max(label, position) AS label",
    ),
    mutant(
        "third-party-of-two-companies-two-rows",
        "the same third party in two companies is one row, its balances netted (R4)",
        "indicators/balances.py",
        "        GROUP BY scope, code\n",
        "        GROUP BY scope, code, position\n",
    ),
    mutant(
        "credit-taken-off-the-outstanding",
        "the total of an outstanding is that of its positive balances",
        "indicators/balances.py",
        "sum(amount) FILTER (WHERE amount > 0), ",
        "sum(amount), ",
    ),
    mutant(
        "undeclared-cash-accounts-counted",
        _CASH,
        "indicators/balances.py",
        "OR any_value(k.cash_account) IS TRUE",
        'OR any_value(k.cash_account) IS DISTINCT FROM false AND {heading_holds("account", CASH)}',
    ),
    mutant(
        "declared-is-cash-account",
        "false is a declaration: the account is no cash account (R7)",
        "indicators/balances.py",
        "OR any_value(k.cash_account) IS TRUE",
        "OR any_value(k.cash_account) IS NOT NULL",
    ),
    mutant(
        "only-53-accounts-are-cash-accounts",
        "each account that cash_accounts marks as cash account is in the treasury, whatever its number",
        "indicators/balances.py",
        "OR k.cash_account\n",
        "\n",
    ),
    mutant(
        "cash-accounts-of-other-classes-unread",
        "each account that cash_accounts marks as cash account is in the treasury, whatever its number",
        "indicators/accounting.py",
        "    if accounts:\n",
        "    if False:\n",
    ),
    Mutant(
        "overdrafts-netted",
        "assets are the positive balances, overdrafts the negative ones",
        (
            Edit(
                "indicators/result.py",
                "return sum((row.amount for row in self.rows if row.amount > 0), ZERO)",
                "return max(sum((row.amount for row in self.rows), ZERO), ZERO)",
            ),
            Edit(
                "indicators/result.py",
                "return sum((row.amount for row in self.rows if row.amount < 0), ZERO)",
                "return min(sum((row.amount for row in self.rows), ZERO), ZERO)",
            ),
        ),
    ),
)
