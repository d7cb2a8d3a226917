"""The cure and stillness laws, over every example of every rule.

Cure: after the fix the rule is silent, and no rule that was silent speaks. Stillness: fixing twice is fixing once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.fix import mend
from smtplint.rule import Example, Rule, load_rules
from smtplint.source import Source
from tests.spelling import Nowhere


def _examples() -> Iterator[object]:
    for rule in load_rules().values():
        for number, example in enumerate(rule.examples):
            if example.bad is not None:
                yield pytest.param(rule, example, id=f"{rule.name}-{number}")


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_a_fix_cures_and_brings_nothing_new(rule: Rule, example: Example) -> None:
    assert example.bad is not None
    only, everything = Settings(select=frozenset({rule.name})), Settings()
    source = Source(example.path, example.bad)
    mended = mend(source, check(source, only, Nowhere()), only, Nowhere(), unsafe=True)
    if not mended.fixed:
        return
    before = Counter(f.rule for f in check(source, everything, Nowhere()))
    after = Counter(f.rule for f in check(mended.source, everything, Nowhere()))
    assert rule.name not in after
    graver = {f.rule for f in check(mended.source, everything, Nowhere()) if f.severity > 1} - set(before)
    assert not graver, f"{mended.source.text}"


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_fixing_twice_is_fixing_once(rule: Rule, example: Example) -> None:
    assert example.bad is not None
    settings = Settings()
    source = Source(example.path, example.bad)
    once = mend(source, check(source, settings, Nowhere()), settings, Nowhere(), unsafe=True)
    twice = mend(once.source, check(once.source, settings, Nowhere()), settings, Nowhere(), unsafe=True)
    assert not once.failed
    assert twice.source == once.source
    assert not twice.fixed


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_a_safe_fix_changes_nothing_outside_its_edits(rule: Rule, example: Example) -> None:
    assert example.bad is not None
    source = Source(example.path, example.bad)
    for finding in check(source, Settings(), Nowhere()):
        if finding.fix is not None:
            kept = [line for line in example.bad.splitlines() if line.lstrip().startswith("#")]
            once = mend(source, [finding], Settings(), Nowhere(), unsafe=True)
            assert all(line in once.source.text.splitlines() for line in kept)
