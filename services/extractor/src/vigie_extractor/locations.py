"""Which folders a source may lie in: what a client names is looked at only inside the folders set for it."""

from collections.abc import Sequence
from pathlib import Path

from vigie_shared.errors import VigieError


class LocationRefused(VigieError):
    """The location of a source is not a folder, or not one that may be read."""


def resolve(location: str, roots: Sequence[Path]) -> Path:
    """The folder itself, links followed. Raises LocationRefused unless it exists and lies inside one of `roots`.

    What lies outside is refused before it is looked at, so that nobody learns what else is on the machine.
    """
    if not roots:
        raise LocationRefused(
            "This service takes no folders: it listens outside this machine and VIGIE_SOURCE_ROOTS does not say "
            "which folders sources may lie in."
        )
    if "\0" in location or not Path(location).is_absolute():
        raise LocationRefused("The location must be the full path of a folder, beginning with /.")
    try:
        folder = Path(location).resolve()
        if not any(folder.is_relative_to(root.resolve()) for root in roots):
            raise LocationRefused("The location lies outside the folders that VIGIE_SOURCE_ROOTS names.")
        if not folder.is_dir():
            raise LocationRefused("There is no folder at this location.")
    except (OSError, RuntimeError):
        raise LocationRefused(
            "The location cannot be looked at: its links go in a circle, its name is too long, or this service has no "
            "right to."
        ) from None
    return folder
