"""Mutants of the rounding, the rate, and the sums of rounded amounts."""

from __future__ import annotations

from .mutant import Edit, Mutant, mutant

_HALF_AWAY = "half away from zero to two places"
_ONCE = "rounding is done once, on exact sums"

AMOUNTS = (
    mutant(
        "flows-rounded-half-even",
        _HALF_AWAY,
        "indicators/result.py",
        "rounding=ROUND_HALF_UP)",
        'rounding="ROUND_HALF_EVEN")',
    ),
    mutant(
        "rankings-rounded-half-even",
        _HALF_AWAY,
        "indicators/ranking.py",
        "round(month{rate}, 2) AS month",
        "round_even(month{rate}, 2)::DECIMAL(38, 2) AS month",
    ),
    mutant(
        "balances-rounded-half-towards-zero",
        _HALF_AWAY,
        "indicators/balances.py",
        'f"round({exact}, 2)"',
        'f"round({exact} - 0.0001 * sign({exact}), 2)"',
    ),
    mutant(
        "sales-rounded-line-by-line",
        _ONCE,
        "indicators/sales.py",
        "AS after_system_date, sum(e.net_amount)",
        "AS after_system_date, sum(round(e.net_amount, 2))",
    ),
    mutant(
        "ranked-sales-rounded-line-by-line",
        _ONCE,
        "indicators/ranking.py",
        "sum(net_amount) {of_year} AS year",
        "sum(round(net_amount, 2)) {of_year} AS year",
    ),
    mutant(
        "entries-rounded-line-by-line",
        _ONCE,
        "indicators/accounting.py",
        "sum(amount) AS amount, count(*) AS lines, min(date)",
        "sum(round(amount, 2)) AS amount, count(*) AS lines, min(date)",
    ),
    Mutant(
        "family-rounded-instead-of-its-companies",
        "rounding is done per company; a family adds the rounded amounts",
        (
            Edit(
                "indicators/balances.py",
                "SELECT position, party AS code, {_rounded(rated, sign)} AS amount",
                "SELECT position, party AS code, ({sign}sum(amount))::DECIMAL(22,4) * any_value(rate) AS amount",
            ),
            Edit(
                "indicators/balances.py",
                "SELECT scope, code, sum(amount) AS amount, arg_min",
                "SELECT scope, code, round(sum(amount), 2) AS amount, arg_min",
            ),
        ),
    ),
    mutant(
        "rate-applied-to-rounded-amounts",
        "amounts are multiplied by reporting_rate after summation, before the rounding",
        "indicators/result.py",
        "_EXACT.multiply(amount, rate)",
        "_EXACT.multiply(_EXACT.quantize(amount, ZERO), rate)",
    ),
    mutant(
        "balances-without-the-rate",
        "with currency = reporting every amount is multiplied by the company's reporting_rate",
        "indicators/balances.py",
        'f"round(({exact})::DECIMAL(22,4) * any_value(rate), 2)"',
        'f"round(({exact})::DECIMAL(22,4), 2)"',
    ),
    mutant(
        "share-truncated",
        "share has four decimals, half away from zero",
        "indicators/result.py",
        "// int(total * 100) + 1) // 2",
        "// int(total * 100)) // 2",
    ),
)
