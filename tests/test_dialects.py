"""Every dialect table is sound, and reads the small files of tests/dialects/ as its product does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.dialect import load_dialects
from smtplint.formats.python.resolve import outermost
from smtplint.model import FIELDS, UNKNOWN
from smtplint.source import Source
from smtplint.table import Dialect, TableError, read_tables

CASES = Path(__file__).parent / "dialects"
DIALECTS = load_dialects()


@dataclass(frozen=True)
class Folder:
    """Surroundings that are written down in the case."""

    files: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        return self.files.get(name)

    def at(self, path: str) -> str | None:
        return self.files.get(path)

    def names(self, pattern: str, *, above: bool = False) -> tuple[str, ...]:
        if "/" in pattern:
            return tuple(path for path in sorted(self.files) if fnmatchcase(path, pattern))
        named = [path for path in sorted(self.files) if fnmatchcase(path.rpartition("/")[2], pattern)]
        return tuple(p for p in named if "/" not in p.replace("../", "") and (above or "../" not in p))

    def modules(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self.files) if path.endswith(".py"))

    def tracked(self, name: str) -> bool:
        return False


def _cases() -> Iterator[object]:
    for file in sorted(CASES.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(file.read_text("utf-8")).get("case", [])):
            yield pytest.param(file.stem, case, id=f"{file.stem}-{number}")


@pytest.mark.parametrize(("dialect", "case"), list(_cases()))
def test_a_file_is_read_as_the_product_reads_it(dialect: str, case: dict[str, Any]) -> None:
    around = Folder(case.get("files", {}))
    found = endpoints(Source(case["path"], case["text"]), Settings(), around)
    if case.get("silent"):
        assert not found
        return
    wanted = [e for e in found if dialect in e.dialect.split(" | ")] if not case.get("any") else list(found)
    assert len(wanted) == 1, [e.dialect for e in found]
    for name in FIELDS:
        if name in case:
            expected = UNKNOWN if case[name] == "unknown" else case[name]
            assert wanted[0].value(name) == expected, name


def test_a_row_whose_key_the_product_has_no_name_for_is_no_ability() -> None:
    text = "OVERLEAF_EMAIL_SMTP_HOST=smtp.example.com\n"  # nodemailer could insist on STARTTLS, Overleaf cannot say so
    found = endpoints(Source(".env", text), Settings(), Folder())
    assert [e.notes["starttls"] for e in found] == ["no"]


@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=lambda d: d.name)
def test_a_table_names_its_source(dialect: Dialect) -> None:
    assert len(dialect.source) > 8
    assert dialect.formats
    assert dialect.fields


@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=lambda d: d.name)
def test_evidence_is_there_where_it_is_needed(dialect: Dialect) -> None:
    told = (dialect.unique, dialect.images, dialect.paths, dialect.siblings, dialect.manifests, dialect.pins)
    assert not dialect.needs_evidence or any(told)


@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=lambda d: d.name)
def test_rows_test_only_what_files_can_say(dialect: Dialect) -> None:
    for name, rows in dialect.rows.items():
        for row in rows[:-1]:
            assert row.tests, f"a row of {name} hides the rows after it"


@pytest.mark.parametrize("dialect", [d for d in DIALECTS.values() if d.calls], ids=lambda d: d.name)
def test_each_call_that_a_table_asks_for_has_arguments_there(dialect: Dialect) -> None:
    wanted = {dotted for other in DIALECTS.values() for dotted in other.calls}
    heads = {head for key in dialect.keys() for head in accumulate(key.split(".")[:-1], "{}.{}".format)}
    plain = any("." not in key for key in dialect.keys())
    for dotted in dialect.calls:
        module = outermost(dotted, wanted).rpartition(".")[0]
        assert plain or any(f".{module}".endswith(f".{head}") for head in heads), dotted


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('colour = "red"', "colour"),
        ('[fields]\nprot = "X"', "prot"),
        ('formats = ["xml"]', "xml"),
        ('[[encryption]]\nmeans = "tls"', "tls"),
        ('[[encryption]]\nmeans = "none"\nkeys = { A = { above = 1 } }', "above"),
        ('extends = "nobody"', "nobody"),
    ],
)
def test_a_mistake_in_a_table_is_named(change: str, complaint: str) -> None:
    with pytest.raises(TableError, match=rf"dialects/mine\.toml: .*{complaint}"):
        read_tables({"mine": f'title = "t"\nsource = "s"\n{change}\n'})
