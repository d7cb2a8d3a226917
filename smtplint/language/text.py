"""A text as an editor has it: its URI and version, the source that it stands for, and places in the editor's units."""

from __future__ import annotations

import codecs
import io
import tokenize
from functools import cached_property
from pathlib import Path
from typing import Final

from lsprotocol import types
from msgspec import Struct

from smtplint.reading import text_of
from smtplint.source import Source, Span
from smtplint.table import Folders

_MARK: Final = "\ufeff"

_WIDTHS: Final = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Text(Struct, frozen=True, dict=True):
    """One version of an open document. `units`: what the client counts columns in (`utf-16` unless agreed otherwise)."""

    uri: str
    version: int | None
    path: Path
    shown: str
    written: str
    units: str = "utf-16"

    def read(self, folders: Folders = ()) -> Source | None:
        """The source, as the command line would read it from the saved file; None if the sieve finds nothing in it.

        Unreadable for what is no text that could be saved and read again.
        """
        text = self.written.removeprefix(_MARK)
        mark = codecs.BOM_UTF8 if self._shift else b""
        found = text_of(mark + _encoded(text, self.shown), self.shown, folders)
        if found is None:
            return None
        # A coding line that has no room for what the buffer holds: the characters of the buffer are what people see.
        return found[0] if found[0].text == text else Source(self.shown, text)

    def range(self, span: Span) -> types.Range:
        """A span of the source as the client counts."""
        return types.Range(self.position(span.start), self.position(span.end))

    def position(self, offset: int) -> types.Position:
        offset += self._shift
        place = self._face.position(offset)
        before = self.written[offset - place.column + 1 : offset]
        return types.Position(place.line - 1, self._width(before))

    def offset(self, position: types.Position) -> int:
        """The place in the source; a line or a column past the end is the end, as the protocol wants it."""
        last = self._face.position(len(self.written)).line
        if position.line >= last:
            return len(self.written) - self._shift
        line = self._face.line_span(position.line + 1)
        return max(0, line.start + self._characters(self._face.at(line), position.character) - self._shift)

    @property
    def _shift(self) -> int:
        """Characters before the source begins: a byte-order mark that the client took for text."""
        return len(self.written) - len(self.written.removeprefix(_MARK))

    @cached_property
    def _face(self) -> Source:
        return Source(self.shown, self.written)

    def _width(self, text: str) -> int:
        if text.isascii():
            return len(text)
        encoding, size = _WIDTHS[self.units]
        return len(text.encode(encoding, "surrogatepass")) // size

    def _characters(self, line: str, column: int) -> int:
        """How many characters of the line stand before a column; one that is cut in two counts as before it."""
        if line.isascii():
            return min(column, len(line))
        width = 0
        for number, character in enumerate(line):
            if width >= column:
                return number
            width += self._width(character)
        return len(line)


def _encoded(text: str, shown: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if not shown.endswith(".py"):
        return data
    try:
        return text.encode(tokenize.detect_encoding(io.BytesIO(data).readline)[0])
    except (SyntaxError, UnicodeEncodeError):
        return data
