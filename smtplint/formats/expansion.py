"""Values of .env and TOML files that somebody fills in on the way to the program: `${X:-25}`, `$X`, `{{ x }}`."""

from __future__ import annotations

import re
from collections.abc import Callable

from smtplint.format import Literal, Reference, Scalar
from smtplint.regex import regex
from smtplint.source import Span

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_WHOLE = regex(rf"\$(?:({_NAME})|\{{({_NAME})(?:(?::?-)(?P<default>[^{{}}$]*)|:?\?[^{{}}]*|:?-.*)?\}})", re.DOTALL)
# `$$` is a dollar sign to Compose and never a name; `\$` is one to shells and to dotenv-expand.
_BRACED = regex(rf"(?<![\\$])(?:\$\$)*\$\{{{_NAME}")
_PARTLY = regex(rf"(?<![\\$])(?:\$\$)*\$(?:\{{?{_NAME}|\()")
_TEMPLATE = regex(r"\{\{.*\}\}|\{%.*%\}|<%.*%>", re.DOTALL)
# What a shell would take away from a default, or what would end it early.
_NOT_VERBATIM = regex(r"[\"'\\#`]|^\s|\s$")


def reference(value: str, content: Span | None, decode: Callable[[str], Scalar]) -> Reference | None:
    """The reference that `value` consists of, if it is one; `content` is where its characters stand in the text."""
    whole = _WHOLE.fullmatch(value) if value.startswith("$") else None
    if whole is None:
        return None
    name = whole[1] or whole[2]
    default = whole["default"]
    if default is None or content is None or _NOT_VERBATIM.search(default):
        return Reference(name)
    literal = decode(default)
    span = Span(*whole.span("default")).shifted(content.start)
    return Reference(name, Literal(literal), span, span if str(literal) == default else None)


def is_braced(value: str) -> bool:
    """True if a `${NAME…}` stands in it: hardly anybody means that literally, whatever the reader of the file does."""
    return "$" in value and _BRACED.search(value) is not None


def is_expanded(value: str) -> bool:
    """True if a shell or Compose would replace a part of it."""
    return "$" in value and _PARTLY.search(value) is not None


def is_templated(value: str) -> bool:
    """True if a template engine writes a part of it before anybody reads the file."""
    return ("{" in value or "<%" in value) and _TEMPLATE.search(value) is not None
