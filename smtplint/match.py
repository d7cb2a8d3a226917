"""Which entries of a file match the keys of which dialects, and which of them belong together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import ANY, Entry, Opaque, Value
from smtplint.regex import regex
from smtplint.sieve import stem
from smtplint.table import Dialect, Folders, base_key
from smtplint.wildcard import fits

_CHOICE = regex(r"(?:if|elif|else|past|match|case)@")
_BRANCH = regex(r"(?:if|elif|else|try|except|finally|for|while|match|case)@")


class Key(Struct, frozen=True):
    """A key of a dialect, ready to be found at the end of a path; its `*` stand for characters without a dot."""

    dialect: Dialect
    spelling: str
    fragment: str

    def match(self, path: str) -> tuple[str, tuple[str, ...]] | None:
        """Root and captured texts, if the path ends in this key."""
        if "*" in self.spelling:
            found = _pattern(self.spelling, self.dialect.ignores_case).search(path)
            return (path[: found.start()], found.groups()) if found else None
        root = path[: len(path) - len(self.spelling)]
        tail = path[len(root) :]
        same = tail.lower() == self.spelling.lower() if self.dialect.ignores_case else tail == self.spelling
        return (root, ()) if same and (not root or root.endswith(".")) else None


@cache
def _pattern(spelling: str, fold: bool) -> re.Pattern[str]:
    """Compiled when it is first needed: most runs meet few of the thousands of keys."""
    body = r"([^.]*)".join(re.escape(piece) for piece in spelling.split("*"))
    return re.compile(rf"(?:^|(?<=\.)){body}$", re.IGNORECASE if fold else 0)


def _key(dialect: Dialect, spelling: str) -> Key:
    return Key(dialect, spelling, max(spelling.lower().split("*"), key=len))


Keys = list[tuple[str, ...]]


class Spellings(Struct, frozen=True):
    """The keys of many tables, by the names of these, arranged so that most paths are answered by one look-up."""

    by_tail: Mapping[str, Keys]  # by the last name of a key in small letters: table, key
    wild: Mapping[
        str, Keys
    ]  # if a `*` is there, by what many have in common: the longest piece without one, table, key


def spellings(dialects: Iterable[Dialect]) -> Spellings:
    by_tail: dict[str, Keys] = defaultdict(list)
    wild: dict[str, Keys] = defaultdict(list)
    for dialect in dialects:
        for spelling in dialect.keys():
            tail = spelling.rpartition(".")[2].lower()
            if "*" in tail:
                piece = max(tail.split("*"), key=len)
                wild[stem(piece)].append((piece, dialect.name, spelling))
            else:
                by_tail[tail].append((dialect.name, spelling))
    return Spellings(by_tail, wild)


class Index:
    """Finds the keys that a path ends in."""

    def __init__(self, spelled: Spellings, dialects: Mapping[str, Dialect]) -> None:
        self._spelled = spelled
        self._dialects = dialects
        # The last names of a file's settings repeat, and most of them are no key at all.
        self._candidates = lru_cache(maxsize=16384)(self._with_tail)

    def _with_tail(self, tail: str) -> tuple[Key, ...]:
        """The keys that may end in that name."""
        near = (
            pair for part, keys in self._spelled.wild.items() if part in tail for piece, *pair in keys if piece in tail
        )
        return tuple(_key(self._dialects[name], key) for name, key in (*self._spelled.by_tail.get(tail, ()), *near))

    def matches(self, path: str) -> Iterator[tuple[Key, str, tuple[str, ...]]]:
        lowered = path.lower()
        for key in self._candidates(lowered.rpartition(".")[2]):
            if key.fragment in lowered and (found := key.match(path)):
                yield key, found[0].removesuffix("."), found[1]


class Group(Struct, frozen=True):
    """The settings of one endpoint as one dialect spells them: same root, same captures, one scope."""

    dialect: Dialect
    root: str
    captures: tuple[str, ...]
    scope: tuple[str, ...]
    entries: Mapping[str, Entry]
    surrounding: Surrounding
    folders: Folders = ()  # of the user's own dialects, which name settings as well

    def path(self, key: str) -> str:
        """The full path of a key in this group, its `*` filled in."""
        captures = iter(self.captures)
        spelled = re.sub(r"\*", lambda _: next(captures, ""), key) if "*" in key else key
        return f"{self.root}.{spelled}" if self.root else spelled

    def absent(self, key: str) -> Value | None:
        """What is known of a key without an entry: None if it is certainly not given, else Opaque."""
        path = self.path(base_key(key))
        return Opaque() if self.surrounding.may_hold(path, self.scope, fold=self.dialect.ignores_case) else None

    @property
    def is_call(self) -> bool:
        """True if the settings are the arguments of a call in code."""
        named = any(key.endswith(".call") for key in self.entries)
        return named or self.surrounding.at(f"{self.root}.call", self.scope) is not None

    @property
    def first(self) -> Entry:
        return min(self.entries.values(), key=lambda entry: (entry.foreign, entry.span))


_LAST = "\U0010ffff"
"""Sorts behind every text with the same beginning."""


_Place = tuple[str, tuple[str, ...]]
Marks = Callable[[Entry], Iterable[Hashable]]


class Surrounding:
    """What the rest of the file says about a group: other settings, open ends, other branches."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_path: dict[str, list[Entry]] = defaultdict(list)
        self._by_scope: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        # A file may open a thousand sessions with the same settings: no look-up goes through those of all.
        self._at: dict[_Place, list[Entry]] = defaultdict(list)  # by path and scope
        self._seen: dict[_Place, list[Entry]] = defaultdict(list)  # by path and trunk
        self._folded: dict[_Place, list[Entry]] = defaultdict(list)  # the same without regard to capitals
        self.branches = any(_BRANCH.match(element) for entry in entries for element in entry.scope)
        self._open: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for entry in entries:
            if entry.key[-1] in (ANY, f"{ANY}()"):
                self._open[_trunk(entry.scope)].add(entry.path)
            else:
                path, trunk = entry.path, _trunk(entry.scope)
                self._by_path[path].append(entry)
                self._at[path, entry.scope].append(entry)
                self._seen[path, trunk].append(entry)
                self._folded[path.lower(), trunk].append(entry)
                if entry.key[-1].endswith("()"):
                    self._by_scope[entry.scope].append(entry)
        self._paths = sorted(self._by_path)
        self._place = {id(entry): number for number, entry in enumerate(entries)}
        self._grouped: dict[Marks, Mapping[Hashable, Sequence[Entry]]] = {}

    def steps(self, module: str, scope: tuple[str, ...]) -> list[Entry]:
        """The method calls on the session of one call, `module.login()` and the like."""
        return [e for e in self._by_scope.get(scope, ()) if e.key[-1].endswith("()") and ".".join(e.key[:-1]) == module]

    def _together(self, path: str, scope: tuple[str, ...], fold: bool) -> Sequence[Entry]:
        """The settings at that path that some run of the program sees together with `scope`."""
        trunk = _trunk(scope)
        return self._folded.get((path.lower(), trunk), ()) if fold else self._seen.get((path, trunk), ())

    def at(self, path: str, scope: tuple[str, ...], *, fold: bool = False) -> Entry | None:
        """The setting at that path that a program run in `scope` sees; `fold`: capitals do not matter."""
        seen = [e for e in self._together(path, scope, fold) if e.scope == scope[: len(e.scope)]]
        return max(seen, key=lambda e: (len(e.scope), e.span)) if seen else None

    def under(self, root: str, scope: tuple[str, ...]) -> list[Entry]:
        """Every setting below `root`, at any depth, that stands in exactly this scope."""
        start = f"{root}." if root else ""
        paths = self._paths[bisect_left(self._paths, start) : bisect_left(self._paths, f"{start}{_LAST}")]
        found = (e for path in paths for e in self._at.get((path, scope), ()) if not e.key[-1].endswith("()"))
        return sorted(found, key=lambda e: self._place[id(e)])

    def grouped(self, marks: Marks) -> Mapping[Hashable, Sequence[Entry]]:
        """The settings by each of the marks that they bear, worked out once for all groups of the file."""
        if marks not in self._grouped:
            found: defaultdict[Hashable, list[Entry]] = defaultdict(list)
            for entry in (e for entries in self._by_path.values() for e in entries if not e.key[-1].endswith("()")):
                for mark in marks(entry):
                    found[mark].append(entry)
            self._grouped[marks] = found
        return self._grouped[marks]

    def same(self, entry: Entry) -> list[Entry]:
        """The settings of that path in the same scope, the entry itself among them, in order of position."""
        return sorted(self._at.get((entry.path, entry.scope), ()), key=lambda e: e.span)

    def all_at(self, path: str, scope: tuple[str, ...]) -> list[Entry]:
        """Every setting at that path that a program run in `scope` sees."""
        return [e for e in self._together(path, scope, fold=False) if e.scope == scope[: len(e.scope)]]

    def elsewhere(self, path: str, scope: tuple[str, ...], *, fold: bool = False) -> bool:
        """True if another branch (or one inside this scope) also sets the path, so that its value here is not settled."""
        entries = self._together(path, scope, fold)
        inside = any(len(e.scope) > len(scope) and e.scope[: len(scope)] == scope for e in entries)
        settled = any(e.scope == scope for e in entries)
        return inside or (not settled and any(e.scope != scope[: len(e.scope)] for e in entries))

    def _is_argument(self, path: str, scope: tuple[str, ...]) -> bool:
        """True for an argument of a step that is taken here: further steps, wherever they are, give it none."""
        step = path[: path.rindex("()") + 2]
        return step != path and self.at(step, scope) is not None

    def _is_unknown_whole(self, path: str, scope: tuple[str, ...], fold: bool) -> bool:
        """True if something not known stands there, and no part of it: it may have any."""
        found = self._together(path, scope, fold)
        return any(isinstance(e.value, Opaque) and not self.under(path, e.scope) for e in found)

    def may_hold(self, path: str, scope: tuple[str, ...], *, fold: bool = False) -> bool:
        """True if the text leaves open whether the path is set: a wildcard above it, or another branch that sets it."""
        if self.branches and self.elsewhere(path, scope, fold=fold):
            return True
        if any(self._is_unknown_whole(above, scope, fold) for above in _above(path)):
            return True
        step = "()" in path and not self._is_argument(path, scope)
        for wildcard in self._open.get(_trunk(scope), ()):
            stem, is_step = wildcard.removesuffix("()").removesuffix(ANY), wildcard.endswith("()")
            if path.startswith(stem) and (step or not is_step):
                return True
        return False


