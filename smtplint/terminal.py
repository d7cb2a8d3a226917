"""Text for a terminal: nothing that steers it, the columns that characters take, and colours."""

from __future__ import annotations

import os
import unicodedata
from typing import Final, TextIO

from msgspec import Struct

TAB: Final = 4

# Joiners keep letters and emoji together; every other invisible character is shown, for it may be what is wrong.
_SILENT: Final = frozenset("\u200c\u200d")


def printable(text: str) -> str:
    """The text with everything escaped that would steer a terminal, hide itself, or cannot be encoded."""
    return "".join(map(visible, text))


def visible(character: str) -> str:
    category = unicodedata.category(character)
    if category not in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _SILENT:
        return character
    if category == "Cs" and 0xDC80 <= ord(character) <= 0xDCFF:  # a byte of a file name that is not text
        return f"\\x{ord(character) - 0xDC00:02x}"
    return _NAMED.get(character) or character.encode("unicode_escape", "surrogatepass").decode("ascii")


_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def columns(text: str) -> int:
    """How many columns a terminal gives to a text that is already visible."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def cells(line: str) -> list[str]:
    """What is shown for each character of a line; tabs are blanks up to the next stop."""
    shown: list[str] = []
    column = 0
    for character in line:
        shown.append(" " * (TAB - column % TAB) if character == "\t" else visible(character))
        column += columns(shown[-1])
    return shown


def has_colours(stream: TextIO) -> bool:
    """Whether to paint: https://no-color.org first, then FORCE_COLOR, then whether people see it."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Paint(Struct, frozen=True):
    """Colours, or none."""

    on: bool

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        return self._paint("1", text)

    def faint(self, text: str) -> str:
        return self._paint("1;34", text)

    def good(self, text: str) -> str:
        return self._paint("1;32", text)

    def severity(self, word: str, text: str) -> str:
        return self._paint({"error": "1;31", "warning": "1;33"}.get(word, "1;36"), text)
