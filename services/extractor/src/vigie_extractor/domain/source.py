"""Sources as a client declares them: which folder holds the data of which companies."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.selection import Selection


class SourceKind(StrEnum):
    DOSSIER = "dossier"
    FEC = "fec"


@dataclass(frozen=True, slots=True)
class Source:
    """`companies` None: all of the client, and then no other source has a place beside it. `watch`: a new or changed
    file starts an extraction."""

    name: str
    kind: SourceKind
    location: str
    companies: tuple[str, ...] | None = None
    watch: bool = False

    def shares_a_company_with(self, other: "Source") -> bool:
        if self.companies is None or other.companies is None:
            return True
        return not set(self.companies).isdisjoint(other.companies)


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something that needs a source: `where` names it."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What a schedule is about: all that is ticked *to extract* where it names neither companies nor families."""

    id: UUID
    name: str
    selection: Selection


def dependents(
    source: Source, directory: Structure, to_extract: Structure, schedules: Iterable[Planned]
) -> tuple[Dependent, ...]:
    """The companies and families ticked *to extract* that are read from a source, and the schedules that are about one
    that is. `directory` has also those that are not ticked."""
    here = {one.code for one in directory.companies} if source.companies is None else set(source.companies)
    families = {one.code for one in directory.families if not here.isdisjoint(one.companies)}
    ticked = (
        *(
            Dependent(f"companies.{one.code}", "is to be extracted, and is read from this source")
            for one in to_extract.companies
            if one.code in here
        ),
        *(
            Dependent(f"families.{one.code}", "is to be extracted, and its companies are read from this source")
            for one in to_extract.families
            if one.code in families
        ),
    )

    def needs(selection: Selection) -> bool:
        if selection.companies is None and selection.families is None:
            return bool(ticked)
        return not (here.isdisjoint(selection.companies or ()) and families.isdisjoint(selection.families or ()))

    return (
        *ticked,
        *(
            Dependent(f"schedules.{one.id}", f"the schedule {one.name} extracts from this source")
            for one in schedules
            if needs(one.selection)
        ),
    )


def rival(source: Source, others: Iterable[Source]) -> Source | None:
    """Another source that a company would be read from as well; one company has one source."""
    return next((other for other in others if other.name != source.name and source.shares_a_company_with(other)), None)


def is_watched_already(before: Source | None, after: Source) -> bool:
    """Whether the folder of a source that is to be watched is watched already, so that what is new there stays new."""
    if before is None or not before.watch:
        return False
    return (before.kind, before.location) == (after.kind, after.location)
