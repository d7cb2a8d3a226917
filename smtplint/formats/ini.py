"""INI files, as configparser takes them apart; what is a tuple, list or dictionary of Python in one has parts of its own.

`logging.config.fileConfig` hands `args` and `kwargs` of a handler to `eval`. All other values are text, and what stands
in quotes is not known: some readers keep them, some take them off.
"""

from __future__ import annotations

import ast
import configparser
import re
import warnings
from collections.abc import Iterator, Mapping
from itertools import accumulate

from msgspec import Struct

from smtplint.format import ANY, Entry, Literal, Name, Opaque, Scalar, Value, Wanted, in_place
from smtplint.formats import env, literal
from smtplint.formats.expansion import is_expanded, is_templated, reference
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span, Unreadable

_LINE = regex(r"(?P<margin>[^\S\r\n]*)(?P<text>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_OPTION = regex(r"(?P<key>.*?)\s*[=:]\s*(?P<value>.*)")
_SECTION = regex(r"\[(?P<name>.+)\]")
_NEW_KEY = regex(r"[A-Za-z_][\w.-]*")
_COMMENT = ("#", ";")
_OPENING = ("(", "[", "{")
_QUOTES = ("'", '"')
_INSERTED = regex(r"%\(|\$\{")
"""What configparser puts another value in for."""


class _Option(Struct, frozen=True):
    section: str
    key_span: Span
    span: Span  # of the value, from its first to its last character, over all its lines


def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:  # noqa: ARG001 - as every format
    """Every option under its section, and every part of a Python display; Unreadable if the text is no INI file."""
    values = _values(source)
    options = list(_options(source.text))
    last = {(option.section, source.at(option.key_span)): option for option in options}.values()
    counting = {id(option) for option in last}
    return tuple(e for option in options for e in _entries(source, option, values, counts=id(option) in counting))


def _values(source: Source) -> Mapping[str, Mapping[str, str]]:
    """What configparser makes of the text: the last value of each option, as it is written."""
    parser = configparser.RawConfigParser(strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment]  # as configparser's documentation has it
    try:
        parser.read_file(line["margin"] + line["text"] + "\n" for line in _lines(source.text))
    except configparser.Error as error:
        at = getattr(error, "lineno", None) or next((line for line, _ in getattr(error, "errors", ())), 1)
        raise Unreadable("not an INI file: neither `[section]` nor `key = value`", _start(source, at)) from error
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _start(source: Source, number: int) -> int:
    return next((line.start() for n, line in enumerate(_lines(source.text), 1) if n == number), 0)


def _lines(text: str) -> Iterator[re.Match[str]]:
    return (line for line in _LINE.finditer(text) if line[0])


def _options(text: str) -> Iterator[_Option]:
    """Where options stand: the grammar of configparser, which does not tell. What it says of the values is compared."""
    section, margin = None, 0
    option: _Option | None = None
    for line in _lines(text):
        said = line["text"].rstrip()
        if not said or said.startswith(_COMMENT):
            continue
        if option is not None and len(line["margin"]) > margin:
            option = _Option(option.section, option.key_span, Span(option.span.start, line.start("text") + len(said)))
            continue
        if option is not None:
            yield option
        margin, option = len(line["margin"]), None
        header = _SECTION.match(said)
        section = header["name"] if header else section
        given = None if header else _OPTION.fullmatch(said)
        if given is not None and section is not None:
            at = line.start("text")
            option = _Option(section, Span(*given.span("key")).shifted(at), Span(*given.span("value")).shifted(at))
    if option is not None:
        yield option


def _entries(
    source: Source, option: _Option, values: Mapping[str, Mapping[str, str]], *, counts: bool
) -> Iterator[Entry]:
    """`counts`: no further option of that name stands behind it."""
    written, name = source.at(option.span), source.at(option.key_span)
    key = (option.section, name)
    if not counts or not _is_told(written, values.get(option.section, {}).get(name)):
        yield Entry(key, Opaque(), option.span, option.key_span)
    elif written.startswith(_OPENING):
        yield from _displayed(key, option, written)
    else:
        yield Entry(key, _text(written, option.span), option.span, option.key_span, option.span)


def _is_told(written: str, value: str | None) -> bool:
    """True if what stands there is what configparser reads."""
    kept = (line["text"].strip() for line in _lines(written) if not line["text"].startswith(_COMMENT))
    return value is not None and "\n".join(kept) == value


def _text(value: str, span: Span) -> Value:
    if value.startswith(_QUOTES) or "\n" in value or "\r" in value:
        return Opaque()
    return _meaning(value, span)


def _meaning(value: str, content: Span | None) -> Value:
    if is_templated(value) or ("%" in value and _INSERTED.search(value)):
        return Opaque()
    return reference(value, content, decode) or (Opaque() if is_expanded(value) else Literal(value))


# --- displays of Python


def _displayed(key: tuple[str, ...], option: _Option, written: str) -> Iterator[Entry]:
    """The parts of a tuple, list or dictionary; one unknown value where it is no expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape in somebody else's text
            tree = ast.parse(f"({written}\n)", mode="eval").body
        yield from _parts(key, tree, _Places(written, option.span.start), option.key_span)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield Entry(key, Opaque(), option.span, option.key_span)


class _Places:
    """From the lines and bytes that Python's parser counts to offsets in the file."""

    def __init__(self, written: str, start: int) -> None:
        self._written = written
        self._start = start
        lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", written)
        self._begins = [0, *accumulate(map(len, lines))]
        # For each byte of a line with other letters than ASCII, which character it belongs to.
        self._letters = [None if line.isascii() else _letters(line) for line in lines]

    def span(self, node: ast.expr) -> Span:
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Span(self._offset(node.lineno, node.col_offset), end)

    def text(self, span: Span) -> str:
        return self._written[span.start - self._start : span.end - self._start]

    def _offset(self, line: int, column: int) -> int:
        column -= line == 1  # a bracket was put before the first line
        letters = self._letters[line - 1]
        return self._start + self._begins[line - 1] + (column if letters is None else letters[column])


def _letters(line: str) -> list[int]:
    return [number for number, letter in enumerate(line) for _ in letter.encode()] + [len(line)]


def _parts(key: tuple[str, ...], node: ast.expr, places: _Places, key_span: Span | None = None) -> Iterator[Entry]:
    match node:
        case ast.Tuple(elts=[]) | ast.List(elts=[]):
            yield Entry(key, Name("()" if isinstance(node, ast.Tuple) else "[]"), places.span(node), key_span)
        case ast.Tuple() | ast.List():
            yield from _elements(key, node, places)
        case ast.Dict():
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield from _parts((*key, name.value), value, places, places.span(name))
                else:
                    yield Entry((*key, ANY), Opaque(), places.span(value))
        case _:
            yield _leaf(key, node, places, key_span)


def _elements(key: tuple[str, ...], node: ast.Tuple | ast.List, places: _Places) -> Iterator[Entry]:
    for number, element in enumerate(node.elts):
        if isinstance(element, ast.Starred):
            yield Entry((*key, ANY), Opaque(), places.span(element))
            return
        yield from _parts((*key, f"[{number}]"), element, places)


def _leaf(key: tuple[str, ...], node: ast.expr, places: _Places, key_span: Span | None) -> Entry:
    span = places.span(node)
    written = places.text(span)
    try:
        value = literal.decode(written)
    except ValueError:
        return Entry(key, Opaque(), span, key_span)
    if not isinstance(value, str):
        return Entry(key, Literal(value), span, key_span)
    content = Span(span.start + 1, span.end - 1) if written[1:-1] == value else None
    return Entry(key, _meaning(value, content), span, key_span, content)


# --- writing


def decode(text: str) -> Scalar:
    """The value of a literal within a display; other text stands for itself."""
    try:
        return literal.decode(text)
    except ValueError:
        return text


def encode(value: Scalar | Name, like: str) -> str:
    """`value` as Python where `like` is a literal of it, else as text; ValueError if that cannot hold it."""
    try:
        literal.decode(like)
    except ValueError:
        return _plain(value, like)
    return literal.encode(value, like)


def _plain(value: Scalar | Name, like: str) -> str:
    """As an `.env` file would have it without quotes: nothing that another reader might take for more than text."""
    written = env.encode(value, like)
    if "%" in written or written.startswith((*_OPENING, *_QUOTES, *_COMMENT)):
        raise ValueError("the text would be taken for something else")
    return written


def replace(source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """Another value for a literal entry, as text or, within a display, as Python."""
    return in_place(encode if _is_part(entry) else _plain)(source, entry, value)


def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """A line below `beside`, or one more pair of its dictionary; None within a tuple or list, where place is meaning."""
    if not _is_part(beside):
        return env.insert(source, beside, key, value) if _NEW_KEY.fullmatch(key) else None
    if beside.key_span is None or key.startswith("["):
        return None
    try:
        like = source.at(beside.key_span)
        pair = f", {literal.encode(key, like)}: {literal.encode(value, like if isinstance(value, str) else '0')}"
    except ValueError:
        return None
    return (Edit(Span(beside.span.end, beside.span.end), pair),)


def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:
    """The same option, or pair of a dictionary, under another name."""
    if not _is_part(entry):
        return env.rename(source, entry, key) if _NEW_KEY.fullmatch(key) else None
    if entry.key_span is None:
        return None
    return (Edit(entry.key_span, literal.encode(key, source.at(entry.key_span))),)


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """Without the lines of the option; None for a part of a display."""
    return None if _is_part(entry) else env.remove(source, entry)


def _is_part(entry: Entry) -> bool:
    """True within a display: a section and an option are two names."""
    return len(entry.key) > 2
