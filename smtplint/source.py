"""Text, spans and edits: the only coordinates that smtplint knows are offsets into one decoded text."""

from __future__ import annotations

import bisect
import codecs
import io
import tokenize
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

# The UTF-32 little-endian mark begins with the UTF-16 one: longest first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(Exception):
    """A file that cannot be decoded or parsed: `reason` says why, `offset` (characters) where, if that is known."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Span(Struct, frozen=True, order=True):
    """A half-open range of character offsets into `Source.text`."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)

    def overlaps(self, other: Span) -> bool:
        """True if both claim a character, or both begin at one place (two insertions there have no order)."""
        return self.start == other.start or (self.start < other.end and other.start < self.end)


class Edit(Struct, frozen=True, order=True):
    """Put `text` where `span` is."""

    span: Span
    text: str


class Position(Struct, frozen=True, order=True):
    """A place as people count it: line and column from 1, columns in characters."""

    line: int
    column: int


class Source(Struct, frozen=True, dict=True):
    """A decoded file: `text` without its byte-order mark and with its line ends untouched.

    `path` is what reports show, with forward slashes.
    """

    path: str
    text: str
    bom: bytes = b""
    encoding: str = "utf-8"

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(
            i + 1 for i, c in enumerate(self.text) if c == "\n" or (c == "\r" and self.text[i + 1 : i + 2] != "\n")
        )
        return starts

    def position(self, offset: int) -> Position:
        line = bisect.bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line_span(self, line: int) -> Span:
        """The characters of a line (from 1) without its line end."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        return Span(start, start + len(self.text[start:end].rstrip("\r\n")))

    def at(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def with_text(self, text: str) -> Source:
        return Source(self.path, text, self.bom, self.encoding)

    def encode(self) -> bytes:
        """The bytes of the file, mark included; UnicodeEncodeError if its encoding has no room for a character."""
        return self.bom + self.text.encode(self.encoding)


def decode(path: str, data: bytes) -> Source:
    """Bytes to text. Unreadable for NUL bytes, for bytes that are not text, and for unknown Python coding lines."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(path, data[len(mark) :], mark, encoding)
    return _decoded(path, data, b"", _python_encoding(data) if path.endswith(".py") else "utf-8")


def _python_encoding(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        raise Unreadable(f"coding line not understood: {error}") from error


def _decoded(path: str, data: bytes, mark: bytes, encoding: str) -> Source:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"not {encoding} text: byte {data[error.start]:#04x} in line {line}") from error
    if "\0" in text:
        raise Unreadable(f"a NUL character in line {text.count(chr(10), 0, text.index(chr(0))) + 1}: not a text file")
    return Source(path, text, mark, encoding)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all edits made, from the end to the start; ValueError if two of them overlap or share a start."""
    later: Span | None = None
    for edit in sorted(set(edits), reverse=True):
        if later is not None and edit.span.overlaps(later):
            raise ValueError(f"edits overlap at {edit.span}")
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        later = edit.span
    return text
