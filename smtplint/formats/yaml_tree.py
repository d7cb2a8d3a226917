"""YAML text to nodes, from the parser's events: no recursion, and aliases keep their place.

`yaml.compose_all` would end the process at some 100,000 levels, and takes ten times as long as the events themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct, field

from smtplint.source import Unreadable

# The pure loader is some twenty times slower, and there for platforms without libyaml.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEPTH = 100
"""How deep settings may be nested."""


class Scalar(Struct):
    """A scalar from its anchor or tag to its end. `style` is its first character if quoted or a block."""

    start: int
    end: int
    value: str
    style: str
    tag: str | None


class Alias(Struct):
    """`*name`, and the node that it stands for."""

    start: int
    end: int
    target: Scalar | Collection


class Collection(Struct):
    """A mapping (keys and values in turn) or a sequence. In block style the end is where the next thing starts."""

    start: int
    mapping: bool
    flow: bool
    tag: str | None
    items: list[Node] = field(default_factory=list)
    end: int = 0

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        return zip(self.items[::2], self.items[1::2], strict=True)


Node = Scalar | Alias | Collection


def documents(text: str) -> list[Node]:
    """The root nodes of a text's documents; Unreadable if it is not YAML or nested too deep."""
    if text.startswith("\ufeff"):
        raise Unreadable("a second byte-order mark")
    try:
        return _built(text)
    except UnicodeEncodeError as error:
        raise Unreadable("half a surrogate pair: not a character", error.start) from error
    except yaml.YAMLError as error:
        raise Unreadable(_reason(error, text), _offset(error, text)) from error


def _built(text: str) -> list[Node]:
    roots: list[Node] = []
    into, around = roots, [roots]
    anchors: dict[str, Scalar | Collection] = {}
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.ScalarEvent):
            into.append(_anchored(event, _scalar(event), anchors))
        elif isinstance(event, yaml.CollectionStartEvent):
            into.append(_anchored(event, collection := _collection(event), anchors))
            around.append(into := collection.items)
            _refuse_deep(len(around), collection.start)
        elif isinstance(event, yaml.CollectionEndEvent):
            around.pop()
            into = around[-1]
            _close(into[-1], event)
        elif isinstance(event, yaml.AliasEvent):
            into.append(_alias(event, anchors))
        elif isinstance(event, yaml.DocumentStartEvent):
            anchors.clear()
    return roots


def _refuse_deep(level: int, offset: int) -> None:
    if level > DEPTH:
        raise Unreadable(f"nested more than {DEPTH} levels deep", offset)


def _anchored(event: Any, node: Scalar | Collection, anchors: dict[str, Scalar | Collection]) -> Scalar | Collection:
    if event.anchor:
        anchors[event.anchor] = node
    return node


def _close(node: Node, event: Any) -> None:
    node.end = event.end_mark.index


def _scalar(event: Any) -> Scalar:
    style = event.style or ""
    return Scalar(event.start_mark.index, event.end_mark.index, event.value, style, event.tag)


def _collection(event: Any) -> Collection:
    mapping = isinstance(event, yaml.MappingStartEvent)
    return Collection(event.start_mark.index, mapping, bool(event.flow_style), event.tag)


def _alias(event: Any, anchors: dict[str, Scalar | Collection]) -> Alias:
    start = event.start_mark.index
    if event.anchor not in anchors:
        raise Unreadable(f"not YAML: the alias *{event.anchor} has no anchor before it", start)
    return Alias(start, event.end_mark.index, anchors[event.anchor])


def _reason(error: yaml.YAMLError, text: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return f"not YAML: {error.reason}"
    if text[(offset := _offset(error, text)) : offset + 1] == "\t":
        return "not YAML: a tab where indentation is expected"
    problem = getattr(error, "problem", None) or "not understood"
    context = getattr(error, "context", None)
    return f"not YAML: {problem}" + (f" {context}" if context else "")


def _offset(error: yaml.YAMLError, text: str) -> int:
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml counts bytes here, the pure reader characters.
        if LOADER is yaml.SafeLoader:
            return int(error.position)
        return len(text.encode()[: error.position].decode(errors="ignore"))
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return int(mark.index) if mark else 0
