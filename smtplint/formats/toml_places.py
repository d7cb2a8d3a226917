"""Where the keys and values of a TOML text stand: tomlkit's own items do not say, so its parser is watched at work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Item, Key, Table
from tomlkit.parser import Parser

from smtplint.regex import regex
from smtplint.source import Span, Unreadable

_ELEMENT = regex(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s.\"']+")
_NOT_THE_REASON = regex(r' at line \d+ col \d+$|\s*".*"', re.DOTALL)


class WrittenKey(Struct, frozen=True):
    """A key as it is written: `whole` with all its dotted elements, `last` the last of them."""

    names: tuple[str, ...]
    whole: Span
    last: Span


class Place(Struct, frozen=True):
    """A value that is no container; elements of arrays have no key. `inline`: its neighbours follow on commas."""

    path: tuple[str, ...]
    item: Item
    span: Span
    key: WrittenKey | None
    inline: bool


class _Container(Struct):
    """What is being read: a table (no bracket), an array `[` or an inline table `{`."""

    path: tuple[str, ...]
    bracket: str = ""
    key: WrittenKey | None = None
    elements: int = 0

    def next_path(self) -> tuple[str, ...]:
        if self.bracket == "[":
            self.elements += 1
            return (*self.path, f"[{self.elements - 1}]")
        return (*self.path, *(self.key.names if self.key else ()))


class _Watched(Parser):
    """tomlkit's parser, telling where it is. These methods are private, but all releases from 0.12 to 0.15 have them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.places: list[Place] = []
        self._in: _Container = _Container(())
        self._lengths: dict[tuple[str, ...], int] = {}
        self._at_header = False

    def _parse_table(self, parent_name: Key | None = None, parent: Table | None = None) -> tuple[Key, Table | AoT]:
        self._at_header = True  # and not while tomlkit peeks at a header that it will read again
        return super()._parse_table(parent_name, parent)

    def _parse_key(self) -> Key:
        start, at_header, self._at_header = self._idx, self._at_header, False
        key = super()._parse_key()
        written = _written_key(key, self._src[start : self._idx], start)
        if at_header:
            self._in = _Container(self._table_path(written.names, is_array=self._src[start - 2 : start] == "[["))
        else:
            self._in.key = written
        return key

    def _table_path(self, names: tuple[str, ...], *, is_array: bool) -> tuple[str, ...]:
        """`[[a]]` opens the next element of `a`, and below it `[a.b]` means the element that was opened last."""
        path: tuple[str, ...] = ()
        for i, name in enumerate(names, 1):
            path = (*path, name)
            if is_array and i == len(names):
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path = (*path, f"[{self._lengths[path] - 1}]")
        return path

    def _parse_value(self) -> Item:
        start, outer = self._idx, self._in
        key = None if outer.bracket == "[" else outer.key
        self._in = _Container(outer.next_path(), self._current)
        try:
            item = super()._parse_value()
            if not isinstance(item, Array | InlineTable):
                self.places.append(Place(self._in.path, item, self._span(start), key, outer.bracket == "{"))
        finally:
            self._in = outer
        return item

    def _span(self, start: int) -> Span:
        # Looking for a time of day, tomlkit reads the blanks behind a date.
        return Span(start, start + len(self._src[start : self._idx].rstrip(" \t")))


def _written_key(key: Key, text: str, start: int) -> WrittenKey:
    elements = list(_ELEMENT.finditer(text))
    last = Span(*elements[-1].span()).shifted(start)
    return WrittenKey(tuple(part.key for part in key), Span(elements[0].start() + start, last.end), last)


def places(text: str) -> Iterator[Place]:
    """Every value of the text, in order of position; Unreadable if it is no TOML."""
    parser = _Watched(text)
    try:
        parser.parse()
    except TOMLKitError as error:
        raise Unreadable(_reason(error), _offset(parser, text)) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply", _offset(parser, text)) from error
    yield from parser.places


def _reason(error: TOMLKitError) -> str:
    """tomlkit's words without the place, and without what it quotes: a broken key may be a secret."""
    text = _NOT_THE_REASON.sub("", str(error)).rstrip(".")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _offset(parser: Parser, text: str) -> int:
    """Some errors are noticed when the line has been read, its end included: then the end of what stands there."""
    before = text[: parser._idx]
    return len(before.rstrip()) if before.endswith(("\n", "\r")) else len(before)
