"""The names in a Python text, by the parser of Python itself: it takes a tenth of libcst's time, and keeps no formatting.

A long module that speaks of mail in a docstring, or describes settings in dictionaries of dictionaries, need not be
parsed for editing.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from smtplint.regex import regex

_NAME = regex(r"[\w.-]{1,100}")
"""A string that may be the name of a setting; others are prose."""


class Outline(Struct, frozen=True):
    """Names in lower case. `given`: of which a value may stand, strings that look like names among them; `spoken`: all in code.

    `modules`: the first names of what is imported; `tree`: what they were taken from.
    """

    given: frozenset[str]
    spoken: frozenset[str]
    modules: frozenset[str]
    tree: ast.AST

    def holds(self, path: Sequence[str]) -> bool:
        """True if the last name is given under the others, each in what is written under the one before it."""
        return _is_under(path, [self.tree])


def outline(text: str) -> Outline | None:
    """None for what Python cannot parse: whoever reads the text will say why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in somebody else's strings
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = _Names()
    names.take([tree])
    modules = frozenset(map(str.lower, names.modules))
    if _SET_BY_ATTRIBUTES in modules:
        names.given |= names.attributes
    given = frozenset(map(str.lower, names.given))
    return Outline(given, given.union(map(str.lower, names.spoken)), modules, tree)


_SET_BY_ATTRIBUTES = "dynaconf"
"""The library whose settings are attributes; those of other objects are no settings."""


def _is_under(path: Sequence[str], nodes: Sequence[ast.AST]) -> bool:
    name, *rest = path
    if not rest:
        names = _Names()
        names.take(nodes)
        return name in map(str.lower, names.given)
    return any(_is_under(rest, opened) for node in nodes for part in ast.walk(node) if (opened := _opened(part, name)))


def _opened(node: ast.AST, name: str) -> Sequence[ast.AST]:
    """What is written under a name if the node gives it something: `{name: …}`, `f(name=…)`, `x[name] = …`, `x.name.update(…)`."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return [v for k, v in zip(keys, values, strict=True) if k is not None and _is_named(k, name)]
        case ast.keyword(arg=str(word), value=value) if word.lower() == name:
            return [value]
        case ast.ClassDef(name=own) if own.lower() == name:
            return [node]
        case ast.Assign(targets=targets) if any(_is_named(target, name) for target in targets):
            return [node]
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) if _is_named(target, name):
            return [node]
        case ast.Call(func=ast.Attribute(value=owner)) if _is_named(owner, name):
            return [node]
    return ()


def _is_named(node: ast.AST, name: str) -> bool:
    """True if the name is one of those that a target, the owner of a method or a key consists of."""
    names = _Names()
    names.take([node])
    return name in map(str.lower, names.given | names.spoken)


_UNTOLD = frozenset({"ctx", "op", "ops", "kind", "type_comment", "type_ignores", "names", "attr", "arg", "id"})
"""Fields below which no name stands that is not taken with the node itself."""


_FIELDS = {
    kind: tuple(field for field in kind._fields if field not in _UNTOLD)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def _is_dictionary(value: ast.AST | None) -> bool:
    """True for `{…}` and `dict(…)`."""
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.Dict) or (isinstance(called, ast.Name) and called.id == "dict")


class _Names:
    """Collects the names in one pass without recursion: a module has some ten thousand nodes."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.spoken: set[str] = set()
        self.attributes: set[str] = set()
        self.modules: set[str] = set()

    def take(self, nodes: Iterable[ast.AST]) -> None:
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Constant):
                self._constant(node, self.given)
            elif isinstance(node, ast.Dict):
                waiting += (*self._keys(node), *node.values)
            elif isinstance(node, ast.List | ast.Tuple | ast.Set):
                waiting += self._elements(node)
            else:
                if (own := _OWN.get(type(node))) is not None:
                    own(self, node)
                for field in _FIELDS[type(node)]:
                    value = getattr(node, field, None)
                    if isinstance(value, list):
                        waiting += [item for item in value if isinstance(item, ast.AST)]
                    elif isinstance(value, ast.AST):
                        waiting.append(value)

    def _keys(self, node: ast.Dict) -> Iterator[ast.AST]:
        """Without those under which a dictionary stands: that is no value of a setting."""
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and _is_dictionary(value):
                self._constant(key, self.spoken)
            elif key is not None:
                yield key

    def _elements(self, node: ast.List | ast.Tuple | ast.Set) -> Iterator[ast.AST]:
        """Without the strings: a list of names gives none of them a value."""
        for element in node.elts:
            if isinstance(element, ast.Constant):
                self._constant(element, self.spoken)
            else:
                yield element

    @staticmethod
    def _constant(node: ast.Constant, names: set[str]) -> None:
        if isinstance(node.value, str) and _NAME.fullmatch(node.value):
            names.add(node.value)

    def _name(self, node: ast.Name) -> None:
        (self.given if isinstance(node.ctx, ast.Store) else self.spoken).add(node.id)

    def _attribute(self, node: ast.Attribute) -> None:
        self.spoken.add(node.attr)
        if isinstance(node.ctx, ast.Store):
            self.attributes.add(node.attr)

    def _argument(self, node: ast.keyword | ast.arg) -> None:
        if node.arg is not None:
            (self.spoken if _is_dictionary(getattr(node, "value", None)) else self.given).add(node.arg)

    def _class(self, node: ast.ClassDef) -> None:
        self.spoken.add(node.name)

    def _import(self, node: ast.Import) -> None:
        self.modules.update(alias.name.partition(".")[0] for alias in node.names)
        self._aliases(node)

    def _import_from(self, node: ast.ImportFrom) -> None:
        self._aliases(node)
        if node.module is not None:
            self.spoken.update(node.module.split("."))
            if node.level == 0:
                self.modules.add(node.module.partition(".")[0])

    def _aliases(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.spoken.update(alias.name.split("."))


_OWN: dict[type[ast.AST], Callable[[_Names, Any], None]] = {
    ast.Name: _Names._name,
    ast.Attribute: _Names._attribute,
    ast.keyword: _Names._argument,
    ast.arg: _Names._argument,
    ast.ClassDef: _Names._class,
    ast.Import: _Names._import,
    ast.ImportFrom: _Names._import_from,
}
