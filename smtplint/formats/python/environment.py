"""Calls and subscripts that read an environment variable: os.environ, django-environ, environs, decouple, starlette."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import libcst as cst

from smtplint.formats.python.literal import CASTS, strtobool
from smtplint.formats.python.names import Frame
from smtplint.formats.python.resolve import Resolver
from smtplint.formats.python.strings import plain_string


@dataclass(frozen=True, slots=True)
class Reader:
    """How one library's call is written: where default and cast stand among the positional arguments."""

    default: int = 1
    cast: int | None = None
    methods: bool = False  # env.int(…), env.bool(…): the default stands second there
    converts_default: bool = False
    variable: str | None = None  # read if no name is given
    optional: bool = False  # None, not an error, where the variable is not set


_READERS: Mapping[str, Reader] = {
    "os.getenv": Reader(optional=True),
    "os.environ.get": Reader(optional=True),
    "os.environ.pop": Reader(),
    "environ.Env()": Reader(default=2, cast=1, methods=True, variable="EMAIL_URL"),
    "environ.FileAwareEnv()": Reader(default=2, cast=1, methods=True, variable="EMAIL_URL"),
    "environs.Env()": Reader(methods=True, variable="EMAIL_URL"),
    "environs.env": Reader(methods=True, variable="EMAIL_URL"),
    "decouple.config": Reader(cast=2, converts_default=True),
    "decouple.Config()": Reader(cast=2, converts_default=True),
    "decouple.AutoConfig()": Reader(cast=2, converts_default=True),
    "starlette.config.Config()": Reader(default=2, cast=1, converts_default=True),
    "dj_email_url.config": Reader(variable="EMAIL_URL"),
}

_STRUCTURED = frozenset({"read_env", "read_envfile", "prefixed", "seal", "dump", "parser_for", "add_parser"})
_URLS = frozenset({"email_url", "email", "dj_email_url"})


@dataclass(frozen=True, slots=True)
class Lookup:
    """One variable that is read, the expression that stands in for it (`optional`: else None), and what is made of that one."""

    name: str
    default: cst.BaseExpression | None = None
    optional: bool = False
    convert: Callable[[object], object] | None = None


def lookup(node: cst.BaseExpression, frame: Frame, resolver: Resolver) -> Lookup | None:
    """The environment variable that an expression reads, or None."""
    match node:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            name = plain_string(key)
            return Lookup(name) if name is not None and resolver.qualified(value, frame) == "os.environ" else None
        case cst.Call():
            return _call(node, frame, resolver)
    return None


def _call(node: cst.Call, frame: Frame, resolver: Resolver) -> Lookup | None:
    callee = resolver.qualified(node.func, frame)
    if callee is None:
        return None
    if callee in _READERS:
        return _read(node, _READERS[callee], frame, resolver)
    owner, _, method = callee.rpartition(".")
    reader = _READERS.get(owner)
    if reader is None or not reader.methods or method in _STRUCTURED:
        return None
    return _read(node, Reader(variable=reader.variable if method in _URLS else None), frame, resolver)


def _read(node: cst.Call, reader: Reader, frame: Frame, resolver: Resolver) -> Lookup | None:
    name = _name(node, reader)
    if name is None:
        return None
    default = argument(node, "default", reader.default)
    if default is not None and reader.variable and _is_cast(default, frame, resolver):
        default = None
    return Lookup(
        name, default, reader.optional, _conversion(node, reader, frame, resolver) if reader.converts_default else None
    )


def _name(node: cst.Call, reader: Reader) -> str | None:
    positional = [item for item in node.args if item.keyword is None]
    if not positional:
        return (
            reader.variable
            if not any(item.keyword and item.keyword.value in ("var", "name", "key") for item in node.args)
            else None
        )
    return plain_string(positional[0].value) if not positional[0].star else None


def _is_cast(node: cst.BaseExpression, frame: Frame, resolver: Resolver) -> bool:
    return resolver.qualified(node, frame) in CASTS


def _conversion(node: cst.Call, reader: Reader, frame: Frame, resolver: Resolver) -> Callable[[object], object] | None:
    cast = argument(node, "cast", reader.cast) if reader.cast is not None else None
    name = resolver.qualified(cast, frame) if cast is not None else None
    return _truth if name == "bool" else CASTS.get(name) if name else None


def _truth(value: object) -> object:
    return strtobool(value) if isinstance(value, str) and value else bool(value)


def argument(node: cst.Call, keyword: str, position: int) -> cst.BaseExpression | None:
    """An argument by name, or else by position if nothing before it is unpacked."""
    for item in node.args:
        if item.keyword is not None and item.keyword.value == keyword:
            return item.value
    leading = [item for item in node.args if item.keyword is None and item.star != "**"]
    if len(leading) <= position or any(item.star for item in leading[: position + 1]):
        return None
    return leading[position].value
