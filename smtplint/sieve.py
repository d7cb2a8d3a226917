"""Which files can say anything of mail: told from their bytes before they are read, and of code before it is parsed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from smtplint import knowledge
from smtplint.regex import regex
from smtplint.table import Dialect, Folders, base_key, load_dialects

if TYPE_CHECKING:
    from smtplint.outline import Outline

_MAIL_STEM = regex("smtp|mail|imap|pop")
_MAIL_WORD = regex("smtp|mail|imap|pop3", re.IGNORECASE)


class Sieve(Struct, frozen=True):
    """Looks for any of a few texts in bytes: one scan each, which costs less than a regular expression for all of them.

    `pieces` by what some of them have in common, so that one scan rules out several.
    """

    pieces: Mapping[bytes, tuple[bytes, ...]]

    def search(self, data: bytes) -> bool:
        return any(stem in data and any(piece in data for piece in pieces) for stem, pieces in self.pieces.items())


SIEVE: Final = "sieve-"
OF_THEIR_OWN: Final = ("python", "ini")
"""Formats that are searched for the keys of their own tables only."""
CLUES: Final = "clues"


@cache
def sieve(format_name: str | None, folders: Folders = ()) -> Sieve:
    """A file in whose bytes, in lower case, this finds nothing configures no mail that any dialect knows.

    Derived from the dialect tables, those of `folders` among them. Code and INI files are read by their own tables alone;
    in the other formats the consumers give settings other names.
    """
    kind = format_name if format_name in OF_THEIR_OWN else "other"
    made = knowledge.worked_out(SIEVE + kind) if not folders else None
    stems = msgspec.json.decode(made) if made is not None else pieces(kind, load_dialects(folders).values())
    return Sieve({stem.encode(): tuple(piece.encode() for piece in found) for stem, found in stems.items()})


def pieces(kind: str, dialects: Iterable[Dialect]) -> Mapping[str, Sequence[str]]:
    """The texts to look for in a format of its own or any `other`, by what some of them share."""
    kept: list[str] = []
    fragments = _fragments(d for d in dialects if kind not in OF_THEIR_OWN or kind in d.formats)
    for piece in sorted(sorted(fragments), key=len):  # always in one order: two builds of a wheel are the same
        if not any(k in piece for k in kept):
            kept.append(piece)
    stems: defaultdict[str, list[str]] = defaultdict(list)
    for piece in kept:
        stems[stem(piece, kept)].append(piece)
    return stems


def stem(piece: str, pieces: Sequence[str] = ()) -> str:
    """A part that several pieces share: a word of mail, or how they begin; else the piece itself."""
    word = _MAIL_STEM.search(piece)
    if word is not None:
        return word[0]
    start = piece[:5]
    return start if sum(other.startswith(start) for other in pieces) > 1 else piece


def _fragments(tables: Iterable[Dialect]) -> frozenset[str]:
    """Texts in lower case of which at least one stands in every file that any of the tables can say something about."""
    return frozenset(piece.lower() for table in tables for piece in table.marks or map(_mark, _anchor_keys(table)))


def _anchor_keys(dialect: Dialect) -> list[str]:
    """The keys of which one must be there; for a call the dotted name that a program must import."""
    keys = [key for anchor in dialect.anchors for key in dialect.alternatives(anchor)]
    return [name for key in keys for name in (dialect.calls if key.endswith(".call") else (key,))]


def _mark(key: str) -> str:
    """The most telling piece of a key: nested keys stand on lines of their own, but each of them stands in the text."""
    pieces = [piece for part in key.partition(":")[0].replace("()", "").split(".") for piece in part.split("*")]
    return min(pieces, key=lambda piece: (_MAIL_WORD.search(piece) is None, -len(piece)))


def may_configure(text: str, format_name: str, folders: Folders = ()) -> bool:
    """False if no dialect can have a claim on anything in a text of that format, for the names are not there.

    Only of code, which takes long to parse and often speaks of mail in passing: other files are read by consumers that
    give the settings other names.
    """
    if format_name != "python":
        return True
    clues, lowered = _clues(folders), text.lower()
    if not clues.speak_in(lowered):
        return False
    if len(text) <= LONG or clues.are_set_in(lowered):
        return True
    from smtplint.outline import outline  # with Python's parser: only where there is code

    names = outline(text)
    return names is None or clues.speak_of(names)


LONG: Final = 2_000
"""Characters of a module that is worth a look by a faster parser before the one that keeps the formatting."""


_NAME = regex(r"[a-z_]\w*")
_PARTED = bytes(c if c >= 0x80 or chr(c) == "_" or chr(c).isalnum() else 0x20 for c in range(256))
"""Bytes of UTF-8, blanks for those that are in no name."""
_IMPORT = regex(r"\b(?:from|import)\b((?:[^\n\\]|\\\n|\\)*)")


class _Clues(Struct, frozen=True):
    """The names in lower case of which some stand in every program that some dialect can say something about.

    `calls`: an imported module, and the names that stand with it; `keys`: whole names, each with those of which one must
    stand beside it (none: it says enough); `prefixed`: the same put together
    of a prefix and a name, as in `env_prefix="SMTP_"`; `pieces`: of keys with a wildcard, a blank where a name begins or
    ends, by what several have in common; `nested`: of keys with dots, which stand in dictionaries, classes and keyword arguments.
    """

    calls: Mapping[str, frozenset[tuple[str, ...]]]
    keys: Mapping[str, frozenset[str]]
    prefixed: Mapping[str, frozenset[str]]
    pieces: Mapping[str, Sequence[tuple[str, ...]]]
    nested: frozenset[tuple[str, ...]]

    def speak_in(self, text: str) -> bool:
        names = _names(text)
        joined = f" {' '.join(names)} "  # shorter than the text
        return (
            any(_occurs(key, _SET, text) for key in self._keys(names))
            or self._in_pieces(joined)
            or any(not self.prefixed[prefix].isdisjoint(names) for prefix in self.prefixed.keys() & names)
            or self._calls(text, names)
            or any(_is_nested(given, text, names) for given in self.nested)
        )

    def are_set_in(self, text: str) -> bool:
        """True if a line sets one of the keys: such a module is hardly one that only tells of mail."""
        return any(f"\n{key} = " in text for key, beside in self.keys.items() if not beside)

    def speak_of(self, names: Outline) -> bool:
        """The same as `speak_in` for the names that stand in code."""
        joined = f" {' '.join(names.given)} "
        return (
            any(self._keys(names.given))
            or self._in_pieces(joined)
            or any(not self.prefixed[prefix].isdisjoint(names.given) for prefix in self.prefixed.keys() & names.given)
            or any(set(call) <= names.spoken for name in self.calls.keys() & names.modules for call in self.calls[name])
            or any(path[-1] in names.given and set(path) <= names.spoken and names.holds(path) for path in self.nested)
            or any(_is_dotted(path, name) for name in names.given if "." in name for path in self.nested)
        )

    def _keys(self, names: AbstractSet[str]) -> Iterator[str]:
        """The keys among the names that mean something beside the others."""
        return (key for key in self.keys.keys() & names if not self.keys[key] or not self.keys[key].isdisjoint(names))

    def _in_pieces(self, joined: str) -> bool:
        """True if all pieces of a key stand in the names, which is asked of those that have what several keys share."""
        for stem, every in self.pieces.items():
            if stem in joined:
                near = f" {' '.join(name for name in joined.split() if stem in name)} "
                if any(all(piece in near for piece in pieces) for pieces in every):
                    return True
        return False

    def _calls(self, text: str, names: AbstractSet[str]) -> bool:
        modules = {m for m in self.calls.keys() & names if any(names >= set(call) for call in self.calls[m])}
        return bool(modules) and any(not modules.isdisjoint(_NAME.findall(line)) for line in _IMPORT.findall(text))


def _names(text: str) -> set[str]:
    """The names in a text, and numbers: a regular expression takes twice as long."""
    return set(text.encode("utf-8", "surrogatepass").translate(_PARTED).decode("utf-8", "surrogatepass").split())


def _is_nested(path: tuple[str, ...], text: str, names: AbstractSet[str]) -> bool:
    """True if each name but the last seems to open something, and something stands under the last; or if dots join them."""
    if not all(name in names if name.isidentifier() else name in text for name in path):
        return False
    if len(path) > 1 and _is_dotted(path, text):
        return True
    return _occurs(path[-1], _SAYS, text) and all(_occurs(name, _OPENS, text) for name in path[:-1])


def _is_dotted(path: Sequence[str], text: str) -> bool:
    """True if the names stand in a text as in `"mail.host"`, whatever stands between them."""
    return all(f"{name}." in text for name in path[:-1]) and f".{path[-1]}" in text


_OPENS = r"(?:[\"']?\]?\s*[=:]\s*[\w.]*\s*[({\[]|[\"']?\]?\s*(?:\[|\.\w+\s*=)|[\"']\]\.\w+\s*\(|\s*[(:])"
"""Behind a name: `= {`, `": dict(`, `["x"] =`, `.x =`, `"].update(`, or the head of a class."""

_SET = r"[\"']?\s*[=:,)\]]"
"""Behind the name of a setting, whether it is assigned or asked for."""

_SAYS = r"[\"']?\]?\s*[=:]\s*(?![{\[(\s])"


def _occurs(name: str, behind: str, text: str) -> bool:
    found = re.finditer(re.escape(name) + behind, text)  # nothing before the name: so it is found by a plain scan
    return any(_NAME.fullmatch(text[max(0, m.start() - 1) : m.start()]) is None for m in found)


@cache
def _clues(folders: Folders) -> _Clues:
    made = knowledge.worked_out(CLUES) if not folders else None
    told = msgspec.json.decode(made) if made is not None else clues(load_dialects(folders).values())
    return _Clues(
        {name: frozenset(map(tuple, rest)) for name, rest in told["calls"].items()},
        {key: frozenset(beside) for key, beside in told["keys"].items()},
        {prefix: frozenset(names) for prefix, names in told["prefixed"].items()},
        {stem: tuple(map(tuple, every)) for stem, every in told["pieces"].items()},
        frozenset(map(tuple, told["nested"])),
    )


def clues(dialects: Iterable[Dialect]) -> Mapping[str, Any]:
    """What `_Clues` is made of, as plain data."""
    read = [d for d in dialects if "python" in d.formats]
    calls: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for module, *rest in (call.lower().split(".") for d in read for call in d.calls):
        calls[module].add(tuple(rest))
    flat = {key for d in read for key in _flat(d)}
    keys = {key for key in flat if key.isidentifier()}
    wild: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for pieces_of_key in sorted({tuple(_pieces(key)) for key in flat - keys if "." not in key}):
        names = [name for piece in pieces_of_key for name in _NAME.findall(piece)]
        wild[stem(max(names, key=len))].append(pieces_of_key)
    prefixed: defaultdict[str, set[str]] = defaultdict(set)
    for key in sorted(keys):
        for found in re.finditer("_(?=.)", key):
            prefixed[key[: found.end()]].add(key[found.end() :])
    return {
        "calls": {name: sorted(rest) for name, rest in calls.items()},
        "keys": {key: _beside(key, read) for key in sorted(keys)},
        "prefixed": {prefix: sorted(names) for prefix, names in prefixed.items()},
        "pieces": wild,
        "nested": sorted(
            {tuple(n for n in key.split(".") if "*" not in n and "[" not in n) for key in flat if "." in key}
        ),
    }


def _beside(key: str, tables: Iterable[Dialect]) -> Sequence[str]:
    """The names of which one must stand beside a key for any table to hold; none if it may hold by itself."""
    own = [d for d in tables if key in _flat(d)]
    told = [{base_key(name).lower() for name in (*d.unique, *d.siblings)} for d in own]
    by_names_alone = all(d.needs_evidence and not (d.manifests or d.paths or d.images) for d in own)
    names = set().union(*told)
    return sorted(names) if by_names_alone and all(map(str.isidentifier, names)) else ()


def _pieces(key: str) -> Iterable[str]:
    """What stands beside the wildcards of a key, with a blank before its beginning and behind its end."""
    return (piece for piece in f" {key} ".split("*") if piece.strip())


def _flat(dialect: Dialect) -> list[str]:
    """The keys of which one must be there, but for arguments of calls, which cannot be there without the call."""
    keys = [base_key(key).lower() for anchor in dialect.anchors for key in dialect.alternatives(anchor)]
    return [key for key in keys if not (dialect.calls and "." in key)]
