"""Master tables (customers, items, sales representatives): the first row of each code, loaded once."""

from collections.abc import Iterable, Sequence

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, Place, anomaly
from vigie_extractor.engine import Engine, name
from vigie_extractor.sources.canonical import AXIS, FileCount, Master
from vigie_extractor.sources.dossier_rows import UNKNOWN_COMPANY, RawTable, bad_rows, joined, refusal
from vigie_extractor.sources.refusals import refused_rows

REQUIRED = ("company", "code", "name")


def load_master(engine: Engine, raw: RawTable, optional: Sequence[str]) -> tuple[Master, Iterable[Anomaly], FileCount]:
    """The master table of one file, with those of the `optional` columns that it has."""
    table, file = raw.file.table, raw.file.name
    columns = [column for column in optional if raw.has(column)]
    refused = refusal(raw, {"code": f"NOT {raw.present('code')}", **UNKNOWN_COMPANY})
    firsts = "".join(
        f", arg_min(coalesce({raw.raw(column)}, ''), r.\" place\") AS {name(column)}" for column in ["name", *columns]
    )
    with engine.in_file_order():
        engine.run(
            f"CREATE TEMP TABLE {table} AS SELECT k.position, {raw.raw('code')} AS code, {refused} AS refusal, "
            f"count(*) AS times{firsts} FROM {joined(raw, place=True)} GROUP BY 1, 2, 3"
        )
    counts = dict(engine.run(f"SELECT coalesce(refusal, ''), sum(times)::BIGINT FROM {table} GROUP BY 1"))
    read = counts.pop("", 0)
    anomalies = list(refused_rows(file, counts, lambda limit: bad_rows(engine, raw, refused, {}, limit)))
    repeated = engine.run(
        f"SELECT k.code, sum(times - 1)::BIGINT, min(m.code) FROM {table} m JOIN known_companies k USING (position) "
        f"WHERE refusal IS NULL AND times > 1 GROUP BY k.code ORDER BY k.code"
    )
    anomalies += [
        anomaly(
            AnomalyCode.DUPLICATE_MASTER,
            f"{file}: {times} rows repeat a code that came before, for example {example}; the first row counts",
            company,
            times,
            Place(file),
        )
        for company, times, example in repeated
    ]
    engine.run(f"DELETE FROM {table} WHERE refusal IS NOT NULL")
    axes = frozenset(column.removeprefix(AXIS) for column in raw.types if column.startswith(AXIS))
    return Master(table, frozenset(columns), axes), anomalies, FileCount(file, read, sum(counts.values()))
