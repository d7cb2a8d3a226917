"""Where in the tree an entry stands: the collections around its key, found again by offset."""

from __future__ import annotations

import bisect

from msgspec import Struct

from smtplint.format import ANY, Entry
from smtplint.formats.yaml_scalar import text_span
from smtplint.formats.yaml_template import Template, template
from smtplint.formats.yaml_tree import Alias, Collection, Node, Scalar, documents
from smtplint.regex import regex
from smtplint.source import Source, Span

_LINE_END = regex(r"\r\n|\r|\n")
_LINE = regex(r"[^\r\n]*")


class Place(Struct, frozen=True):
    """`holder` is the collection of which the setting is a member, `members` the nodes that make it up.

    `shape`: "pair" (`key: value`), "variable" (`- name: X`, `value: Y`) or "assignment" (`- X=Y`). For a variable the
    members are the keys and values of its own mapping, `inner`.
    """

    text: str
    template: Template
    shape: str
    holder: Collection
    members: tuple[Node, ...]
    inner: Collection | None = None

    @property
    def start(self) -> int:
        return self.inner.start if self.inner else self.members[0].start

    @property
    def end(self) -> int | None:
        """Where the setting ends; None for a value that is a block of settings."""
        if self.inner and self.inner.flow:
            return self.inner.end
        last = self.members[-1]
        if isinstance(last, Collection):
            return last.end if last.flow else None
        if last.start == last.end and self.template.expressions:
            return None  # a template's output may stand on the next lines
        return self.span(last).end

    @property
    def margin(self) -> str:
        """What stands before the setting on its line."""
        begin = max(self.text.rfind("\n", 0, self.start), self.text.rfind("\r", 0, self.start)) + 1
        return self.text[begin : self.start]

    def span(self, node: Node) -> Span:
        """A node without its anchor and tag."""
        return text_span(self.template.blanked, node) if isinstance(node, Scalar) else Span(node.start, node.end)

    def rest(self, offset: int) -> str:
        """What follows `offset` on its line; nothing if that is where a line begins."""
        if self.text[offset - 1 : offset] in ("\n", "\r"):
            return ""
        line = _LINE.match(self.text, offset)
        return line[0] if line else ""

    def line_end(self, offset: int) -> str:
        """The line end after `offset`, else one that the text has elsewhere."""
        found = _LINE_END.search(self.text, offset) or _LINE_END.search(self.text)
        return found[0] if found else "\n"


def place(source: Source, entry: Entry) -> Place | None:
    """The place of an entry's key, None if it has none of its own (a template's output, an `env_file`)."""
    if entry.key_span is None or entry.key[-1] == ANY:
        return None
    parts = template(source.text)
    path = _path(documents(parts.blanked), entry.key_span.start)
    if not path:
        return None
    holder, index = path[-1]
    if not holder.mapping:
        return Place(source.text, parts, "assignment", holder, (holder.items[index],))
    if index % 2 == 0:
        return Place(source.text, parts, "pair", holder, (holder.items[index], holder.items[index + 1]))
    if len(path) > 1 and not path[-2][0].mapping:
        return Place(source.text, parts, "variable", path[-2][0], tuple(holder.items), holder)
    return None


def _path(roots: list[Node], offset: int) -> list[tuple[Collection, int]]:
    """The collections around `offset`, outermost first, each with the number of the item that has it."""
    number = bisect.bisect_right(roots, offset, key=lambda root: root.start)
    node = roots[number - 1] if number else None
    path: list[tuple[Collection, int]] = []
    while isinstance(node, Collection):
        index = bisect.bisect_right(node.items, offset, key=lambda item: item.start) - 1
        if index < 0:
            return []
        path.append((node, index))
        node = node.items[index]
    return path if isinstance(node, Scalar | Alias) and offset <= node.end else []
