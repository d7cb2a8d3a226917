"""What is written at one place and belongs to an earlier one: an argument, a step."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from smtplint.format import Entry
from smtplint.formats.python.change import with_line_end
from smtplint.formats.python.expressions import parts
from smtplint.formats.python.insert import called
from smtplint.formats.python.site import Site, names_of, place_of, site
from smtplint.source import Edit, Source, Span


def movable(source: Source, entry: Entry, before: Entry) -> str | None:
    """The text of an argument, if nothing is done between an earlier call and here with the names in it."""
    start = place_of(entry).start
    place = site(source, place_of(entry))
    argument = next((n for n in reversed(place.chain) if isinstance(n, cst.Arg)), None)
    if argument is None:
        return None
    span = place.tree.span(argument.value)
    return source.at(span) if _is_settled(place, argument.value, Span(before.span.end, start)) else None


def _is_settled(place: Site, node: cst.CSTNode, between: Span) -> bool:
    """True if no name of an expression, modules left out, is mentioned in these characters."""
    frame = place.frame
    for name in _names(node):
        home = frame.home(name)
        if home is not None and all(binding.dotted for binding in home.bindings[name]):
            continue
        starts = [place.tree.start(mention) for mention in names_of(place.tree, name)]
        own = place.tree.span(node)
        if any(between.start <= s < between.end and not own.start <= s < own.end for s in starts):
            return False
    return True


def _names(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Attribute):
        yield from _names(node.value)
    else:
        for part in parts(node):
            yield from _names(part)


def moved(source: Source, entry: Entry, before: Entry) -> tuple[Edit, ...] | None:
    """The line of a step before the line of another one of the same block, its comment with it."""
    place = site(source, entry.span)
    step, other = _statement(place, entry.span), _statement(site(source, before.span), before.span)
    call = called(place, entry.span)
    if step is None or other is None or call is None or step[1] != other[1] or other[0].start > step[0].start:
        return None
    if not all(_is_settled(place, argument.value, Span(other[0].start, step[0].start)) for argument in call.args):
        return None
    text = source.at(step[0]) + place.newline
    return Edit(Span(other[0].start, other[0].start), text), Edit(with_line_end(source.text, step[0]), "")


def _statement(place: Site, method: Span) -> tuple[Span, Span] | None:
    """The whole lines of a call that stands for itself, and the block that it stands in."""
    call = called(place, method)
    outer = place.parent(call) if call is not None else None
    outer = place.parent(outer) if isinstance(outer, cst.Await) else outer
    line = place.parent(outer) if isinstance(outer, cst.Expr) else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    span = place.tree.span(line)
    whole = Span(place.line_start(span.start), place.line_end(span.end))
    return (
        None if place.source.at(whole).rstrip().endswith(("\\", ";")) else (whole, place.tree.span(place.parent(line)))
    )
