"""What makes a password acceptable (R9): long enough and not among the common ones; nothing about its composition."""

import unicodedata
from functools import cache
from importlib.resources import files

SHORTEST, LONGEST = 8, 128
"""Characters; guessing is what sign-in is slowed and locked against."""


def prepared(password: str) -> str:
    """The password as it is hashed: one form for the several ways that keyboards compose the same characters."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, *, username: str = "") -> str | None:
    """What is wrong with a new password, in words that do not repeat it; none when nothing is."""
    text = prepared(password)
    if len(text) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(text) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    simple = text.casefold()
    if simple in _common_passwords():
        return "this password is one of those that everybody tries first; choose another"
    if _repeats(simple):
        return "this password repeats one short piece; choose another"
    if username and simple == prepared(username).casefold():
        return "the password is the user name; choose another"
    return None


def _repeats(text: str) -> bool:
    """Whether `text` is one piece of at most four characters over and over, like `aaaaaaaaaaaa` or `abcabcabcabc`."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


@cache
def _common_passwords() -> frozenset[str]:
    listed = (files("vigie_shared") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line)
