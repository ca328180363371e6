"""Refused rows as anomalies: the first ones one by one, with their place, the rest as one count."""

from collections.abc import Callable, Iterator, Mapping

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly
from vigie_extractor.sources.canonical import BadRow

SHOWN = 50


def refused_rows(
    file: str,
    counts: Mapping[str, int],
    bad_rows: Callable[[int], Iterator[BadRow]],
    company: str | None = None,
) -> Iterator[Anomaly]:
    """One anomaly for each of the first refused rows of a file. `counts` are rows by what was wrong with them; the file
    is read again only when there is one."""
    shown: dict[AnomalyCode, int] = {}
    if not any(counts.values()):
        return
    for row in bad_rows(SHOWN):
        code = AnomalyCode.UNKNOWN_COMPANY if row.column == "company" else AnomalyCode.BAD_ROW
        shown[code] = shown.get(code, 0) + 1
        what = f"{row.column} {row.value!r}" if row.column else "the row"
        yield anomaly(
            code,
            f"{file} line {row.line}: {what} {row.reason}",
            company,
            place=Place(file, row.line, row.column, row.value),
        )
    totals = {
        AnomalyCode.UNKNOWN_COMPANY: counts.get("company", 0),
        AnomalyCode.BAD_ROW: sum(count for column, count in counts.items() if column != "company"),
    }
    for code, total in totals.items():
        rest = total - shown.get(code, 0)
        if rest > 0:
            yield anomaly(code, f"{file}: {rest} more rows refused", company, rest, Place(file))
