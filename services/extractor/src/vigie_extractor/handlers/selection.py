"""From what is asked for and the directory to the scopes of an extraction and the verdict of R8 on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vigie_extractor.auth import Directory
from vigie_extractor.domain.company import DossierKind
from vigie_extractor.domain.criteria import CriterionFailure, Verdict, verdict
from vigie_extractor.domain.selection import Scopes, Selection, UnknownScopeError, choose
from vigie_shared.errors import Conflict, Unprocessable


@dataclass(frozen=True, slots=True)
class Judged:
    """The scopes that are to be extracted, and whether they may be, by the directory and one user's rights."""

    scopes: Scopes
    verdict: Verdict

    @property
    def companies_read(self) -> tuple[str, ...]:
        return tuple(company.code for company in self.scopes.read)


def failures_document(failures: Sequence[CriterionFailure]) -> list[dict[str, Any]]:
    """The failing criteria of R8 as the contract writes them."""
    return [
        {"criterion": one.criterion.value, "companies": list(one.companies), "values": list(one.values)}
        for one in failures
    ]


def refused(failures: Sequence[CriterionFailure]) -> Conflict:
    """R8 does not allow it: every criterion at odds is told."""
    listed = failures_document(failures)
    return Conflict(
        "These companies cannot be extracted together as things stand; every criterion at odds is listed in "
        "`failures`.",
        errors=listed,
        extra={"failures": listed},
    )


def judge(directory: Directory, selection: Selection, within: Sequence[str] | None = None) -> Judged:
    """Everything ticked *to extract* where nothing is named, `within` some companies where these are given. The members
    of a family count like companies (R8).

    Raises Unprocessable for what the directory does not know, and Conflict for families in a multi-base dossier (R3)
    or where nothing is left to extract.
    """
    structure = directory.structure()
    if selection.families and structure.kind is DossierKind.MULTI_BASE:
        raise Conflict("Families exist only in a single-base dossier, and this one is not. Ask for companies.")
    named = selection
    if selection.companies is None and selection.families is None:
        named = Selection(
            tuple(one.code for one in directory.companies if one.to_extract and _lies_in(within, [one.code])),
            tuple(one.code for one in directory.families if one.to_extract and _lies_in(within, one.companies)),
        )
    try:
        scopes = choose(structure, named)
    except UnknownScopeError as error:
        raise Unprocessable(str(error), errors=[{"where": "body", "what": str(error)}]) from None
    if not scopes.companies and not scopes.families:
        raise Conflict("Nothing is to be extracted: tick companies or families, or name some.")
    return Judged(scopes, verdict(structure.kind, scopes.read, directory.may_extract))


def _lies_in(within: Sequence[str] | None, companies: Sequence[str]) -> bool:
    return within is None or set(companies) <= set(within)
