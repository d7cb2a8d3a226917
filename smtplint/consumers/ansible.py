"""Ansible: tasks of the mail module, under its short name, its full one, or as `local_action`, and with `key=value` text.

`{{ x }}` is what `vars` of the task, its block or its play say; else what the role or the group has, where that is not
said more closely elsewhere.
Source: docs.ansible.com, `community.general.mail`, playbook keywords, `module_defaults`; `lookup('env', 'X')`;
"Understanding variable precedence".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque, Reference
from smtplint.handover import Given, Path, anything, is_about_mail, neighbour
from smtplint.regex import regex
from smtplint.source import Source, Span

MODULE = "community.general.mail"

_NAMES = frozenset({"mail", MODULE})
_KEYWORDS = frozenset(
    {"name", "hosts", "when", "register", "delegate_to", "become", "tags", "run_once", "notify", "ignore_errors"}
    | {"listen", "loop", "with_items", "vars", "no_log", "changed_when", "failed_when", "args", "environment"}
)
_ARGUMENT = regex(r"(?P<key>\w+)=(?P<value>\"[^\"]*\"|'[^']*'|(?:\{\{.*?\}\}|\S)*)")
_LOOKUP = regex(r"(?:lookup|query)\(\s*['\"](?:ansible\.builtin\.)?env['\"]\s*,\s*['\"](\w+)['\"]\s*\)")


_VARIABLE = regex(r"[A-Za-z_]\w*")
_SETTLED = ("../vars/main.yml", "../vars/main.yaml")
"""Files of a role that win over the inventory."""
_DEFAULTS = (
    "../defaults/main.yml", "../defaults/main.yaml", "group_vars/all.yml", "group_vars/all.yaml", "group_vars/all/main.yml",
    "group_vars/all/vars.yml",
)  # fmt: skip
"""Files that any other group, host or play may gainsay."""


def handed(given: Given) -> Sequence[Entry]:
    tasks = {e.key[:-1] for e in given.entries if e.key[-1] in _KEYWORDS}
    variables = _Variables(given)
    return [
        new
        for entry in given.entries
        for new in _renamed(variables.filled_in(_looked_up(entry), tasks), tasks, given.source)
    ]


class _Variables:
    """What `{{ x }}` stands for, looked up only if a setting of mail asks."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._own = {(e.key[:-2], e.key[-1]): e for e in given.entries if e.key[-2:-1] == ("vars",)}
        self._read: dict[str, dict[str, Entry]] = {}

    def filled_in(self, entry: Entry, tasks: set[Path]) -> Entry:
        value = entry.value
        if not isinstance(value, Reference) or value.default is not None or not _VARIABLE.fullmatch(value.name):
            return entry
        if (
            "vars" in entry.key
            or not is_about_mail(entry)
            or not any(entry.key[:n] in tasks for n in range(len(entry.key)))
        ):
            return entry
        return self._near(entry, value.name) or self._in_files(entry, value.name)

    def _near(self, entry: Entry, name: str) -> Entry | None:
        """From the innermost `vars` of this text."""
        roots = (entry.key[:n] for n in range(len(entry.key) - 1, 0, -1))
        found = next((self._own[root, name] for root in roots if (root, name) in self._own), None)
        if found is None:
            return None
        return replace(found, key=entry.key, scope=entry.scope, also=entry.span, key_span=None, editable="value")

    def _in_files(self, entry: Entry, name: str) -> Entry:
        for path in (*_SETTLED, *_DEFAULTS):
            found = self._file(path).get(name)
            if found is not None:
                literal = replace(found.value, computed=True) if isinstance(found.value, Literal) else None
                value = literal if literal and path in _SETTLED else Reference(name, literal)
                return replace(entry, value=value)
        return entry

    def _file(self, path: str) -> dict[str, Entry]:
        if path not in self._read:
            text = self._given.around.at(path)
            self._read[path] = {e.key[0]: e for e in neighbour(text) if len(e.key) == 1} if text else {}
        return self._read[path]


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
    if _NAMES.isdisjoint(key):  # as in most keys
        return None
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
