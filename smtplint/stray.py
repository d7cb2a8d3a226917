"""What stands beside the settings of a group: secrets from elsewhere, settings given twice, keys that are mistyped."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from smtplint import knowledge
from smtplint.format import Entry, Literal, Reference
from smtplint.match import Group
from smtplint.regex import regex
from smtplint.slip import is_slip
from smtplint.table import NEVER, Dialect, Folders, base_key, load_dialects

_SECRET: Final = regex(
    r"(?:smtp|mail|imap|pop3).*(?:pass|pwd|secret|token|key|credential|auth)|existing_?secret|secret_?(?:ref|name|key)|pass\w*_?file",
    re.IGNORECASE,
)
_OF_SECRETS: Final = ("pass", "pwd", "secret", "token", "key", "credential", "auth")  # one stands in all that fits
_PIECES: Final = regex(r"[_.\-]+|(?<=[a-z])(?=[A-Z])")
_NOISE: Final = frozenset({"mail", "email", "smtp", "server"})
_ENCRYPTS: Final = frozenset({"ssl", "tls", "starttls", "secure", "security", "encryption", "encrypt", "encrypted"})
_OF_CERTIFICATES: Final = frozenset(
    {"ca", "cert", "certs", "certificate", "certfile", "keyfile", "key", "verify", "verification", "check", "reject"}
    | {
        "insecure",
        "skip",
        "trust",
        "unauthorized",
        "version",
        "min",
        "protocol",
        "protocols",
        "cipher",
        "ciphers",
        "port",
    }
)
# A slip of a word that is a word of its own: EMAIL_FORM may well be a form.
_WORDS: Final = frozenset({"form", "pot", "sort", "post", "part", "pert", "hose", "hot", "use", "used", "too", "tool"})


def secret_beside(group: Group) -> bool:
    """True if a setting that the table does not know may bring the password: `SMTP_PASSWORD_FILE`, `existingSecret`."""
    known = {(e.path, e.span) for e in group.entries.values()}
    secrets = group.surrounding.grouped(_scope_of_secret).get(group.scope, ())
    start = f"{group.root}." if group.root else ""
    return any(e.path.startswith(start) and (e.path, e.span) not in known for e in secrets)


def _scope_of_secret(entry: Entry) -> Iterator[Hashable]:
    path = entry.path.lower()
    if any(word in path for word in _OF_SECRETS) and _SECRET.search(path) is not None:
        yield entry.scope


def encryption_beside(group: Group) -> bool:
    """True if a setting of its family that this product does not have speaks of encryption: it may be another product."""
    if group.is_call:
        return False
    families = {_family(e.path) for e in group.entries.values()}
    encrypting = group.surrounding.grouped(_family_of_encryption)
    found = (e for family in families for e in encrypting.get((family, group.scope), ()))
    strangers = [e for e in found if not _is_of_product(e, group)]
    if not strangers:
        return False
    slips = {slip.path for slip, _ in mistyped(group)}
    return any(e.path not in slips and e.value != Literal("") for e in strangers)


def _family_of_encryption(entry: Entry) -> Iterator[Hashable]:
    if _is_of_encryption(entry.key[-1]):
        yield _family(entry.path), entry.scope


def _is_of_product(entry: Entry, group: Group) -> bool:
    own = {(e.path, e.span) for e in group.entries.values()}
    return (entry.path, entry.span) in own or _product(group.dialect) in _products(entry.key[-1], group.folders)


def _family(path: str) -> tuple[str, str]:
    """Where a setting stands, and the word that its name begins with where it stands among all others (`SMTP_…`)."""
    parent, _, name = path.rpartition(".")
    return parent, "" if parent else _pieces(name)[0][0]


@cache
def _is_of_encryption(name: str) -> bool:
    words = {word.lower() for word in _pieces(name)[0]}
    return not _ENCRYPTS.isdisjoint(words) and _OF_CERTIFICATES.isdisjoint(words)


def overridden(group: Group) -> Iterator[tuple[Entry, Entry]]:
    """Settings of the group that another one of the same name below them, with another value, makes void."""
    for entry in group.entries.values() if not group.is_call else ():
        *losers, winner = group.surrounding.same(entry)
        for loser in losers:
            if winner.key_span is not None and loser.span != winner.span and _differ(loser, winner):
                yield loser, winner


def _differ(one: Entry, other: Entry) -> bool:
    return isinstance(one.value, Literal | Reference) and isinstance(other.value, Literal) and one.value != other.value


def mistyped(group: Group) -> Iterator[tuple[Entry, str]]:
    """Settings beside the group under a name that no program has, and the one key of the table that was meant."""
    if len(group.entries) < 2 or group.is_call:
        return
    missing = [key for key in group.dialect.keys() if _may_be_meant(group, key)]
    found: dict[int, list[str]] = {}
    seen: dict[int, Entry] = {}
    for key in missing:
        path = group.path(key)
        for entry in _like(path, group):
            name = entry.path.removeprefix(f"{group.root}.") if group.root else entry.path
            meant = _is_meant if not _products(entry.key[-1], group.folders) else _lacks_prefix
            if meant(name, path.removeprefix(f"{group.root}."), group):
                found.setdefault(id(entry), []).append(key)
                seen[id(entry)] = entry
    for number, entry in sorted(seen.items(), key=lambda item: item[1].span):
        if len(found[number]) == 1:
            yield entry, found[number][0].rpartition(".")[2]


def _like(path: str, group: Group) -> Iterable[Entry]:
    """The settings beside the group that could be meant for `path`: all others share no word with it."""
    parent, _, name = path.rpartition(".")
    near = group.surrounding.grouped(_places_and_marks)
    ends = (("name", name[start:]) for start in range(1, len(name)))
    found = (e for mark in (*_marks(name), *ends) for e in near.get((parent, group.scope, *mark), ()))
    return {id(entry): entry for entry in found}.values()


def _places_and_marks(entry: Entry) -> Iterator[Hashable]:
    if entry.key_span is not None:
        parent, _, name = entry.path.rpartition(".")
        yield from ((parent, entry.scope, *mark) for mark in (*_marks(name), ("name", name)))


def _marks(name: str) -> Iterator[tuple[str, str]]:
    """What names have in common of which one may be a slip of the other."""
    words, letters = _pieces(name)
    yield from (("word", word) for word in words)
    yield "letters", letters
    if len(words) == 1:
        yield "single", ""


def _may_be_meant(group: Group, key: str) -> bool:
    """True for a key that is certainly not given, under any of its names, and still read."""
    names = group.dialect.alternatives(key)
    given = any(name in group.entries for name in names) or group.absent(key) is not None
    return not given and not key.startswith(NEVER) and "*" not in key and key not in group.dialect.retired


def _is_meant(name: str, key: str, group: Group) -> bool:
    """True if `name` is the key but for one slip of the finger, of the shift key, or of a separator or word."""
    if name.rpartition(".")[0] != key.rpartition(".")[0]:
        return False
    name, key = name.rpartition(".")[2], key.rpartition(".")[2]
    (typed, typed_letters), (meant, meant_letters) = _pieces(name), _pieces(key)
    if typed_letters == meant_letters:
        # All small letters are more often a variable, or the setting of another program.
        return not (group.dialect.ignores_case or (key.isupper() and name.islower()))
    if len(typed) == len(meant):
        if len(typed) > 1 and typed[0] != meant[0] and typed[1] != meant[1]:
            return False  # the usual case, and the cheapest answer
        wrong = [(t, m) for t, m in zip(typed, meant, strict=True) if t != m]
        return len(wrong) == 1 and _is_mistyped(*wrong[0])
    return _has_noise(name, typed, meant, group)


@lru_cache(maxsize=4096)
def _pieces(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a name, and its letters without regard to capitals and separators."""
    words = tuple(_PIECES.split(name))
    return words, "".join(words).lower()


