"""The knowledge of the package as plain data: the TOML files of a folder, or what a wheel was given of them when it was built.

A wheel holds folders once more as one JSON file each (`tools/compiled.py`, a build hook), which loads some thirty times faster,
and what is worked out of the tables for every run (`worked_out.py`). A checkout and an editable install have neither, and
read the TOML files, so that an edit counts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import msgspec

COMPILED: Final = ("dialects",)
"""The folders that a wheel holds as JSON, too; of the others it holds only what every run needs of them."""

_PACKAGE: Final = Path(__file__).parent
_MADE = _PACKAGE / "compiled"


@cache
def tables(folder: str) -> Mapping[str, dict[str, Any]]:
    """Every table of the folder dialects, facts or rules by the name of its file, sorted; TOMLDecodeError for a broken one."""
    compiled = _PACKAGE / f"{folder}.json"
    if compiled.is_file():
        return dict(msgspec.json.decode(compiled.read_bytes()))
    return parsed(folder_of(folder))


def worked_out(name: str) -> bytes | None:
    """What was worked out under that name when the wheel was built; None outside of one."""
    try:
        return (_MADE / name).read_bytes()
    except OSError:
        return None


class Records(Mapping[str, Any]):
    """The lines of a file by name, each read and decoded when it is first asked for: a run needs few of some hundred."""

    def __init__(self, file: Path, starts: Mapping[str, int], kind: Any) -> None:
        self._file = file
        self._starts = starts
        self._decoder = msgspec.json.Decoder(kind)
        self._decoded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._decoded:
            start = self._starts[name]
            with self._file.open("rb") as file:
                file.seek(start)
                self._decoded[name] = self._decoder.decode(file.readline())
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


_STARTS: Final = ".starts"


def records(name: str, kind: Any = Any) -> Records | None:
    """What was worked out under that name, each record of the type `kind`; None outside of a wheel."""
    starts = worked_out(name + _STARTS)
    return None if starts is None else Records(_MADE / name, msgspec.json.decode(starts), kind)


def as_records(name: str, given: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The files from which `records` reads: names and contents."""
    lines = [msgspec.json.encode(record) + b"\n" for record in given.values()]
    yield name, b"".join(lines)
    yield name + _STARTS, msgspec.json.encode(dict(zip(given, accumulate(map(len, lines), initial=0), strict=False)))


FACTS: Final = "facts-"


@cache
def facts(name: str) -> Mapping[str, Any]:
    """What a file of facts says, by the keys at its top."""
    made = records(FACTS + name)
    return made if made is not None else tables("facts")[name]


def folder_of(name: str) -> Path:
    """Where a folder is: in the package, or (`rules/` of a checkout) beside it."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def toml(text: str) -> dict[str, Any]:
    """What a TOML text says; ValueError or RecursionError if it is none."""
    import tomllib  # takes 3 ms, and a run from a wheel without settings needs none

    return tomllib.loads(text)


def parsed(folder: Path) -> dict[str, dict[str, Any]]:
    """What the TOML files of a folder say."""
    return {
        file.stem: toml(file.read_text("utf-8")) for file in sorted(folder.glob("*.toml"), key=lambda file: file.stem)
    }
