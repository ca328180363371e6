"""Two result documents figure by figure, and the anomalies a document should and may report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .reference import Finding
from .reference.anomalies import OTHER_CODES, SEVERITIES

Document = Mapping[str, Any]


def _fields(expected: object, got: object, where: str) -> Iterator[str]:
    """Every difference of two values, each named by the way to it. Texts and amounts must be the same to the letter."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for name in sorted({*expected, *got}):
            if name not in got:
                yield f"{where}.{name}: missing, expected {expected[name]!r}"
            elif name not in expected:
                yield f"{where}.{name}: unexpected {got[name]!r}"
            else:
                yield from _fields(expected[name], got[name], f"{where}.{name}")
    elif isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            yield f"{where}: expected {len(expected)} rows {expected!r}, got {len(got)} {got!r}"
        else:
            for position, (one, other) in enumerate(zip(expected, got, strict=True)):
                yield from _fields(one, other, f"{where}[{position}]")
    elif type(expected) is not type(got) or expected != got:
        yield f"{where}: expected {expected!r}, got {got!r}"


def _indicator(expected: Mapping[str, Any], got: Mapping[str, Any], where: str) -> Iterator[str]:
    """The wording of a reason is the product's own, but there is one. What a phone is not to show as a comparison is
    said by a member of the product's own, beside the figures."""
    got = {name: value for name, value in got.items() if name != "not_provided"}
    if expected["available"] or got.get("available") is not False:
        yield from _fields(expected, got, where)
    elif set(got) != {"available", "reason"} or not isinstance(got["reason"], str) or not got["reason"]:
        yield f"{where}: not available needs a reason and nothing else, got {dict(got)!r}"


def differences(expected: Document, got: Document) -> list[str]:
    """The figures that differ, readable one by one; empty when the documents say the same. Order of scopes is free."""
    found = list(_fields(expected["as_of"], got.get("as_of"), "as_of"))
    ours = {(scope["kind"], scope["code"]): scope for scope in expected["scopes"]}
    theirs = {(scope["kind"], scope["code"]): scope for scope in got["scopes"]}
    if len(theirs) != len(got["scopes"]):
        found.append("a scope is there twice")
    for key in sorted({*ours, *theirs}):
        where = " ".join(key)
        if key not in theirs or key not in ours:
            found.append(f"{where}: {'missing' if key in ours else 'unexpected'} scope")
            continue
        one, other = dict(ours[key]), dict(theirs[key])
        indicators, answered = one.pop("indicators"), other.pop("indicators", {})
        found += _fields(one, other, where)
        found += [f"{where}.{name}: missing" for name in indicators if name not in answered]
        found += [f"{where}.{name}: unexpected" for name in answered if name not in indicators]
        for name in indicators:
            if name in answered:
                found += _indicator(indicators[name], answered[name], f"{where}.{name}")
    return found


def _same_company(expected: str | None, got: object) -> bool:
    """Whether the text attributes an anomaly about rows to a company or to a file is open: either may be None."""
    return expected is None or got is None or expected == got


def anomaly_differences(expected: Iterable[Finding], got: Sequence[Document]) -> list[str]:
    """What is due and not reported, reported and not due, or reported with another count, company or severity."""
    findings = list(expected)
    found = []
    due = {(finding.code, finding.company, finding.count) for finding in findings if finding.certain}
    for code, company, count in sorted(due, key=str):
        reported = [one for one in got if one["code"] == code and _same_company(company, one.get("company"))]
        if not reported:
            found.append(f"anomaly {code} of {company}: missing")
        elif count is not None and sum(one["count"] for one in reported) != count:
            found.append(f"anomaly {code} of {company}: expected {count}, got {[one['count'] for one in reported]}")
    for one in got:
        code, company = one["code"], one.get("company")
        if code not in SEVERITIES and code not in OTHER_CODES:
            found.append(f"anomaly {code} of {company}: not in the closed list")
        elif not any(finding.code == code and _same_company(finding.company, company) for finding in findings):
            found.append(f"anomaly {code} of {company}: not due: {one.get('detail')!r}")
        if one["severity"] != SEVERITIES.get(code, one["severity"]):
            found.append(f"anomaly {code} of {company}: expected {SEVERITIES[code]}, got {one['severity']}")
    return found
