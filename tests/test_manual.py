"""The pages about dialects: every table can be read by a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplint import manual
from smtplint.dialect import load_dialects
from smtplint.table import NEVER, Dialect
from tests.invoke import smtplint

DIALECTS = load_dialects()


@pytest.mark.parametrize("dialect", list(DIALECTS.values()), ids=lambda d: d.name)
def test_a_page_names_every_key_and_the_source(dialect: Dialect) -> None:
    page = manual.explain(dialect)
    for keys in dialect.fields.values():
        for key in (k for name in keys for k in dialect.alternatives(name) if not k.startswith(NEVER)):
            assert key.partition(":")[0] in page
    assert dialect.source.split()[0] in page
    assert NEVER not in page


def test_the_list_has_a_line_for_each(tmp_path: Path) -> None:
    result = smtplint("dialects", folder=tmp_path)
    assert result.code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == sorted(DIALECTS)


def test_a_dialect_is_explained(tmp_path: Path) -> None:
    result = smtplint("explain", "vaultwarden", folder=tmp_path)
    assert result.code == 0
    assert "implicit: SMTP_SECURITY is force_tls" in result.stdout
