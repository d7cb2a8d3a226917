"""Fields of classes that hold settings: pydantic's BaseSettings, dataclasses, attrs, django-configurations."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct

from smtplint.formats.python.environment import argument
from smtplint.formats.python.names import Frame, statements, text_of
from smtplint.formats.python.resolve import Resolver, base_name
from smtplint.formats.python.strings import plain_string

_MAKERS = frozenset({"Field", "attrib", "field", "ib"})
_ALIASES = ("validation_alias", "alias", "env")
_CONFIGURATIONS = "configurations.values."
_NOWHERE = 99  # a position that no argument has: by keyword only
_DEPTH = 8


class Declared(Struct, frozen=True):
    """What a field says: the variable that it names itself, and its default (None: there is none)."""

    alias: str | None
    default: cst.BaseExpression | None


def declared(node: cst.BaseExpression) -> Declared:
    """A field as `Field(…)`, `field(…)` or `attr.ib(…)` declares it; anything else is the default itself."""
    if not isinstance(node, cst.Call) or (text_of(node.func) or "").rpartition(".")[2] not in _MAKERS:
        return Declared(None, node)
    aliases = (_first_text(value) for word in _ALIASES if (value := argument(node, word, _NOWHERE)) is not None)
    by_position = 0 if (text_of(node.func) or "").endswith("Field") else _NOWHERE
    default = argument(node, "default", by_position) or _made(node)
    return Declared(next((a for a in aliases if a), None), None if isinstance(default, cst.Ellipsis) else default)


def _made(node: cst.Call) -> cst.BaseExpression | None:
    """What `default_factory=lambda: …` gives."""
    factory = argument(node, "default_factory", _NOWHERE) or argument(node, "factory", _NOWHERE)
    return factory.body if isinstance(factory, cst.Lambda) else None


def _first_text(node: cst.BaseExpression) -> str | None:
    """A name, or the first of `["A", "B"]` and `AliasChoices("A", "B")`."""
    match node:
        case cst.List(elements=[first, *_]) | cst.Tuple(elements=[first, *_]):
            return plain_string(first.value)
        case cst.Call(args=[first, *_]):
            return plain_string(first.value)
    return plain_string(node)


def env_prefix(frame: Frame, resolver: Resolver, depth: int = _DEPTH) -> str | None:
    """The prefix of the variables that the fields of a BaseSettings class are read from; None for any other class."""
    node = frame.node
    if not isinstance(node, cst.ClassDef) or depth == 0:
        return None
    inherited = [env_prefix(base, resolver, depth - 1) for base in resolver.bases(frame) if base is not None]
    around = next((prefix for prefix in inherited if prefix is not None), None)
    if around is None and not any(base_name(base) == "BaseSettings" for base in node.bases):
        return None
    own = next(_prefixes(node), None)
    return (own if own is not None else around or "").upper()


def _prefixes(node: cst.ClassDef) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.keyword is not None and keyword.keyword.value == "env_prefix":
            yield plain_string(keyword.value) or ""
    for statement in statements(node.body):
        match statement:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="model_config"))], value=value):
                yield from _configured(value)
            case cst.AnnAssign(target=cst.Name(value="model_config"), value=cst.BaseExpression() as value):
                yield from _configured(value)
            case cst.ClassDef(name=cst.Name(value="Config"), body=body):
                yield from _assigned(body)


def _configured(value: cst.BaseExpression) -> Iterator[str]:
    """`SettingsConfigDict(env_prefix="APP_")` or `{"env_prefix": "APP_"}`."""
    match value:
        case cst.Call():
            prefix = argument(value, "env_prefix", _NOWHERE)
            if prefix is not None:
                yield plain_string(prefix) or ""
        case cst.Dict(elements=elements):
            for item in elements:
                if isinstance(item, cst.DictElement) and plain_string(item.key) == "env_prefix":
                    yield plain_string(item.value) or ""


def _assigned(body: cst.BaseSuite) -> Iterator[str]:
    for small in statements(body):
        match small:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="env_prefix"))], value=value):
                yield plain_string(value) or ""


def configured(node: cst.BaseExpression, name: str, frame: Frame, resolver: Resolver) -> Declared | None:
    """A value of django-configurations, `EMAIL_PORT = values.IntegerValue(587)`: variable DJANGO_EMAIL_PORT."""
    called = resolver.qualified(node.func, frame) if isinstance(node, cst.Call) else None
    if not isinstance(node, cst.Call) or called is None or not called.startswith(_CONFIGURATIONS):
        return None
    own = argument(node, "environ_name", _NOWHERE)
    prefix = argument(node, "environ_prefix", _NOWHERE)
    start = "DJANGO_" if prefix is None else (plain_string(prefix) or "").upper().rstrip("_")
    variable = (plain_string(own) if own is not None else None) or name
    return Declared(start + ("_" if start and prefix is not None else "") + variable, argument(node, "default", 0))
