"""Slips of the finger: whether a typed word is another one with a letter dropped, doubled, swapped or mishit."""

from __future__ import annotations

from typing import Final

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, frozenset[str]]:
    """Which letters lie beside each on a QWERTY keyboard; most others differ from it by few keys."""
    place = {letter: (column + row * 0.4, row) for row, keys in enumerate(_ROWS) for column, letter in enumerate(keys)}
    return {
        a: frozenset(b for b, (y, s) in place.items() if b != a and abs(x - y) <= 1.1 and abs(r - s) <= 1)
        for a, (x, r) in place.items()
    }


_BESIDE: Final = _neighbours()


def is_slip(typed: str, meant: str) -> bool:
    """True if one letter of `meant` was dropped, doubled, swapped with the next, or mishit; never for the first letter.

    A word that begins differently, or differs in a digit, is more often another word than a mistyped one.
    """
    if typed == meant or not typed or typed[0] != meant[0]:
        return False
    i = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    rest, wanted = typed[i:], meant[i:]
    if len(typed) == len(meant):
        return _is_swapped(rest, wanted) or (rest[1:] == wanted[1:] and wanted[0] in _BESIDE.get(rest[0].lower(), ()))
    if len(typed) == len(meant) - 1:
        return rest == wanted[1:] and wanted[0].isalpha()
    return len(typed) == len(meant) + 1 and rest[1:] == wanted and rest[0] == typed[i - 1] and rest[0].isalpha()


def _is_swapped(rest: str, wanted: str) -> bool:
    return rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:] and rest[:2].isalpha()
