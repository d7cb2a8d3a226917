"""From a file to a text worth parsing: the sieve over bytes, bounded memory, and what stands around the file."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from smtplint import gitindex
from smtplint.format import of_path
from smtplint.regex import regex
from smtplint.sieve import Sieve, sieve
from smtplint.source import Source, Unreadable, decode
from smtplint.table import Folders
from smtplint.walk import SKIPPED, absolute, reason
from smtplint.wildcard import fits

LIMIT: Final = 10_000_000
"""Bytes of the largest file that is parsed."""

_TOO_LARGE: Final = Unreadable(f"larger than {LIMIT // 1_000_000} MB")

CHUNK: Final = 1 << 20
_OVERLAP: Final = 1024
"""Bytes of the previous chunk that are searched again: more than any name of a setting is long."""

_MANIFEST_LIMIT: Final = 2_000_000

_INDEX_LIMIT: Final = 50_000_000

_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_MARKS: Final = tuple(mark for mark, _ in _WIDE)


def worth_parsing(path: Path | str, shown: str, folders: Folders = ()) -> tuple[Source, bytes] | None:
    """The text and the bytes of a file in which the sieve finds something, else None; `folders`: of own tables.

    Unreadable for what cannot be read, is too large, or is not text: such a file must not look clean.
    """
    try:
        data = _start(path)
        if len(data) > LIMIT:
            with _opened(path) as file:
                _refuse_if_it_passes(file, sieve(of_path(shown), folders))
            return None
    except (OSError, ValueError) as error:
        raise Unreadable(reason(error)) from error
    return text_of(data, shown, folders)


def text_of(data: bytes, shown: str, folders: Folders = ()) -> tuple[Source, bytes] | None:
    """The same for bytes that are here already."""
    narrow = next(_narrow(iter((data,)))) if data.startswith(_MARKS) else data.lower()
    if not sieve(of_path(shown), folders).search(narrow):
        return None
    if len(data) > LIMIT:
        raise _TOO_LARGE
    return decode(shown, data), data


def _start(path: Path | str) -> bytes:
    """A file, or of a large one more than `LIMIT` bytes; without an object for the file, which costs as much as all the rest."""
    handle, size = _handle(path)
    try:
        data = os.read(handle, min(size, LIMIT) + 1)  # room for the largest file costs more than what is read
        if len(data) != size:  # it is too large, or holds something else than the system says, as in /proc
            while len(data) <= LIMIT and (more := os.read(handle, LIMIT + 1 - len(data))):
                data += more
        return data
    finally:
        os.close(handle)


def _opened(path: Path | str) -> FileIO:
    return os.fdopen(_handle(path)[0], "rb", buffering=0)


def _handle(path: Path | str) -> tuple[int, int]:
    """A regular file and its size, even if something else has taken its place since it was listed: a pipe would wait for ever."""
    handle = os.open(path, _FLAGS)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise OSError("not a regular file")
    return handle, found.st_size


_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _refuse_if_it_passes(file: FileIO, wanted: Sieve) -> None:
    tail = b""
    for piece in _narrow(_chunks(file)):
        if wanted.search(tail + piece):
            raise _TOO_LARGE
        tail = piece[-_OVERLAP:]


def _chunks(file: FileIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _narrow(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same in lower case and one byte a letter, so that the sieve finds names in UTF-16 and UTF-32 as well."""
    first = next(chunks)
    wide = next((encoding for mark, encoding in _WIDE if first.startswith(mark)), None)
    decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
    for chunk in chain((first,), chunks):
        yield (decoder.decode(chunk).encode() if decoder else chunk).lower()


def small_text(path: Path, tree: Path) -> str | None:
    """The text of a file which is not out of the tree, nor larger than a manifest can be."""
    try:
        if not path.resolve().is_relative_to(tree):
            return None
        with _opened(path) as file:
            data = file.read(_MANIFEST_LIMIT + 1)
    except (OSError, ValueError, RuntimeError):
        return None
    return None if len(data) > _MANIFEST_LIMIT else data.decode("utf-8", "replace")


