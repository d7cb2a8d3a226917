"""Which files a tree asks tools to leave alone: `.gitignore`, `.git/info/exclude` and `.ignore`, read by `pathspec`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAMES: Final = frozenset({".git", ".gitignore", ".ignore"})
"""What in a folder says which files are left alone."""

_LIMIT: Final = 1_000_000
"""Bytes of an ignore file: none that people write comes near."""


class Patterns(Struct, frozen=True):
    """One ignore file: its patterns hold below `folder`. `by_git`: they are for git, not for tools in general."""

    folder: str
    spec: GitIgnoreSpec
    by_git: bool

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True: left out; False: taken in again; None: nothing said."""
        top = self.folder.rstrip(os.sep) + os.sep
        if not path.startswith(top):
            return None
        inside = path[len(top) :].replace(os.sep, "/")
        return self.spec.check_file(inside + "/" if is_folder else inside).include


Stack = tuple[Patterns, ...]
"""The ignore files that hold in a folder, weakest first."""


def above(folder: Path) -> Stack:
    """What the folders above `folder` say, down from the root of the repository; nothing if there is no repository.

    Nothing either if they leave `folder` itself out: it was named, so it is searched.
    """
    root = repository(folder)
    stack: Stack = ()
    way_down = [place for place in (folder, *folder.parents) if root is not None and place.is_relative_to(root)][::-1]
    for place, below in pairwise(way_down):
        stack = extended(stack, place)
        if decider(stack, str(below), is_folder=True) is not None:
            return ()
    return stack


def repository(folder: Path) -> Path | None:
    """The nearest folder, this one or above, in which a `.git` stands."""
    return next((f for f in (folder, *folder.parents) if os.path.lexists(f / ".git")), None)


def extended(stack: Stack, place: Path | str, names: AbstractSet[str] = NAMES) -> Stack:
    """The stack for what lies in the folder `place`, whose own ignore files come last. A repository begins anew.

    `names`: what lies there, if it has been listed: most folders have none of the NAMES, and need not be asked.
    """
    if names.isdisjoint(NAMES):
        return stack
    folder = Path(place)
    if ".git" in names and os.path.lexists(folder / ".git"):
        stack = _read(folder, folder / ".git" / "info" / "exclude", by_git=True)
    own = _read(folder, folder / ".gitignore", by_git=True) + _read(folder, folder / ".ignore", by_git=False)
    return stack + own


def of_patterns(folder: Path, lines: Iterable[str]) -> Patterns:
    """Patterns that the user's settings give."""
    return Patterns(str(folder), _spec(lines), by_git=False)


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # only a tree with such files waits for it

    return GitIgnoreSpec.from_lines(lines)


def _read(folder: Path, file: Path, *, by_git: bool) -> Stack:
    try:
        if not file.is_file():
            return ()
        with file.open("rb") as opened:
            text = opened.read(_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return ()
    spec = _spec(line for line in text.splitlines() if _is_pattern(line))
    return (Patterns(str(folder), spec, by_git),) if len(spec) else ()


def _is_pattern(line: str) -> bool:
    """False for what git itself would not match with, so that one broken line does not stop the run."""
    try:
        _spec([line])
    except ValueError:
        return False
    return True


def decider(stack: Stack, path: str, *, is_folder: bool) -> Patterns | None:
    """The ignore file that leaves `path` out: the last that says anything about it decides. None if it is taken."""
    for patterns in reversed(stack):
        verdict = patterns.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return patterns if verdict else None
    return None
