"""Law of identity: what is decoded and encoded again is the file, byte for byte, and reading changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplint.format import PATTERNS, load
from smtplint.source import Edit, Source, Span, Unreadable, apply, decode
from tests.corpora import WANTED, entries_of, files, name_of, source_of, texts

_MARKS = [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_format_has_a_corpus(name: str) -> None:
    assert len([path for n, path in files() if n == name]) >= 3


@pytest.mark.parametrize(("name", "path"), files(), ids=name_of)
def test_the_corpus_comes_back(name: str, path: Path) -> None:
    source = source_of(path)
    load(name).read(source, WANTED)
    assert source.encode() == path.read_bytes()


@pytest.mark.parametrize(("name", "path"), files(), ids=name_of)
def test_putting_every_text_where_it_stands_changes_nothing(name: str, path: Path) -> None:
    source = source_of(path)
    spans = {e.span.start: e.span for e in entries_of(name, path)}.values()
    apart = [s for s in spans if not any(s != o and s.overlaps(o) for o in spans)]
    assert apply(source.text, [Edit(s, source.at(s)) for s in apart]) == source.text


@given(mark=st.sampled_from(_MARKS), data=st.binary(max_size=200), ending=st.sampled_from(["x.env", "x.py"]))
def test_random_bytes_come_back_or_are_refused(mark: bytes, data: bytes, ending: str) -> None:
    try:
        source = decode(ending, mark + data)
    except Unreadable:
        return
    assert source.encode() == mark + data


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
def test_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    text = data.draw(texts(name))
    for span in _spans(name, text):
        assert 0 <= span.start <= span.end <= len(text)


def _spans(name: str, text: str) -> list[Span]:
    try:
        return [e.span for e in load(name).read(Source("text", text), WANTED)]
    except Unreadable as error:
        return [Span(error.offset, error.offset)]
