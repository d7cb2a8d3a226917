"""Finds what an entry was read from again in the text, to write beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeVar

import libcst as cst
from msgspec import Struct

from smtplint.format import Entry
from smtplint.formats.python.expressions import parts
from smtplint.formats.python.names import Frame
from smtplint.formats.python.parsing import parse
from smtplint.formats.python.tree import Tree
from smtplint.regex import regex
from smtplint.source import Source, Span

_N = TypeVar("_N", bound=cst.CSTNode)
_INDENT = regex(r"[ \t\f]*")


class Site(Struct, frozen=True):
    """A place in a text: the nodes that hold it, outermost first."""

    source: Source
    tree: Tree
    chain: Sequence[cst.CSTNode]

    def innermost(self, kind: type[_N]) -> _N | None:
        return next((node for node in reversed(self.chain) if isinstance(node, kind)), None)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        return self.chain[[*map(id, self.chain)].index(id(node)) - 1]

    @property
    def frame(self) -> Frame:
        """The function, class or module that the place is in."""
        frame: Frame = self.tree.memo.setdefault(Frame, Frame(self.tree.module))
        for node in self.chain[1:]:
            if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.BaseComp)):
                frame = frame.enter(node)
        return frame

    # --- lines

    def line_end(self, offset: int) -> int:
        """Where the line that holds `offset` ends, its line end not counted."""
        return self.source.line_span(self.source.position(offset).line).end

    def line_start(self, offset: int) -> int:
        return self.source.line_span(self.source.position(offset).line).start

    def indent(self, offset: int) -> str:
        found = _INDENT.match(self.source.text, self.line_start(offset))
        return found[0] if found else ""

    def begins_line(self, offset: int) -> bool:
        return not self.source.text[self.line_start(offset) : offset].strip()

    def same_line(self, one: int, other: int) -> bool:
        return self.source.position(one).line == self.source.position(other).line

    @property
    def newline(self) -> str:
        return self.tree.module.default_newline if "\n" in self.source.text or "\r" in self.source.text else "\n"

    def has_comment(self, span: Span) -> bool:
        """True if a comment, or what looks like one, stands in these characters outside of strings."""
        return any(span.start <= start < span.end for start in _comments(self.tree))


def site(source: Source, span: Span) -> Site:
    tree = parse(source)
    return Site(source, tree, [*_chain(tree, tree.module, span)])


def place_of(entry: Entry) -> Span:
    """Where the setting is made: at its key, or where a value written elsewhere is used."""
    return entry.key_span or entry.also or entry.span


def _chain(tree: Tree, node: cst.CSTNode, span: Span) -> Iterator[cst.CSTNode]:
    yield node
    if isinstance(node, (cst.Module, cst.IndentedBlock)):
        statement = _statement_at(tree, node, span)
        if statement is not None:
            yield from _chain(tree, statement, span)
            return
    for part in parts(node):
        if id(part) not in tree.marks:
            continue
        own = tree.span(part)
        if own.start <= span.start and span.end <= own.end:
            yield from _chain(tree, part, span)
            return


def _statement_at(tree: Tree, block: cst.Module | cst.IndentedBlock, span: Span) -> cst.CSTNode | None:
    """The statement of a block that holds a place, found by halves: a module may have thousands."""
    key = id(block)
    if key not in tree.memo:
        tree.memo[key] = [tree.start(statement) for statement in block.body]
    number = bisect_right(tree.memo[key], span.start) - 1
    found = block.body[number] if number >= 0 else None
    return found if found is not None and span.end <= tree.span(found).end else None


def _comments(tree: Tree) -> Iterator[int]:
    stack: list[cst.CSTNode] = [tree.module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Comment):
            yield tree.start(node)
        stack.extend(node.children)


def names_of(tree: Tree, name: str) -> Sequence[cst.Name]:
    """Every mention of an identifier, whatever it stands for."""
    if name not in tree.text:  # asked of many names that nothing has yet: the tree need not be gone through
        return ()
    if names_of not in tree.memo:
        tree.memo[names_of] = _mentions(tree)
    found: Sequence[cst.Name] = tree.memo[names_of].get(name, ())
    return found


def _mentions(tree: Tree) -> dict[str, list[cst.Name]]:
    found: dict[str, list[cst.Name]] = {}
    stack: list[cst.CSTNode] = [tree.module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            found.setdefault(node.value, []).append(node)
        stack.extend(parts(node))
    return found
