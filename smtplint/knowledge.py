"""The knowledge of the package as plain data: the TOML files of a folder, or what a wheel was given of them when it was built.

A wheel holds each folder once more as one JSON file (`tools/compiled.py`, a build hook), which loads some thirty times faster,
and what is worked out of the tables for every run (`worked_out.py`). A checkout and an editable install have neither, and
read the TOML files, so that an edit counts at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDERS: Final = ("dialects", "facts", "rules")

_PACKAGE: Final = Path(__file__).parent


@cache
def tables(folder: str) -> Mapping[str, dict[str, Any]]:
    """Every table of one of the FOLDERS by name (the file name without `.toml`), sorted; TOMLDecodeError if one is broken."""
    compiled = _PACKAGE / f"{folder}.json"
    if compiled.is_file():
        return dict(json.loads(compiled.read_bytes()))
    return parsed(folder_of(folder))


def worked_out(name: str) -> bytes | None:
    """What was worked out under that name when the wheel was built; None outside of one."""
    file = _PACKAGE / "compiled" / name
    try:
        return file.read_bytes()
    except OSError:
        return None


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
