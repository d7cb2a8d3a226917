"""Makes sure that what a new text names is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import libcst as cst

from smtplint.format import Name, Scalar
from smtplint.formats.python.names import text_of
from smtplint.formats.python.site import Site, names_of
from smtplint.formats.python.tree import Tree
from smtplint.source import Edit, Span


def needed(site: Site, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """The edits that make a dotted name known at a place: none if it is; None if the module's name means something else there."""
    module = value.dotted.partition(".")[0] if isinstance(value, Name) and "." in value.dotted else ""
    return imported(site, module) if is_standard(module) else ()


def imported(site: Site, module: str) -> tuple[Edit, ...] | None:
    home = site.frame.home(module)
    if home is None:
        return (_new_import(site, module),)
    return () if all(binding.dotted == module for binding in home.bindings[module]) else None


def _new_import(site: Site, module: str) -> Edit:
    """A line in alphabetical order among the plain imports of the standard library, as isort sorts them."""
    lines = _import_lines(site.tree)
    plain = [(name, line) for line in lines if (name := _plain_name(line)) is not None and is_standard(name)]
    before = [line for name, line in plain if name.lower() < module.lower()]
    text = f"import {module}"
    if before:
        return _below(site, before[-1], text)
    if plain:
        return _above(site, plain[0][1], text + site.newline)
    others = [line for line in lines if not _is_future(line)]
    if others:
        gap = "" if is_standard(_module_name(others[0])) else site.newline
        return _above(site, others[0], text + site.newline + gap)
    return _at_the_top(site, text)


def _import_lines(tree: Tree) -> list[cst.SimpleStatementLine]:
    if _import_lines not in tree.memo:
        tree.memo[_import_lines] = [*_imports_of(tree.module)]
    found: list[cst.SimpleStatementLine] = tree.memo[_import_lines]
    return found


def _imports_of(module: cst.Module) -> Iterator[cst.SimpleStatementLine]:
    for node in module.body:
        match node:
            case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom()]):
                yield node


def _plain_name(line: cst.SimpleStatementLine) -> str | None:
    small = line.body[0]
    return text_of(small.names[0].name) if isinstance(small, cst.Import) else None


def _module_name(line: cst.SimpleStatementLine) -> str:
    small = line.body[0]
    if isinstance(small, cst.ImportFrom):
        return "." if small.relative or small.module is None else text_of(small.module) or ""
    return _plain_name(line) or ""


def is_standard(name: str) -> bool:
    """True for a module of the standard library, or in a package of it."""
    return name.partition(".")[0] in sys.stdlib_module_names


def _is_future(line: cst.SimpleStatementLine) -> bool:
    return _module_name(line) == "__future__"


def _below(site: Site, line: cst.CSTNode, text: str) -> Edit:
    end = site.line_end(site.tree.span(line).end)
    return Edit(Span(end, end), site.newline + text)


def _above(site: Site, line: cst.CSTNode, text: str) -> Edit:
    start = site.line_start(site.tree.start(line))
    return Edit(Span(start, start), text)


def _at_the_top(site: Site, text: str) -> Edit:
    """Behind the docstring and `from __future__`, with an empty line on either side."""
    last = _last_of(site.tree.module.body)
    if last is not None:
        return _below(site, last, f"{site.newline}{text}")
    return Edit(Span(0, 0), f"{text}{site.newline}{site.newline}")


def _last_of(body: Sequence[cst.BaseStatement]) -> cst.SimpleStatementLine | None:
    last = None
    for node in body:
        if not isinstance(node, cst.SimpleStatementLine) or not (_is_docstring(node) or _is_future(node)):
            break
        last = node
    return last


def _is_docstring(node: cst.SimpleStatementLine) -> bool:
    small = node.body[0]
    return isinstance(small, cst.Expr) and isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))


def another_callable(site: Site, callee: cst.Name, name: str) -> tuple[Edit, ...] | None:
    """`name` of the same module, beside, or instead of, the import that `callee` comes from."""
    frame = site.frame
    home = frame.home(callee.value)
    modules = {(b.dotted or "").rpartition(".")[0] for b in home.bindings[callee.value]} if home is not None else set()
    if home is None or len(modules) != 1 or not (module := modules.pop()):
        return None
    known = [bound for bound, bindings in home.bindings.items() if [b.dotted for b in bindings] == [f"{module}.{name}"]]
    span = site.tree.span(callee)
    if known:
        return (Edit(span, known[0]),)
    if frame.home(name) is not None:
        return None
    made = _extended(site, callee, module, name)
    return None if made is None else (Edit(span, name), made)


def _extended(site: Site, callee: cst.Name, module: str, name: str) -> Edit | None:
    aliases = [alias for alias in _aliases(site.tree.module, module) if _bound_name(alias) == callee.value]
    if len(aliases) != 1:
        return None
    alias = aliases[0]
    uses = [node for node in names_of(site.tree, callee.value) if node is not callee and node is not alias.name]
    span = site.tree.span(alias.name)
    if not uses and alias.asname is None:
        return Edit(span, name)
    end = site.tree.span(alias.asname.name).end if alias.asname is not None else span.end
    return Edit(Span(end, end), f", {name}")


def _aliases(module: cst.Module, name: str) -> Iterator[cst.ImportAlias]:
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            if node.module is not None and not node.relative and text_of(node.module) == name:
                yield from node.names
        elif isinstance(node, (cst.BaseStatement, cst.BaseSuite, cst.Module)):
            stack.extend(node.children)


def _bound_name(alias: cst.ImportAlias) -> str | None:
    return text_of(alias.asname.name) if alias.asname is not None else text_of(alias.name)
