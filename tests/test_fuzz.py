"""The fuzzer's laws on what once broke them, and on seeded mutations of the seeds: `python -m fuzz` is the long run."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import seeds
from fuzz.targets import TARGETS

COUNT = {"check-python": 80, "check-yaml": 200, "check-env": 150, "check-toml": 150}
"""How many mutated texts a run tries; 500 where a target is not named here."""


@cache
def _seeds(target: str) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(seeds.of(target)))


@cache
def _words() -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(word.encode() for word in seeds.words()))


@st.composite
def mutated(draw: st.DrawFn, target: str) -> bytes:
    """A seed with some pieces taken out, doubled, put elsewhere, or replaced by words that mean something."""
    data = draw(st.sampled_from(_seeds(target)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        word = draw(st.sampled_from(_words()) | st.binary(max_size=3))
        piece = draw(st.sampled_from((b"", word, data[start:end] * 2, word + data[start:end])))
        data = data[:start] + piece + data[end:]
    return data


@pytest.mark.parametrize("target", TARGETS)
def test_what_once_broke_a_law_and_the_seeds_themselves_keep_it(target: str) -> None:
    for data in seeds.kept(target):
        TARGETS[target](data)
    step = max(1, len(_seeds(target)) // 100)
    for data in _seeds(target)[::step]:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_mutated_texts_keep_the_laws(target: str) -> None:
    @settings(
        max_examples=COUNT.get(target, 500),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(target))
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()


def test_there_are_seeds_for_every_target() -> None:
    assert all(len(_seeds(target)) >= 3 for target in TARGETS)