def _is_mistyped(typed: str, meant: str) -> bool:
    return len(meant) >= 3 and typed.lower() not in _WORDS and is_slip(typed.lower(), meant.lower())


def _has_noise(name: str, typed: tuple[str, ...], meant: tuple[str, ...], group: Group) -> bool:
    """True if one word too many was put in, such as `MAIL`, in a name that begins as only this program's do."""
    owned = any(u.endswith("*") and name.startswith(u[:-1]) for u in group.dialect.unique)
    shorter = (typed[:i] + typed[i + 1 :] for i, piece in enumerate(typed) if piece.lower() in _NOISE)
    return owned and any(pieces == meant for pieces in shorter)


def _lacks_prefix(name: str, key: str, group: Group) -> bool:
    """True if only the word is missing with which all keys of the group begin, as they do not in another place.

    `require_tls` among `smtp_…`: the same product (and no other) has a key of that name elsewhere.
    """
    prefix = key.removesuffix(name)
    names = [k.rpartition(".")[2] for k in group.entries]
    return (
        prefix not in ("", key)
        and len(names) >= 2
        and all(n.startswith(prefix) for n in names)
        and _products(name, group.folders) == {_product(group.dialect)}
    )


def _product(dialect: Dialect) -> str:
    return dialect.title.partition(" ")[0]


def _products(name: str, folders: Folders) -> set[str]:
    """The programs that have a setting whose last key is this one, by the first word of their titles."""
    known = _vocabulary(folders).get(name.lower(), {})
    return {*known.get(name, ()), *known.get("", ())}


VOCABULARY: Final = "vocabulary"
_Owners = dict[str, list[str]]


@cache
def _vocabulary(folders: Folders) -> Mapping[str, _Owners]:
    made = knowledge.records(VOCABULARY, _Owners) if not folders else None
    return made if made is not None else vocabulary(load_dialects(folders).values())


def vocabulary(dialects: Iterable[Dialect]) -> Mapping[str, _Owners]:
    """Who has a last key: by it in small letters, by its spelling, and under no spelling those who do not mind capitals."""
    owners: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for dialect in dialects:
        for name in (*dialect.keys(), *dialect.others, *dialect.siblings, *dialect.unique):
            last = base_key(name).rpartition(".")[2]
            owners[last.lower()][last].add(_product(dialect))
            if dialect.ignores_case:
                owners[last.lower()][""].add(_product(dialect))
    return {name: {key: sorted(who) for key, who in found.items()} for name, found in owners.items()}
