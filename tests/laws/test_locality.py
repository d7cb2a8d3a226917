"""Law of locality: replacing one value and reading again changes that entry and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplint.format import PATTERNS
from smtplint.source import Source
from tests.corpora import entries_of, entries_or_none, files, name_of, source_of, texts
from tests.locality import literals_of, others, stays_local

# libcst needs about 0.1 s for a reading: of a Python file only some entries take their turn.
_TURNS = {"python": 6}


@pytest.mark.parametrize(("name", "path"), files(), ids=name_of)
def test_corpus(name: str, path: Path) -> None:
    source, entries = source_of(path), entries_of(name, path)
    places = sorted({p for e in entries for p in literals_of(e)}, key=lambda p: p[0])
    for place in places[:: max(1, len(places) // _TURNS.get(name, len(places) + 1))]:
        replaced = [stays_local(name, source, entries, place, other) for other in others(place[1])]
        assert any(replaced), f"{source.at(place[0])!r} can be replaced by nothing"


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
def test_any_text(name: str, data: st.DataObject) -> None:
    text = data.draw(texts(name))
    entries = entries_or_none(name, text)
    places = sorted({p for e in entries for p in literals_of(e)}, key=lambda p: p[0])
    if places:
        place = data.draw(st.sampled_from(places))
        stays_local(name, Source("text", text), entries, place, data.draw(st.sampled_from([*others(place[1]), 1])))
