"""The source `fec`: a bare folder of FEC files, whose companies and fiscal years are those of the directory."""

from pathlib import Path

from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.engine import Engine
from vigie_extractor.sources.canonical import Description, Missing, SourceError, Tables
from vigie_extractor.sources.fec.folder import fec_files_in, open_fec

_NO_SALES = Missing("the source holds accounting files only")


class FecSource:
    """FEC files on disk. `structure` are the companies that they may be of; where it is one, every file is its own."""

    def __init__(self, folder: Path, structure: Structure) -> None:
        self._folder = folder
        self._structure = structure

    def describe(self) -> Description:
        """Raises SourceError when the folder is not there or holds no file."""
        if not self._folder.is_dir():
            raise SourceError(f"{self._folder} is not a folder; give the folder that holds the FEC files")
        if not fec_files_in(self._folder):
            raise SourceError(f"{self._folder} holds no file; put the FEC files into it")
        return Description(self._structure)

    def open(self, engine: Engine, description: Description, parameters: Parameters) -> Tables:
        """The entries of all files; nothing else is to be had from a FEC."""
        companies = description.structure.companies
        found = open_fec(
            engine,
            self._folder,
            fec_files_in(self._folder),
            description.structure,
            parameters,
            only_company=companies[0].code if len(companies) == 1 else None,
        )
        return Tables(
            sales_lines=_NO_SALES,
            customers=_NO_SALES,
            items=_NO_SALES,
            sales_reps=_NO_SALES,
            entries=found.entries,
            anomalies=tuple(found.anomalies),
            files=tuple(found.files),
        )
