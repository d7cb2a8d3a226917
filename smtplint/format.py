"""What a syntax is to the rest of the program: entries with exact spans out of a text, and edits back into it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Protocol, cast, runtime_checkable

from msgspec import Struct, field

from smtplint.source import Edit, Source, Span
from smtplint.wildcard import fits

Scalar = str | int | float | bool | None


class Literal(Struct, frozen=True):
    """A value that the text spells out; `computed` if it follows from several places, so that no single one can be edited."""

    value: Scalar
    computed: bool = False


class Name(Struct, frozen=True):
    """A dotted name that the program resolves, such as `ssl.CERT_NONE`, or the class that a call names."""

    dotted: str


class Reference(Struct, frozen=True):
    """A value taken from the environment under `name`; `default`, if the text gives a literal one, stands at `span`.

    `arrives` tells in code what is known of a value that is set: `text`, as it stands there; `truth`, whether it is not
    empty; `presence`, whether it is set at all. Empty where something else is made of it. `given`: the environment is
    known, and `default` what the program makes of it.
    """

    name: str
    default: Literal | Name | None = None
    span: Span | None = None
    content: Span | None = None
    arrives: str = ""
    given: bool = False


class Opaque(Struct, frozen=True):
    """A value that cannot be known from the text."""


Value = Literal | Name | Reference | Opaque

ANY = "*"
"""Last key of an entry that stands for "any setting may also be given here" (a star import, `env_file`, `**options`)."""


class Entry(Struct, frozen=True):
    """One setting: where it stands in the tree of the file, what it says, and which characters say it.

    `span` covers the value as it is written, quotes included; `content` the characters between the quotes, where these
    are the value character by character (None if escapes stand between), so that a place inside the value is an offset.
    `scope` separates what one program run does not see together (a document, a call, a branch): outermost first.
    """

    key: tuple[str, ...]
    value: Value
    span: Span
    key_span: Span | None = None
    content: Span | None = None
    scope: tuple[str, ...] = ()
    also: Span | None = None  # where the value is used, if it is written elsewhere
    order: int = 0  # which step of a session it belongs to, where these are not taken in the order of the text
    shared: bool = False  # other endpoints are read from the same characters: a change for one would change them too
    reader: str = ""  # who reads the text and hands the value on (a name in facts/readers.toml), where that is known
    editable: str = "all"  # or "value": others call it by its name; or "nothing": encoded, or written in another file
    foreign: bool = False  # written in another file: nothing here can be underlined for it

    @property
    def path(self) -> str:
        return ".".join(self.key)


class Wanted(Struct, frozen=True):
    """What the knowledge asks for, so that a reader need not describe a whole program.

    `calls`: dotted callables of mail libraries; `environment`: variables that are known to be set, where code reads them.
    """

    calls: frozenset[str] = field(default_factory=frozenset)
    environment: Mapping[str, str] = field(default_factory=dict)


class Format(Protocol):
    """A module in `formats/`."""

    @staticmethod
    def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:
        """Every setting of the text, in order of position; Unreadable if the text does not parse."""

    @staticmethod
    def decode(text: str) -> Scalar:
        """The value that a literal's own text stands for."""

    @staticmethod
    def encode(value: Scalar | Name, like: str) -> str:
        """`value` spelled in the manner (quotes, capitals) of the literal text `like`; ValueError if it cannot be."""

    @staticmethod
    def replace(source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
        """Another value for a literal entry, in the manner of the old one; None where it cannot be written there."""

    @staticmethod
    def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
        """A new setting `key` in the same place as `beside`, or None where there is no room for one."""

    @staticmethod
    def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:
        """The same setting under another last key, or None where it cannot be renamed."""

    @staticmethod
    def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
        """Without the setting, or None where that would drop something else, such as a comment."""


@runtime_checkable
class Code(Protocol):
    """A format that is code: things are done one after another, and values are made of others."""

    @staticmethod
    def is_at_hand(text: str) -> bool:
        """True if reading the text takes little time, because one that differs in little has just been read."""

    @staticmethod
    def compared(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
        """A flag that is the text of a variable, made into a comparison of that text; None where that cannot be written."""

    @staticmethod
    def movable(source: Source, entry: Entry, before: Entry) -> str | None:
        """The text of an argument, if it means the same at an earlier call."""

    @staticmethod
    def moved(source: Source, entry: Entry, before: Entry) -> tuple[Edit, ...] | None:
        """The step taken before another one, or None where it cannot be moved there."""

    @staticmethod
    def laid_out(source: Source, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """The same edits, with lines that they would make too long broken as formatters do it."""


def in_place(
    encode: Callable[[Scalar | Name, str], str],
) -> Callable[[Source, Entry, Scalar | Name], tuple[Edit, ...] | None]:
    """The `replace` of a format in which the text of a value tells all there is to know about writing another one."""

    def replace(source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
        try:
            return (Edit(entry.span, encode(value, source.at(entry.span))),)
        except ValueError:
            return None

    return replace


def default_edit(format_: Format, source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """Another literal default for a reference, None where it cannot be written there: within `${X:-587}` quotes are text."""
    reference = entry.value
    if not isinstance(reference, Reference) or reference.span is None:
        return None
    is_bare = reference.span == reference.content
    try:
        like = source.at(reference.span)
        text = format_.encode(value, "x" if is_bare and like in ("", "=") else like)
    except ValueError:
        return None
    return None if is_bare and text[:1] in ("'", '"') else (Edit(reference.span, text),)


@cache
def load(name: str) -> Format:
    """The format module of that name. libcst takes 0.2-0.4 s to import, so each is imported when first needed."""
    return cast("Format", importlib.import_module(f"smtplint.formats.{name}"))


def is_at_hand(name: str, text: str) -> bool:
    """True if the text need not be looked at before it is read: a similar one was read by a format that remembers."""
    module = sys.modules.get(f"smtplint.formats.{name}")
    return isinstance(module, Code) and module.is_at_hand(text)


# The only list of formats: its keys are the modules in formats/, its values the file names that each one reads.
PATTERNS: dict[str, tuple[str, ...]] = {
    "python": ("*.py", "*.py.example", "*.py.dist", "*.py.sample", "*.py.template"),
    "toml": ("*.toml", "*.toml.example", "*.toml.dist", "*.toml.sample", "*.toml.template"),
    "ini": ("*.ini", "*.cfg", "*.conf", "*.ini.*", "*.cfg.*", "*.conf.*"),
    "yaml": ("*.yaml", "*.yml", "*.yaml.*", "*.yml.*", "devcontainer.json", ".devcontainer.json"),
    "env": (".env", ".env.*", "*.env", "*.env.*", ".env-*", "env.example", "env.sample", "env.template", ".envrc"),
}


def of_path(path: str) -> str | None:
    """Which format a file of that name has, or None."""
    name = path.rpartition("/")[2].lower()
    if "." not in name:  # as in every pattern; asked of every key of a file that may hold others
        return None
    return _ENDINGS.get(name[name.rfind(".") :]) or _of_name(name)


# What most names end in; before all others, as the order of the patterns has it.
_ENDINGS = {
    pattern[1:]: name
    for name, patterns in PATTERNS.items()
    if name != "env"
    for pattern in patterns
    if pattern.startswith("*.") and pattern.count(".") == 1 and not pattern.endswith("*")
}


@lru_cache(maxsize=4096)
def _of_name(name: str) -> str | None:
    return next((f for f, patterns in PATTERNS.items() if any(fits(name, pattern) for pattern in patterns)), None)
