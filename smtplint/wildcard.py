"""Names that fit a pattern, as `fnmatch.fnmatchcase` has it, without an expression that is compiled for each pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

_MORE: Final = frozenset("?[")


def fits(text: str, pattern: str) -> bool:
    """True if the text is the pattern with any text in the place of each `*`; `?` and `[…]` are as in `fnmatch`."""
    if not _MORE.isdisjoint(pattern):
        return fnmatchcase(text, pattern)
    begin, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    end = middle.pop()
    place, last = len(begin), len(text) - len(end)
    if last < place or not text.startswith(begin) or not text.endswith(end):
        return False
    for piece in middle:
        place = text.find(piece, place, last)
        if place < 0:
            return False
        place += len(piece)
    return True
