"""Law of spans: the text at an entry's span, decoded alone, is its value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplint.format import PATTERNS, Entry, Literal, Reference, load
from smtplint.source import Source, Span
from tests.corpora import entries_of, entries_or_none, files, is_spelled_out, name_of, source_of, texts


@pytest.mark.parametrize(("name", "path"), files(), ids=name_of)
def test_corpus(name: str, path: Path) -> None:
    assert _breaches(name, source_of(path), entries_of(name, path)) == []


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
def test_any_text(name: str, data: st.DataObject) -> None:
    text = data.draw(texts(name))
    assert _breaches(name, Source("text", text), entries_or_none(name, text)) == []


@pytest.mark.parametrize("name", PATTERNS)
def test_the_corpus_has_values_to_check(name: str) -> None:
    literals = [e for n, path in files() if n == name for e in entries_of(n, path) if isinstance(e.value, Literal)]
    assert len(literals) > 20
    assert any(
        isinstance(e.value, Reference) and e.value.default for n, p in files() if n == name for e in entries_of(n, p)
    )


def _breaches(name: str, source: Source, entries: tuple[Entry, ...]) -> list[str]:
    return [f"{e}: {problem}" for e in entries for problem in _problems(name, source, e)]


def _problems(name: str, source: Source, entry: Entry) -> Iterator[str]:
    if isinstance(entry.value, Literal) and is_spelled_out(entry):
        yield from _literal(name, source, entry.value, entry.span, entry.content)
    if isinstance(entry.value, Reference) and isinstance(entry.value.default, Literal) and entry.value.span is not None:
        yield from _default(name, source, entry.value.default, entry.value.span, entry.value.content)


def _literal(name: str, source: Source, literal: Literal, span: Span, content: Span | None) -> Iterator[str]:
    text = source.at(span)
    if content == span and text == literal.value:
        return  # part of a larger literal, such as the value in `- NAME=value`: the text stands for itself
    if repr(load(name).decode(text)) != repr(literal.value):  # repr tells True from 1, and nan is nan
        yield f"{text!r} says {load(name).decode(text)!r}"
    yield from _content(source, literal, span, content)
    if not _is_spelled_again(name, text, literal):
        yield f"{text!r} is not spelled again"


def _default(name: str, source: Source, literal: Literal, span: Span, content: Span | None) -> Iterator[str]:
    """Inside the quotes of a larger literal the default is text: it may also stand for itself; a cast may convert it."""
    text = source.at(span)
    if str(load(name).decode(text)) != str(literal.value) and text != literal.value:
        yield f"default {text!r} says {load(name).decode(text)!r}"
    yield from _content(source, literal, span, content)


def _content(source: Source, literal: Literal, span: Span, content: Span | None) -> Iterator[str]:
    if content is None:
        return
    if source.at(content) != str(literal.value):
        yield f"content is {source.at(content)!r}"
    if not span.start <= content.start <= content.end <= span.end:
        yield f"content {content} is not within {span}"


def _is_spelled_again(name: str, text: str, literal: Literal) -> bool:
    """What is written in some manner can be written in this manner."""
    try:
        written = load(name).encode(literal.value, text)
    except ValueError:
        return True
    return repr(load(name).decode(written)) == repr(literal.value)
