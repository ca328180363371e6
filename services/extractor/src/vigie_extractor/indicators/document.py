"""The result document of the contract as plain JSON data: amounts are strings with two decimals and a point."""

from decimal import Decimal
from typing import Any

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.indicators.result import (
    Flows,
    Indicator,
    OrderBook,
    Outstanding,
    Portfolio,
    RankedRow,
    Ranking,
    ScopeResult,
    Treasury,
    Unavailable,
)

Json = dict[str, Any]


def amount(value: Decimal) -> str:
    return f"{value:.2f}"


def scope_document(scope: ScopeResult) -> Json:
    """One element of `scopes`; its `indicators` are what a snapshot carries."""
    return {
        "kind": scope.kind.value,
        "code": scope.code,
        "name": scope.name,
        "currency": scope.currency,
        "periods": {
            "month": [scope.month.start.isoformat(), scope.month.end.isoformat()],
            "year": [scope.year.start.isoformat(), scope.year.end.isoformat()],
        },
        "indicators": {name.value: indicator_document(found) for name, found in scope.indicators.items()},
    }


def indicator_document(indicator: Indicator) -> Json:
    if isinstance(indicator, Unavailable):
        return {"available": False, "reason": indicator.reason}
    return {"available": True, **_figures(indicator)}


def _figures(indicator: Flows | Portfolio | OrderBook | Ranking | Outstanding | Treasury) -> Json:
    match indicator:
        case Flows():
            return _flows(indicator)
        case Portfolio():
            return _amounts(indicator, "amount", "due", "overdue", "delivered")
        case OrderBook():
            return {"amount": amount(indicator.due), **_amounts(indicator, "overdue", "later", "stock", "intake")}
        case Ranking():
            return {
                **_amounts(indicator, "total", "others", "unassigned"),
                "rows": [_ranked(row) for row in indicator.rows],
            }
        case Outstanding():
            return {
                **_amounts(indicator, "total", "in_credit", "others"),
                "rows": [_ranked(row) for row in indicator.rows],
            }
        case Treasury():
            rows = [
                {"company": row.company, "code": row.code, "label": row.label, "amount": amount(row.amount)}
                for row in indicator.rows
            ]
            return {**_amounts(indicator, "amount", "assets", "overdrafts"), "rows": rows}


def anomaly_document(found: Anomaly) -> Json:
    """One element of `anomalies`; where it lies is given when it is about a row or a file."""
    document: Json = {
        "code": found.code.value,
        "severity": found.severity.value,
        "count": found.count,
        "company": found.company,
        "detail": found.detail,
    }
    if found.place is not None:
        place = {"file": found.place.file, "line": found.place.line, "column": found.place.column}
        document |= {key: value for key, value in place.items() if value is not None}
    return document


def _flows(flows: Flows) -> Json:
    document: Json = _amounts(flows, "month", "month_previous_year", "year", "year_previous")
    document["series"] = [[month, amount(value)] for month, value in flows.series]
    if flows.not_provided:
        document["not_provided"] = list(flows.not_provided)
    return document


def _amounts(indicator: Indicator, *names: str) -> Json:
    return {name: amount(getattr(indicator, name)) for name in names}


def _ranked(row: RankedRow) -> Json:
    return {
        "rank": row.rank,
        "code": row.code,
        "label": row.label,
        "amount": amount(row.amount),
        "share": None if row.share is None else f"{row.share:.4f}",
    }
