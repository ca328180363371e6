"""What `vigie extract` does, once its arguments are read."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from vigie.terminal.progress import show_steps
from vigie.terminal.tables import print_lines, print_result
from vigie.terminal.words import Language, Locale
from vigie_extractor.domain.selection import Selection, UnknownScopeError
from vigie_extractor.extraction import extract
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.sources.dossier import DossierSource

EXTRACTED, SOME_LEFT_OUT, NOTHING_EXTRACTED = 0, 1, 2


def run(
    dossier: Path,
    as_of: date,
    companies: Sequence[str] | None,
    families: Sequence[str] | None,
    *,
    as_json: bool,
    language: str,
) -> int:
    """Prints the result on standard output, or on standard error why there is none; returns the exit status."""
    locale = Locale(Language(language))
    selection = Selection(tuple(companies) if companies else None, tuple(families) if families else None)
    errors = Console(stderr=True)
    try:
        with show_steps(locale) as on_step:
            result = extract(DossierSource(dossier), as_of, selection, on_step=on_step)
    except (SourceError, UnknownScopeError) as problem:
        errors.print(f"vigie extract: {problem}", markup=False, highlight=False, soft_wrap=True)
        return NOTHING_EXTRACTED
    if not result.scopes:
        print_lines(errors, result.anomalies, locale)
        return NOTHING_EXTRACTED
    if as_json:
        json.dump(result.document(), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        print_result(Console(), result, locale)
    return SOME_LEFT_OUT if result.left_out else EXTRACTED
