"""A baseline: findings that are known and may stay, recorded by what they are and not by where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from smtplint.finding import Finding
from smtplint.fingerprint import fingerprint


class BaselineError(Exception):
    """A file that is no baseline: one line saying why."""


class Known(Struct, frozen=True):
    """One recorded finding: rule and file are for people who read the baseline, the mark is what counts."""

    rule: str
    path: str
    mark: str


Called = Callable[[Finding], str]
"""How the file of a finding is called, seen from the folder of the baseline."""


def written(findings: Iterable[Finding], called: Called) -> str:
    """The baseline that knows these findings: sorted, one entry a line, so that it can be reviewed and merged."""
    import json  # every run imports this module, few write or read a baseline

    known = sorted((called(f), f.rule, fingerprint(f, called(f))) for f in findings)
    entries = [json.dumps({"rule": rule, "path": path, "mark": mark}) for path, rule, mark in known]
    body = ",".join(f"\n    {entry}" for entry in entries) + "\n  " * bool(entries)
    return f'{{\n  "smtplint-baseline": 1,\n  "findings": [{body}]\n}}\n'


def read(text: str) -> tuple[Known, ...]:
    """The recorded findings; BaselineError if the text is no baseline."""
    import json

    try:
        raw = json.loads(text)
        if raw["smtplint-baseline"] != 1:
            raise BaselineError(f"a baseline of another version: {raw['smtplint-baseline']!r}")
        return tuple(Known(str(one["rule"]), str(one["path"]), str(one["mark"])) for one in raw["findings"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BaselineError("not a baseline that smtplint wrote") from error


class Compared(Struct, frozen=True):
    """What is new, and what is known but no longer there."""

    new: tuple[Finding, ...]
    gone: tuple[Known, ...]


def compared(
    findings: Sequence[Finding], known: Sequence[Known], called: Called, looked_at: Callable[[str], bool]
) -> Compared:
    """A recorded finding covers one finding of its mark: a second of the same kind is new.

    `looked_at`: whether a file was looked at or is no more, so that what is not found in it is gone.
    """
    left = Counter(one.mark for one in known)
    new = []
    for finding in findings:
        mark = fingerprint(finding, called(finding))
        left[mark] -= 1
        if left[mark] < 0:
            new.append(finding)
    gone = []
    for one in known:
        left[one.mark] -= 1
        if left[one.mark] >= 0 and looked_at(one.path):
            gone.append(one)
    return Compared(tuple(new), tuple(gone))
