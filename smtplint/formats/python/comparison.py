"""A flag that is the text of a variable, made into a comparison of that text."""

from __future__ import annotations

import libcst as cst

from smtplint.format import Entry
from smtplint.formats.literal import METHODS
from smtplint.formats.python.environment import argument
from smtplint.formats.python.names import text_of
from smtplint.formats.python.site import Site, site
from smtplint.formats.python.strings import plain_string
from smtplint.source import Edit, Source

NO = ("", "0", "false", "no", "off")
"""What people write who mean no; every other text means what it means today: yes."""


def compared(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """The expression that reads the variable, asking what its text says; unset it gives what it gives today. None if unclear."""
    place = site(source, entry.span)
    node = next(
        (n for n in reversed(place.chain) if isinstance(n, cst.BaseExpression) and place.tree.span(n) == entry.span),
        None,
    )
    text = _asked(place, node) if node is not None else None
    return None if text is None else (Edit(entry.span, text),)


def _asked(place: Site, node: cst.BaseExpression) -> str | None:
    match node:
        case cst.Call(func=cst.Name(value="bool"), args=[cst.Arg(value=inner)]):
            return _asked(place, inner)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.IsNot())]):
            return _asked(place, left)
        case cst.Comparison(
            left=cst.SimpleString() as name, comparisons=[cst.ComparisonTarget(operator=cst.In(), comparator=where)]
        ):
            return _compared(f"{place.tree.at(where)}.get({place.tree.at(name)}, {_empty(name)})", name)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as name))]):
            return _compared(place.tree.at(node), name)
        case cst.Call():
            return _read(place, node)
    return None


def _read(place: Site, node: cst.Call) -> str | None:
    """`os.environ.get("X", default)`; the default becomes a text that is compared like the others."""
    name = node.args[0].value if node.args else None
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in METHODS and not node.args:
        inner = node.func.value
        return _read(place, inner) if isinstance(inner, cst.Call) else None
    if not isinstance(name, cst.SimpleString) or len(node.args) > 2 or any(a.star for a in node.args):
        return None
    called = (text_of(node.func) or "").rpartition(".")[2]
    if called == "config":
        return _with_cast(place, node)
    if called not in ("get", "getenv"):
        return None
    default = argument(node, "default", 1)
    text = _default(default, name)
    if text is None:
        return None
    return _compared(f"{place.tree.at(node.func)}({place.tree.at(name)}, {text})", name)


def _with_cast(place: Site, node: cst.Call) -> str | None:
    """python-decouple and starlette make booleans themselves."""
    default = argument(node, "default", 99)
    word = plain_string(default) if default is not None else None
    if argument(node, "cast", 99) is not None or (word is not None and word.lower() in NO):
        return None
    text = place.tree.at(node)
    return f"{text[:-1]}, cast=bool)" if not text[:-1].rstrip().endswith(",") else None


def _default(node: cst.BaseExpression | None, like: cst.SimpleString) -> str | None:
    """The text that stands for today's default: any text but the empty one is true today."""
    if node is None or (isinstance(node, cst.Name) and node.value in ("None", "False")):
        return _empty(like)
    if isinstance(node, cst.Name) and node.value == "True":
        return _quoted("True", like)
    word = plain_string(node)
    if word is None:
        return None
    return _quoted("True" if word.lower() in NO and word else word, like)


def _compared(read: str, like: cst.SimpleString) -> str:
    words = ", ".join(_quoted(word, like) for word in NO)
    return f"{read}.lower() not in ({words})"


def _quoted(word: str, like: cst.SimpleString) -> str:
    quote = like.quote[0]
    return f"{quote}{word}{quote}"


def _empty(like: cst.SimpleString) -> str:
    return _quoted("", like)
