"""TOML files: tomlkit reads them, but never writes one, because it puts some tables into another order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import tomlkit
from tomlkit.exceptions import TOMLKitError

from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted, in_place
from smtplint.formats import lines
from smtplint.formats.expansion import is_braced, is_templated, reference
from smtplint.formats.toml_places import Place, places
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span

_OPENING = regex(r"(?:\"\"\"|''')(?:\r?\n)?|[\"']")
_FROM_ENVIRONMENT = regex(r"env\(([A-Za-z_][A-Za-z0-9_]*)\)")
_BARE_KEY = regex(r"[A-Za-z0-9_-]+")
_BARE_TEXT = regex(r"[^\s\"'\\`#${}]*")
_TO_ESCAPE = regex(r"[\"\\\x00-\x1f\x7f]")
_TO_ESCAPE_IN_LINES = regex(r"[\"\\\x00-\x08\x0b-\x1f\x7f]")
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:  # noqa: ARG001 - as every format
    """Every value that is no table and no array; dates and times are Opaque. Unreadable if the text is no TOML."""
    return tuple(_entry(source.text, place) for place in places(source.text))


def _entry(text: str, place: Place) -> Entry:
    written = text[place.span.start : place.span.end]
    value = place.item.unwrap()
    key_span = place.key.last if place.key else None
    # The guard against a tomlkit whose parser moves in other steps.
    if not isinstance(value, str | int | float) or repr(decode(written)) != repr(value):
        return Entry(place.path, Opaque(), place.span, key_span)
    content = _content(written, value, place.span.start)
    return Entry(place.path, _meaning(value, content), place.span, key_span, content)


def _content(written: str, value: Scalar, start: int) -> Span | None:
    opening = _opening(written)
    inner = written[len(opening) : len(written) - len(opening.rstrip("\r\n"))]
    at = start + len(opening)
    return Span(at, at + len(inner)) if inner == str(value) else None


def _opening(written: str) -> str:
    """The quotes that a string begins with, and the line end behind them that is not part of its value."""
    found = _OPENING.match(written)
    return found[0] if found else ""


def _meaning(value: str | float, content: Span | None) -> Value:
    if not isinstance(value, str):
        return Literal(value)
    named = _FROM_ENVIRONMENT.fullmatch(value)
    if named is not None:
        return Reference(named[1])
    # TOML itself expands nothing: a dollar sign in the middle of a password is one.
    unknown = is_templated(value) or is_braced(value)
    return reference(value, content, decode) or (Opaque() if unknown else Literal(value))


@lru_cache(maxsize=4096)
def decode(text: str) -> Scalar:
    """The value of a TOML literal; text that is none, such as `mail` in `"${HOST:-mail}"`, stands for itself."""
    try:
        value = tomlkit.value(text).unwrap()
    except TOMLKitError:
        return text
    return value if isinstance(value, str | int | float) else text


def encode(value: Scalar | Name, like: str) -> str:
    """`value` in the quotes of `like`, or as a bare number, boolean or word; ValueError if that cannot hold it."""
    if value is None or isinstance(value, Name):
        raise ValueError("TOML has no null and no names")
    opening = _opening(like)
    if not opening:
        return _bare(value, like)
    text = _word(value, like.strip("'\"")) if isinstance(value, bool) else str(value)
    written = _quoted(text, opening)
    if decode(written) != text:
        raise ValueError("these quotes cannot hold the text")
    return written


def _word(value: bool, like: str) -> str:
    return str(value) if like.istitle() else str(value).lower()


def _bare(value: str | float, like: str) -> str:
    if isinstance(value, bool):
        return _word(value, like)
    if not isinstance(value, str):
        return repr(value)
    return _basic(value) if not isinstance(decode(like), str) else _inside_string(value)


def _inside_string(value: str) -> str:
    """`like` is no TOML value but a part of a string: so will this be."""
    if not _BARE_TEXT.fullmatch(value):
        raise ValueError("the text would end the string that it stands in")
    return value


def _quoted(text: str, opening: str) -> str:
    if opening == '"':
        return _basic(text)
    if opening == "'":
        return f"'{text}'"
    # The first line end behind the quotes is not part of the value.
    first = "\n" if text.startswith(("\n", "\r")) and opening == opening.rstrip() else ""
    inner = _TO_ESCAPE_IN_LINES.sub(_escaped, text) if opening.startswith('"') else text
    return f"{opening}{first}{inner}{opening.rstrip()}"


def _basic(text: str) -> str:
    return f'"{_TO_ESCAPE.sub(_escaped, text)}"'


def _escaped(character: re.Match[str]) -> str:
    return _ESCAPES.get(character[0]) or f"\\u{ord(character[0]):04x}"


replace = in_place(encode)


def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """A line below `beside`, spaced like it, or a further pair of its inline table."""
    place = _place_of(source, beside)
    written = _fresh(value, source.at(beside.span))
    if place is None or place.key is None or written is None:
        return None
    dotted = source.text[place.key.whole.start : place.key.last.start]
    pair = dotted + _key(key) + source.text[place.key.last.end : place.span.start] + written
    if place.inline:
        return (Edit(Span(place.span.end, place.span.end), f", {pair}"),)
    indentation = source.text[lines.start(source.text, place.key.whole.start) : place.key.whole.start]
    return (lines.added_below(source.text, place.span.end, indentation + pair),)


def _place_of(source: Source, entry: Entry) -> Place | None:
    return next((p for p in places(source.text) if p.span == entry.span), None)


def _fresh(value: Scalar | Name, like: str) -> str | None:
    """Text in single quotes where the neighbour has them; all else in its own kind."""
    for manner in _manners(value, like):
        try:
            return encode(value, manner)
        except ValueError:
            continue
    return None


def _manners(value: Scalar | Name, like: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield "0"
    else:
        yield from ["''"] * like.startswith("'")
        yield '""'


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _basic(key)


def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:  # noqa: ARG001 - as every format
    return None if entry.key_span is None else (Edit(entry.key_span, _key(key)),)


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """Without the line, or without the pair and its comma; None if a comment follows the value."""
    place = _place_of(source, entry)
    if place is None or place.key is None:
        return None
    pair = Span(place.key.whole.start, place.span.end)
    edit = _without_pair(source.text, pair) if place.inline else lines.removed(source.text, pair)
    return None if edit is None else (edit,)


def _without_pair(text: str, pair: Span) -> Edit | None:
    """The comma behind goes too, and for the last pair the comma before it."""
    behind = re.compile(r"\s*(?:(,)[ \t]*|(?=\}))").match(text, pair.end)
    if behind is None:
        return None
    if behind[1]:
        return Edit(Span(pair.start, behind.end()), "")
    before = re.compile(r",\s*$").search(text, 0, pair.start)
    return Edit(Span(before.start() if before else pair.start, pair.end), "")
