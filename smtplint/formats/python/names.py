"""Which name means what: imports, names bound once, parameters, and attributes of `self`, by function, class and module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import libcst as cst
from msgspec import Struct, field

from smtplint.regex import regex

Holder = cst.Module | cst.FunctionDef | cst.ClassDef | cst.Lambda | cst.BaseComp
Suite = cst.BaseSuite | cst.Module

_REBOUND = regex(r"^[ \t]*(?:global|nonlocal)[ \t]+([^#\r\n]+)|\b(\w+)[ \t]*:=", re.MULTILINE)
_WORD = regex(r"\w+")


class Binding(Struct, frozen=True):
    """One place that gives a name its meaning: an import (`dotted`), a value, a parameter's default, or anything else.

    `made` is the function or class that a statement defines.
    """

    dotted: str | None = None
    value: cst.BaseExpression | None = None
    parameter: bool = False
    made: cst.FunctionDef | cst.ClassDef | None = None


_UNKNOWN = Binding()

Bindings = dict[str, list[Binding]]


class Frame(Struct, eq=False, dict=True):
    """What a name means inside one module, class, function, lambda or comprehension."""

    node: Holder
    parent: Frame | None = None
    loads: set[str] = field(default_factory=set)  # names read here that may come from a frame around
    inner: dict[int, Frame] = field(default_factory=dict)

    def enter(self, node: Holder) -> Frame:
        """The frame of a function, class, lambda or comprehension in this one, the same one each time."""
        return self.inner.setdefault(id(node), Frame(node, self))

    @cached_property
    def bindings(self) -> Bindings:
        found: Bindings = {}
        for name, binding in _bindings_of(self.node):
            found.setdefault(name, []).append(binding)
        return found

    @cached_property
    def stars(self) -> tuple[str, ...]:
        """Modules that the module imports everything from."""
        if not isinstance(self.node, cst.Module):
            return self.parent.stars if self.parent else ()
        imports = (small for small in small_statements(self.node) if isinstance(small, cst.ImportFrom))
        return tuple(_module_of(node) for node in imports if isinstance(node.names, cst.ImportStar))

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, cst.ClassDef)

    @property
    def class_frame(self) -> Frame | None:
        """The class around a method, also from a comprehension or a function inside the method."""
        frame: Frame | None = self
        while frame is not None and not frame.is_class:
            frame = frame.parent
        return frame

    @cached_property
    def attributes(self) -> dict[str, list[tuple[Binding, Frame]]]:
        """What the methods of this class assign to `self`, and the frames that the values belong to."""
        found: dict[str, list[tuple[Binding, Frame]]] = {}
        for method in statements(self.node.body) if isinstance(self.node, cst.ClassDef) else ():
            if isinstance(method, cst.FunctionDef):
                for name, binding in _attributes_of(method):
                    found.setdefault(name, []).append((binding, self.enter(method)))
        return found

    def home(self, name: str) -> Frame | None:
        """The frame that binds `name` as seen from here; None for a built-in name, or one from a star import."""
        frame: Frame | None = self
        while frame is not None:
            if (frame is self or not frame.is_class) and name in frame.bindings:
                return frame
            frame = frame.parent
        return None


def _bindings_of(node: Holder) -> Iterator[tuple[str, Binding]]:
    match node:
        case cst.FunctionDef(params=params, body=body):
            yield from _parameters(params)
            yield from _in_suite(body)
        case cst.Lambda(params=params):
            yield from _parameters(params)
        case cst.BaseComp():
            yield from _comprehended(node)
        case cst.Module() | cst.ClassDef():
            yield from _in_suite(node if isinstance(node, cst.Module) else node.body)


def _parameters(params: cst.Parameters) -> Iterator[tuple[str, Binding]]:
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        yield param.name.value, Binding(value=param.default, parameter=True)
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            yield star.name.value, _UNKNOWN


def _comprehended(node: cst.BaseComp) -> Iterator[tuple[str, Binding]]:
    part: cst.CompFor | None = getattr(node, "for_in", None)
    while part is not None:
        yield from _unpacked(part.target)
        part = part.inner_for_in


def suites(node: cst.BaseStatement) -> Iterator[cst.BaseSuite]:
    """The blocks of a compound statement, those of functions and classes excepted."""
    match node:
        case cst.If() | cst.For() | cst.While():
            yield node.body
            if isinstance(node.orelse, cst.If):
                yield from suites(node.orelse)
            elif node.orelse is not None:
                yield node.orelse.body
        case cst.Try() | cst.TryStar():
            parts = (node, *node.handlers, node.orelse, node.finalbody)
            yield from (part.body for part in parts if part is not None)
        case cst.With():
            yield node.body
        case cst.Match():
            yield from (case.body for case in node.cases)


def statements(suite: Suite) -> Iterator[cst.BaseStatement | cst.BaseSmallStatement]:
    """Every statement of a block and of the blocks in it, down to functions and classes."""
    for node in suite.body:
        if isinstance(node, cst.SimpleStatementLine):
            yield from node.body
            continue
        yield node
        if isinstance(node, cst.BaseStatement):
            for inner in suites(node):
                yield from statements(inner)


def small_statements(suite: Suite) -> Iterator[cst.BaseSmallStatement]:
    return (node for node in statements(suite) if isinstance(node, cst.BaseSmallStatement))


def _in_suite(suite: Suite) -> Iterator[tuple[str, Binding]]:
    for node in statements(suite):
        yield from _bound_by(node)


def _bound_by(node: cst.CSTNode) -> Iterator[tuple[str, Binding]]:  # noqa: C901 - one case for each way to bind a name
    match node:
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target.target, value)
        case cst.AnnAssign(target=target, value=value):
            if value is not None:
                yield from _assigned(target, value)
        case cst.AugAssign(target=target):
            yield from _unpacked(target)
        case cst.Import(names=names):
            yield from (_imported(alias) for alias in names)
        case cst.ImportFrom(names=names) if not isinstance(names, cst.ImportStar):
            yield from (_imported_from(_module_of(node), alias) for alias in names)
        case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            yield name.value, Binding(made=node)
        case cst.For(target=target):
            yield from _unpacked(target)
        case cst.With(items=items):
            yield from _entered(items)
        case cst.Try(handlers=handlers) | cst.TryStar(handlers=handlers):
            yield from _caught(handlers)
        case cst.Match():
            yield from ((name, _UNKNOWN) for name in _captures(node))


def _assigned(target: cst.BaseExpression, value: cst.BaseExpression) -> Iterator[tuple[str, Binding]]:
    """`a = x`; `a, b = x, y` item by item."""
    if isinstance(target, cst.Name):
        yield target.value, Binding(value=value)
    elif pairs := paired(target, value):
        for left, right in pairs:
            yield from _assigned(left, right)
    else:
        yield from _unpacked(target)


def paired(
    target: cst.BaseExpression, value: cst.BaseExpression
) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """The items of two lists or tuples of one length, side by side; [] if they do not match up."""
    sides = (target, value)
    if not all(isinstance(side, (cst.Tuple, cst.List)) for side in sides):
        return []
    left, right = ([*side.elements] for side in sides if isinstance(side, (cst.Tuple, cst.List)))
    if len(left) != len(right) or any(isinstance(item, cst.StarredElement) for item in (*left, *right)):
        return []
    return [(a.value, b.value) for a, b in zip(left, right, strict=True)]


def _attributes_of(method: cst.FunctionDef) -> Iterator[tuple[str, Binding]]:
    for node in small_statements(method.body):
        if isinstance(node, cst.Assign) and len(node.targets) == 1:
            yield from _self_assigned(node.targets[0].target, node.value)
        elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
            yield from _self_assigned(node.target, node.value if isinstance(node, cst.AnnAssign) else None)
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                yield from _self_assigned(target.target, None)


def _self_assigned(target: cst.BaseExpression, value: cst.BaseExpression | None) -> Iterator[tuple[str, Binding]]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _self_assigned(element.value, None)
    elif name := self_attribute(target):
        yield name, Binding(value=value)


def self_attribute(node: cst.BaseExpression) -> str | None:
    """`x` of `self.x`."""
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value in ("self", "cls"):
        return node.attr.value
    return None


def _unpacked(target: cst.BaseExpression) -> Iterator[tuple[str, Binding]]:
    match target:
        case cst.Name(value=name):
            yield name, _UNKNOWN
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _unpacked(element.value)


def _entered(items: Sequence[cst.WithItem]) -> Iterator[tuple[str, Binding]]:
    for item in items:
        if item.asname is not None:
            yield from _unpacked(item.asname.name)


def _caught(handlers: Sequence[cst.ExceptHandler | cst.ExceptStarHandler]) -> Iterator[tuple[str, Binding]]:
    for handler in handlers:
        if handler.name is not None:
            yield from _unpacked(handler.name.name)


def _captures(node: cst.Match) -> set[str]:
    """Every word of the patterns: too many names rather than too few."""
    blank = cst.Module([])
    return {word for case in node.cases for word in _WORD.findall(blank.code_for_node(case.pattern))}


def _imported(alias: cst.ImportAlias) -> tuple[str, Binding]:
    dotted = text_of(alias.name) or ""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value, Binding(dotted=dotted)
    first = dotted.partition(".")[0]
    return first, Binding(dotted=first)


def _imported_from(module: str, alias: cst.ImportAlias) -> tuple[str, Binding]:
    name = text_of(alias.name) or ""
    bound = alias.asname.name.value if alias.asname is not None and isinstance(alias.asname.name, cst.Name) else name
    return bound, Binding(dotted=f"{module}.{name}")


def _module_of(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + ((text_of(node.module) or "") if node.module is not None else "")


def text_of(node: cst.BaseExpression) -> str | None:
    """`a.b.c` as written, None for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    parts.append(node.value)
    return ".".join(reversed(parts))


def rebound_names(text: str) -> frozenset[str]:
    """Names that `global`, `nonlocal` or `:=` may change from anywhere, by the look of the text."""
    return frozenset(word for match in _REBOUND.finditer(text) for word in _WORD.findall(match[1] or match[2]))