class Neighbours(Struct):
    """Files beside a checked file or above it, up to the root of its tree; each read once in a run.

    `reader` takes a path and the tree; an editor has one that knows of unsaved buffers.
    """

    folder: Path
    tree: Path
    read: dict[Path, str | None] = field(default_factory=dict)
    reader: Callable[[Path, Path], str | None] = small_text
    modules_in: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The text of the nearest file of that name; None if there is none, or none that can be read."""
        folder = absolute(self.folder)
        for place in (folder, *folder.parents):
            path = place / name
            if path not in self.read:
                self.read[path] = self.reader(path, self.tree)
            if (text := self.read[path]) is not None:
                return text
            if place.resolve() == self.tree:
                break
        return None

    def at(self, path: str) -> str | None:
        """The text of the file at a path from the folder; None if there is none in the tree, or none that can be read."""
        place = absolute(self.folder / path)
        if place not in self.read:
            self.read[place] = self.reader(place, self.tree)
        return self.read[place]

    def names(self, pattern: str, *, above: bool = False) -> tuple[str, ...]:
        """Paths from the folder: the files of it, and if asked for of the folders above it, that match; nearest first.

        A pattern such as `templates/*.yaml` is about the files of a folder in it.
        """
        folder = absolute(self.folder)
        below, _, pattern = pattern.rpartition("/")
        if below:
            return tuple(f"{below}/{name}" for name in _listed(folder / below) if fits(name, pattern))
        found: list[str] = []
        for number, place in enumerate((folder, *folder.parents) if above else (folder,)):
            found += ["../" * number + name for name in _listed(place) if fits(name, pattern)]
            if place.resolve() == self.tree:
                break
        return tuple(found)

    def modules(self) -> tuple[str, ...]:
        """Paths from the folder: the Python modules in it and below; if there are none, those around the folder above it."""
        folder = absolute(self.folder)
        for number, place in enumerate((folder, *folder.parents)):
            if place not in self.modules_in:
                self.modules_in[place] = _modules(place)
            if found := self.modules_in[place]:
                return tuple("../" * number + path for path in found)
            if place.resolve() == self.tree:
                break
        return ()

    def tracked(self, name: str) -> bool:
        """True if the file of that name in the folder is in the index of the repository around it."""
        folder = absolute(self.folder)
        for place in (folder, *folder.parents):
            if (place / ".git").exists():
                return (folder / name).relative_to(place).as_posix() in _kept(place / ".git")
        return False


@lru_cache(maxsize=8)
def _kept(repository: Path) -> frozenset[str]:
    """The paths that git keeps; none if the repository is elsewhere (a work tree, a submodule) or its index too large."""
    try:
        with _opened(repository / "index") as file:
            index = file.read(_INDEX_LIMIT + 1)
    except (OSError, ValueError):
        return frozenset()
    return frozenset() if len(index) > _INDEX_LIMIT else gitindex.paths(index)


def _listed(folder: Path) -> tuple[str, ...]:
    """The names in a folder, sorted; none if it is closed to us."""
    try:
        return tuple(sorted(path.name for path in folder.iterdir()))
    except OSError:
        return ()


_DEEPEST: Final = 4
_MOST_MODULES: Final = 3000
_TAKES: Final = regex(rb"environ|getenv|\benv\b|\bconfig\(|dotenv_values|BaseSettings|configurations|import \*")
_TESTS: Final = regex(
    r"tests?|test_\w*|\w*_tests?|conftest|migrations|examples?|docs?|setup|build|dist|venv|env|virtualenv"
)


def _modules(folder: Path) -> tuple[str, ...]:
    """Python modules in a folder and a few levels below that take settings from elsewhere, without tests; none if they are
    too many to look through."""
    found: list[str] = []
    looked_at = 0
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        deep = len(inside.parts) >= _DEEPEST
        folders[:] = (
            [] if deep else sorted(f for f in folders if f[0] != "." and f not in SKIPPED and not _TESTS.fullmatch(f))
        )
        modules = [f for f in sorted(files) if f.endswith(".py") and not _TESTS.fullmatch(f[:-3])]
        looked_at += len(modules)
        if looked_at > _MOST_MODULES:
            return ()
        found += [(inside / f).as_posix() for f in modules if _takes(Path(place, f))]
    return tuple(found)


def _takes(path: Path) -> bool:
    try:
        with _opened(path) as file:
            return _TAKES.search(file.read(_MANIFEST_LIMIT)) is not None
    except (OSError, ValueError):
        return False


def forget() -> None:
    """Read the index of repositories again: for a process that lives longer than one run."""
    _kept.cache_clear()
