"""Helm: the values of a chart as its templates hand them to containers, ConfigMaps and Secrets.

Only what stands plainly there is followed: `.Values.x.y`, with `quote` and the like or a literal default behind it, inside
`if .Values.x` and `with .Values.x`.
Source: helm.sh, "Values Files", "Flow Control"; helm/helm: pkg/chart/v2/util/values.go (null takes a key away).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Entry, Literal, Name, Opaque, Reference
from smtplint.formats.yaml_template import template
from smtplint.handover import Given, Path, far, is_about_mail, mentions_mail, neighbour
from smtplint.regex import regex
from smtplint.source import Span
from smtplint.wildcard import fits

READER = "helm"

_VALUE = regex(r"\$?\.Values\.(?P<path>[\w.]+)(?:\s*\|\s*(?:quote|squote|toString|int|trim|toJson))*")
_FIELD = regex(r"\.(?P<path>[\w.]+)(?:\s*\|\s*(?:quote|squote|toString|int|trim|toJson))*")
_GIVES_DOT = regex(r"(?:with|range|define|block)\b")
_OPENED = regex(r"(?P<word>if|with)\s+(?P<not>not\s+)?\$?\.Values\.(?P<path>[\w.]+)")
_IMAGE = regex(r"\.Values\.([\w.]+)")


def handed(given: Given) -> Sequence[Entry]:
    """The values, and beside them what the templates make of them."""
    name = given.source.path.rpartition("/")[2]
    if not fits(name, "values*.y*ml") or not any(map(is_about_mail, given.entries)):
        return given.entries
    if given.around.at("Chart.yaml") is None:
        return given.entries
    values = _values(given, name)
    found: list[Entry] = []
    for path in given.around.names("templates/*.y*ml"):
        text = given.around.at(path)
        if text is not None and ".Values." in text and mentions_mail(text):
            found += _Template(path, text, values, given.entries[0].span).entries()
    return [*given.entries, *found] if found else given.entries


def _values(given: Given, name: str) -> Mapping[str, Entry]:
    """The values by their paths; another file of values lies on top of the chart's own."""
    own = {e.path: e for e in given.entries if not e.scope}
    base = given.around.at("values.yaml") if name != "values.yaml" else None
    below = {e.path: far(e, given.entries[0].span) for e in neighbour(base)} if base is not None else {}
    return {**below, **own}


class _Template(Struct, frozen=True, dict=True):
    """A template of the chart, with the values that are filled in; `at`: where to put what is only said here."""

    path: str
    text: str
    values: Mapping[str, Entry]
    at: Span

    def entries(self) -> Iterator[Entry]:
        """The settings of each place that gets a value about mail, and the image beside it."""
        places: dict[Path, list[Entry]] = defaultdict(list)
        for entry in neighbour(self.text):
            places[entry.key[:-1]].append(entry)
        for place, entries in places.items():
            if any(is_about_mail(e) and self._named(e) is not None for e in entries):
                for entry in entries:
                    yield from self._filled_in(entry)
                yield from (self._image(e) for e in places.get(place[:-1], ()) if e.key[-1] == "image")

    def _named(self, entry: Entry) -> str | None:
        """The path of the value that an entry is made of."""
        if not isinstance(entry.value, Reference):
            return None
        if (found := _VALUE.fullmatch(entry.value.name)) is not None:
            return found["path"]
        field, root = _FIELD.fullmatch(entry.value.name), self._dot(entry)
        return f"{root}.{field['path']}" if field is not None and root is not None else None

    def _dot(self, entry: Entry) -> str | None:
        """What `.` stands for: the value that the innermost block is about which gives it a meaning."""
        bodies = (self._bodies.get(element, "") for element in reversed(entry.scope))
        opened = next((_OPENED.fullmatch(body) for body in bodies if _GIVES_DOT.match(body)), None)
        return opened["path"] if opened is not None else None

    @cached_property
    def _bodies(self) -> Mapping[str, str]:
        """What the branches ask for, by the element of the scope that stands for each."""
        return {f"if@{e.span.start}": e.body for e in template(self.text).expressions}

    def _filled_in(self, entry: Entry) -> Iterator[Entry]:
        scope = self._scope(entry)
        if scope is None:
            return
        key, scope, name = (self.path, *entry.key), (self.path, *scope), self._named(entry)
        value = self.values.get(name) if name is not None else None
        default = entry.value.default if isinstance(entry.value, Reference) and name is not None else None
        if value is not None and _is_taken(value, default):
            editable = "nothing" if value.foreign else "value"
            yield replace(value, key=key, scope=scope, key_span=None, editable=editable, reader=READER)
        else:
            known = default or entry.value
            yield replace(
                far(entry, self.at), key=key, scope=scope, value=known if isinstance(known, Literal) else Opaque()
            )

    def _scope(self, entry: Entry) -> tuple[str, ...] | None:
        """The branches around an entry that the values leave open; None if they shut one."""
        left = []
        for element in entry.scope:
            opened = _OPENED.fullmatch(self._bodies.get(element, ""))
            value = self.values.get(opened["path"]) if opened is not None else None
            known = value.value if value is not None else None
            if opened is None or not isinstance(known, Literal):
                left.append(element)
            elif bool(known.value) is (opened["not"] is not None):
                return None
        return tuple(left)

    def _image(self, entry: Entry) -> Entry:
        """The repository that a value gives: `"{{ .Values.image.repository }}:{{ .Values.image.tag }}"`."""
        named = _IMAGE.search(self.text, entry.span.start, entry.span.end)
        value = self.values.get(named[1]) if named is not None else None
        known = value.value if value is not None else entry.value
        return replace(far(entry, self.at), key=(self.path, *entry.key), value=known, scope=(self.path,))


def _is_taken(value: Entry, default: Literal | Name | None) -> bool:
    """True for a value that says something; `default` takes its own for `false` and `0` as well."""
    said = value.value.value if isinstance(value.value, Literal) else None
    return said not in (None, "") and (bool(said) or default is None)
