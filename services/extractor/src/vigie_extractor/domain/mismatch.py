"""Where a source and the directory disagree: told with both values, and mended by importing the source again."""

from collections.abc import Callable, Collection, Sequence

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, anomaly
from vigie_extractor.domain.company import Company, Family, Structure

_NAMED = 20
"""So many codes are named at most in one finding."""

_COMPANY_FIELDS: tuple[tuple[str, Callable[[Company], object]], ...] = (
    ("name", lambda company: company.name),
    ("accounting currency", lambda company: company.accounting_currency),
    ("reporting currency", lambda company: company.reporting_currency),
    ("reporting rate", lambda company: company.reporting_rate),
    (
        "fiscal years",
        lambda company: ", ".join(f"{year.start}/{year.end} {year.unit}" for year in sorted(company.fiscal_years)),
    ),
)

_FAMILY_FIELDS: tuple[tuple[str, Callable[[Family], object]], ...] = (
    ("name", lambda family: family.name),
    ("companies", lambda family: ", ".join(family.companies)),
)


def mismatches(
    directory: Structure, source: Structure, companies: Collection[str], families: Collection[str]
) -> tuple[Anomaly, ...]:
    """What the two say differently about these companies and families. Shortcut codes are the directory's own."""
    found = []
    if directory.kind != source.kind:
        found.append(_difference("the dossier", "kind", directory.kind, source.kind))
    for code in companies:
        ours, theirs = directory.company(code), source.company(code)
        if ours is None or theirs is None:
            found.append(_absent(f"company {code}", in_directory=ours is not None, company=code))
            continue
        found += [
            _difference(f"company {code}", name, value(ours), value(theirs), code)
            for name, value in _COMPANY_FIELDS
            if value(ours) != value(theirs)
        ]
    in_directory, in_source = ({family.code: family for family in one.families} for one in (directory, source))
    for code in families:
        if code not in in_directory or code not in in_source:
            found.append(_absent(f"family {code}", in_directory=code in in_directory))
            continue
        found += [
            _difference(f"family {code}", name, value(in_directory[code]), value(in_source[code]))
            for name, value in _FAMILY_FIELDS
            if value(in_directory[code]) != value(in_source[code])
        ]
    return tuple(found)


def only_in_source(source: Structure, directory: Structure) -> tuple[Anomaly, ...]:
    """The companies and families of a source that the directory lacks: one finding for each kind, however many."""
    known = {family.code for family in directory.families}
    new = {
        "companies": [one.code for one in source.companies if directory.company(one.code) is None],
        "families": [one.code for one in source.families if one.code not in known],
    }
    return tuple(
        anomaly(
            AnomalyCode.DIRECTORY_MISMATCH,
            f"the source has {kind} that the directory has not: {_listed(codes)}; import the source again",
            count=len(codes),
        )
        for kind, codes in new.items()
        if codes
    )


def _listed(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
    return f"{', '.join(codes[:_NAMED])}{more}"


def _difference(what: str, field: str, ours: object, theirs: object, company: str | None = None) -> Anomaly:
    detail = f"{what}: {field} is {ours} in the directory and {theirs} in the source; import the source again"
    return anomaly(AnomalyCode.DIRECTORY_MISMATCH, detail, company)


def _absent(what: str, *, in_directory: bool, company: str | None = None) -> Anomaly:
    where = "the directory and not in the source" if in_directory else "the source and not in the directory"
    return anomaly(AnomalyCode.DIRECTORY_MISMATCH, f"{what} is in {where}; import the source again", company)
