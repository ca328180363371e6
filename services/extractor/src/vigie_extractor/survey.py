"""What the data of a source holds that parameters can name: axes, categories, accounts, journals, cash accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from vigie_extractor.domain.anomalies import AnomalyCode
from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.headings import CASH
from vigie_extractor.domain.parameters import CashAccount, Chosen
from vigie_extractor.domain.vocabulary import Vocabulary
from vigie_extractor.engine import Engine, name
from vigie_extractor.indicators.accounting import heading_holds
from vigie_extractor.orders import Binding, Stopping, in_thread, open_source
from vigie_extractor.readiness import know_companies
from vigie_extractor.sources.canonical import AXIS, Entries, Master, SourceError, Tables


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """A 53 account of the books, labelled by its latest entry that has a label."""

    company: str
    account: str
    label: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What one source holds. `unread` says of which files nobody can tell what they hold."""

    source: str
    own: Chosen
    vocabulary: Vocabulary
    declared: tuple[CashAccount, ...] = ()
    cash: tuple[SeenAccount, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source that cannot be read as a whole now, and why."""

    source: str
    why: str


async def survey_all(
    bindings: Sequence[Binding], directory: Structure, chosen: Chosen
) -> tuple[Survey | Unreadable, ...]:
    """What each source holds, categories on the axis that would hold with `chosen`. Reads all entries once."""
    return await in_thread(
        lambda stopping: tuple(_or_why_not(binding, directory, chosen, stopping) for binding in bindings)
    )


async def own_parameters(bindings: Sequence[Binding], directory: Structure) -> tuple[Survey | Unreadable, ...]:
    """What each source says of its own parameters, without a look at its data."""
    return await in_thread(lambda _: tuple(_or_why_not(binding, directory, None, None) for binding in bindings))


def _or_why_not(
    binding: Binding, directory: Structure, chosen: Chosen | None, stopping: Stopping | None
) -> Survey | Unreadable:
    try:
        if chosen is None or stopping is None:
            description = open_source(binding, directory).describe()
            return Survey(binding.source.name, description.chosen, Vocabulary())
        with stopping.engine() as engine:
            return _survey(engine, binding, directory, chosen)
    except SourceError as error:
        return Unreadable(binding.source.name, str(error))
    except OSError as error:
        return Unreadable(binding.source.name, f"{error.filename}: {error.strerror}")
    except duckdb.Error as error:  # its text may hold rows
        return Unreadable(binding.source.name, f"its tables cannot be read ({type(error).__name__})")


def _survey(engine: Engine, binding: Binding, directory: Structure, chosen: Chosen) -> Survey:
    source = open_source(binding, directory)
    description = source.describe()
    parameters = chosen.over(description.chosen).parameters()
    know_companies(engine, description.structure)
    tables = source.open(engine, description, parameters)
    here = [one.code for one in description.structure.companies if binding.has((one.code,))]
    accounts, journals, cash = _books(engine, tables.entries, here) if isinstance(tables.entries, Entries) else NO_BOOKS
    unread = {AnomalyCode.UNREADABLE_FILE, AnomalyCode.MISSING_COLUMN}
    return Survey(
        binding.source.name,
        description.chosen,
        Vocabulary(
            customer_axes=_axes(tables.customers),
            item_axes=_axes(tables.items),
            item_categories=_categories(engine, tables, f"{AXIS}{parameters.item_category_axis}"),
            accounts=accounts,
            journals=journals,
        ),
        declared=tuple(one for one in description.cash_accounts if one.company in here),
        cash=cash,
        unread=tuple(found.detail for found in (*description.anomalies, *tables.anomalies) if found.code in unread),
    )


def _axes(master: object) -> frozenset[str]:
    return master.axes if isinstance(master, Master) else frozenset()


def _categories(engine: Engine, tables: Tables, column: str) -> frozenset[str]:
    if not isinstance(tables.items, Master) or column not in tables.items.columns:
        return frozenset()
    found = engine.run(f"SELECT DISTINCT {name(column)} FROM {tables.items.table} WHERE {name(column)} <> ''")
    return frozenset(category for (category,) in found)


Books = tuple[frozenset[str], frozenset[str], tuple[SeenAccount, ...]]
NO_BOOKS: Books = (frozenset(), frozenset(), ())


def _books(engine: Engine, entries: Entries, companies: Sequence[str]) -> Books:
    """Accounts, the journals where they are those of FEC, and the 53 accounts of these companies."""
    if not entries.files:
        return NO_BOOKS
    engine.run("CREATE TEMP TABLE surveyed (company VARCHAR)")
    engine.insert("surveyed", [(code,) for code in companies])
    company, files = ("f.company", "JOIN fec_files f ON f.file = e.file") if entries.is_fec else ("e.company", "")
    engine.run(
        f"""
        CREATE TEMP TABLE seen AS
        SELECT s.company, trim(e.account) AS account, trim(e.journal) AS journal,
               max({{'day': e.date, 'label': trim(e.account_label)}})
                   FILTER (WHERE trim(e.account_label) <> '') AS latest
        FROM ({entries.query}) e {files} JOIN surveyed s ON s.company = {company}
        WHERE e.refusal IS NULL AND trim(e.account) <> ''
        GROUP BY ALL
        """
    )
    accounts = engine.run("SELECT DISTINCT account FROM seen")
    journals = engine.run("SELECT DISTINCT journal FROM seen WHERE journal <> ''") if entries.is_fec else []
    cash = engine.run(
        f"""
        SELECT company, account, coalesce(max(latest).label, account) FROM seen WHERE {heading_holds("account", CASH)}
        GROUP BY company, account ORDER BY company, account
        """
    )
    return (
        frozenset(account for (account,) in accounts),
        frozenset(journal for (journal,) in journals),
        tuple(SeenAccount(*row) for row in cash),
    )
