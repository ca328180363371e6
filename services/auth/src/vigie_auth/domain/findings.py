"""What is wrong with what somebody wants to save: where, and what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`where` is the path of the member at fault, for instance `fiscal_years.1.start`; `what` is a sentence."""

    where: str
    what: str
