"""The figures of a dossier computed from their definitions alone, in plain Python on exact decimals: slow and obvious.

Nothing here is shared with the product. Each rule of the definitions is a few lines beside the sentence that states it;
where a sentence can be read in two ways, the reading taken is said there ("Reading: ...").
"""

from .answer import Answer, answer, scopes_of
from .model import Finding

__all__ = ["Answer", "Finding", "answer", "scopes_of"]
