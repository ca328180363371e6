"""What there is to say about the entries: refused, unbalanced, too late, or on accounts that call for a word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly, warning
from vigie_extractor.domain.company import FiscalYear
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import EntryScan, Imbalance, unbalanced_entries
from vigie_extractor.indicators.balances import AccountBalance
from vigie_extractor.indicators.file_years import FileYear
from vigie_extractor.indicators.timeline import Timeline
from vigie_extractor.readiness import ReadyCompany
from vigie_extractor.sources.canonical import Entries, FileCount
from vigie_extractor.sources.refusals import refused_rows

EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class EntryFindings:
    """Anomalies about the entries of the computed companies, each kind by its method, and the row counts by file."""

    engine: Engine
    entries: Entries
    scan: EntryScan
    imbalance: Imbalance
    companies: Mapping[int, ReadyCompany]
    codes: Sequence[str]
    timelines: Mapping[int, Timeline]
    file_years: Sequence[FileYear]

    def counts(self) -> tuple[FileCount, ...]:
        return tuple(
            FileCount(
                file.file,
                self.scan.read.get(file.index, 0),
                sum(self.scan.refused.get(file.index, {}).values()) + file.lost,
            )
            for file in self.entries.files
        )

    def refused(self) -> Iterator[Anomaly]:
        for file in self.entries.files:
            counts = dict(self.scan.refused.get(file.index, {}))
            without_year = counts.pop("opening", 0) if self.entries.is_fec else 0
            if file.lost:
                counts["NUL"] = file.lost
            yield from refused_rows(file.file, counts, file.bad_rows, file.company)
            if without_year:
                detail = f"{file.file}: {without_year} opening entries refused, its fiscal year cannot be told"
                yield anomaly(AnomalyCode.BAD_ROW, detail, file.company, without_year, Place(file.file))

    def outside_year(self) -> Iterator[Anomaly]:
        for found in self.file_years:
            if found.outside:
                year = f"{found.year.start}/{found.year.end}" if found.year else "which cannot be told"
                detail = (
                    f"{found.file.file}: {found.outside} entries are dated outside the fiscal year of their file, "
                    f"{year}; they count at their own date"
                )
                place = Place(found.file.file, column="EcritureDate")
                yield warning(anomaly(AnomalyCode.BAD_ROW, detail, found.file.company, found.outside, place))

    def unbalanced(self) -> Iterator[Anomaly]:
        names = {file.index: file for file in self.entries.files}
        for (index, position), difference in sorted(self.imbalance.files.items()):
            detail = f"{names[index].file}: debit and credit differ by {difference:f}"
            place = Place(names[index].file)
            yield anomaly(AnomalyCode.UNBALANCED_FILE, detail, self.codes[position], place=place)
        for found in unbalanced_entries(
            self.engine, self.entries, self.imbalance.entries, timelines=self.timelines, examples=EXAMPLES
        ):
            file = names[found.file].file
            more = ", ..." if found.count > len(found.examples) else ""
            detail = f"{file}: debit and credit differ in {found.count} entries: {', '.join(found.examples)}{more}"
            company = self.codes[found.position]
            yield anomaly(AnomalyCode.UNBALANCED_ENTRY, detail, company, found.count, Place(file))

    def later(self) -> Iterator[Anomaly]:
        """R6: what counts after the system date; the opening of a FEC counts on the first day of its year."""
        own_day = "NOT opening" if self.entries.is_fec else "true"
        late = dict(
            self.engine.run(
                f"SELECT position, sum(lines)::BIGINT FROM cells WHERE later AND {own_day} GROUP BY position"
            )
        )
        if self.entries.is_fec:
            openings = dict(self.engine.run("SELECT file, sum(lines)::BIGINT FROM cells WHERE opening GROUP BY file"))
            positions = {company.company.code: position for position, company in self.companies.items()}
            for found in self.file_years:
                position = positions[found.file.company or ""]
                if found.year and found.year.start > self.companies[position].periods.as_of:
                    late[position] = late.get(position, 0) + openings.get(found.file.index, 0)
        for position, company in self.companies.items():
            if late.get(position):
                detail = f"{late[position]} entries count after {company.periods.as_of} and are left out"
                yield anomaly(AnomalyCode.ENTRY_AFTER_SYSTEM_DATE, detail, company.company.code, late[position])

    def without_opening(self, starts: Mapping[int, FiscalYear], earliest: Mapping[int, date]) -> Iterator[Anomaly]:
        for position, company in self.companies.items():
            if position in earliest and position not in starts:
                detail = f"no opening entry counts: balances run from the first entry, {earliest[position]}"
                yield anomaly(AnomalyCode.NO_OPENING_ENTRIES, detail, company.company.code)

    def cash_undeclared(
        self, cash: Sequence[AccountBalance], declared: Mapping[tuple[str, str], bool]
    ) -> Iterator[Anomaly]:
        for balance in cash:
            code = self.codes[balance.position]
            if (code, balance.account) not in declared:
                detail = f"account {balance.account} {balance.label} is not declared as cash account or not: left out"
                yield anomaly(AnomalyCode.CASH_ACCOUNT_UNDECLARED, detail, code)

    def transfers_open(self, transfers: Sequence[AccountBalance]) -> Iterator[Anomaly]:
        for balance in transfers:
            detail = f"internal transfer account {balance.account} is open by {balance.amount:f}"
            yield anomaly(AnomalyCode.INTERNAL_TRANSFER_OPEN, detail, self.codes[balance.position])
