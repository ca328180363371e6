"""The source `dossier`: a folder of CSV or Parquet tables and FEC files, the interchange format for everything."""

from pathlib import Path

from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine
from vigie_extractor.sources.canonical import (
    Description,
    SourceError,
    Tables,
)
from vigie_extractor.sources.settings_file import read_settings
from vigie_extractor.sources.structure import read_structure


class DossierSource:
    """A dossier folder on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def describe(self) -> Description:
        """Raises SourceError when the folder is no dossier, its settings are wrong or it has no companies."""
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder} is not a folder; give the folder that holds dossier.toml")
        kind, chosen = read_settings(self.folder)
        found = read_structure(self.folder, kind)
        return Description(found.structure, chosen, found.cash_accounts, found.anomalies, found.files)

    def open(self, engine: Engine, description: Description, parameters: Parameters) -> Tables:
        """Loads the master tables, and says how sales lines and entries are to be read."""
        from vigie_extractor.sources.dossier_tables import OpenDossier

        return OpenDossier(self.folder, engine).tables(description, parameters)
