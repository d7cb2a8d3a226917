"""Fixes of formatted programs leave them formatted, and their imports sorted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.fix import mend
from smtplint.formats.python import laid_out
from smtplint.rule import load_rules
from smtplint.source import Edit, Source, Span, apply
from tests.spelling import Nowhere
from tests.wire.programs import programs


def _ruff(*arguments: str | Path) -> str:
    """What ruff says; nothing if it is content."""
    command = [sys.executable, "-m", "ruff", *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr if run.returncode else ""


def _texts() -> list[str]:
    rules = [e.bad for r in load_rules().values() for e in r.examples if e.bad is not None and e.path.endswith(".py")]
    return [*(text for _, text in programs()), *rules]


def _mended(path: str, text: str) -> str:
    source, settings = Source(path, text), Settings()
    mended = mend(source, check(source, settings, Nowhere()), settings, Nowhere(), unsafe=True)
    assert not mended.failed
    return mended.source.text


def test_fixed_programs_stay_formatted(tmp_path: Path) -> None:
    for number, text in enumerate(_texts()):
        (tmp_path / f"settings_{number}.py").write_text(text, encoding="utf-8")
    _ruff("check", "--isolated", "--select", "I", "--fix", "-q", tmp_path)
    _ruff("format", "--isolated", "-q", tmp_path)
    changed = 0
    for file in tmp_path.iterdir():
        if file.suffix == ".py":
            before = file.read_text("utf-8")
            after = _mended(file.name, before)
            file.write_text(after, encoding="utf-8")
            changed += after != before
    assert changed > 60
    assert _ruff("format", "--isolated", "--diff", tmp_path) == ""
    assert _ruff("check", "--isolated", "--select", "I", "--diff", tmp_path) == ""


def test_another_class_comes_from_the_module_that_the_first_came_from() -> None:
    text = (
        'from imap_tools.mailbox import MailBoxStartTls\n\nbox = MailBoxStartTls("mail.example.org", 993, timeout=9)\n'
    )
    after = _mended("box.py", text)
    assert "from imap_tools.mailbox import MailBox\n" in after
    assert "MailBoxStartTls" not in after


_LONG = "a" * 60

BROKEN = [
    (f'long_function("{_LONG}", 1)\n', ', b="123456"', f'long_function(\n    "{_LONG}", 1, b="123456"\n)\n'),
    (f'f("{_LONG}", 1)\n', ", b=1", f'f("{_LONG}", 1, b=1)\n'),
    (f'f("{_LONG}", 1)  # note\n', ', b="123456789012345678"', f'f("{_LONG}", 1, b="123456789012345678")  # note\n'),
]


@pytest.mark.parametrize(("before", "added", "after"), BROKEN)
def test_lines_that_become_too_long_are_broken(before: str, added: str, after: str) -> None:
    place = before.index(" 1") + 2
    edits = laid_out(Source("x.py", before), (Edit(Span(place, place), added),))
    assert apply(before, edits) == after


def test_lines_that_were_too_long_before_are_left_alone() -> None:
    before = f'f("{"a" * 130}", 1)\n'
    edit = Edit(Span(len(before) - 2, len(before) - 2), ", b=2")
    assert laid_out(Source("x.py", before), (edit,)) == (edit,)
