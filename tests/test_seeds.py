"""The faults that smtplint exists for, in each format: found at their place, mended byte for byte, and silent then."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.finding import Severity
from smtplint.fix import mend
from smtplint.format import PATTERNS, of_path
from smtplint.source import Source
from tests.spelling import Nowhere

SEEDS = tomllib.loads((Path(__file__).parent / "seeds.toml").read_text("utf-8"))["seed"]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed['rule']}-{seed['path']}")
def test_a_seed_is_found_mended_and_silent(seed: dict[str, str]) -> None:
    source = Source(seed["path"], seed["bad"])
    found = check(source, Settings(), Nowhere())
    loud = [f for f in found if f.severity > Severity.INFO]
    assert [(f.rule, source.at(f.span)) for f in loud] == [(seed["rule"], seed["at"])]
    mended = mend(source, loud, Settings(), Nowhere(), unsafe=True)
    assert mended.source.text == seed["good"]
    assert not [f for f in check(mended.source, Settings(), Nowhere()) if f.severity > Severity.INFO]


def test_every_fault_is_there_in_every_format() -> None:
    there = {(seed["rule"], of_path(seed["path"])) for seed in SEEDS}
    rules = {rule for rule, _ in there}
    assert {one for one in there if one[1] != "ini"} == {(r, f) for r in rules for f in PATTERNS if f != "ini"}
    assert len(rules) == 6
    assert len([rule for rule, format_ in there if format_ == "ini"]) == 3
