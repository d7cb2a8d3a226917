"""What a consumer of files is given, and the small steps that all of them take with entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import ANY, Entry, Literal, Opaque, Reference, Wanted, load
from smtplint.regex import regex
from smtplint.source import Source, Span, Unreadable

Path = tuple[str, ...]

_MAIL = ("smtp", "mail", "imap", "pop3")
_LARGEST = 300_000
"""Characters of the largest neighbouring file that is parsed."""


class Surroundings(Protocol):
    """What stands around the checked file, as far as its meaning is told by it."""

    def text(self, name: str) -> str | None:
        """The text of the nearest file of that name beside the checked file or above it, None if there is none."""

    def at(self, path: str) -> str | None:
        """The text of the file at a path from the folder of the checked file, None if there is none in the tree."""

    def names(self, pattern: str, *, above: bool = False) -> tuple[str, ...]:
        """Paths from the folder of the checked file: what matches there and, if asked for, in the folders above it.

        A pattern such as `templates/*.yaml` is about the files of a folder in it.
        """

    def modules(self) -> tuple[str, ...]:
        """Paths from the folder of the checked file: the near Python modules that take settings from elsewhere."""

    def tracked(self, name: str) -> bool:
        """True if the file of that name in the folder of the checked file is kept by git."""


class Given(Struct, frozen=True):
    """A text, its settings as they are written, and what stands around it."""

    source: Source
    entries: Sequence[Entry]
    around: Surroundings


@lru_cache(maxsize=64)
def neighbour(text: str) -> tuple[Entry, ...]:
    """The settings of another YAML file; none if it is too large or does not parse: it is judged on its own."""
    if len(text) > _LARGEST:
        return ()
    try:
        return load("yaml").read(Source("neighbour.yaml", text), Wanted())
    except (Unreadable, RecursionError):
        return ()


def is_about_mail(entry: Entry) -> bool:
    return mentions_mail(entry.path)


def mentions_mail(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in _MAIL)


def text(entry: Entry | None) -> str | None:
    """The text that an entry spells out, or that its default does."""
    value = entry.value.default if entry is not None and isinstance(entry.value, Reference) else entry and entry.value
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


_DEFAULT = regex(r"\$\{\w+:?-([^{}]*)\}")


def image_name(entry: Entry, source: Source) -> str | None:
    """The image that an entry names, without registry and tag; a tag, and the defaults of references, may be filled in."""
    written = text(entry)
    if written is None:
        written = source.at(entry.span).strip("'\"")
    image = _DEFAULT.sub(r"\1", written).partition("@")[0]
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        image = rest
    image = image.partition(":")[0]
    return None if not image or re.search(r"[${}\s]", image) else image


def under(entries: Iterable[Entry], root: Path) -> list[Entry]:
    """The entries directly below a path."""
    return [e for e in entries if len(e.key) == len(root) + 1 and e.key[: len(root)] == root]


def lent(entry: Entry, root: Path, like: Entry | None = None, name: str | None = None) -> Entry:
    """An entry as it is seen below another path, in the scope of `like` (its own branches stay)."""
    scope = entry.scope if like is None else (*_trunk(like.scope), *entry.scope[len(_trunk(entry.scope)) :])
    return replace(entry, key=(*root, name or entry.key[-1]), scope=scope)


def _trunk(scope: tuple[str, ...]) -> tuple[str, ...]:
    return scope[:1] if scope and scope[0].startswith("document") else ()


def document(entry: Entry) -> str:
    """Which document of the text the entry stands in."""
    return next(iter(_trunk(entry.scope)), "")


def far(entry: Entry, at: Span) -> Entry:
    """An entry of another file, which nothing in the checked one can be underlined for; it counts as standing at `at`."""
    return replace(
        entry, span=Span(at.start, at.start), key_span=None, content=None, also=None, editable="nothing", foreign=True
    )


def anything(root: Path, beside: Entry) -> Entry:
    """Any further setting may be given below a path; `beside` says so."""
    return Entry((*root, ANY), Opaque(), beside.span, None, None, beside.scope)


def inherited(own: Sequence[Entry], outer: Sequence[Entry], root: Path) -> Iterator[Entry]:
    """The outer entries as they are seen below `root`, but for those that are set there."""
    names = {e.key[-1] for e in own if e.key[-1] != ANY}
    for entry in outer:
        if entry.key[-1] not in names:
            yield lent(entry, root, own[0] if own else None)
