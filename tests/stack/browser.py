"""The browser that pages are tried in: Debian's Chromium, as an iPhone would show them."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

CHROMIUM_VARIABLE = "VIGIE_TEST_CHROMIUM"
CHROMIUM_PACKAGE = "chromium"

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """The program: the one that the environment names, else one that is installed."""
    if named := os.environ.get(CHROMIUM_VARIABLE):
        return Path(named)
    return next((Path(found) for program in _PROGRAMS if (found := shutil.which(program))), None)


@asynccontextmanager
async def chromium(program: Path) -> AsyncIterator[Browser]:
    """A running Chromium without windows."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*_FLAGS])
        try:
            yield browser
        finally:
            await browser.close()
