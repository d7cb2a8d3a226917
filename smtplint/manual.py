"""A dialect as a page to read: which keys a product reads, what their values do, and what holds where nothing is said."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from smtplint.format import Scalar
from smtplint.table import NEVER, ROW_FIELDS, Dialect, Row, Test

WIDTH = 100


def dialects(every: Iterable[Dialect]) -> str:
    """Name, product, protocol, formats and source: a line each, sorted by name."""
    rows = [(d.name, d.title, d.protocol, ", ".join(d.formats), d.source) for d in every]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    return "".join(
        "  ".join((*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4])) + "\n"
        for row in rows
    )


def skeleton(name: str) -> str:
    """The beginning of a table, to be filled in: a valid one, with every key that most products need explained."""
    text = (Path(__file__).parent / "skeleton.toml").read_text("utf-8")
    return text.replace("NAME", name.replace("-", "_").upper()).replace("Name", name)


def explain(dialect: Dialect) -> str:
    """The table as a person would want to read it."""
    parts = [
        f"{dialect.name}: the mail settings of {dialect.title} ({dialect.protocol}; {', '.join(dialect.formats)})",
        _listed("Told by", _evidence(dialect)),
        _listed("Keys", _keys(dialect)),
        *(_listed(_HEADS[name], _rows(dialect, name)) for name in ROW_FIELDS if name in dialect.rows),
        _listed("Where nothing is said", _defaults(dialect)),
        _listed("Words", _words(dialect)),
        _listed("Needed", _needs(dialect)),
        _listed("Without effect", _idle(dialect)),
        _listed("Sends nothing", (_condition(row.tests) for row in dialect.off)),
        _listed("Remarks", _remarks(dialect)),
        _listed("Source", [dialect.source]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_HEADS: Mapping[str, str] = {
    "host": "Host, by other settings",
    "port": "Port, where none is given",
    "encryption": "Encryption (the first line that fits)",
    "verification": "Check of the certificate (the first line that fits)",
    "tls_floor": "Lowest TLS version",
    "timeout": "Timeout",
    "login": "Login",
}


def _listed(title: str, lines: Iterable[str]) -> str:
    wrapped = [
        textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)
        for line in lines
        if line
    ]
    return "\n".join([title, *wrapped]) if wrapped else ""


def _evidence(dialect: Dialect) -> Iterator[str]:
    kinds = {
        "settings that only this product has": dialect.unique,
        "container images or actions": dialect.images,
        "file names": dialect.paths,
        "settings beside": dialect.siblings,
        "project files": tuple(dialect.manifests),
        "project files that name the version": tuple(dialect.pins),
    }
    yield from (f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
    if dialect.calls:
        yield f"calls of {', '.join(dialect.calls)}"
    elif not dialect.needs_evidence and dialect.anchors:
        yield f"any of {', '.join(dialect.anchors)}" + (" where no other product has a claim" * dialect.fallback)


def _keys(dialect: Dialect) -> Iterator[str]:
    for name, keys in dialect.fields.items():
        spelled = [k for key in keys for k in dialect.alternatives(key) if not k.startswith(NEVER)]
        if spelled:
            yield f"{name.replace('_', ' ')}: {', '.join(map(_spelled, spelled))}"
    yield from (f"{old}: no longer read{f', now {new}' if new else ''}" for old, new in dialect.retired.items())


def _spelled(key: str) -> str:
    """`MAILER_DSN:port` as people say it."""
    base, colon, part = key.partition(":")
    return f"{base} (its {part})" if colon else base


def _rows(dialect: Dialect, name: str) -> Iterator[str]:
    for row in dialect.rows[name]:
        if not _is_dead(row):
            ignored = f" ({row.ignores} is ignored)" if row.ignores else f": {row.says}" * bool(row.says)
            yield f"{_word(row.means)}: {_condition(row.tests, dialect) or 'otherwise'}{ignored}"


def _is_dead(row: Row) -> bool:
    """True for a row that needs a key of the engine for which the product has no name."""
    return any(key.startswith(NEVER) and test.operator == "is" and test.operands != (False,) for key, test in row.tests)


def _condition(tests: Sequence[tuple[str, Test]], dialect: Dialect | None = None) -> str:
    said = [_test(key, test, dialect) for key, test in tests if not key.startswith(NEVER)]
    return " and ".join(said)


def _test(key: str, test: Test, dialect: Dialect | None) -> str:
    names = dialect.alternatives(key) if dialect else (key,)
    name = _spelled(names[0]) + (f" (or {', '.join(map(_spelled, names[1:]))})" if len(names) > 1 else "")
    words = " or ".join(_word(operand) for operand in test.operands)
    match test.operator:
        case "is" | "name":
            return f"{name} is {words}"
        case "not":
            return f"{name} is not {words}"
        case "matches":
            return f"{name} matches /{words}/"
        case _:
            return f"{name} is {'given' if test.operands[0] else 'not given'}"


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "empty" if value in ("", None) else str(value)


def _defaults(dialect: Dialect) -> Iterator[str]:
    for name, value in dialect.defaults.items():
        waits = name == "timeout" and value == ""
        yield f"{name.replace('_', ' ')}: {'none, it waits for ever' if waits else _word(value)}"
    yield from (
        f"{key}: counts as {_word(value)}" for key, value in dialect.absent.items() if not key.startswith(NEVER)
    )


def _words(dialect: Dialect) -> Iterator[str]:
    for format_name, vocabulary in dialect.vocabularies.items():
        where = f" in {format_name}" if format_name else ""
        other = {None: "not known", True: "on", False: "off"}[vocabulary.other]
        on, off = (", ".join(w or "(empty)" for w in words) or "-" for words in (vocabulary.true, vocabulary.false))
        yield f"on{where}: {on}; off: {off}; any other word: {other}"
    for key, words in dialect.accepts.items():
        if key.startswith(NEVER):  # a key of the engine that the product has no name for
            continue
        yield f"{key}: {', '.join(w or '(empty)' for w in words.words)}; any other word: {words.other}"


def _needs(dialect: Dialect) -> Iterator[str]:
    for need in dialect.requires:
        if all(key.startswith(NEVER) for key in need.keys):
            continue
        when = _condition(need.tests, dialect)
        yield f"{' or '.join(need.keys)}{f', where {when}' if when else ''}; without: {need.without}"


def _idle(dialect: Dialect) -> Iterator[str]:
    for idle in dialect.ineffective:
        if idle.key.startswith(NEVER):
            continue
        when = _condition(idle.tests, dialect)
        yield f"{idle.key}{f', where {when}' if when else ''}: {idle.because}"


def _remarks(dialect: Dialect) -> Iterator[str]:
    if dialect.reads_environment:
        yield "the program itself reads these names from its environment"
    if dialect.ignores_case:
        yield "capitals of the names do not matter"
    if dialect.partial:
        yield "other settings may stand elsewhere: what is absent is unknown"
    if not dialect.rewrite:
        yield "unconfirmed: findings are information, and nothing is rewritten"