def _above(path: str) -> Iterator[str]:
    """The paths of which the path is a part; a step of a session has arguments rather than parts."""
    return (path[: dot.start()] for dot in re.finditer(r"(?<!\(\))\.", path))


@cache
def _trunk(scope: tuple[str, ...]) -> tuple[str, ...]:
    """The scope up to its first branch: what one program run may see together."""
    for i, element in enumerate(scope):
        if _BRANCH.match(element):
            return scope[:i]
    return scope


def choices(found: Iterable[Group]) -> Iterator[Group]:
    """The calls of which a run of the program makes one: in branches side by side, or in a helper that returns either."""
    arms: dict[tuple[str, tuple[str, ...]], dict[str, list[Group]]] = defaultdict(lambda: defaultdict(list))
    for group in found:
        place = _arm(group.scope) if group.is_call else None
        if place is not None:
            arms[group.dialect.protocol, group.scope[:place]][group.scope[place]].append(group)
    for rivals in arms.values():
        if len(rivals) > 1:
            yield from (group for arm in rivals.values() for group in arm)


def _arm(scope: tuple[str, ...]) -> int | None:
    """Which element of the scope is the innermost branch; after the call of a helper, each session is one of its own."""
    last = len(scope) - 1
    if last > 0 and scope[last - 1].startswith(("call@", "given@")):
        return last
    return next((i for i in range(last, -1, -1) if _CHOICE.match(scope[i])), None)


