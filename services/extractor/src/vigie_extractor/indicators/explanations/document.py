"""An explanation as plain JSON data, and how it is kept within its bound."""

import json
from collections.abc import Mapping
from typing import Any

from vigie_extractor.indicators.document import amount
from vigie_extractor.indicators.explanations.model import (
    AccountRow,
    Breakdown,
    Difference,
    DocumentRow,
    EntryRow,
    Explained,
    Explanation,
    GroupRow,
    Row,
    SumRow,
    Unexplained,
    shortened,
)
from vigie_extractor.indicators.result import IndicatorId

Json = dict[str, Any]

MOST_BYTES = 256 * 1024
"""How large the explanations of one scope are at most, as JSON in UTF-8."""

_LENGTHS = (25, 16, 10, 6, 4, 2, 0)
_LONGEST_TEXT = 120


def explanations_document(explanations: Mapping[IndicatorId, Explanation]) -> Json:
    """The explanations of one scope, by indicator, in at most MOST_BYTES: where they would be larger, every list is cut
    to the same length, what is cut going into its rest, until they fit."""
    for length in _LENGTHS:
        document = {name.value: _explanation(shortened(one, length)) for name, one in explanations.items()}
        if _size(document) <= MOST_BYTES:
            return document
    reason = "the figures of this scope have more rows than an explanation can hold"
    return {name.value: _explanation(Unexplained(reason)) for name in explanations}


def _size(document: Json) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _explanation(explanation: Explanation) -> Json:
    match explanation:
        case Unexplained(reason):
            return {"available": False, "reason": reason}
        case Explained(breakdowns, differences):
            return {
                "available": True,
                "breakdowns": [_breakdown(one) for one in breakdowns],
                "differences": [_difference(one) for one in differences],
            }


def _breakdown(one: Breakdown) -> Json:
    return {
        "of": one.of,
        "code": one.code,
        "company": one.company,
        "by": one.by,
        "amount": amount(one.amount),
        "count": one.count,
        "rows": [_row(row) for row in one.rows],
        "rest": {"count": one.rest.count, "amount": amount(one.rest.amount)},
        "rounding": amount(one.rounding),
    }


def _row(row: Row) -> Json:
    match row:
        case DocumentRow():
            return {
                "kind": "document",
                "company": row.company,
                "document_type": row.document_type,
                "document": None if row.document is None else _text(row.document),
                "date": row.date.isoformat(),
                "due_date": None if row.due_date is None else row.due_date.isoformat(),
                "customer": None if row.customer is None else _text(row.customer),
                "label": _text(row.label),
                "lines": row.lines,
                "amount": amount(row.amount),
            }
        case EntryRow():
            return {
                "kind": "entry",
                "company": row.company,
                "account": _text(row.account),
                "journal": _text(row.journal),
                "number": _text(row.number),
                "date": row.date.isoformat(),
                "label": _text(row.label),
                "piece": _text(row.piece),
                "amount": amount(row.amount),
            }
        case AccountRow():
            return {
                "kind": "account",
                "company": row.company,
                "code": _text(row.code),
                "label": _text(row.label),
                "entries": row.entries,
                "amount": amount(row.amount),
            }
        case GroupRow():
            return {"kind": "group", "code": _text(row.code), "label": _text(row.label), "amount": amount(row.amount)}
        case SumRow():
            return {"kind": "sum", "name": row.name, "count": row.count, "amount": amount(row.amount)}


def _difference(one: Difference) -> Json:
    return {
        "of": one.of,
        "against": one.against,
        "by": one.by,
        "amount": amount(one.amount),
        "count": one.count,
        "rows": [
            {
                "code": None if row.code is None else _text(row.code),
                "label": _text(row.label),
                "current": amount(row.current),
                "previous": amount(row.previous),
                "amount": amount(row.amount),
            }
            for row in one.rows
        ],
        "rest": {
            "count": one.rest.count,
            "current": amount(one.rest.current),
            "previous": amount(one.rest.previous),
            "amount": amount(one.rest.amount),
        },
        "rounding": amount(one.rounding),
    }


def _text(text: str) -> str:
    """A text of the source, cut where it is longer than anybody reads."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
