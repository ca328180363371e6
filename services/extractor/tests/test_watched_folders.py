"""Watched sources: files that come into a folder start one extraction, whoever looks, with the saver's rights."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from services.extractor.tests.auth_double import company
from services.extractor.tests.computing import everything_asked_for
from services.extractor.tests.dossiers import invoice, write_dossier, write_fec
from services.extractor.tests.stage import EVERYTHING_SEEN, Stage, kinds, running, user

from vigie_extractor.clock import utc_now
from vigie_extractor.domain.report import Reason
from vigie_extractor.domain.run import BySource, Run
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.domain.watching import Patience
from vigie_extractor.handlers.sources import Sources
from vigie_extractor.handlers.watching import Watching
from vigie_extractor.runner import Runner
from vigie_extractor.sources.sighting import sight_of
from vigie_extractor.wakening import Wakening
from vigie_shared.errors import Conflict

BEGUN = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATIENCE = Patience(timedelta(seconds=10), timedelta(seconds=30))


@dataclass
class Watch:
    """Some processes that look at folders in turn, by a clock that the test moves."""

    on: Stage
    processes: int = 1
    now: datetime = BEGUN
    watching: list[Watching] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(self.processes):
            self.start()

    def start(self) -> None:
        roots = self.on.settings.folders_for_sources
        self.watching.append(Watching(self.on.pool, roots, lambda: self.now, "Europe/Paris", PATIENCE))

    async def save(self, username: str = "admin", **changes: object) -> None:
        usual = Source("books", SourceKind.DOSSIER, str(self.on.folder), watch=True)
        sources = Sources(self.on.pool, self.on.asked, self.on.settings.folders_for_sources, lambda: self.now)
        await sources.save(self.on.client, user(username), replace(usual, **changes))  # type: ignore[arg-type]

    async def goes_on(self, seconds: int) -> list[Run]:
        """Let everybody look every second for so long, and return the runs that there are."""
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            await asyncio.gather(*(one.look_at_next() for one in self.watching))
        return await self.runs()

    async def runs(self) -> list[Run]:
        return [*await self.on.extractions().latest(self.on.client, EVERYTHING_SEEN, 100)]


def sales(folder: Path, amount: str) -> None:
    write_dossier(folder, sales_lines=[invoice("NORD", "2026-11-05", amount)])


async def test_a_file_that_changes_starts_one_run_when_it_has_come_to_rest(on: Stage) -> None:
    # given a watched folder with books in it
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save()
    assert await watch.goes_on(60) == []

    # when they change
    sales(on.folder, "2000.00")
    assert await watch.goes_on(30) == []

    # then one run is asked for, with what is ticked of this source and the rights of whoever saved it
    [run] = await watch.goes_on(30)
    assert (run.origin, run.requested_by) == (BySource("books"), "admin")
    assert kinds(await on.said()) == ["extraction.requested"]
    assert len(await watch.goes_on(60)) == 1


async def test_several_who_look_start_one_run_and_go_on_after_one_another(on: Stage) -> None:
    # given three processes
    sales(on.folder, "100.00")
    watch = Watch(on, processes=3)
    await watch.save()

    # when files change and each process is gone in turn, before the files have come to rest
    for number in range(3):
        sales(on.folder, "2" * (number + 4))
        await watch.goes_on(15)
        watch.watching.pop(0)
        watch.start()

    # then whoever is there goes on from what is known, and starts one run
    assert len(await watch.goes_on(150)) == 1


async def test_what_a_process_knew_survives_it(on: Stage) -> None:
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save()
    await watch.goes_on(15)
    watch.watching.clear()

    # when files come while nobody looks, and somebody looks again
    sales(on.folder, "2000.00")
    watch.now += timedelta(hours=1)
    watch.start()

    # then they are new
    assert len(await watch.goes_on(60)) == 1


async def test_a_file_that_is_being_written_keeps_the_folder_waiting_and_this_is_told(on: Stage) -> None:
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save()
    sales(on.folder, "2000.00")
    (on.folder / "items.csv.part").write_text("half")
    assert await watch.goes_on(120) == []
    use = Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)
    report = await use.watch(on.client, "books")
    assert report.watched.waits_for == "items.csv.part, which is still being written"
    (on.folder / "items.csv.part").unlink()
    assert len(await watch.goes_on(60)) == 1
    assert (await use.watch(on.client, "books")).last_run_id is not None


async def test_fec_files_are_waited_for_until_all_that_the_index_names_are_there(on: Stage) -> None:
    watch = Watch(on)
    await watch.save(kind=SourceKind.FEC)
    entry = [("1", "20261105", "411000", "1200,00", "0,00")]
    (on.folder / "fec.csv").write_text("file,company\nnorth.txt,NORD\nsouth.txt,SUD\n")
    write_fec(on.folder / "north.txt", entry)
    assert await watch.goes_on(120) == []
    write_fec(on.folder / "south.txt", entry)
    assert len(await watch.goes_on(60)) == 1


async def test_a_folder_that_is_away_is_told_of_and_watched_again_when_it_is_back(on: Stage) -> None:
    folder = on.folder / "share"
    sales(folder, "100.00")
    watch = Watch(on)
    await watch.save(location=str(folder))
    away = folder.rename(on.folder / "away")
    assert await watch.goes_on(60) == []
    use = Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now)
    assert "no folder" in ((await use.watch(on.client, "books")).watched.waits_for or "")
    away.rename(folder)
    sales(folder, "2000.00")
    assert len(await watch.goes_on(60)) == 1


async def test_r8_the_run_has_the_rights_of_whoever_saved_the_source_last(on: Stage) -> None:
    # given a source that somebody saved who may not extract any more
    await on.register()
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save("paula")
    on.tenant.may_extract["paula"] = []
    sales(on.folder, "2000.00")
    [run] = await watch.goes_on(60)
    async with running(Runner(on.pool, Wakening(on.pool), on.execution(everything_asked_for)).run):
        run = await on.reaches(run.id, "failed", "publishing")
        assert run.report.reason is Reason.ACCESS_RIGHTS

        # when an administrator saves it again, then what comes is extracted
        await watch.save()
        sales(on.folder, "30000.00")
        latest = (await watch.goes_on(60))[0]
        await on.reaches(latest.id, "publishing")


async def test_only_what_is_ticked_of_the_source_is_extracted(on: Stage) -> None:
    on.tenant.companies = [company("NORD"), company("SUD"), company("EST", to_extract=False)]
    await on.register()
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save(companies=("EST", "NORD"))
    sales(on.folder, "2000.00")
    [run] = await watch.goes_on(60)
    async with running(Runner(on.pool, Wakening(on.pool), on.execution(everything_asked_for)).run):
        run = await on.reaches(run.id, "publishing")
    assert run.reads == ("NORD",)


async def test_a_source_saved_again_keeps_what_is_new_and_another_folder_begins_anew(on: Stage) -> None:
    sales(on.folder, "100.00")
    watch = Watch(on)
    await watch.save()
    sales(on.folder, "2000.00")
    await watch.save(companies=("NORD",))
    assert len(await watch.goes_on(60)) == 1
    sales(on.folder / "other", "300.00")
    await watch.save(location=str(on.folder / "other"))
    assert len(await watch.goes_on(60)) == 1
    await watch.save(watch=False)
    sales(on.folder, "40000.00")
    assert len(await watch.goes_on(60)) == 1
    with pytest.raises(Conflict):
        await Sources(on.pool, on.asked, on.settings.folders_for_sources, utc_now).watch(on.client, "books")


def test_hidden_files_are_not_looked_at_and_those_of_fec_are(tmp_path: Path) -> None:
    (tmp_path / "fec" / "deeper").mkdir(parents=True)
    for name in ("a.csv", ".b.csv.Xy1", "~$c.xlsx", "fec/d.txt", "fec/deeper/e.txt"):
        (tmp_path / name).write_text("x")
    assert {file.path for file in sight_of(tmp_path, SourceKind.DOSSIER).files} == {"a.csv", "fec/d.txt"}
