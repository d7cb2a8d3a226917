"""Dev Containers: `containerEnv` of every process, `remoteEnv` on top of it for the editor's terminals and tasks.

`${localEnv:X:default}` and `${containerEnv:X}` are variables of the machine, or of the container, around it.
Source: containers.dev, json_reference (general properties; variables); devcontainers/spec, docs/specs/devcontainer-reference.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque, Reference
from smtplint.handover import Given, anything, inherited, text, under

READER = "devcontainer"
_ROOTS = (("containerEnv",), ("remoteEnv",))
_AROUND = ("localEnv", "containerEnv", "env")


def handed(given: Given) -> Sequence[Entry]:
    if not given.source.path.endswith("devcontainer.json"):
        return given.entries
    entries = [_filled_in(e) if e.key[:-1] in _ROOTS else e for e in given.entries]
    outer, own = (under(entries, root) for root in _ROOTS)
    if own:
        entries += inherited(own, outer, ("remoteEnv",))
    if _more(entries):
        entries += [anything(found[0].key[:-1], found[0]) for found in (outer, own) if found]
    return entries


def _more(entries: Sequence[Entry]) -> bool:
    """True if a compose file, or an option of `docker run`, may set further variables."""
    options = (text(e) for e in entries if e.key[0] == "runArgs")
    return any(e.key[0] == "dockerComposeFile" for e in entries) or any(
        o is not None and o.startswith(("-e", "--env")) for o in options
    )


def _filled_in(entry: Entry) -> Entry:
    """Everything is text; only a variable's name and what stands behind a second colon are told apart here."""
    value = entry.value
    if isinstance(value, Reference) and value.name in _AROUND:
        name, colon, default = (text(entry) or "").partition(":")
        value = Reference(name, Literal(default, computed=True) if colon else None) if name else Opaque()
    elif isinstance(value, Literal) and isinstance(value.value, str) and "${" in value.value:
        value = Opaque()
    return replace(entry, value=value, reader=READER)
