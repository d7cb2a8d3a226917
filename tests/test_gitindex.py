"""The index of git, read as git writes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from smtplint import gitindex, reading
from smtplint.check import check
from smtplint.config import Settings
from smtplint.reading import Neighbours
from smtplint.source import Source


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_what_git_keeps_is_known(tmp_path: Path, version: str) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet")
    for name in (".env", "config/.env.production", "config/settings.py", "other.env", "x" * 70):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A=1\n")
    git("add", ".env", "config", "x" * 70)
    git("add", "--intent-to-add", "other.env")  # an entry with more flags
    git("rm", "--quiet", "--cached", "other.env")
    git("update-index", "--index-version", version)
    assert gitindex.paths((tmp_path / ".git/index").read_bytes()) == {
        ".env", "config/.env.production", "config/settings.py", "x" * 70,
    }  # fmt: skip
    around = Neighbours(tmp_path / "config", tmp_path)
    assert around.tracked("settings.py")
    assert not around.tracked("other.env")
    assert not Neighbours(tmp_path, tmp_path).tracked("other.env")


@pytest.mark.parametrize("data", [b"", b"DIRC", b"DIRC" + b"\0\0\0\x02" + b"\0\0\0\x09" + b"x" * 80, b"PACK" * 9])
def test_what_is_no_index_says_nothing(data: bytes) -> None:
    assert gitindex.paths(data) == frozenset()


def test_a_password_in_an_env_file_is_told_of_only_if_git_keeps_it(tmp_path: Path) -> None:
    text = "SMTP_HOST=smtp.ionos.com\nSMTP_USER=orders@kaffeehaus.org\nSMTP_PASSWORD=Melange-2023!\n"
    (tmp_path / ".env").write_text(text)
    settings = Settings(select=frozenset({"password-in-source"}))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for kept in (False, True):
        if kept:
            subprocess.run(["git", "add", ".env"], cwd=tmp_path, check=True)
            reading._kept.cache_clear()
        found = check(Source(".env", text), settings, Neighbours(tmp_path, tmp_path))
        assert [f.rule for f in found] == ["password-in-source"] * kept
        assert not any("Melange" in f.message for f in found)
