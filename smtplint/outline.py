"""The names in a Python text, by the parser of Python itself: it takes a tenth of libcst's time, and keeps no formatting.

A long module that speaks of mail in a docstring, or describes settings in dictionaries of dictionaries, need not be
parsed for editing.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = re.compile(r"[\w.-]{1,100}")
"""A string that may be the name of a setting; others are prose."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Names in lower case. `given`: of which a value may stand, strings that look like names among them; `spoken`: all in code.

    `modules`: the first names of what is imported.
    """

    given: frozenset[str]
    spoken: frozenset[str]
    modules: frozenset[str]


def outline(text: str) -> Outline | None:
    """None for what Python cannot parse: whoever reads the text will say why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in somebody else's strings
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = list(ast.walk(tree))
    described = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in _described(node)}
    given = frozenset(name.lower() for node in nodes if id(node) not in described for name in _given(node))
    spoken = frozenset(name.lower() for node in nodes for name in _spoken(node))
    return Outline(given, given | spoken, frozenset(name.lower() for node in nodes for name in _imported(node)))


def _described(node: ast.Dict) -> Iterator[ast.expr]:
    """The keys under which a dictionary stands: no value of a setting."""
    return (key for key, value in zip(node.keys, node.values, strict=True) if key and isinstance(value, ast.Dict))


def _given(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(value)) if _NAME.fullmatch(value):
            yield value
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.keyword(arg=str(name)) | ast.arg(arg=name):
            yield name


def _spoken(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.ClassDef(name=name):
            yield name
        case ast.Constant(value=str(value)) if _NAME.fullmatch(value):  # the key of a dictionary of dictionaries
            yield value
        case ast.alias(name=name):
            yield from name.split(".")
        case ast.ImportFrom(module=str(module)):
            yield from module.split(".")


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.partition(".")[0]
