"""Plain string literals of a tree, without a detour over their text."""

from __future__ import annotations

import libcst as cst

from smtplint.source import Span


def plain_string(node: cst.BaseExpression) -> str | None:
    """The value of a string literal that is its own text between the quotes; None for anything else."""
    if not isinstance(node, cst.SimpleString):
        return None
    value = node.raw_value
    prefix = node.prefix.lower()
    if "b" in prefix or "\r" in value or ("\\" in value and "r" not in prefix):
        return None
    return value


def content(node: cst.SimpleString, span: Span) -> Span:
    """The characters between the quotes."""
    quote = len(node.quote)
    return Span(span.start + len(node.prefix) + quote, span.end - quote)
