"""Repositories that mean harm: through their settings, their patterns and their size. Nothing hangs, nothing leads outside."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from smtplint import limit
from tests.invoke import put, smtplint

BAD = "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n"
RULE = """
summary = "x"
severity = "error"
message = "x"
why = "x"
references = []
[when]
username = { matches = "^(a+)+$" }
[[example]]
path = ".env"
bad = "EMAIL_HOST=a"
"""
TABLE = 'title = "x"\nsource = "x"\nformats = ["env"]\n[fields]\nhost = "OUR_HOST"\n'


@pytest.mark.parametrize("key", ["rules", "dialects"])
@pytest.mark.parametrize("way", ["../outside", "/", "rules/../../outside", "link"])
def test_settings_that_lead_out_of_the_repository_are_refused(key: str, way: str, tmp_path: Path) -> None:
    settings = f'[tool.smtplint]\n{key} = ["{way}"]\n'
    put(tmp_path, {"outside/a.toml": "secret = 1\n", "tree/pyproject.toml": settings, "tree/.env": BAD})
    (tmp_path / "tree/rules").mkdir()
    (tmp_path / "tree/link").symlink_to(tmp_path / "outside")
    result = smtplint(".", folder=tmp_path / "tree")
    assert result.code == 2
    assert "lies outside of the repository" in result.stderr
    assert "secret" not in result.stderr + result.stdout


def test_a_baseline_outside_is_not_written_over(tmp_path: Path) -> None:
    put(tmp_path, {"mine": "precious\n", "tree/smtplint.toml": 'baseline = "../mine"\n', "tree/.env": BAD})
    assert smtplint("--write-baseline", folder=tmp_path / "tree").code == 2
    assert (tmp_path / "mine").read_text("utf-8") == "precious\n"


def test_what_lies_above_the_settings_in_one_repository_is_inside(tmp_path: Path) -> None:
    settings = 'dialects = ["../tables"]\n'
    put(tmp_path, {".git/HEAD": "", "tables/ours.toml": TABLE, "a/smtplint.toml": settings, "a/.env": BAD})
    assert smtplint("a", folder=tmp_path).code == 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such clock")
def test_a_pattern_that_never_ends_costs_one_file_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "LONGEST", 0.5)
    trap = BAD + f"EMAIL_HOST_USER={'a' * 60}!\n"
    put(tmp_path, {"smtplint.toml": 'rules = ["own"]\n', "own/x.toml": RULE, "a/.env": trap, "b/.env": BAD})
    begin = time.process_time()
    result = smtplint("--output-format", "concise", folder=tmp_path)
    assert time.process_time() - begin < 15
    assert "a/.env:1:1: warning[unreadable-file] not checked: it takes longer than" in result.stdout
    assert "b/.env:2:12: error[starttls-on-implicit-tls-port]" in result.stdout or "b/.env:3:15: error" in result.stdout
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_url_with_any_number_of_items_costs_nothing(tmp_path: Path) -> None:
    items = "&".join(f"a{number}=b" for number in range(100_000))
    put(tmp_path, {".env": f"MAILER_DSN=smtp://mail.example.org:567?{items}\n"})
    begin = time.process_time()
    for arguments in (("--output-format", "concise"), ("--diff",), ("facts", ".")):
        result = smtplint(*arguments, folder=tmp_path)
        assert result.code in (0, 1)
        assert "Traceback" not in result.stderr
    assert time.process_time() - begin < 20
