"""A scheduler as a process of its own, whose clock is a file: it ends with whoever started it."""

import asyncio
import os
import sys
import threading
from datetime import datetime
from pathlib import Path

from vigie_extractor.schedule import Scheduler
from vigie_extractor.storage.slots import CHANGED
from vigie_extractor.wakening import Wakening
from vigie_shared.database import create_pool


async def take_up_slots(url: str, clock_file: Path) -> None:
    """Take up slots by the time that stands in the file, until the process is ended."""
    pool = await create_pool(url, "extractor", size=3)
    change_of_slots = Wakening(pool, CHANGED)
    scheduler = Scheduler(pool, change_of_slots, lambda: datetime.fromisoformat(clock_file.read_text()))
    async with asyncio.TaskGroup() as loops:
        loops.create_task(change_of_slots.listen())
        loops.create_task(scheduler.run())


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    asyncio.run(take_up_slots(sys.argv[1], Path(sys.argv[2])))
