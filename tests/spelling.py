"""Writes an endpoint from nothing in a given dialect and format: what the laws about dialects are checked on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from smtplint.format import Scalar
from smtplint.table import NEVER, Dialect, Row, Test, base_key

Values = Mapping[str, object]
"""Keys of a dialect (parts such as `MAILER_DSN:port` too) and what stands under them; a `Spelled` is written as it is."""


@dataclass(frozen=True)
class Spelled:
    """Text that is no literal, such as a Python name."""

    text: str


@dataclass(frozen=True)
class Nowhere:
    """Surroundings of a file that stands alone."""

    def text(self, name: str) -> str | None:
        return None

    def at(self, path: str) -> str | None:
        return None

    def names(self, pattern: str, *, above: bool = False) -> tuple[str, ...]:
        return ()

    def modules(self) -> tuple[str, ...]:
        return ()

    def tracked(self, name: str) -> bool:
        return False


def file_name(format_name: str) -> str:
    names = {"env": ".env", "yaml": "config.yaml", "toml": "config.toml", "ini": "config.ini", "python": "settings.py"}
    return names[format_name]


def render(dialect: Dialect, format_name: str, values: Values) -> str | None:
    """The text that gives the keys these values, or None if the format cannot hold them."""
    plain = _composed(dialect, values)
    if plain is None:
        return None
    if dialect.calls and format_name == "python" and any(key.startswith(_module(dialect) + ".") for key in plain):
        return _call(dialect, plain)
    if format_name in ("env", "python"):
        return _lines(plain, format_name)
    return _nested({_path(k): v for k, v in plain.items()}, format_name)


def _path(key: str) -> tuple[str, ...]:
    return tuple(key.replace("*", "MAIN" if key.isupper() else "main").split("."))


def _composed(dialect: Dialect, values: Values) -> dict[str, object] | None:
    """Parts put together again: a URL or host:port from its pieces."""
    plain: dict[str, object] = {k: v for k, v in values.items() if ":" not in k}
    parts: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        if ":" in key:
            parts.setdefault(base_key(key), {})[key.partition(":")[2]] = value
    for key, pieces in parts.items():
        text = _compound(dialect.parts[key], pieces)
        if text is None:
            return None
        plain[key] = text
    return plain


def _compound(kind: str, pieces: Mapping[str, object]) -> str | None:
    host = f"{pieces.get('host', 'mail.example.org')}{':' + str(pieces['port']) if 'port' in pieces else ''}"
    if kind == "hostport" or (kind == "hosturl" and "scheme" not in pieces):
        return host
    if "scheme" not in pieces:
        return None
    user = f"{pieces['username']}:{pieces.get('password', 'not-a-real-password')}@" if "username" in pieces else ""
    query = "&".join(f"{k.removeprefix('query.')}={_word(v)}" for k, v in pieces.items() if k.startswith("query."))
    scheme = "smtp" if pieces["scheme"] is True else pieces["scheme"]
    return f"{scheme}://{user}{host}{'?' + query if query else ''}"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lines(plain: Mapping[str, object], format_name: str) -> str | None:
    if any("." in key for key in plain):
        return None
    names = {key: "".join(_path(key)) for key in plain}
    if format_name == "env":
        return "".join(f"{names[k]}={'' if v is None else _word(v)}\n" for k, v in plain.items())
    return "".join(f"{names[k]} = {v.text if isinstance(v, Spelled) else repr(v)}\n" for k, v in plain.items())


def _nested(plain: Mapping[tuple[str, ...], object], format_name: str) -> str | None:
    tree: dict[str, object] = {}
    for path, value in plain.items():
        place = tree
        for element in path[:-1]:
            below = place.setdefault(element, {})
            if not isinstance(below, dict):
                return None
            place = below
        if isinstance(place.get(path[-1]), dict):
            return None
        place[path[-1]] = value
    if format_name == "ini":
        return "".join(_ini(tree))
    return "".join(_yaml(tree, "")) if format_name == "yaml" else "".join(_toml(tree, ()))


def _ini(tree: Mapping[str, object]) -> Iterator[str]:
    """A section for each name, and Python for what is more than two names deep."""
    for section, options in tree.items():
        yield f"[{section}]\n"
        yield from (f"{k} = {_python(v)}\n" for k, v in (options.items() if isinstance(options, dict) else ()))


def _python(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_repr(v)}" for k, v in value.items()) + "}"
    return value.text if isinstance(value, Spelled) else str(value)


def _repr(value: object) -> str:
    return value.text if isinstance(value, Spelled) else _python(value) if isinstance(value, dict) else repr(value)


def _yaml(tree: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield f"{indent}{json.dumps(key)}:\n"
            yield from _yaml(value, indent + "  ")
        else:
            yield f"{indent}{json.dumps(key)}: {json.dumps(value)}\n"


def _toml(tree: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    leaves = {k: v for k, v in tree.items() if not isinstance(v, dict)}
    if leaves and path:
        yield f"[{'.'.join(json.dumps(p) for p in path)}]\n"
    for key, value in leaves.items():
        if value is not None:
            yield f"{json.dumps(key)} = {json.dumps(value)}\n"
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _toml(value, (*path, key))


def _module(dialect: Dialect) -> str:
    return dialect.calls[0].rpartition(".")[0]


def _call(dialect: Dialect, plain: Mapping[str, object]) -> str | None:
    """`session = module.Class(arguments)` and a line for each step; objects that are passed on a line of their own before."""
    module = _module(dialect)
    local = {k.removeprefix(module + "."): v for k, v in plain.items() if k.startswith(module + ".")}
    name = local.pop("call", dialect.calls[0].rpartition(".")[2])
    steps = dict.fromkeys(k.partition("()")[0] for k in local if "()" in k and "." not in k.partition("()")[0])
    made = {k: v for k, v in local.items() if "()" not in k or "." in k.partition("()")[0]}
    lines = [f"import {module}", "import ssl", ""]
    given = _given(made, lines)
    inner = {step: _given(_below(local, f"{step}()."), lines) for step in steps}
    if given is None or None in inner.values():
        return None
    lines.append(f"session = {module}.{name}({_arguments(given)})")
    lines += [f"session.{step}({_arguments(inner[step] or {})})" for step in sorted(steps, key=lambda s: "login" in s)]
    return "\n".join(lines) + "\n"


def _below(local: Mapping[str, object], prefix: str) -> dict[str, object]:
    return {k.removeprefix(prefix): v for k, v in local.items() if k.startswith(prefix)}


def _given(local: Mapping[str, object], lines: list[str]) -> dict[str, object] | None:
    """Arguments by name; an object with arguments or attributes of its own gets a name and lines that make it."""
    result = {k: v for k, v in local.items() if "." not in k}
    for name in dict.fromkeys(k.partition(".")[0] for k in local if "." in k):
        made = result.get(name)
        if not isinstance(made, Spelled):
            return None
        own = _below(local, f"{name}.")
        variable = f"object{len(lines)}"
        arguments = {k: v for k, v in own.items() if k.isdigit() or k == "protocol"}
        lines.append(f"{variable} = {made.text.removesuffix('()')}({_arguments(arguments)})")
        for key, value in own.items():
            method, called, argument = key.partition("()")
            if key not in arguments:
                passed = _literal(value) if argument else ""
                lines.append(f"{variable}.{method}({passed})" if called else f"{variable}.{key} = {_literal(value)}")
        result[name] = Spelled(variable)
    return result


def _arguments(given: Mapping[str, object]) -> str:
    positional = sorted((int(k), v) for k, v in given.items() if k.isdigit())
    if [i for i, _ in positional] != list(range(len(positional))):
        positional = []
    spelled = [_literal(v) for _, v in positional]
    return ", ".join([*spelled, *(f"{k}={_literal(v)}" for k, v in given.items() if not k.isdigit())])


def _literal(value: object) -> str:
    if not isinstance(value, Spelled):
        return repr(value)
    return value.text if value.text.endswith("()") or not _is_factory(value.text) else f"{value.text}()"


def _is_factory(text: str) -> bool:
    """`ssl.create_default_context` is called; `ssl.CERT_NONE` and `object3` stand for themselves."""
    return text.startswith("ssl.") and ("context" in text.lower())


# --- states


def states(dialect: Dialect, limit: int = 40) -> Iterator[dict[str, object]]:
    """Combinations of the values that the dialect's rows test, as far as they can be given; at most `limit`."""
    tested: dict[str, list[object]] = {}
    for rows in dialect.rows.values():
        for row in rows:
            for key, test in row.tests:
                if key not in ("port", "host") and not key.startswith(NEVER):
                    spelled = dialect.alternatives(key)[0]
                    for value in written(dialect, test):
                        if value not in tested.setdefault(spelled, [_LEFT_OUT]):
                            tested[spelled].append(value)
    keys = list(tested)
    for i, combination in enumerate(product(*tested.values())):
        if i == limit:
            return
        yield {k: v for k, v in zip(keys, combination, strict=True) if v is not _LEFT_OUT}


