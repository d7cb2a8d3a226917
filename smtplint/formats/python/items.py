"""Arguments of a call and items of a dict: adding one, and taking one out with its comma."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from msgspec import Struct

from smtplint.formats.python.site import Site
from smtplint.source import Edit, Span

Item = cst.Arg | cst.BaseDictElement


class Items(Struct, frozen=True):
    """The items between two brackets: `opening` and `closing` are the offsets inside of them."""

    site: Site
    items: Sequence[Item]
    opening: int
    closing: int

    def span(self, item: Item) -> Span:
        """The characters of an item without its comma."""
        tree = self.site.tree
        start = tree.start(item)
        if isinstance(item.comma, cst.Comma):
            return Span(start, tree.start(item.comma))
        if isinstance(item, cst.Arg):
            return Span(start, tree.start(item.whitespace_after_arg))
        return Span(start, tree.span(item).end)

    def end(self, item: Item) -> int:
        """Behind the item and its comma."""
        if isinstance(item.comma, cst.Comma):
            return self.site.tree.span(item.comma.whitespace_before).end + 1
        return self.span(item).end

    def index(self, item: Item) -> int:
        return [*map(id, self.items)].index(id(item))

    def added(self, after: int, text: str) -> tuple[Edit, ...] | None:
        """`text` as a new item behind the one with index `after`, in the layout of that one; -1 for the only item."""
        if after < 0:
            return None if self.items else (Edit(Span(self.opening, self.opening), text),)
        item = self.items[after]
        following = self.items[after + 1] if after + 1 < len(self.items) else None
        end, next_start = self.end(item), self.span(following).start if following else self.closing
        comma = "," if isinstance(item.comma, cst.Comma) else ""
        if self.site.begins_line(self.span(item).start) and not self.site.same_line(end, next_start):
            return self._on_a_line(item, end, text, comma)
        if (
            self.site.begins_line(self.span(item).start)
            and following is None
            and self.site.has_comment(Span(end, self.closing))
        ):
            return None
        return self._inline(item, end, text, comma)

    def _on_a_line(self, item: Item, end: int, text: str, comma: str) -> tuple[Edit, ...]:
        """Behind the comment of the item's last line; a comma that was missing comes before it."""
        line = f"{self.site.newline}{self.site.indent(self.span(item).start)}{text}{comma}"
        line_end = self.site.line_end(end)
        if comma:
            return (Edit(Span(line_end, line_end), line),)
        if line_end == end:
            return (Edit(Span(end, end), f",{line}"),)
        return (Edit(Span(end, end), ","), Edit(Span(line_end, line_end), line))

    def _inline(self, item: Item, end: int, text: str, comma: str) -> tuple[Edit, ...]:
        gap = " "
        if self.site.begins_line(self.span(item).start) and len(self.items) > 1:
            gap = f"{self.site.newline}{self.site.indent(self.span(item).start)}"
        return (Edit(Span(end, end), f"{gap}{text}," if comma else f",{gap}{text}"),)

    def removed(self, item: Item) -> tuple[Edit, ...] | None:
        """Without the item and one comma; None if a comment would go with it."""
        span = self._reach(item)
        return None if self.site.has_comment(span) else (Edit(span, ""),)

    def _reach(self, item: Item) -> Span:
        index = self.index(item)
        if len(self.items) == 1:
            return Span(self.opening, self.closing)
        if index + 1 < len(self.items):
            return Span(self.span(item).start, self.span(self.items[index + 1]).start)
        before = self.items[index - 1]
        if isinstance(item.comma, cst.Comma):
            return Span(self.end(before), self.end(item))
        return Span(self.span(before).end, self.span(item).end)


def arguments(site: Site, call: cst.Call) -> Items:
    text, end = site.source.text, site.tree.span(call).end
    opening = text.index("(", site.tree.span(call.func).end) + 1
    return Items(site, call.args, opening, end - 1)


def elements(site: Site, node: cst.Dict) -> Items:
    span = site.tree.span(node)
    return Items(site, node.elements, span.start + 1, span.end - 1)
