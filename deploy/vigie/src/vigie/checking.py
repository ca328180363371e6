"""What `vigie check` does, once its arguments are read."""

import json
import sys
from pathlib import Path

from rich.console import Console

from vigie.terminal.progress import show_steps
from vigie.terminal.tables import print_anomalies, print_files
from vigie.terminal.words import Language, Locale
from vigie_extractor.checking import check
from vigie_extractor.domain.anomalies import Severity
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.dossier import DossierSource

SOUND, ERRORS_FOUND, UNREADABLE = 0, 1, 2


def run(dossier: Path, as_json: bool, language: str) -> int:
    """Prints every anomaly and the account of every file on standard output; returns the exit status."""
    locale = Locale(Language(language))
    try:
        with show_steps(locale) as on_step:
            result = check(DossierSource(dossier), on_step=on_step)
    except SourceError as problem:
        Console(stderr=True).print(f"vigie check: {problem}", markup=False, highlight=False, soft_wrap=True)
        return UNREADABLE
    if as_json:
        document = result.document()
        json.dump({"anomalies": document["anomalies"], "files": document["files"]}, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        console = Console()
        print_files(console, result, locale)
        print_anomalies(console, result.anomalies, locale)
    return ERRORS_FOUND if any(found.severity is Severity.ERROR for found in result.anomalies) else SOUND
