"""How large a dossier for measuring is."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

LINES_A_DOCUMENT = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """`lines`: rows of `sales_lines`, rounded up to whole documents, and about twice as many as there are entry lines;
    `books`: as FEC files, or as one table in the format of the others."""

    lines: int
    companies: int
    families: int
    format: Literal["csv", "parquet"]
    books: Literal["fec", "entries"]
    seed: int
    as_of: date

    @property
    def documents(self) -> int:
        """The number of sales documents."""
        return -(-self.lines // LINES_A_DOCUMENT)

    @property
    def start(self) -> date:
        """The first day: two calendar years before the one of `as_of`."""
        return date(self.as_of.year - 2, 1, 1)

    def codes(self) -> list[str]:
        """The companies' codes: S01, S02, ..."""
        return [f"S{n:02d}" for n in range(1, self.companies + 1)]

    def members(self) -> dict[str, str]:
        """The members of each family, as the table has them: companies are dealt out in turn."""
        codes = self.codes()
        return {f"G{n + 1:02d}": ";".join(codes[n :: self.families]) for n in range(self.families)}
