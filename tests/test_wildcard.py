"""Patterns of names."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from smtplint.wildcard import fits

PIECES = st.text(alphabet="ab.", max_size=3)


@given(
    text=st.text(alphabet="ab.\n", max_size=10),
    pattern=st.lists(st.one_of(PIECES, st.sampled_from(["*", "*", "?", "[ab]"])), max_size=6).map("".join),
)
def test_it_is_what_fnmatch_says(text: str, pattern: str) -> None:
    assert fits(text, pattern) == fnmatchcase(text, pattern)


def test_no_text_counts_twice() -> None:
    assert not fits("ab", "ab*b")
    assert fits("abb", "ab*b")
    assert fits("docker-compose.override.yaml", "docker-compose.*.y*ml")
