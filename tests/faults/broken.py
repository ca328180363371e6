"""The transport with one of its promises broken, made by replacing text in a copy of its source."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.exactness.mutants.mutant import ROOT, Edit

SOURCE = ROOT / "shared" / "src"


@dataclass(frozen=True)
class Broken:
    """`name` says what is left out. A scenario of the tests must notice it."""

    name: str
    edits: tuple[Edit, ...]

    def write(self, folder: Path) -> Path:
        """Write the source of vigie_shared with the edits into `folder` and return it. Raises StaleMutant."""
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for edit in self.edits:
            path = folder / "vigie_shared" / edit.file
            path.write_text(edit.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
        return folder


NO_INBOX = Broken(
    "no inbox",
    (
        Edit(
            "inbox.py",
            "new = await once(connection, self.queue.name, batch)",
            "new = {event.id for event in batch}",
        ),
    ),
)

NO_CONFIRMS = Broken(
    "no confirms",
    (
        Edit("bus/batches.py", "await asyncio.wait(confirms, timeout=PUBLISH_TIMEOUT)", "await asyncio.sleep(0)"),
        Edit(
            "bus/batches.py",
            'return NotYet(f"the broker has not confirmed it within {PUBLISH_TIMEOUT:g} s")',
            "return Confirmed()",
        ),
    ),
)

ACKNOWLEDGED_BEFORE_THE_COMMIT = Broken(
    "acknowledged before the commit",
    (
        Edit(
            "bus/consuming.py",
            "                verdicts = await deliver(",
            "                await channel.basic_ack(batch[-1].tag, multiple=True)\n"
            "                verdicts = await deliver(",
        ),
        Edit(
            "bus/consuming.py",
            "            await self._channel.basic_ack(batch[-1].tag, multiple=True)\n",
            "",
        ),
    ),
)

ALL = (NO_INBOX, NO_CONFIRMS, ACKNOWLEDGED_BEFORE_THE_COMMIT)
