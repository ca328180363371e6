"""How what people type is compared: case, and the several ways Unicode has of writing one character, do not matter."""

import unicodedata

_WITHOUT_ACCENTS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take for a plain one with a mark, and people do."""


def folded(typed: str) -> str:
    """`typed` as codes and names are compared: `Groupe`, `GROUPE` and a decomposed `é` are told apart by nobody."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", typed).casefold())


def searchable(*texts: str) -> str:
    """What a search looks through: `texts` without case and accents, one on each line."""
    return "\n".join(_plain(text) for text in texts)


def search_patterns(typed: str) -> list[str]:
    """What somebody typed to find something, as patterns of SQL's LIKE that a searchable text fits: every word is in
    it, in any order. `soc nord` finds `Société du Nord`."""
    return [f"%{_escaped(word)}%" for word in _plain(typed).split()]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_WITHOUT_ACCENTS)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
