"""One name, several meanings: the same lines under each product give that product's meaning."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.model import UNKNOWN
from smtplint.source import Source
from tests.spelling import Nowhere

CLASHES = tomllib.loads((Path(__file__).parent / "clashes.toml").read_text("utf-8"))["clash"]


def _cases() -> Iterator[object]:
    for number, clash in enumerate(CLASHES):
        for dialect, means in clash["means"].items():
            path = clash.get("path", ".env")
            yield pytest.param(path, clash["text"], dialect, means, id=f"{number}-{dialect}")


@pytest.mark.parametrize(("path", "text", "dialect", "means"), list(_cases()))
def test_a_product_reads_it_in_its_own_way(path: str, text: str, dialect: str, means: str) -> None:
    settings = Settings(per_file_dialects={"*": dialect})
    found = [e for e in endpoints(Source(path, text), settings, Nowhere()) if e.dialect == dialect]
    assert len(found) == 1
    encryption = found[0].value("encryption")
    assert ("unknown" if encryption is UNKNOWN else encryption) == means
