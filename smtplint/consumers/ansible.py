"""Ansible: tasks of the mail module, under its short name, its full one, or as `local_action`, and with `key=value` text.

Source: docs.ansible.com, `community.general.mail`, playbook keywords, `module_defaults`; `lookup('env', 'X')`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smtplint.format import Entry, Literal, Opaque, Reference
from smtplint.handover import Given, Path, anything
from smtplint.source import Source, Span

MODULE = "community.general.mail"

_NAMES = frozenset({"mail", MODULE})
_KEYWORDS = frozenset(
    {"name", "hosts", "when", "register", "delegate_to", "become", "tags", "run_once", "notify", "ignore_errors"}
    | {"listen", "loop", "with_items", "vars", "no_log", "changed_when", "failed_when", "args", "environment"}
)
_ARGUMENT = re.compile(r"(?P<key>\w+)=(?P<value>\"[^\"]*\"|'[^']*'|(?:\{\{.*?\}\}|\S)*)")
_LOOKUP = re.compile(r"(?:lookup|query)\(\s*['\"](?:ansible\.builtin\.)?env['\"]\s*,\s*['\"](\w+)['\"]\s*\)")


def handed(given: Given) -> Sequence[Entry]:
    tasks = {e.key[:-1] for e in given.entries if e.key[-1] in _KEYWORDS}
    return [new for entry in given.entries for new in _renamed(_looked_up(entry), tasks, given.source)]


def _looked_up(entry: Entry) -> Entry:
    """`{{ lookup('env', 'X') }}` is the environment's X."""
    if isinstance(entry.value, Reference) and (found := _LOOKUP.match(entry.value.name)):
        return replace(entry, value=replace(entry.value, name=found[1]))
    return entry


def _renamed(entry: Entry, tasks: set[Path], source: Source) -> Iterator[Entry]:
    at = _module(entry.key)
    if at is None:
        yield entry
        return
    task, rest = entry.key[:at], entry.key[at + 1 :]
    if task not in tasks:
        yield entry
    elif "module_defaults" in entry.key:
        return
    elif rest:
        yield replace(entry, key=(*task, MODULE, *rest))
    else:
        yield from _from_text(entry, (*task, MODULE), source)


def _module(key: Path) -> int | None:
    """Where the name of the mail module stands in a key: behind the number of a task."""
    return next((i for i in range(1, len(key)) if key[i] in _NAMES and key[i - 1][:1] == "["), None)


def _from_text(entry: Entry, root: Path, source: Source) -> Iterator[Entry]:
    """`mail: host=smtp.example.com port=587`."""
    text = source.at(entry.span)
    if text[:1] in ("'", '"', "|", ">", ""):
        yield anything(root, entry)
        return
    for found in _ARGUMENT.finditer(text):
        margin = found["value"][:1] in ("'", '"')
        begin, end = found.span("value")
        span = Span(begin + margin, end - margin).shifted(entry.span.start)
        value = Opaque() if "{{" in found["value"] else Literal(source.at(span))
        yield replace(entry, key=(*root, found["key"]), value=value, span=span, content=span, editable="nothing")
