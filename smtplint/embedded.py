"""Whole files inside a value: `application.yml: |` in a ConfigMap, `content: |` beside `dest: …/.env`, with true places.

The inner text is the block without its margin, so that an inner offset is an outer one plus the margins before it.
Edits go the same way back; a new line gets the margin too. A block whose text is not what stands there is not looked at.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Entry, Literal, Reference, of_path
from smtplint.model import Assignments, Binding, Change, Endpoint, Setting
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span

_HEADER = regex(r"\|[-+]?[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n)")
_LINE = regex(r"(?P<margin> *)(?P<text>[^\r\n]*(?:\r\n|\n|\Z))")
_CONTENTS = (
    "content",
    "block",
)  # of `configs` in Compose, of `copy` and `blockinfile` in Ansible, of `write_files` in cloud-init
_TARGETS = ("target", "dest", "path")
_Place = tuple[tuple[str, ...], tuple[str, ...]]  # a scope, and the path of a mapping


class Embedded(Struct, frozen=True):
    """A text within `outer`: `inner` line by line at `places`, each line behind `margin`."""

    outer: Source
    inner: Source
    margin: str
    lines: tuple[int, ...]  # where each line of the inner text begins in it
    places: tuple[int, ...]  # and where it begins in the outer text

    def outward(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint of the inner text with the places of the outer one."""
        settings = tuple(self._setting(s) for s in endpoint.settings)
        return replace(
            endpoint,
            source=self.outer,
            fields={n: replace(f, evidence=tuple(map(self._entry, f.evidence))) for n, f in endpoint.fields.items()},
            anchor=self._span(endpoint.anchor),
            steps=tuple(replace(s, span=self._span(s.span)) for s in endpoint.steps),
            settings=settings,
            binding=endpoint.binding
            and _Outward(self, endpoint.binding, tuple(zip(settings, endpoint.settings, strict=True))),
        )

    def edits(self, edits: Sequence[Edit] | None) -> tuple[Edit, ...] | None:
        """Edits of the inner text as edits of the outer one; None at the end of the block, where a margin would be missing."""
        if edits is None or any(e.span.end >= len(self.inner.text) > e.span.start and "\n" in e.text for e in edits):
            return None
        if any(e.span.start >= len(self.inner.text) for e in edits):
            return None
        # A line that goes, goes with the margin of the next one, for its own stays.
        spans = [Span(self._offset(e.span.start), self._offset(e.span.end)) for e in edits]
        return tuple(Edit(s, e.text.replace("\n", "\n" + self.margin)) for s, e in zip(spans, edits, strict=True))

    def _setting(self, setting: Setting) -> Setting:
        beside = tuple((self._entry(entry), said) for entry, said in setting.beside)
        return replace(setting, entry=self._entry(setting.entry), beside=beside)

    def _entry(self, entry: Entry) -> Entry:
        value = entry.value
        if isinstance(value, Reference):
            value = replace(value, span=self._maybe(value.span), content=self._maybe(value.content))
        return replace(
            entry,
            value=value,
            span=self._span(entry.span),
            key_span=self._maybe(entry.key_span),
            content=self._maybe(entry.content),
            also=self._maybe(entry.also),
        )

    def _maybe(self, span: Span | None) -> Span | None:
        return span and self._span(span)

    def _span(self, span: Span) -> Span:
        end = self._offset(span.end)
        # The end of a line is the end of what stands on it, not the margin of the next line.
        if span.end > span.start and span.end in self.lines:
            end = self._offset(span.end - 1) + 1
        start = self._offset(span.start)
        return Span(start, max(start, end))

    def _offset(self, offset: int) -> int:
        line = bisect.bisect_right(self.lines, offset) - 1
        return self.places[line] + offset - self.lines[line]


class _Outward(Struct, frozen=True):
    """The way back through the inner text."""

    embedded: Embedded
    binding: Binding
    settings: tuple[tuple[Setting, Setting], ...]  # outer and inner

    def edits(self, assignments: Assignments) -> tuple[Edit, ...] | None:
        return self.embedded.edits(self.binding.edits(assignments))

    def changed(self, change: Change) -> tuple[Edit, ...] | None:
        setting = next((inner for outer, inner in self.settings if outer == change.setting), None)
        return None if setting is None else self.embedded.edits(self.binding.changed(replace(change, setting=setting)))


def texts(source: Source, entries: Sequence[Entry]) -> Iterator[Embedded]:
    """The files that stand in the values of a file: in ConfigMaps, in `configs` of Compose, in tasks that write files."""
    kinds = {e.scope[:1]: str(e.value.value) for e in entries if e.key == ("kind",) and isinstance(e.value, Literal)}
    blocks = [e for e in entries if e.key[-1] in _CONTENTS or of_path(e.key[-1]) is not None]
    blocks = [e for e in blocks if not (e.key[0] == "data" and _kind(e, kinds) == "Secret")]  # in base64
    named = _names(entries) if any(e.key[-1] in _CONTENTS for e in blocks) else {}
    for entry in blocks:
        name = entry.key[-1] if entry.key[-1] not in _CONTENTS else named.get((entry.scope, entry.key[:-1]), "")
        name = name.rpartition("/")[2]
        if of_path(name) is not None and (found := _embedded(source, entry, name)) is not None:
            yield found


def _names(entries: Sequence[Entry]) -> Mapping[_Place, str]:
    """The paths of the files whose contents stand beside them, by the place of both; a config of Compose by where it goes."""
    found: dict[_Place, str] = {}
    sources: dict[_Place, str] = {}
    for entry in entries:
        if isinstance(entry.value, Literal) and entry.key[-1] in (*_TARGETS, "source"):
            (sources if entry.key[-1] == "source" else found)[entry.scope, entry.key[:-1]] = str(entry.value.value)
    for (scope, parent), name in sources.items():
        if parent[:1] == ("services",) and parent[2:3] == ("configs",) and (scope, parent) in found:
            found[scope, ("configs", name)] = found[scope, parent]
    return found


def _kind(entry: Entry, kinds: Mapping[tuple[str, ...], str]) -> str:
    own = entry.scope[:1] if entry.scope and entry.scope[0].startswith("document") else ()
    return kinds.get(own, "")


def _embedded(source: Source, entry: Entry, name: str) -> Embedded | None:
    written = source.at(entry.span)
    header = _HEADER.match(written)
    if header is None:
        return None
    found = [line for line in _LINE.finditer(written, header.end()) if line[0]]
    margin = next((line["margin"] for line in found if line["text"].strip()), "")
    texts, lines, places, length = [], [], [], 0
    for line in found:
        cut = min(len(line["margin"]), len(margin))
        texts.append(line[0][cut:])
        lines.append(length)
        places.append(entry.span.start + line.start() + cut)
        length += len(texts[-1])
    text = "".join(texts)
    # A template's output is not known; else the text must be what YAML makes of the block.
    if not margin or (
        isinstance(entry.value, Literal) and str(entry.value.value).strip() != text.replace("\r\n", "\n").strip()
    ):
        return None
    path = f"{source.path.rpartition('/')[0]}/{name}".removeprefix("/")
    return Embedded(source, Source(path, text), margin, tuple(lines), tuple(places))
