"""Changes of what stands there: another value, another key, or neither."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

import libcst as cst

from smtplint.format import Entry, Literal, Name, Opaque, Scalar
from smtplint.formats.literal import encode
from smtplint.formats.python.imports import another_callable, needed
from smtplint.formats.python.insert import called, holder
from smtplint.formats.python.items import arguments, elements
from smtplint.formats.python.site import Site, names_of, place_of, site
from smtplint.source import Edit, Source, Span


def replace(source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """Another value, with the import that it needs; None where it cannot be written."""
    if isinstance(entry.value, Opaque) or (isinstance(entry.value, Literal) and entry.value.computed):
        return None
    place = site(source, entry.span)
    if entry.key[-1] == "call":
        return _other_callable(place, entry, value.dotted) if isinstance(value, Name) else None
    try:
        text = encode(value, source.at(entry.span))
    except ValueError:
        return None
    imports = needed(place, Name(text)) if isinstance(value, Name) else ()
    return None if imports is None else (Edit(entry.span, text), *imports)


def _other_callable(place: Site, entry: Entry, name: str) -> tuple[Edit, ...] | None:
    """`SMTP` becomes `SMTP_SSL`: behind its module, or by an import of its own."""
    last = place.chain[-1]
    if not isinstance(last, cst.Name) or place.tree.span(last) != entry.span:
        return None
    if isinstance(place.parent(last), cst.Attribute):
        return (Edit(entry.span, name.rpartition(".")[2]),)
    return another_callable(place, last, name.rpartition(".")[2])


def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:
    """The same setting under another key; None for a name that the program uses elsewhere."""
    if entry.key[-1] == "call":
        return replace(source, entry, Name(key))
    if entry.key[-1].endswith("()"):
        return (Edit(entry.span, key.removesuffix("()")),) if key.endswith("()") else None
    if entry.key_span is None:
        return None
    old = source.at(entry.key_span)
    if not old.isidentifier():
        return (Edit(entry.key_span, encode(key, old)),)
    if not key.isidentifier() or keyword.iskeyword(key):
        return None
    place = site(source, entry.key_span)
    if isinstance(holder(place, entry), (cst.Assign, cst.AnnAssign)) and _is_used(place, old, key):
        return None
    return (Edit(entry.key_span, key),)


def _is_used(place: Site, old: str, new: str) -> bool:
    """True if the name is read somewhere, if the new one is taken, or if it is a field that others may read."""
    if place.innermost(cst.AnnAssign) is not None and place.innermost(cst.ClassDef) is not None:
        return True
    is_repeated = place.source.text.count(old) > 1 and len(names_of(place.tree, old)) > 1
    return is_repeated or bool(names_of(place.tree, new))


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """Without a whole line, or without an argument or item and its comma; None where something else would go too."""
    span = place_of(entry)
    place = site(source, span)
    if entry.key[-1] == "call":
        return None
    if entry.key[-1].endswith("()"):
        call = called(place, span)
        return _without_call(place, call) if call is not None else None
    node = holder(place, entry)
    match node:
        case cst.Arg():
            return _without_argument(place, node)
        case cst.DictElement():
            owner = place.parent(node)
            return elements(place, owner).removed(node) if isinstance(owner, cst.Dict) else None
        case cst.Assign(targets=[_]) | cst.AnnAssign():
            return None if _is_read(place, node) else _without_statement(place, node)
    return None


def _without_argument(place: Site, node: cst.Arg) -> tuple[Edit, ...] | None:
    """A positional argument only where none comes after it."""
    call = place.parent(node)
    if not isinstance(call, cst.Call):
        return None
    later = call.args[[*map(id, call.args)].index(id(node)) + 1 :]
    if node.keyword is None and any(item.keyword is None and item.star != "**" for item in later):
        return None
    return arguments(place, call).removed(node)


def _is_read(place: Site, node: cst.Assign | cst.AnnAssign) -> bool:
    """True if the name is mentioned anywhere but in assignments to it; keys and attributes are not asked for."""
    target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    name = target.value
    assigned = {id(other) for other in _targets(place.tree.module)}
    return any(id(node) not in assigned for node in names_of(place.tree, name))


def _targets(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Assign):
            yield from (target.target for target in node.targets)
        elif isinstance(node, cst.AnnAssign):
            yield node.target
        elif isinstance(node, (cst.BaseStatement, cst.BaseSuite, cst.Module)):
            stack.extend(node.children)


def _without_call(place: Site, call: cst.Call) -> tuple[Edit, ...] | None:
    """Without a call that stands for itself; None where its result is used."""
    outer = place.parent(call)
    outer = place.parent(outer) if isinstance(outer, cst.Await) else outer
    return _without_statement(place, outer) if isinstance(outer, cst.Expr) else None


def _without_statement(place: Site, node: cst.CSTNode) -> tuple[Edit, ...] | None:
    """Without the line of a statement, its line end included; None if it shares the line or is all of its block."""
    line = place.parent(node)
    if not isinstance(node, (cst.Expr, cst.Assign, cst.AnnAssign)) or not isinstance(line, cst.SimpleStatementLine):
        return None
    block = place.parent(line)
    if len(line.body) != 1 or (isinstance(block, cst.IndentedBlock) and len(block.body) == 1):
        return None
    span = place.tree.span(line)
    whole = Span(place.line_start(span.start), place.line_end(span.end))
    if place.has_comment(whole) or place.source.at(whole).rstrip().endswith((";", "\\")):
        return None
    return (Edit(with_line_end(place.source.text, whole), ""),)


def with_line_end(text: str, line: Span) -> Span:
    """The line and its line end; for a last line without one, the line end before it."""
    end = line.end + (2 if text.startswith("\r\n", line.end) else 1)
    if line.end < len(text):
        return Span(line.start, end)
    before = line.start - 2 if text.endswith("\r\n", 0, line.start) else line.start - 1
    return Span(max(before, 0), line.end)
