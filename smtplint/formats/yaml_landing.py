"""Where the output of template lines lands: `{{- toYaml .Values.env | nindent 12 }}` below `env:` writes into `env`."""

from __future__ import annotations

import bisect

from msgspec import Struct

from smtplint.formats.yaml_template import Expression
from smtplint.formats.yaml_tree import Collection, Node, Scalar


class Landings(Struct, frozen=True):
    """By the identity of nodes: what is written into a collection, and which empty scalars are filled."""

    into: dict[int, list[Expression]]
    filled: set[int]

    def add(self, node: Collection, expression: Expression) -> None:
        self.into.setdefault(id(node), []).append(expression)


def landings(text: str, roots: list[Node], expressions: tuple[Expression, ...]) -> Landings:
    found = Landings({}, set())
    for expression in expressions:
        number = bisect.bisect_right(roots, expression.span.start, key=lambda root: root.start)
        root = roots[max(number - 1, 0)] if roots else None
        if not expression.output or not isinstance(root, Collection):
            continue
        if expression.alone:
            _land(text, root, expression, found)
        elif text[expression.span.start : expression.span.end].isspace():
            _land_beside(root, expression, found)
    return found


def _land_beside(node: Collection, expression: Expression, found: Landings) -> None:
    """`labels: {{ include … | nindent 4 }}` with more on the next lines: all of it is one collection."""
    child: Node | None = node
    while isinstance(child, Collection):
        node, child = child, _last_before(child, expression.span.start) if child.start < expression.span.start else None
    found.add(node, expression)


def _land(text: str, node: Collection, expression: Expression, found: Landings) -> None:
    """Down along the last children before the expression, as long as its output stands deeper than they do."""
    while True:
        child = _last_before(node, expression.span.start)
        column = _column(text, node)
        if child is None or node.flow or expression.indentation < column:
            found.add(node, expression)
            return
        if expression.indentation == column:
            found.add(node, expression)
            # A list may stand at the column of its key: the output is then more of the list, or of the mapping.
            if not (isinstance(child, Collection) and not child.mapping and _column(text, child) == column):
                return
        if isinstance(child, Collection):
            node = child
            continue
        if isinstance(child, Scalar) and child.start == child.end:
            found.filled.add(id(child))
        else:
            found.add(node, expression)
        return


def _last_before(node: Collection, offset: int) -> Node | None:
    """The last value or item whose key, or which itself, begins before `offset`."""
    step = 2 if node.mapping else 1
    number = bisect.bisect_left(range(len(node.items) // step), offset, key=lambda i: node.items[step * i].start)
    return node.items[step * number - 1] if number else None


def _column(text: str, node: Collection) -> int:
    """Where the keys or dashes of a block collection stand: its own start may be an anchor on the line above."""
    start = node.items[0].start if node.items else node.start
    if not node.mapping and node.items:
        start = max(text.rfind("-", 0, start), 0)
    return start - 1 - max(text.rfind("\n", 0, start), text.rfind("\r", 0, start))
