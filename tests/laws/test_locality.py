"""Law of locality: replacing one value and reading again changes that entry and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplint.format import PATTERNS, Entry, Literal, Reference, Scalar, load
from smtplint.source import Edit, Source, Span, apply
from tests.corpora import WANTED, entries_of, entries_or_none, files, is_spelled_out, name_of, source_of, texts

_OTHERS: dict[type, tuple[Scalar, ...]] = {
    str: ("other.example.org", "", "two words", 'it\'s "a" # b\\'),
    int: (465, 0),
    bool: (True, False),
    float: (2.5,),
}
# libcst needs about 0.1 s for a reading: of a Python file only some entries take their turn.
_TURNS = {"python": 6}
_OFFSET = re.compile(r"@(\d+)")

_Place = tuple[Span, Scalar]
"""Where a literal stands and what it says."""


@pytest.mark.parametrize(("name", "path"), files(), ids=name_of)
def test_corpus(name: str, path: Path) -> None:
    source, entries = source_of(path), entries_of(name, path)
    places = sorted({p for e in entries for p in _places(e)}, key=lambda p: p[0])
    for place in places[:: max(1, len(places) // _TURNS.get(name, len(places) + 1))]:
        replaced = [_check(name, source, entries, place, other) for other in _others(place[1])]
        assert any(replaced), f"{source.at(place[0])!r} can be replaced by nothing"


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
def test_any_text(name: str, data: st.DataObject) -> None:
    text = data.draw(texts(name))
    entries = entries_or_none(name, text)
    places = sorted({p for e in entries for p in _places(e)}, key=lambda p: p[0])
    if places:
        place = data.draw(st.sampled_from(places))
        _check(name, Source("text", text), entries, place, data.draw(st.sampled_from([*_others(place[1]), 1])))


def _places(entry: Entry) -> Iterator[_Place]:
    if isinstance(entry.value, Literal) and is_spelled_out(entry):
        yield entry.span, entry.value.value
    if isinstance(entry.value, Reference) and entry.value.span and isinstance(entry.value.default, Literal):
        yield entry.value.span, entry.value.default.value


def _others(value: Scalar) -> Iterator[Scalar]:
    return (other for other in _OTHERS.get(type(value), ("other.example.org",)) if repr(other) != repr(value))


def _check(name: str, source: Source, entries: tuple[Entry, ...], place: _Place, other: Scalar) -> bool:
    """False if the manner of the old text has no room for the other value."""
    old = place[1]
    edit = _edit(name, source, next(e for e in entries if place in _places(e)), other)
    if edit is None:
        return False
    span, text = edit.span, edit.text
    after = load(name).read(source.with_text(apply(source.text, [edit])), WANTED)
    before = [_moved(e, span, span.start + len(text) - span.end) for e in entries]
    assert [(e.key, e.scope) for e in after] == [(e.key, e.scope) for e in before], text
    for old_entry, moved, new_entry in zip(entries, before, after, strict=True):
        if place in _places(old_entry):
            assert _says(new_entry, old, other), (new_entry, text)
        elif is_spelled_out(moved) and not span.start <= old_entry.span.start <= old_entry.span.end <= span.end:
            assert repr(new_entry.value) == repr(moved.value), (new_entry, text)
    return True


def _edit(name: str, source: Source, entry: Entry, other: Scalar) -> Edit | None:
    """The edit that replaces a literal, or the literal default of a reference."""
    if isinstance(entry.value, Literal):
        edits = load(name).replace(source, entry, other)
        return edits[0] if edits else None
    assert isinstance(entry.value, Reference)
    assert entry.value.span is not None
    try:
        return Edit(entry.value.span, load(name).encode(other, source.at(entry.value.span)))
    except ValueError:
        return None


def _says(entry: Entry, old: Scalar, other: Scalar) -> bool:
    """Text stays text: another number or boolean in its place is a word."""
    said = [value for _, value in _places(entry)]
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
