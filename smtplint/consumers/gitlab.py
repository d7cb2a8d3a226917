"""GitLab CI: global `variables`, those of a job, which win, and the form with `value` and `description`.

Source: docs.gitlab.com, CI/CD YAML syntax reference, `variables` and `extends`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from smtplint.format import Entry
from smtplint.handover import Given, anything, inherited, text, under
from smtplint.wildcard import fits

READER = "gitlab-ci"


def handed(given: Given) -> Sequence[Entry]:
    name = given.source.path.rpartition("/")[2].lower()
    if not fits(name, "*gitlab-ci*.y*ml"):
        return given.entries
    entries = [_valued(e) for e in given.entries]
    bases = {e.key[0]: e for e in entries if e.key[1:] in (("extends",), ("extends", "[0]"))}
    for job in dict.fromkeys(e.key[0] for e in entries if len(e.key) == 3 and e.key[1] == "variables"):
        for base in _ancestors(bases, job):
            entries += inherited(
                under(entries, (job, "variables")), under(entries, (base, "variables")), (job, "variables")
            )
        entries += inherited(under(entries, (job, "variables")), under(entries, ("variables",)), (job, "variables"))
    # Passwords, and whatever else, are set in the project's own settings.
    roots = {e.key[:-1]: e for e in entries if e.key[-2:-1] == ("variables",)}
    return [*entries, *(anything(root, entry) for root, entry in roots.items())]


def _valued(entry: Entry) -> Entry:
    """`variables: {X: {value: y, description: …}}` is X with the value y."""
    is_value = entry.key[-1] == "value" and entry.key[-3:-2] == ("variables",) and len(entry.key) in (3, 4)
    return replace(entry, key=entry.key[:-1], editable="value", reader=READER) if is_value else entry


def _ancestors(bases: Mapping[str, Entry], job: str) -> Iterator[str]:
    seen = {job}
    while (said := bases.get(job)) is not None and (base := text(said)) is not None and base not in seen:
        seen.add(base)
        yield base
        job = base
