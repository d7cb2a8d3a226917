"""Spring Boot and Quarkus: relaxed names, and profiles that are laid over the rest.

Spring takes `spring.mail.user-name`, `userName` and `USERNAME` for one name (relaxed binding: without dashes and
capitals), but leaves the names below `properties` alone. Source: docs.spring.io, externalized configuration;
quarkus.io, configuration reference, profile-aware properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from smtplint.format import Entry
from smtplint.handover import Given, Path, anything, document, lent
from smtplint.regex import regex

_PROFILE_FILE = regex(r"application-[\w.-]+\.ya?ml(\.\w+)?$")
_ON_PROFILE = regex(r"spring\.(config\.activate\.on-profile|profiles)$")


def handed(given: Given) -> Sequence[Entry]:
    if not any(map(_may_begin, {e.key[0] for e in given.entries})):
        return given.entries
    entries = [_canonical(e) for e in given.entries]
    if not any(_root(e.path) is not None for e in entries):
        return given.entries
    if _PROFILE_FILE.search(given.source.path):
        return [*entries, *_open_ends(entries)]
    return [*entries, *_laid_over(entries)]


def _may_begin(key: str) -> bool:
    """True for the first element of what may be a setting of a mailer."""
    return key[:1] == "%" or _plain(key.partition(".")[0]) in ("spring", "quarkus")


def _root(path: str) -> str | None:
    """The profile (`%prod.`, or nothing) before the settings of a mailer; None if there are none."""
    found = re.match(r"(%[\w,-]+\.)?(spring\.mail\.|quarkus\.mailer\.)", path)
    return None if found is None else found[1] or ""


def _canonical(entry: Entry) -> Entry:
    if _plain(entry.path.partition(".")[0]) != "spring":
        return entry
    words = entry.path.split(".")
    if len(words) < 3 or _plain(words[1]) != "mail":
        return entry
    if _plain(words[2]) == "properties":
        return replace(entry, key=("spring", "mail", "properties", *_after(entry.key, 3)))
    return replace(entry, key=tuple(_plain(word) for word in words)) if len(words) < 5 else entry


def _plain(word: str) -> str:
    return word.replace("-", "").replace("_", "").lower()


def _after(key: Path, count: int) -> Path:
    """The elements of a key after so many words; an element may hold several."""
    rest = ".".join(key).split(".")[count:]
    return tuple(rest)


def _laid_over(entries: Sequence[Entry]) -> Iterator[Entry]:
    """What a profile does not set itself it has from the settings without a profile."""
    profiled = {document(e) for e in entries if _ON_PROFILE.search(e.path)}
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if (root := _root(entry.path)) is not None:
            groups.setdefault((document(entry), root), []).append(entry)
    base = [e for (number, root), own in groups.items() if not root and number not in profiled for e in own]
    for (number, root), own in groups.items():
        if not root and number not in profiled:
            continue
        names = {e.path.removeprefix(root) for e in own}
        for entry in base:
            if entry.path not in names:
                yield lent(entry, (*([root.removesuffix(".")] if root else []), *entry.key[:-1]), own[0])


def _open_ends(entries: Sequence[Entry]) -> Iterator[Entry]:
    """`application-prod.yml` is laid over `application.yml`, which may set anything."""
    for root in dict.fromkeys(e.key[:2] for e in entries if _root(e.path) == ""):
        yield anything(root, next(e for e in entries if e.key[:2] == root))
