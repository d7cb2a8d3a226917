"""Collects entries: values, and what is nested in dicts, lists and tuples."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.format import ANY, Entry, Literal, Opaque, Reference, Value
from smtplint.formats.python.names import Frame
from smtplint.formats.python.resolve import Resolver
from smtplint.formats.python.strings import plain_string
from smtplint.formats.python.tree import Tree
from smtplint.formats.python.value import Read, Values
from smtplint.source import Span

Key = tuple[str, ...]


class Slot(Struct, frozen=True):
    """A place for a value: its key, scope and name; `joined` keeps what is nested in the last element of the key."""

    key: Key
    scope: tuple[str, ...]
    key_node: cst.CSTNode | None = None
    joined: bool = False
    use: Span | None = None
    order: int = 0
    shared: bool = False

    def below(self, part: str, key_node: cst.CSTNode | None = None) -> Slot:
        key = (*self.key[:-1], f"{self.key[-1]}.{part}") if self.joined else (*self.key, part)
        return replace(self, key=key, key_node=key_node)


class Item(Struct, frozen=True):
    """One item of a mapping; without a key the mapping may hold anything else."""

    key: str | None
    key_node: cst.CSTNode
    value: cst.BaseExpression


class Sink(Struct, frozen=True):
    """Where all readers of one text put their entries."""

    resolver: Resolver
    entries: list[Entry] = field(default_factory=list)

    @property
    def tree(self) -> Tree:
        return self.resolver.tree

    @property
    def values(self) -> Values:
        return Values(self.resolver)

    def put(self, slot: Slot, read: Read) -> None:
        key_span = self.tree.span(slot.key_node) if slot.key_node is not None else None
        use = slot.use if slot.use is not None and not _within(read.span, slot.use) else None
        entry = Entry(slot.key, read.value, read.span, key_span, read.content, slot.scope, use, slot.order, slot.shared)
        self.entries.append(entry)

    def anything(self, slot: Slot, node: cst.CSTNode) -> None:
        """Other settings may be given here."""
        self.put(slot.below(ANY), Read(Opaque(), self.tree.span(node)))

    def value(self, slot: Slot, node: cst.BaseExpression, frame: Frame) -> None:
        """An entry for a plain value, or one for each value nested in it."""
        items = mapping(node, frame, self.resolver)
        if items:
            self.items(slot, items, frame)
        elif isinstance(node, (cst.List, cst.Tuple)) and node.elements:
            self._elements(slot, node, frame)
        else:
            self.put(slot, self.values.read(node, frame))

    def items(self, slot: Slot, items: list[Item], frame: Frame) -> None:
        for item in items:
            if item.key is None:
                self.anything(slot, item.value)
            else:
                self.value(slot.below(item.key, item.key_node), item.value, frame)

    def _elements(self, slot: Slot, node: cst.List | cst.Tuple, frame: Frame) -> None:
        for index, element in enumerate(node.elements):
            if isinstance(element, cst.StarredElement):
                self.anything(slot, element.value)
                return
            self.value(slot.below(f"[{index}]"), element.value, frame)


def _within(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end


def mapping(node: cst.BaseExpression, frame: Frame, resolver: Resolver) -> list[Item]:
    """The items of a dict literal or of `dict(…)`; [] for anything else."""
    if isinstance(node, cst.Dict):
        return [_item(element) for element in node.elements]
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and resolver.qualified(node.func, frame) == "dict"
    ):
        return list(_arguments(node, frame, resolver))
    return []


def _item(element: cst.BaseDictElement) -> Item:
    if isinstance(element, cst.DictElement):
        return Item(plain_string(element.key), element.key, element.value)
    return Item(None, element.value, element.value)


def _arguments(node: cst.Call, frame: Frame, resolver: Resolver) -> Iterator[Item]:
    for argument in node.args:
        if argument.keyword is not None:
            yield Item(argument.keyword.value, argument.keyword, argument.value)
        else:
            yield from mapping(argument.value, frame, resolver) or [Item(None, argument.value, argument.value)]


def settings_default(read: Read, name: str) -> Read:
    """A literal as the default of an environment variable that the program reads by itself."""
    value: Value = read.value
    if isinstance(value, Literal):
        value = Reference(name, value, read.span, read.content)
    return Read(value, read.span, read.content)
