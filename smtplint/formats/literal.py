"""Python literals as text: what they stand for, and how a value is spelled in the manner of one."""

from __future__ import annotations

import ast
import json
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping

from smtplint.format import Name, Scalar
from smtplint.regex import regex

_STRING = regex(r"""([A-Za-z]{0,2})('''|\"""|'|")""")
_DOTTED = regex(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_KEYWORDS = frozenset({"True", "False", "None"})

CASTS: Mapping[str, Callable[..., object]] = {"bool": bool, "float": float, "int": int, "str": str}

_STRTOBOOL = {
    **dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off", "0"), False),
}

METHODS = frozenset({"casefold", "lower", "lstrip", "rstrip", "strip", "title", "upper", "capitalize"})
COMPOSERS = frozenset({"format", "join"})
_FIELD = regex(r"\{\{|\}\}|\{\w*\}")  # no attributes, no widths
_LONG = regex(r"\d{3}|\*")  # in a format: a width that could fill the memory

_BINARY: Mapping[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_UNARY: Mapping[type[ast.unaryop], Callable[..., object]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def decode(text: str) -> Scalar:
    """The value of a literal, or of an expression made of nothing but literals; ValueError for anything else."""
    value = evaluate(text)
    if value is not None and not isinstance(value, (str, int, float)):
        raise ValueError(f"not one plain value: {text}")
    return value


def evaluate(text: str, known: Mapping[str, object] | None = None) -> object:
    """What an expression of literals is; `known` gives values to (nested) parts by their exact text.

    ValueError if that cannot be told or if it would raise.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape in somebody else's text
            tree = ast.parse(f"({text}\n)", mode="eval")
        return _evaluate(tree.body, {_normal(part): value for part, value in (known or {}).items()})
    except (SyntaxError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError, LookupError) as error:
        raise ValueError(f"not a value: {text}") from error


def _normal(text: str) -> str:
    return ast.unparse(ast.parse(f"({text}\n)", mode="eval"))


def _evaluate(node: ast.expr, known: Mapping[str, object]) -> object:
    if known and (part := ast.unparse(node)) in known:
        return known[part]
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple() | ast.List() | ast.Set():
            return tuple(_evaluate(item, known) for item in node.elts)
        case ast.JoinedStr():
            return "".join(_piece(part, known) for part in node.values)
        case ast.UnaryOp():
            return _UNARY[type(node.op)](_evaluate(node.operand, known))
        case ast.BinOp():
            return _arithmetic(node, known)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARE[type(op)](_evaluate(left, known), _evaluate(right, known))
        case ast.BoolOp() | ast.IfExp():
            return _choice(node, known)
        case ast.Call():
            return _call(node, known)
    raise ValueError(f"not a literal: {ast.unparse(node)}")


def _piece(node: ast.expr, known: Mapping[str, object]) -> str:
    """One part of an f-string; anything but a bare `{x}` is too much."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.FormattedValue) or node.conversion != -1 or node.format_spec is not None:
        raise ValueError("a value that is laid out")
    return str(_evaluate(node.value, known))


def _arithmetic(node: ast.BinOp, known: Mapping[str, object]) -> object:
    left, right = _evaluate(node.left, known), _evaluate(node.right, known)
    if isinstance(node.op, ast.Mod) and isinstance(left, str) and _LONG.search(left):
        raise ValueError("a formatted text may be of any size")
    if isinstance(node.op, ast.Mult) and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        raise ValueError("a repeated text may be of any size")  # noqa: TRY004 - no literal that can be had
    return _BINARY[type(node.op)](left, right)


def _choice(node: ast.BoolOp | ast.IfExp, known: Mapping[str, object]) -> object:
    """`a or b`, `a and b`; `a if … else b` where both are the same, whatever is asked."""
    if isinstance(node, ast.IfExp):
        arms = [_evaluate(node.body, known), _evaluate(node.orelse, known)]
        if type(arms[0]) is type(arms[1]) and arms[0] == arms[1]:
            return arms[0]
        raise ValueError("the condition decides")
    value: object = None
    for operand in node.values:
        value = _evaluate(operand, known)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _composed(node: ast.Call, known: Mapping[str, object]) -> object:
    """`"{}.{}".format(a, b)` and `".".join((a, b))`."""
    func = node.func
    owner = _evaluate(func.value, known) if isinstance(func, ast.Attribute) else None
    arguments = [_evaluate(argument, known) for argument in node.args]
    named = {word.arg: _evaluate(word.value, known) for word in node.keywords if word.arg is not None}
    if not isinstance(owner, str) or len(named) != len(node.keywords):
        raise ValueError("not a text")
    if isinstance(func, ast.Attribute) and func.attr == "join":
        return owner.join(*arguments)  # type: ignore[arg-type]  # a TypeError is caught
    if "{" in _FIELD.sub("", owner):
        raise ValueError("a value that is laid out")
    return owner.format(*arguments, **named)


def _call(node: ast.Call, known: Mapping[str, object]) -> object:
    if isinstance(node.func, ast.Attribute) and node.func.attr in COMPOSERS:
        return _composed(node, known)
    if node.keywords or len(node.args) > 1:
        raise ValueError("not a plain conversion")
    arguments = [_evaluate(argument, known) for argument in node.args]
    match node.func:
        case ast.Name(id="strtobool"):
            return strtobool(*arguments)
        case ast.Name(id=name):
            return CASTS[name](*arguments)
        case ast.Attribute(value=inner, attr=name) if name in METHODS:
            return getattr(_evaluate(inner, known), name)(*arguments)
    raise ValueError("not a plain conversion")


def strtobool(word: object) -> bool:
    """As distutils and decouple do it; ValueError for any other word."""
    try:
        return _STRTOBOOL[str(word).lower()]
    except KeyError as error:
        raise ValueError(f"not a boolean: {word}") from error


def parsed(word: object) -> object:
    """As `ast.literal_eval` reads a text; other values are left as they are."""
    return ast.literal_eval(word) if isinstance(word, str) else word


CONVERSIONS: Mapping[str, Callable[..., object]] = {
    **CASTS,
    "ast.literal_eval": parsed,
    "distutils.util.strtobool": strtobool,
    "eval": parsed,
    "json.loads": json.loads,
    "setuptools._distutils.util.strtobool": strtobool,
    "str2bool.str2bool": strtobool,
    "strtobool.strtobool": strtobool,
}
"""Callables that make something of one value, by their dotted names."""


def encode(value: Scalar | Name, like: str) -> str:
    """`value` as Python text with the quotes of `like`; ValueError for a dotted name where only a bare one is imported."""
    if isinstance(value, Name):
        return _encode_name(value.dotted, like)
    opening = _STRING.match(like)
    if isinstance(value, str):
        return _encode_text(value, opening)
    if isinstance(value, int) and not isinstance(value, bool) and opening:
        return _encode_text(str(value), opening)  # a number kept as text, as os.environ demands it
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} has no literal")
    return repr(value)


def _encode_name(dotted: str, like: str) -> str:
    if like in _KEYWORDS or not _DOTTED.fullmatch(like):
        return dotted
    dotted = dotted.removesuffix("()")  # the brackets already stand behind the name
    prefix, _, _ = like.rpartition(".")
    home, _, last = dotted.rpartition(".")
    if home and not prefix:
        raise ValueError(f"{like} is imported by itself, {dotted} is not")
    if home.count(".") == prefix.count(".") and prefix:
        return f"{prefix}.{last}"  # the module may go by another name here
    return dotted


def _encode_text(value: str, opening: re.Match[str] | None) -> str:
    prefix, quote = (opening[1], opening[2]) if opening else ("", '"')
    if "b" in prefix.lower():
        raise ValueError("bytes take no text")
    if "r" in prefix.lower() and _raw_fits(value, quote):
        return f"{prefix}{quote}{value}{quote}"
    kept = prefix if prefix.lower() == "u" else ""
    return f"{kept}{quote}{_escaped(value, quote[0])}{quote}"


def _raw_fits(value: str, quote: str) -> bool:
    return value.isprintable() and quote[0] not in value and not value.endswith("\\")


def _escaped(value: str, quote: str) -> str:
    return "".join(_escape(character, quote) for character in value)


def _escape(character: str, quote: str) -> str:
    if character in ("\\", quote):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]
