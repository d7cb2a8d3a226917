"""What the programs get from each reader of files: the tables of tests/consumers/ say it for each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtplint.consumer import handed
from smtplint.format import Entry, Literal, Opaque, Reference, Value, Wanted, load, of_path
from smtplint.source import Source
from tests.test_dialects import Folder

CASES = Path(__file__).parent / "consumers"


def _cases() -> Iterator[object]:
    for file in sorted(CASES.glob("*.toml")):
        for case in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['says']}")


@pytest.mark.parametrize("case", list(_cases()))
def test_the_program_gets(case: dict[str, Any]) -> None:
    source = Source(case["path"], case["text"])
    name = of_path(source.path)
    assert name is not None
    entries = handed(source, load(name).read(source, Wanted()), name, Folder(case.get("files", {})))
    found: dict[str, Entry] = {}
    for entry in entries:
        found[f"{'/'.join(entry.scope[:1])}:{entry.path}".removeprefix(":")] = entry
    for path, wanted in case.get("gets", {}).items():
        assert path in found, sorted(found)
        assert _said(found[path].value) == wanted, path
    for path, wanted in case.get("writes", {}).items():
        assert source.at(found[path].span) == wanted, path
    for path, wanted in case.get("editable", {}).items():
        assert found[path].editable == wanted, path
    assert [path for path in case.get("lacks", ()) if path in found] == []


def _said(value: Value) -> object:
    """A literal as it is, `$NAME` or `$NAME=default` for a reference, `?` for what cannot be known."""
    if isinstance(value, Opaque):
        return "?"
    if isinstance(value, Reference):
        default = f"={_said(value.default)}" if value.default is not None else ""
        return f"${value.name}{default}"
    return value.value if isinstance(value, Literal) else value.dotted
