"""Which files are looked at. Reads nothing but the names, ignore files and links of a tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from smtplint import ignored
from smtplint.config import FILES, Settings
from smtplint.format import of_path

SKIPPED: Final = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".tox", ".nox", "site-packages"})


class Candidate(Struct, frozen=True):
    """A file to look at: where it is, how reports call it, and the folder that nothing is followed out of."""

    place: str
    shown: str
    tree: Path

    @property
    def path(self) -> Path:
        return Path(self.place)  # most files are only read, and a path takes longer to make than to open


class Passed(Struct, frozen=True):
    """A path named on the command line that is not looked at, and why. `missing`: that is a mistake of the caller."""

    shown: str
    reason: str
    missing: bool = False


def files(paths: Sequence[str], settings: Settings) -> Iterator[Candidate | Passed]:
    """What the paths stand for, each real file once, as they are found. A folder is searched, a file is taken."""
    seen: set[str] = set()
    for given in paths:
        for item in _named(given, settings):
            if isinstance(item, Passed):
                yield item
            elif item[0] not in seen:
                seen.add(item[0])
                yield item[1]


_Found = tuple[str, Candidate]
"""Where a file really is, links followed, and the file."""


def _named(given: str, settings: Settings) -> Iterable[_Found | Passed]:
    path = Path(given)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        return [Passed(given, reason(error), missing=True)]
    if stat.S_ISDIR(mode):
        return _Search(path, settings).found()
    if not stat.S_ISREG(mode):
        return [Passed(given, "not a regular file")]
    if of_path(given) is None:
        return [Passed(given, "not a format that smtplint reads")]
    return [(os.path.realpath(path), candidate(path))]


def candidate(path: Path) -> Candidate:
    """A path as a file to look at, whatever its name and whether it is there."""
    return Candidate(str(path), shown(path), tree(absolute(path).parent))


def tree(folder: Path) -> Path:
    """The folder that nothing is looked up outside of: the repository, if there is one."""
    return Path(os.path.realpath(ignored.repository(folder) or folder))


def shown(path: Path) -> str:
    """The path as reports give it: from the current folder on if it lies below, with forward slashes."""
    here, place = Path.cwd(), absolute(path)
    return (place.relative_to(here) if place.is_relative_to(here) else Path(os.path.normpath(path))).as_posix()


def absolute(path: Path) -> Path:
    """From the root on and without `..`, but with its links as they are."""
    return Path(os.path.normpath(path.absolute()))


def reason(error: Exception) -> str:
    """Why the system refused, in the manner of our messages."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def settings_files(path: Path) -> Iterator[Path]:
    """Where settings for `path` may stand, nearest first."""
    start = absolute(path if path.is_dir() else path.parent)
    for folder in (start, *start.parents):
        yield from (folder / name for name in FILES if (folder / name).is_file())


def left_out(path: Path, settings: Settings) -> bool:
    """True for a file that a search of its folder would pass over by the user's settings, or because of where it stands."""
    place = absolute(path)
    if not SKIPPED.isdisjoint(place.parent.parts):
        return True
    excluded = (ignored.of_patterns(settings.folder or place.parent, settings.exclude),)
    ways = [str(folder) for folder in place.parents]
    if ignored.decider(excluded, str(place), is_folder=False) is not None or any(
        ignored.decider(excluded, way, is_folder=True) is not None for way in ways
    ):
        return True
    if settings.ignored_env or of_path(place.name) != "env":
        return False
    by = ignored.decider(ignored.extended(ignored.above(place.parent), place.parent), str(place), is_folder=False)
    return by is not None and by.by_git


class _Search:
    """One folder named on the command line, and everything below it that is to be looked at."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._top = absolute(root)
        self._real = os.path.realpath(root)
        self._real_prefix = self._real.rstrip(os.sep) + os.sep
        self._root_shown = shown(root)
        self._prefix = "" if self._root_shown == "." else self._root_shown.rstrip("/") + "/"
        self._settings = settings
        self._links: list[os.DirEntry[str]] = []
        self._closed: list[Passed] = []
        folder = settings.folder or self._top
        self._excluded = (ignored.of_patterns(folder, settings.exclude),) if settings.exclude else ()

    def found(self) -> Iterator[_Found | Passed]:
        """Files first; then links to files of this tree, which the caller drops where the file itself was found."""
        inside = tree(self._top)
        for path in self._below():  # no link was followed on the way to it
            yield self._real_prefix + self._inside(path), Candidate(path, self._shown(path), inside)
        yield from self._closed
        for link in self._links:
            if (real := self._inner_end(link)) is not None:
                yield real, Candidate(link.path, self._shown(link.path), inside)

    def _shown(self, path: str) -> str:
        """The path below the root as the root is shown: worked out once, for a tree may hold a hundred thousand files."""
        below = self._inside(path)
        return self._prefix + below.replace(os.sep, "/") if below else self._root_shown

    def _inside(self, path: str) -> str:
        return path[len(str(self._top)) :].lstrip(os.sep)

    def _below(self) -> Iterator[str]:
        """Paths of the regular files of interest; iterative, for trees may be deeper than Python's own stack."""
        pending = [(str(self._top), ignored.above(self._top))]
        while pending:
            folder, stack = pending.pop()
            entries = self._listed(folder)
            names = {entry.name for entry in entries}
            if "pyvenv.cfg" in names and folder != str(self._top):
                continue
            stack = ignored.extended(stack, folder, names)
            for entry in entries:
                if entry.is_symlink():
                    if self._is_wanted(entry, stack):
                        self._links.append(entry)
                elif entry.is_dir():
                    if not self._is_skipped(entry, stack):
                        pending.append((entry.path, stack))
                elif entry.is_file() and self._is_wanted(entry, stack):
                    yield entry.path

    def _is_skipped(self, entry: os.DirEntry[str], stack: ignored.Stack) -> bool:
        return (
            entry.name in SKIPPED or ignored.decider((*stack, *self._excluded), entry.path, is_folder=True) is not None
        )

    def _is_wanted(self, entry: os.DirEntry[str], stack: ignored.Stack) -> bool:
        form = of_path(entry.name)
        if form is None or ignored.decider(self._excluded, entry.path, is_folder=False) is not None:
            return False
        by = ignored.decider(stack, entry.path, is_folder=False)
        # The settings that really hold are in the .env that git ignores.
        return by is None or (form == "env" and by.by_git and self._settings.ignored_env)

    def _inner_end(self, link: os.DirEntry[str]) -> str | None:
        """Where a link ends, if that is a file of this tree."""
        try:
            real = Path(link.path).resolve()
            return str(real) if real.is_relative_to(self._real) and real.is_file() else None
        except (OSError, RuntimeError):  # a loop of links
            return None

    def _listed(self, folder: str) -> list[os.DirEntry[str]]:
        """The entries of a folder by name; a folder that has vanished or is closed to us is told of."""
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._closed.append(Passed(self._shown(folder), reason(error)))
            return []
