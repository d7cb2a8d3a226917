"""What the tables say of single settings is found in every format, and the fix cures it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.dialect import load_dialects
from smtplint.finding import Finding
from smtplint.fix import mend
from smtplint.source import Source
from smtplint.table import NEVER, Dialect
from tests.spelling import Nowhere, field_key, file_name, render

PUBLIC = "mail.kaffeehaus.org"


def _cases(table: str) -> Iterator[object]:
    for dialect in load_dialects().values():
        for format_name in dialect.formats:
            if getattr(dialect, table) and (format_name in ("env", "yaml") or not dialect.calls):
                yield pytest.param(dialect, format_name, id=f"{dialect.name}-{format_name}")


def _found(rule: str, dialect: Dialect, format_name: str, key: str, value: str) -> tuple[Source, list[Finding]] | None:
    """The text with the host and this setting, and what the rule says; None if it cannot be written or is not used."""
    host = field_key(dialect, "host", format_name)
    if key.startswith(NEVER) or ":" in key or host is None or host == key:
        return None
    text = render(dialect, format_name, {host: PUBLIC, key: value})
    settings = Settings(select=frozenset({rule}), per_file_dialects={"*": dialect.name})
    if text is None:
        return None
    source = Source(file_name(format_name), text)
    used = [e for e in endpoints(source, settings, Nowhere()) if e.dialect == dialect.name and "off" not in e.notes]
    return (source, list(check(source, settings, Nowhere()))) if len(used) == 1 else None


@pytest.mark.parametrize(("dialect", "format_name"), list(_cases("accepts")))
def test_a_slip_of_a_word_is_found_and_cured(dialect: Dialect, format_name: str) -> None:
    settings = Settings(select=frozenset({"unrecognised-value"}), per_file_dialects={"*": dialect.name})
    for key, words in dialect.accepts.items():
        spelled = dialect.alternatives(key)[0]
        for wrong in words.meant if format_name in ("env", "yaml") else ():
            found = _found("unrecognised-value", dialect, format_name, spelled, wrong)
            if found is None:
                continue
            source, findings = found
            named = [f.setting.entry.key[-1] for f in findings if f.setting]
            assert len(named) == 1, source.text
            assert fnmatchcase(named[0], spelled.rpartition(".")[2]), source.text
            mended = mend(source, findings, settings, Nowhere(), unsafe=True)
            assert not mended.failed, source.text
            fixable = dialect.rewrite and findings[0].fix is not None
            assert not fixable or not check(mended.source, settings, Nowhere()), mended.source.text


@pytest.mark.parametrize(("dialect", "format_name"), list(_cases("accepts")))
def test_a_word_that_is_taken_is_no_finding(dialect: Dialect, format_name: str) -> None:
    for key, words in dialect.accepts.items():
        for word in words.words:
            found = _found("unrecognised-value", dialect, format_name, dialect.alternatives(key)[0], word)
            assert found is None or not found[1], word


@pytest.mark.parametrize(("dialect", "format_name"), list(_cases("retired")))
def test_a_retired_name_is_found(dialect: Dialect, format_name: str) -> None:
    for key in dialect.retired:
        found = _found("retired-setting", dialect, format_name, key, "1")
        assert found is None or key.rpartition(".")[2] in [f.setting.entry.key[-1] for f in found[1] if f.setting]


def test_the_laws_speak_of_many_tables() -> None:
    tables = [d for d in load_dialects().values() if any(words.meant for words in d.accepts.values())]
    met = sum(
        _found("unrecognised-value", d, d.formats[0], d.alternatives(k)[0], next(iter(w.meant))) is not None
        for d in tables
        for k, w in d.accepts.items()
        if w.meant
    )
    assert met >= 20
