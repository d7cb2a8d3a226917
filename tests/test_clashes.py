"""One name, several meanings: the same lines under each product give that product's meaning."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.model import UNKNOWN, Endpoint
from smtplint.source import Source
from tests.spelling import Nowhere

TABLES = tomllib.loads((Path(__file__).parent / "clashes.toml").read_text("utf-8"))
CLASHES = TABLES["clash"]


def _cases() -> Iterator[object]:
    for number, clash in enumerate(CLASHES):
        for dialect, means in clash["means"].items():
            path = clash.get("path", ".env")
            yield pytest.param(path, clash["text"], dialect, means, id=f"{number}-{dialect}")


def _read(path: str, text: str, dialect: str) -> Endpoint:
    settings = Settings(per_file_dialects={"*": dialect})
    (found,) = [e for e in endpoints(Source(path, text), settings, Nowhere()) if e.dialect == dialect]
    return found


def _shown(value: object) -> object:
    return "unknown" if value is UNKNOWN else value


@pytest.mark.parametrize(("path", "text", "dialect", "means"), list(_cases()))
def test_a_product_reads_it_in_its_own_way(path: str, text: str, dialect: str, means: str) -> None:
    assert _shown(_read(path, text, dialect).value("encryption")) == means


URLS = [
    pytest.param(row["url"], dialect, means, id=f"{row['url']}-{dialect}")
    for row in TABLES["url"]
    for dialect, means in row["means"].items()
]


@pytest.mark.parametrize(("url", "dialect", "means"), URLS)
def test_a_url_means_what_the_product_makes_of_it(url: str, dialect: str, means: list[object]) -> None:
    found = _read(".env", f"{TABLES['keys'][dialect]}={url}\n", dialect)
    assert [_shown(found.value("encryption")), _shown(found.value("port"))] == means


POLARITY = [pytest.param(*keys, row["verifies"], id=keys[2]) for row in TABLES["polarity"] for keys in row["keys"]]


@pytest.mark.parametrize(("dialect", "host", "key", "verifies"), POLARITY)
def test_the_same_word_checks_in_one_product_and_not_in_the_next(
    dialect: str, host: str, key: str, verifies: bool
) -> None:
    for word, on in (("true", True), ("false", False)):
        text = f"{host}=mail.example.net\n{key}={word}\n"
        wanted = "verified" if on is verifies else "unverified"
        assert _read(".env", text, dialect).value("verification") == wanted, word


BOOLEANS = [
    pytest.param(row, word, on, id=f"{row['dialect']}-{word}")
    for row in TABLES["booleans"]
    for on in (True, False)
    for word in row["on" if on else "off"]
]


@pytest.mark.parametrize(("row", "word", "on"), BOOLEANS)
def test_what_counts_as_true(row: dict[str, str], word: str, on: bool) -> None:
    field = row.get("field", "encryption")
    yes = {"encryption": "implicit", "verification": "verified"}[field]
    value = _read(".env", row["text"].format(word=word), row["dialect"]).value(field)
    assert (value == yes) is on