_LEFT_OUT = object()


def written(dialect: Dialect, test: Test) -> Iterator[object]:
    """Values with which a test holds (or plainly does not)."""
    for operand in test.operands:
        if test.operator == "name":
            yield Spelled(str(operand))
        elif (test.operator == "is" and isinstance(operand, bool)) or (test.operator == "is" and operand is not None):
            yield operand
        elif test.operator in ("set", "written") and test.operands[0]:
            yield True


def row_state(dialect: Dialect, row: Row) -> dict[str, object] | None:
    """Values for the keys of one row with which it holds by itself, None where the tests do not say which."""
    state: dict[str, object] = {}
    for key, test in row.tests:
        if key in ("port", "host"):
            continue
        if key.startswith(NEVER):  # always absent
            if test.operands[0] in (False, None):
                continue
            return None
        values = list(written(dialect, test))
        if values:
            state[dialect.alternatives(key)[0]] = values[0]
        elif not (test.operator in ("set", "not") or None in test.operands):
            return None
    return state


def field_key(dialect: Dialect, name: str, format_name: str) -> str | None:
    """The key under which a field is written; for calls a keyword rather than a position."""
    keys = [k for alias in dialect.fields.get(name, ()) for k in dialect.alternatives(alias) if not k.startswith(NEVER)]
    named = [k for k in keys if not k.rpartition(".")[2].isdigit()]
    return next(iter(named or keys), None)


def typed(format_name: str, value: Scalar) -> object:
    return _word(value) if format_name == "env" else value
