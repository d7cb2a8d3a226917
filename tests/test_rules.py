"""Every rule file's examples: its tests and its documentation are the same lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.finding import Finding
from smtplint.fix import mend
from smtplint.format import of_path
from smtplint.rule import Example, Rule, RuleError, load_rules, read_rule
from smtplint.source import Source
from tests.spelling import Nowhere

RULES = load_rules()
ABOUT_MAIL = [rule for rule in RULES.values() if rule.conditions]


def _examples(*, bad: bool) -> Iterator[object]:
    for rule in ABOUT_MAIL:
        for number, example in enumerate(rule.examples):
            if (example.bad is not None) is bad:
                yield pytest.param(rule, example, id=f"{rule.name}-{number}-{example.path}")


def _found(rule: Rule, path: str, text: str) -> list[Finding]:
    settings = Settings(select=frozenset({rule.name}))
    findings = check(Source(path, text), settings, Nowhere())
    assert not [f for f in findings if f.rule == "unreadable-file"], findings
    return [f for f in findings if f.rule == rule.name]


@pytest.mark.parametrize(("rule", "example"), list(_examples(bad=True)))
def test_bad_gives_one_finding_at_its_place(rule: Rule, example: Example) -> None:
    assert example.bad is not None
    (finding,) = _found(rule, example.path, example.bad)
    assert finding.source.at(finding.span) == example.at
    assert "{" not in finding.message


@pytest.mark.parametrize(("rule", "example"), list(_examples(bad=True)))
def test_the_fix_makes_good_of_bad(rule: Rule, example: Example) -> None:
    assert example.bad is not None
    source = Source(example.path, example.bad)
    settings = Settings(select=frozenset({rule.name}))
    mended = mend(source, check(source, settings, Nowhere()), settings, Nowhere(), unsafe=True)
    assert not mended.failed
    assert mended.source.text == (example.good if example.good is not None else example.bad)


@pytest.mark.parametrize(("rule", "example"), list(_examples(bad=False)))
def test_good_is_silent(rule: Rule, example: Example) -> None:
    assert example.good is not None
    assert not _found(rule, example.path, example.good)


@pytest.mark.parametrize("rule", ABOUT_MAIL, ids=lambda r: r.name)
def test_a_rule_has_examples_over_different_formats(rule: Rule) -> None:
    bad = [e for e in rule.examples if e.bad is not None]
    silent = [e for e in rule.examples if e.bad is None]
    assert len(bad) >= 2
    assert len(silent) >= 3
    assert len({of_path(e.path) for e in rule.examples}) >= 2


@pytest.mark.parametrize("rule", list(RULES.values()), ids=lambda r: r.name)
def test_a_rule_says_why(rule: Rule) -> None:
    assert len(rule.why) > 200
    assert rule.references
    assert rule.message[:1].islower() or rule.message[:1] in "{`"
    assert not rule.message.endswith(".")
    for plan in rule.fixes:
        assert plan.title[:1].islower() or plan.title[:1] in "{`"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('severity = "loud"', "LOUD"),
        ('wen = "x"', "wen"),
        ("[when]\nporrt = 25", "porrt"),
        ("[when]\nport = { above = 25 }", "above"),
        ("[when]\nport = 25", "no \\[\\[example\\]\\]"),
        ('points_at = ["prot"]', "prot"),
        ('[fix]\ntitle = "x"\nset = { prt = 25 }', "prt"),
    ],
)
def test_a_mistake_in_a_rule_file_is_named(change: str, complaint: str) -> None:
    text = 'summary = "s"\nseverity = "error"\nmessage = "m"\nwhy = "w"\nreferences = ["r"]\n'
    if change.startswith("severity"):
        text = text.replace('severity = "error"\n', "")
    with pytest.raises(RuleError, match=rf"rules/mine\.toml: .*{complaint}"):
        read_rule("mine", text + change + "\n")