def is_one_of(key: str, patterns: Sequence[str]) -> bool:
    return any(key == p or fits(key, p) for p in patterns)  # `[0]` in a key is no set of characters


def is_anchor(key: str, dialect: Dialect) -> bool:
    """True for a key of which one must be there for the dialect to hold."""
    return is_one_of(key, dialect.anchors)


def groups(entries: Sequence[Entry], index: Index, folders: Folders = ()) -> list[Group]:
    """Every group of entries that some dialect may claim, whether or not it turns out to hold."""
    found: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], tuple[Dialect, dict[str, Entry]]] = {}
    matched: dict[str, list[tuple[Key, str, tuple[str, ...]]]] = {}
    for entry in entries:
        path = entry.path
        if path not in matched:
            matched[path] = list(index.matches(path))
        for key, root, captures in matched[path]:
            folded = tuple(c.lower() for c in captures) if key.dialect.ignores_case else captures
            where = (key.dialect.name, root, folded, entry.scope)
            found.setdefault(where, (key.dialect, {}))[1][key.spelling] = entry
    anchored = {dialect.name for dialect, own in found.values() if any(is_anchor(key, dialect) for key in own)}
    if not anchored:  # as in most files: a port and a host alone are nobody's mail
        return []
    surrounding = Surrounding(entries)
    result = [
        Group(dialect, root, captures, scope, own, surrounding, folders)
        for (name, root, captures, scope), (dialect, own) in found.items()
        if name in anchored
    ]
    return [_inherited(group) for group in result] if surrounding.branches else result


def _inherited(group: Group) -> Group:
    """The group as its scope sees it: with what the enclosing scopes set, and unknown where a branch may differ."""
    seen: dict[str, Entry] = {}
    fold = group.dialect.ignores_case
    for key in group.dialect.keys():
        path = group.path(key) if key not in group.entries else group.entries[key].path
        entry = group.surrounding.at(path, group.scope, fold=fold)
        if entry is not None and not group.surrounding.elsewhere(path, group.scope, fold=fold):
            seen[key] = entry
        elif entry is not None:
            seen[key] = Entry(entry.key, Opaque(), entry.span, entry.key_span, None, entry.scope)
    return replace(group, entries=seen)
