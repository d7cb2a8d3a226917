"""From YAML nodes to entries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smtplint.format import ANY, Entry, Literal, Opaque, Reference, Value
from smtplint.formats.yaml_landing import Landings, landings
from smtplint.formats.yaml_meaning import Meaning
from smtplint.formats.yaml_reference import expanded
from smtplint.formats.yaml_scalar import content_span, tag_of, text_span
from smtplint.formats.yaml_template import Template
from smtplint.formats.yaml_tree import DEPTH, Alias, Collection, Node, Scalar
from smtplint.regex import regex
from smtplint.source import Span, Unreadable

Path = tuple[str, ...]
Pair = tuple[Node, Node]

EXPANSIONS = 20_000
"""How many settings aliases and merge keys may add: nine lines of aliases can stand for billions."""

_BOMB = "aliases expand to too many settings"
_ELSEWHERE = {"env_file": "environment", "envFrom": "env"}
_VARIABLE = regex(r"([A-Za-z_][A-Za-z0-9_.]*)(=)?", re.DOTALL)


class Reader:
    """Collects the entries of one text. `expanding` counts the aliases that stand open."""

    def __init__(self, text: str, template: Template) -> None:
        self.original = text
        self.text = template.blanked
        self.template = template
        self.meaning = Meaning(text, template)
        self.entries: list[Entry] = []
        self.scope: tuple[str, ...] = ()
        self.expanding = 0
        self.expanded = 0
        self.landings = Landings({}, set())

    def documents(self, roots: list[Node]) -> None:
        self.landings = landings(self.text, roots, self.template.expressions)
        for number, root in enumerate(roots):
            self.scope = (f"document {number}",) if number else ()
            self._node((), root, None)

    def _node(self, path: Path, node: Node, key: Span | None) -> None:
        if len(path) > DEPTH:
            raise Unreadable(_BOMB, node.start)
        if isinstance(node, Alias):
            self._alias(path, node, key)
        elif isinstance(node, Scalar):
            self._scalar(path, node, key)
        elif node.tag and not node.tag.startswith("tag:yaml.org,2002:") and node.tag != "!override":
            self._unknown(path, Span(node.start, node.start + len(node.tag)), key)
        elif node.mapping:
            self._mapping(path, node)
        else:
            self._sequence(path, node)

    def _alias(self, path: Path, alias: Alias, key: Span | None) -> None:
        also = Span(alias.start, alias.end)
        if isinstance(alias.target, Scalar):
            self._scalar(path, alias.target, key, also)
            return
        self.expanding += 1
        self._node(path, alias.target, key)
        self.expanding -= 1

    def _count(self, settings: int, offset: int) -> None:
        self.expanded += settings
        if self.expanded > EXPANSIONS:
            raise Unreadable(_BOMB, offset)

    # Mappings

    def _mapping(self, path: Path, node: Collection) -> None:
        if self.expanding:
            self._count(len(node.items), node.start)
        self._wildcards(path, node)
        for key, value in self._pairs(node, 0):
            self._pair(path, key, value)

    def _pair(self, path: Path, key: Node, value: Node) -> None:
        name, span = self._key(key)
        if name is None:
            return
        if name in _ELSEWHERE and span:
            self._add((*path, _ELSEWHERE[name], ANY), Opaque(), span, span)
        if span and isinstance(value, Scalar) and self.template.within(span):
            self._add((*path, name), Opaque(), text_span(self.text, value), None)
        else:
            self._node((*path, name), value, span)

    def _key(self, key: Node) -> tuple[str | None, Span | None]:
        """The text of a key and where it stands; a key that is an alias has no place of its own."""
        if isinstance(key, Alias):
            return (key.target.value, None) if isinstance(key.target, Scalar) else (None, None)
        if not isinstance(key, Scalar):
            return None, None
        span = text_span(self.text, key)
        if self.template.within(span):
            return self.original[span.start : span.end], span
        return key.value, content_span(self.text, span, key) or span

    def _pairs(self, node: Collection, depth: int) -> Iterator[Pair]:
        """The pairs of a mapping, then those merged into it by `<<` that it does not set itself."""
        merged = [v for k, v in node.pairs() if _merges(k)]
        if not merged:
            return node.pairs()
        return self._merged(node, merged, depth)

    def _merged(self, node: Collection, merged: list[Node], depth: int) -> Iterator[Pair]:
        if depth > DEPTH:
            raise Unreadable(_BOMB, node.start)
        seen = set()
        for key, value in node.pairs():
            if not _merges(key):
                seen.add(self._key(key)[0])
                yield key, value
        for source in _sources(merged):
            pairs = list(self._pairs(source, depth + 1))
            self._count(len(pairs), node.start)
            yield from (p for p in pairs if self._key(p[0])[0] not in seen)
            seen.update(self._key(k)[0] for k, _ in pairs)

    # Sequences

    def _sequence(self, path: Path, node: Collection) -> None:
        if self.expanding:
            self._count(len(node.items), node.start)
        self._wildcards(path, node)
        if self._assigns(node):
            for item in node.items:
                self._assignment(path, item)
        elif variables := self._variables(node):
            for name, value, source in variables:
                self._variable(path, name, value, source)
        else:
            for number, item in enumerate(node.items):
                self._node((*path, f"[{number}]"), item, None)

    def _assigns(self, node: Collection) -> bool:
        """True for a list of `NAME=value` or `NAME`, at least one of the former."""
        first = _target(node.items[0]) if node.items else None
        if not isinstance(first, Scalar):
            return False
        found = [self._assigned(_target(item)) for item in node.items]
        return None not in found and "=" in found

    def _assigned(self, node: Node) -> str | None:
        """What follows the name: an equals sign, or nothing. None if `node` is no assignment at all."""
        if not isinstance(node, Scalar) or (node.tag and node.tag.startswith("!")):
            return None
        if self._untold(node):
            return ""
        name = _VARIABLE.match(node.value)
        if name is None or (not name[2] and name.end() < len(node.value)):
            return None
        return name[2] or ""

    def _untold(self, node: Scalar) -> bool:
        """True if a template expression stands where the name would."""
        name = _VARIABLE.match(node.value)
        start = text_span(self.text, node).start + bool(node.style)
        return bool(self.template.within(Span(start, start + (name.end() if name else 1))))

    def _assignment(self, path: Path, item: Node) -> None:
        node = _target(item)
        if not isinstance(node, Scalar):
            return
        also = Span(item.start, item.end) if isinstance(item, Alias) else None
        span = text_span(self.text, node)
        name = _VARIABLE.match(node.value)
        content = None if node.style in ("|", ">") else content_span(self.text, span, node)
        if self._untold(node) or name is None:
            self._add((*path, ANY), Opaque(), span, None, also)
        elif content is None:
            self._add((*path, name[1]), Opaque(), span, None, also)
        else:
            self._named((*path, name[1]), content, bool(name[2]), also)

    def _named(self, path: Path, content: Span, assigned: bool, also: Span | None) -> None:
        key = Span(content.start, content.start + len(path[-1]))
        if assigned:
            self._part(path, Span(key.end + 1, content.end), key, also)
        else:
            self._add(path, Reference(path[-1]), key, key, also)

    def _part(self, path: Path, content: Span, key: Span, also: Span | None) -> None:
        """The value in `NAME=value`: text always. One without a character is written by its equals sign."""
        span = content if content.end > content.start else Span(key.end, content.end)
        text = self.original[content.start : content.end]
        value = self.meaning.templated(content) or expanded(text, content) or Literal(text)
        self._add(path, value, span, key, also, content)

    def _variables(self, node: Collection) -> list[tuple[Scalar, Node | None, Node | None]]:
        """The names, values and `valueFrom` of a list of `{name: X, value: Y}`; empty if it is none."""
        found: list[tuple[Scalar, Node | None, Node | None]] = []
        valued = False
        for item in node.items:
            fields = self._fields(_target(item))
            name = fields.get("name")
            if not isinstance(name, Scalar) or not fields.keys() <= {"name", "value", "valuefrom"}:
                return []
            value = fields.get("value")
            if value is not None and not isinstance(_target(value), Scalar):
                return []
            valued = valued or len(fields) > 1
            found.append((name, value, fields.get("valuefrom")))
        return found if valued else []

    def _fields(self, node: Node) -> dict[str, Node]:
        """A small mapping by its keys in small letters: CloudFormation writes `Name` and `Value`."""
        if not isinstance(node, Collection) or not node.mapping or not 0 < len(node.items) <= 6:
            return {}
        return {k.value.lower(): v for k, v in node.pairs() if isinstance(k, Scalar)}

    def _variable(self, path: Path, name: Scalar, value: Node | None, source: Node | None) -> None:
        text, key = self._key(name)
        if self.expanding:
            self._count(1, name.start)
        if text is None or key is None or self.template.within(key):
            self._add((*path, ANY), Opaque(), text_span(self.text, name), None)
        elif value is None:
            self._add((*path, text), Opaque(), key, key)
            if source is not None:
                self._node((*path, text, "valueFrom"), source, None)
        else:
            self._node((*path, text), value, key)

    # Scalars

    def _scalar(self, path: Path, node: Scalar, key: Span | None, also: Span | None = None) -> None:
        span = text_span(self.text, node)
        if id(node) in self.landings.filled:
            self._unknown(path, span, key)
            return
        content = content_span(self.text, span, node)
        expressions = self.template.within(span)
        value = self.meaning.value(node, span, content, expressions)
        self._add(
            path,
            value,
            span,
            key,
            also,
            None if expressions or not self.meaning.is_verbatim(value, content) else content,
        )
        if expressions and expressions[0].writes_mapping:
            self._add((*path, ANY), Opaque(), span, None, also)

    # Entries

    def _wildcards(self, path: Path, node: Collection) -> None:
        """What a template writes into this collection: any setting may be among it."""
        for expression in self.landings.into.get(id(node), ()):
            self._add((*path, ANY), Opaque(), expression.span, None)

    def _unknown(self, path: Path, span: Span, key: Span | None) -> None:
        """A value that may be a mapping of anything."""
        self._add(path, Opaque(), span, key)
        self._add((*path, ANY), Opaque(), span, None)

    def _add(
        self,
        path: Path,
        value: Value,
        span: Span,
        key: Span | None,
        also: Span | None = None,
        content: Span | None = None,
    ) -> None:
        if not path:  # a document that is one scalar
            return
        branch = self.template.scope((also or key or span).start)
        self.entries.append(Entry(path, value, span, key, content, (*self.scope, *branch), also))


def _merges(key: Node) -> bool:
    return isinstance(key, Scalar) and key.value == "<<" and tag_of(key) == "merge"


def _target(node: Node) -> Node:
    return node.target if isinstance(node, Alias) else node


def _sources(merged: list[Node]) -> Iterator[Collection]:
    """The mappings that `<<` names, one or a list of them."""
    for value in map(_target, merged):
        if isinstance(value, Collection) and value.mapping:
            yield value
        elif isinstance(value, Collection):
            yield from (t for t in map(_target, value.items) if isinstance(t, Collection) and t.mapping)
