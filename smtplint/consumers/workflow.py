"""GitHub Actions: `env` of workflow, job and step, the inner one winning, and `${{ env.X }}` that stands for it.

Source: docs.github.com, workflow syntax, `env` ("the most specific environment variable").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from smtplint.format import ANY, Entry, Literal, Reference
from smtplint.handover import Given, Path, anything, inherited, is_about_mail, under

READER = "github-actions"


def handed(given: Given) -> Sequence[Entry]:
    if not any(e.key[0] == "jobs" and e.key[2:3] in (("steps",), ("runs-on",)) for e in given.entries):
        return given.entries
    entries = list(given.entries)
    for level in (3, 5):  # jobs.J.env, jobs.J.steps.[0].env
        roots = dict.fromkeys(e.key[:-1] for e in entries if e.key[0] == "jobs" and e.key[level - 1 : -1] == ("env",))
        for root in roots:
            outer = under(entries, _outer(root, entries))
            entries += inherited(under(entries, root), outer, root)
            if outer and any(map(is_about_mail, under(entries, root))):
                entries.append(anything(outer[0].key[:-1], outer[0]))
    return [_resolved(e, entries) for e in entries]


def _outer(root: Path, entries: Sequence[Entry]) -> Path:
    """Where the next `env` around this one stands."""
    job = (*root[:2], "env")
    return job if len(root) > len(job) and under(entries, job) else ("env",)


def _resolved(entry: Entry, entries: Sequence[Entry]) -> Entry:
    name = entry.value.name if isinstance(entry.value, Reference) else ""
    if not name.startswith("env."):
        return entry
    for root in _levels(entry.key):
        for found in under(entries, root):
            if found.key[-1] == name[4:] and isinstance(found.value, Literal) and found is not entry:
                return replace(found, key=entry.key, scope=entry.scope, also=entry.span, editable="value")
            if found.key[-1] in (name[4:], ANY):
                return entry
    return entry


def _levels(key: Path) -> Iterator[Path]:
    if key[0] == "jobs":
        if key[2:3] == ("steps",):
            yield (*key[:4], "env")
        yield (*key[:2], "env")
    yield ("env",)
