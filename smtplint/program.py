"""The program that reads an `.env` file: Python modules near it, as they are with the settings that it gives them.

What code makes of a variable (its name, its default, `== "True"`, `int(…)`) is read from the code itself, so that a project's
own names need no table: its settings count where the code hands them to Django, to smtplib, to whatever reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque, Reference, Value, Wanted, load
from smtplint.handover import Surroundings, far, is_about_mail
from smtplint.regex import regex
from smtplint.source import Source, Unreadable

FORMAT = "python"

_MOST_MODULES = 8
"""Modules of which one file is looked at through: a repository of many programs says nothing about one."""

_READS = regex(r"environ|getenv|\benv\b|\bconfig\(|dotenv_values|BaseSettings|configurations")
_TRUTH = frozenset({"yes", "no", "on", "off", "y", "n", "t", "f", "1", "0"})
_STAR = regex(r"(?m)^from [\w.]+ import \*|^\s*include\(")
_ASSIGNED = regex(r"(?m)^\s*([A-Z][A-Z0-9_]*)(?:\s*:[^=\n]+)?\s*=[^=]")


class View(Struct, frozen=True):
    """A module with what an `.env` file gives to it: its settings, those from the file at their places there."""

    path: str
    entries: Sequence[Entry]


def views(entries: Sequence[Entry], around: Surroundings, calls: frozenset[str]) -> Iterator[View]:
    """The modules that read settings of an `.env` file, each with the entries as it sees them."""
    given = {e.key[-1]: e for e in entries if len(e.key) == 1 and isinstance(e.value, Literal) and _is_text(e.value)}
    named = [name for name, entry in given.items() if is_about_mail(entry) or is_about_mail(_valued(entry))]
    if not named or any(e.key == ("image",) for e in entries):  # a container's own program reads it
        return
    modules = {path: text for path in around.modules() if (text := around.at(path)) is not None}
    readers = [path for path, text in modules.items() if _READS.search(text) and any(_reads(text, n) for n in named)]
    if len(readers) > _MOST_MODULES:
        return
    environment = tuple(
        (name, str(entry.value.value)) for name, entry in given.items() if isinstance(entry.value, Literal)
    )
    for path in readers:
        seen = _seen(path, modules[path], environment, calls)
        if any(_variable(e.value) in given for e in seen):
            yield View(path, tuple(_handed(seen, given, _elsewhere(path, modules))))


def _valued(entry: Entry) -> Entry:
    """The entry under the name of its value: `SES_HOST=smtp.example.org` is about mail."""
    return replace(entry, key=(str(entry.value.value),)) if isinstance(entry.value, Literal) else entry


def _is_text(value: Literal) -> bool:
    return isinstance(value.value, str)


def _reads(text: str, name: str) -> bool:
    """True if the module names the variable, or a field that may be it: in other capitals, behind a prefix."""
    pieces = name.split("_")
    tails = ["_".join(pieces[i:]) for i in range(len(pieces))] if "_prefix" in text else [name]
    return re.search(rf"(?i)\b(?:{'|'.join(map(re.escape, tails))})\b", text) is not None


@lru_cache(maxsize=64)
def _seen(path: str, text: str, environment: tuple[tuple[str, str], ...], calls: frozenset[str]) -> tuple[Entry, ...]:
    """The settings of a module in this environment; none if it does not parse: it is judged on its own."""
    try:
        return load(FORMAT).read(Source(path, text), Wanted(calls, dict(environment)))
    except (Unreadable, RecursionError):
        return ()


def _variable(value: Value) -> str | None:
    return value.name if isinstance(value, Reference) else None


def _elsewhere(path: str, modules: Mapping[str, str]) -> frozenset[str]:
    """Names that another module sets after it took everything from somewhere: which value holds, is not known here."""
    others = (text for other, text in modules.items() if other != path and _STAR.search(text))
    return frozenset(name for text in others for name in _ASSIGNED.findall(text))


def _handed(seen: Iterable[Entry], given: Mapping[str, Entry], unsettled: frozenset[str]) -> Iterator[Entry]:
    at = next(iter(given.values())).span
    for entry in _last_words(seen):
        source = given.get(_variable(entry.value) or "")
        if entry.key[-1] in unsettled:
            yield replace(far(entry, at), value=Opaque())
        elif source is None:
            yield far(entry, at)
        else:
            yield _near(entry, source)


def _last_words(seen: Iterable[Entry]) -> list[Entry]:
    """Without what the same scope sets again below: in the other file, nothing tells which came last. Steps add up."""
    kept: dict[object, Entry] = {}
    for number, entry in enumerate(seen):
        kept[(entry.key, entry.scope, number if entry.key[-1].endswith("()") else None)] = entry
    return list(kept.values())


def _near(entry: Entry, source: Entry) -> Entry:
    """What the file gives: as the module sees it, where the file says it. Another value can be written only for the same text."""
    value = entry.value
    known = value.default if isinstance(value, Reference) and value.given else None
    if not isinstance(known, Literal) or not isinstance(source.value, Literal):
        return replace(source, key=entry.key, value=Opaque(), scope=entry.scope, order=entry.order, editable="nothing")
    text = str(source.value.value).lower()
    same = str(known.value).lower() == text or (isinstance(known.value, bool) and text in _TRUTH)
    return replace(
        source,
        key=entry.key,
        value=Literal(known.value),
        scope=entry.scope,
        order=entry.order,
        shared=entry.shared,
        editable="value" if same else "nothing",
    )
