"""Calls and subscripts that read an environment variable: os.environ, django-environ, environs, decouple, starlette."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.formats.literal import CASTS, strtobool
from smtplint.formats.python.names import Frame
from smtplint.formats.python.resolve import Resolver


class Reader(Struct, frozen=True):
    """How one library's call is written: where default and cast stand among the positional arguments."""

    default: int = 1
    cast: int | None = None
    methods: bool = False  # env.int(…), env.bool(…): the default stands second there
    converts_default: bool = False
    variable: str | None = None  # read if no name is given
    optional: bool = False  # None, not an error, where the variable is not set
    text: bool = True  # without a cast the text itself is returned
    by_default: bool = False  # what is not text as a default says what is made of the text


_READERS: Mapping[str, Reader] = {
    "os.getenv": Reader(optional=True),
    "os.environ.get": Reader(optional=True),
    "os.environ.pop": Reader(),
    "dotenv.get_key": Reader(default=99),
    "dotenv.dotenv_values().get": Reader(optional=True),
    "environ.Env()": Reader(default=2, cast=1, methods=True, variable="EMAIL_URL", by_default=True),
    "environ.FileAwareEnv()": Reader(default=2, cast=1, methods=True, variable="EMAIL_URL", by_default=True),
    "environs.Env()": Reader(methods=True, variable="EMAIL_URL"),
    "environs.env": Reader(methods=True, variable="EMAIL_URL"),
    "decouple.config": Reader(cast=2, converts_default=True),
    "decouple.Config()": Reader(cast=2, converts_default=True),
    "decouple.AutoConfig()": Reader(cast=2, converts_default=True),
    "starlette.config.Config()": Reader(default=2, cast=1, converts_default=True),
    "starlette.config.Config().get": Reader(default=2, cast=1, converts_default=True),
    "dj_email_url.config": Reader(variable="EMAIL_URL", text=False),
}

_ENVIRONMENTS = frozenset({"os.environ", "dotenv.dotenv_values()"})
_TEXT_METHODS = frozenset({"str", "unicode"})

_STRUCTURED = frozenset(
    {"email_url_config", "read_env", "read_envfile", "prefixed", "seal", "dump", "parser_for", "add_parser"}
)
# No word that is neither yes nor no: libraries differ in what they make of it.
MADE: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "unicode": str,
    "int": int,
    "float": float,
    "bool": lambda text: strtobool(text.strip()),
}
_URLS = frozenset({"email_url", "email", "dj_email_url"})


class Lookup(Struct, frozen=True):
    """One variable that is read, the expression that stands in for it (`optional`: else None), and what is made of that one."""

    name: str
    default: cst.BaseExpression | None = None
    optional: bool = False
    convert: Callable[[object], object] | None = None
    text: bool = True  # the text of the variable arrives as it is
    by_default: bool = False  # unless the default is something else than text
    made: Callable[[str], object] | None = str  # what becomes of a text; None: that is not known


Spelled = Callable[[cst.BaseExpression], str | None]
"""The text that an expression is, if that is known."""


def lookup(node: cst.BaseExpression, frame: Frame, resolver: Resolver, spelled: Spelled) -> Lookup | None:
    """The environment variable that an expression reads, or None."""
    match node:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            name = spelled(key) if is_environment(value, frame, resolver) else None
            return Lookup(name) if name is not None else None
        case cst.Call():
            return _call(node, frame, resolver, spelled)
    return None


def is_environment(node: cst.BaseExpression, frame: Frame, resolver: Resolver) -> bool:
    """`os.environ`, the values of an `.env` file, or a dict of nothing but these."""
    if resolver.qualified(node, frame) in _ENVIRONMENTS:
        return True
    found, home = resolver.followed(node, frame)
    if not isinstance(found, cst.Dict) or not found.elements:
        return False
    return all(
        isinstance(item, cst.StarredDictElement) and resolver.qualified(item.value, home) in _ENVIRONMENTS
        for item in found.elements
    )


def _call(node: cst.Call, frame: Frame, resolver: Resolver, spelled: Spelled) -> Lookup | None:
    callee = resolver.qualified(node.func, frame)
    if callee is None:
        return _dict_get(node, frame, resolver, spelled)
    if callee in _READERS:
        return _read(node, _READERS[callee], frame, resolver, spelled)
    owner, _, method = callee.rpartition(".")
    reader = _READERS.get(owner)
    if reader is None or not reader.methods or method in _STRUCTURED:
        return None
    variable = reader.variable if method in _URLS else None
    found = _read(node, Reader(variable=variable, text=method in _TEXT_METHODS), frame, resolver, spelled)
    return found and replace(found, made=MADE.get(method))


def _dict_get(node: cst.Call, frame: Frame, resolver: Resolver, spelled: Spelled) -> Lookup | None:
    match node.func:
        case cst.Attribute(value=owner, attr=cst.Name(value="get")) if is_environment(owner, frame, resolver):
            return _read(node, Reader(optional=True), frame, resolver, spelled)
    return None


def _read(node: cst.Call, reader: Reader, frame: Frame, resolver: Resolver, spelled: Spelled) -> Lookup | None:
    name = _name(node, reader, spelled)
    if name is None:
        return None
    default = argument(node, "default", reader.default)
    if default is not None and reader.variable and _is_cast(default, frame, resolver):
        default = None
    cast = argument(node, "cast", reader.cast) if reader.cast is not None else None
    convert = _conversion(cast, frame, resolver) if reader.converts_default else None
    if default is None and cast is None and reader.by_default:
        cast, default = _scheme(node, name, frame, resolver)
    made = (str if reader.text else None) if cast is None else MADE.get(resolver.qualified(cast, frame) or "")
    return Lookup(name, default, reader.optional, convert, reader.text and cast is None, reader.by_default, made)


def _scheme(
    node: cst.Call, name: str, frame: Frame, resolver: Resolver
) -> tuple[cst.BaseExpression | None, cst.BaseExpression | None]:
    """Cast and default of a variable that `environ.Env(NAME=(bool, False))` declares."""
    made, _ = resolver.followed(node.func, frame)
    given = argument(made, name, 99) if isinstance(made, cst.Call) else None
    match given:
        case cst.Tuple(elements=[cst.Element(value=cast), cst.Element(value=default)]):
            return cast, default
    return given, None


def _name(node: cst.Call, reader: Reader, spelled: Spelled) -> str | None:
    positional = [item for item in node.args if item.keyword is None]
    if positional:
        return spelled(positional[0].value) if not positional[0].star else None
    words = (item for item in node.args if item.keyword and item.keyword.value in ("var", "name", "key"))
    word = next(words, None)
    return spelled(word.value) if word is not None else reader.variable


def _is_cast(node: cst.BaseExpression, frame: Frame, resolver: Resolver) -> bool:
    return resolver.qualified(node, frame) in CASTS


def _conversion(cast: cst.BaseExpression | None, frame: Frame, resolver: Resolver) -> Callable[[object], object] | None:
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
