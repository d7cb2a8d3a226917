"""New settings: a line below an assignment, an item of a dict, an argument of a call, a step on a session."""

from __future__ import annotations

import libcst as cst

from smtplint.format import Entry, Name, Scalar
from smtplint.formats.literal import encode
from smtplint.formats.python.imports import imported, is_standard, needed
from smtplint.formats.python.items import arguments, elements
from smtplint.formats.python.names import text_of
from smtplint.formats.python.site import Site, place_of, site
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span

_STEP = regex(r"(\w+)\((.*)\)")
_MODULE = regex(r"\b([a-z]\w*)\.\w")
_ATTRIBUTES = frozenset({"check_hostname", "maximum_version", "minimum_version", "options", "verify_mode"})


def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """A new setting in the same place as `beside`; below it if `beside` is an object that has settings of its own.

    A `key` such as `starttls()` is a method to be called on the session that `beside` opens or has called before.
    """
    place = site(source, place_of(beside))
    made = _made(place, beside, key, value)
    imports = _imports(place, key, value)
    return None if made is None or imports is None else (*made, *imports)


def _imports(place: Site, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    step = _STEP.fullmatch(key)
    if step is None:
        return needed(place, value)
    found = _MODULE.search(step[2])
    return imported(place, found[1]) if found and is_standard(found[1]) else ()


def _made(place: Site, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    last = beside.key[-1]
    if _STEP.fullmatch(key):
        return _step(place, beside, key) if last == "call" or last.endswith("()") else None
    if last == "call" or last.endswith("()"):
        call = called(place, place_of(beside))
        return _argument(place, call, None, key, value) if call is not None else None
    if isinstance(beside.value, Name) and beside.value.dotted.startswith("ssl."):
        return _attribute(place, beside, key, value)
    return _beside(place, beside, key, value)


def called(place: Site, name: Span) -> cst.Call | None:
    """The call whose callee, or whose method, has its last name at these characters."""
    for node in reversed(place.chain):
        if isinstance(node, cst.Call):
            func = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            if name in (place.tree.span(func), place.tree.span(node.func)):
                return node
    return None


def holder(place: Site, entry: Entry) -> cst.CSTNode | None:
    """The dict item, argument or assignment that makes a setting."""
    if entry.key_span is None:
        start = place_of(entry).start
        starts = (n for n in place.chain if isinstance(n, cst.Arg) and place.tree.start(n.value) == start)
        return next(starts, None)
    for node in reversed(place.chain):
        match node:
            case cst.DictElement(key=key) if place.tree.span(key) == entry.key_span:
                return node
            case cst.Arg(keyword=cst.Name() as keyword) if place.tree.span(keyword) == entry.key_span:
                return node
            case cst.Assign() | cst.AnnAssign():
                return node
    return None


def _beside(place: Site, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    node = holder(place, beside)
    match node:
        case cst.DictElement():
            owner = place.parent(node)
            items = elements(place, owner) if isinstance(owner, cst.Dict) else None
            like = place.source.at(place.tree.span(node.key))
            text = f"{encode(key, like)}: {_spelled(value)}"
            return items.added(items.index(node), text) if items is not None else None
        case cst.Arg():
            owner = place.parent(node)
            return _argument(place, owner, node, key, value) if isinstance(owner, cst.Call) else None
        case cst.Assign() | cst.AnnAssign():
            return _line(place, node, key, value)
    return None


def _spelled(value: Scalar | Name) -> str:
    return encode(value, "")


def _argument(
    place: Site, call: cst.Call, beside: cst.Arg | None, key: str, value: Scalar | Name
) -> tuple[Edit, ...] | None:
    """A keyword argument behind `beside`, but never before a positional one; a numbered one if it is the next."""
    if any(isinstance(item.value, cst.GeneratorExp) and not item.value.lpar for item in call.args):
        return None
    items = arguments(place, call)
    leading = [i for i, item in enumerate(call.args) if item.keyword is None and item.star != "**"]
    last_positional = leading[-1] if leading else -1
    if key.isdigit():
        plain = int(key) == len(leading) == len(call.args) and not any(item.star for item in call.args)
        return items.added(last_positional, _spelled(value)) if plain else None
    if not key.isidentifier():
        return None
    after = max(last_positional, items.index(beside) if beside is not None else len(call.args) - 1)
    return items.added(after, f"{key}={_spelled(value)}")


def _line(place: Site, node: cst.Assign | cst.AnnAssign, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """`KEY = value` below an assignment, in its manner: annotated, or as an item of the same object."""
    target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target
    if isinstance(target, cst.Subscript):
        index = target.slice[-1].slice
        if not isinstance(index, cst.Index):
            return None
        owner, quoted = place.tree.at(target.value), encode(key, place.tree.at(index.value))
        return below(place, node, f"{owner}[{quoted}] = {_spelled(value)}")
    if not key.isidentifier() or isinstance(target, cst.Attribute):
        return None
    note = (
        f": {type(value).__name__}" if isinstance(node, cst.AnnAssign) and isinstance(value, (str, int, float)) else ""
    )
    return below(place, node, f"{key}{note} = {_spelled(value)}")


def below(place: Site, node: cst.CSTNode, text: str) -> tuple[Edit, ...] | None:
    """A statement on a line of its own below another; None if that one shares its line."""
    line = place.parent(node)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    span = place.tree.span(line)
    end = place.line_end(span.end)
    return (Edit(Span(end, end), f"{place.newline}{place.indent(span.start)}{text}"),)


def _attribute(place: Site, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """`context.minimum_version = …` below the line that makes the context, if it has a name."""
    if key not in _ATTRIBUTES or beside.also is None:
        return None
    made = site(place.source, beside.span)
    node = made.innermost(cst.Assign)
    if node is None or len(node.targets) != 1 or (name := text_of(node.targets[0].target)) is None:
        return None
    return below(made, node, f"{name}.{key} = {_spelled(value)}")


def _step(place: Site, beside: Entry, key: str) -> tuple[Edit, ...] | None:
    call = called(place, place_of(beside))
    if call is None:
        return None
    if beside.key[-1].endswith("()"):
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else call.func
        return _after_step(place, call, f"{place.tree.at(receiver)}.{key}")
    if not call.args:
        return None  # the connection is made later, by connect(): the step would come too early
    outer = place.parent(call)
    waits = "await " if beside.key[0].startswith("aio") else ""
    if isinstance(outer, cst.Await):
        outer = place.parent(outer)
    match outer:
        case cst.Assign(targets=[cst.AssignTarget(target=target)]) | cst.AnnAssign(target=target):
            name = text_of(target)
            return below(place, outer, f"{waits}{name}.{key}") if name else None
        case cst.WithItem(asname=cst.AsName(name=cst.Name(value=name))):
            return _first_in_body(place, f"{waits}{name}.{key}")
    return None


def _after_step(place: Site, call: cst.Call, text: str) -> tuple[Edit, ...] | None:
    outer = place.parent(call)
    waits = ""
    if isinstance(outer, cst.Await):
        outer, waits = place.parent(outer), "await "
    return below(place, outer, waits + text) if isinstance(outer, cst.Expr) else None


def _first_in_body(place: Site, text: str) -> tuple[Edit, ...] | None:
    node = place.innermost(cst.With)
    if node is None or not isinstance(node.body, cst.IndentedBlock):
        return None
    indent = place.indent(place.tree.start(node.body.body[0]))
    end = place.line_end(place.tree.start(node.body.header))
    return (Edit(Span(end, end), f"{place.newline}{indent}{text}"),)
