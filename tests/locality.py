"""What one edit may do to a text: the entry that it replaces says the new value, and every other says what it said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Reference, Scalar, default_edit, load
from smtplint.source import Edit, Source, Span, apply
from tests.corpora import WANTED, is_spelled_out

_OTHERS: dict[type, tuple[Scalar, ...]] = {
    str: ("other.example.org", "", "two words", 'it\'s "a" # b\\'),
    int: (465, 0),
    bool: (True, False),
    float: (2.5,),
}
_OFFSET = re.compile(r"@(\d+)")

Place = tuple[Span, Scalar]
"""Where a literal stands and what it says."""


def literals_of(entry: Entry) -> Iterator[Place]:
    if isinstance(entry.value, Literal) and is_spelled_out(entry):
        yield entry.span, entry.value.value
    if isinstance(entry.value, Reference) and entry.value.span and isinstance(entry.value.default, Literal):
        yield entry.value.span, entry.value.default.value


def others(value: Scalar) -> Iterator[Scalar]:
    return (other for other in _OTHERS.get(type(value), ("other.example.org",)) if repr(other) != repr(value))


def stays_local(name: str, source: Source, entries: tuple[Entry, ...], place: Place, other: Scalar) -> bool:
    """Replace it and read again. False if the manner of the old text has no room for the other value."""
    old = place[1]
    edit = _edit(name, source, next(e for e in entries if place in literals_of(e)), other)
    if edit is None:
        return False
    span, text = edit.span, edit.text
    after = load(name).read(source.with_text(apply(source.text, [edit])), WANTED)
    before = [_moved(e, span, span.start + len(text) - span.end) for e in entries]
    assert [(e.key, e.scope) for e in after] == [(e.key, e.scope) for e in before], text
    for old_entry, moved, new_entry in zip(entries, before, after, strict=True):
        if place in literals_of(old_entry):
            assert _says(new_entry, old, other), (new_entry, text)
        elif (
            is_spelled_out(moved)
            and is_spelled_out(new_entry)
            and not span.start <= old_entry.span.start <= old_entry.span.end <= span.end
        ):
            assert repr(new_entry.value) == repr(moved.value), (new_entry, text)
    return True


def _edit(name: str, source: Source, entry: Entry, other: Scalar) -> Edit | None:
    """The edit that replaces a literal, or the literal default of a reference."""
    format_ = load(name)
    change = format_.replace if isinstance(entry.value, Literal) else partial(default_edit, format_)
    edits = change(source, entry, other)
    return edits[0] if edits else None


def _says(entry: Entry, old: Scalar, other: Scalar) -> bool:
    """Text stays text: another number or boolean in its place is a word."""
    said = [value for _, value in literals_of(entry)]
    return repr(said) == repr([other]) if type(other) is type(old) else str(said[0]).lower() == str(other).lower()


def _moved(entry: Entry, edit: Span, by: int) -> Entry:
    """The entry where an edit leaves it: what stands behind has moved."""
    scope = tuple(_OFFSET.sub(lambda m: f"@{_offset(int(m[1]), edit, by)}", element) for element in entry.scope)
    value = entry.value
    if isinstance(value, Reference):
        value = replace(value, span=_span(value.span, edit, by), content=_span(value.content, edit, by))
    return replace(entry, scope=scope, value=value)


def _span(span: Span | None, edit: Span, by: int) -> Span | None:
    return span and Span(_offset(span.start, edit, by), _offset(span.end, edit, by))


def _offset(offset: int, edit: Span, by: int) -> int:
    return offset + by if offset >= edit.end else offset
