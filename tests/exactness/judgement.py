"""One run of the product against the answer of the reference: exit status, figures, anomalies."""

from __future__ import annotations

from .comparison import anomaly_differences, differences
from .product import Extraction
from .reference import Answer


def _refused_by_r8(got: Extraction, expected: Answer) -> bool:
    """Nothing was extracted, and standard error lists all criteria that fail, and no other."""
    every = {"fiscal_periods", "time_unit", "accounting_currency", "reporting_currency"}
    listed = {criterion for criterion in every if criterion in got.errors}
    return got.status == 2 and any(criteria and listed == criteria for criteria in expected.verdicts)


def figure_problems(got: Extraction, expected: Answer) -> list[str]:
    """Everything in which the exit status and the figures are not what they should be, readable one by one."""
    if _refused_by_r8(got, expected):
        return []
    if frozenset() not in expected.verdicts:
        return [f"R8 fails ({[*map(sorted, expected.verdicts)]}), got status {got.status}: {got.errors}"]
    if got.status != expected.status:
        return [f"expected exit status {expected.status}, got {got.status}: {got.errors}"]
    return [] if got.document is None else differences(expected.document, got.document)


def anomaly_problems(got: Extraction, expected: Answer) -> list[str]:
    """The anomalies that are missing, not due or other than they should be, of an extraction with the right status."""
    if _refused_by_r8(got, expected):
        return []
    if got.document is None:
        due = {finding.code for finding in expected.findings if finding.certain}
        codes = due & {"no_fiscal_year", "overlapping_fiscal_years", "family_incomplete"}
        return [f"{code} is not on standard error: {got.errors}" for code in sorted(codes) if code not in got.errors]
    anomalies = got.document["anomalies"]
    assert isinstance(anomalies, list)
    return anomaly_differences(expected.findings, anomalies)
