"""All indicators from Parquet, against PostgreSQL with grouping sets on indexed tables of the same rows."""

import asyncio
import sys
from collections.abc import Sequence
from operator import attrgetter

from tests.bench.conditions import Conditions
from tests.bench.dossiers import AS_OF, large
from tests.bench.peers import postgres
from tests.bench.results import AtLeast, Compared, Demand, Figure, NotMeasurable
from tests.bench.whole_process import extract_beside
from tests.stack.postgres import PostgresNode, find_postgres, postgres_directories
from tests.stack.provision import DEBIAN_PACKAGES, Store

_DEMAND = Demand(AtLeast(7), aim=AtLeast(15))
# Room for its hash tables and for all of its rows: nothing spills, nothing is read from the disk.
_SETTINGS = {"shared_buffers": "2GB", "work_mem": "256MB", "maintenance_work_mem": "512MB", "max_wal_size": "4GB"}


def measure(conditions: Conditions) -> Sequence[Figure]:
    """Wall-clock time of both without start-up: how many times as fast Vigie is."""
    binaries = find_postgres(postgres_directories())
    if binaries is None:
        package = DEBIAN_PACKAGES[Store.POSTGRES]
        raise NotMeasurable(f"needs PostgreSQL's server binaries: sudo apt-get install {package}")
    dossier = large(conditions.data, conditions.lines)
    with PostgresNode(binaries, _SETTINGS) as node:
        asyncio.run(postgres.load(node.url(), dossier))
        work = [sys.executable, postgres.__file__, node.url(), AS_OF.isoformat()]
        sides = extract_beside(dossier, work, [sys.executable, "-c", "import asyncpg, duckdb"], conditions.rounds)
    vigie, peer = sides.net(attrgetter("wall"))
    lines = f"{conditions.lines:,} sales lines".replace(",", " ")
    return [Compared(f"{lines}, PostgreSQL {binaries.major} by Vigie", "s", "Vigie", peer, vigie, _DEMAND)]
