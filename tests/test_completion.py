"""Completion as the shells ask for it, and the progress bar of long runs."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smtplint import checking
from tests.invoke import put, smtplint


def words(line: str, folder: Path) -> set[str]:
    """What bash is offered behind the last blank of the line."""
    asked = {"_SMTPLINT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = smtplint(folder=folder, environment=asked)
    assert done.code == 0
    return set(done.stdout.splitlines())


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("smtplint e", {"plain,explain", "file,e"}),
        ("smtplint --output-f", {"plain,--output-format", "plain,--output-file"}),
        ("smtplint completion ", {"plain,bash", "plain,zsh", "plain,fish"}),
        ("smtplint dialects n", {"plain,new"}),
        ("smtplint --fail-on w", {"plain,warning"}),
        ("smtplint a.env b", {"file,b"}),
    ],
)
def test_the_words_for_bash(line: str, offered: set[str], tmp_path: Path) -> None:
    assert offered <= words(line, tmp_path)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_of_their_shell(shell: str, tmp_path: Path) -> None:
    done = smtplint("completion", shell, folder=tmp_path)
    assert "_SMTPLINT_COMPLETE" in done.stdout
    if (program := shutil.which(shell)) is not None:
        put(tmp_path, {"script": done.stdout})
        subprocess.run([program, "-n", "script"], cwd=tmp_path, check=True)


def test_another_shell(tmp_path: Path) -> None:
    assert smtplint("completion", "cmd", folder=tmp_path).code == 2


def test_the_bar_is_for_long_runs_at_a_terminal(tmp_path: Path) -> None:
    put(tmp_path, {f"{i}.env": "A=1\n" for i in range(checking.LONG)})
    assert "smtplint" not in smtplint(folder=tmp_path).stderr
    assert f"/{checking.LONG}" in _at_a_terminal(tmp_path)
    assert "/" not in _at_a_terminal(tmp_path, "-q")
    (tmp_path / "0.env").unlink()
    assert "/" not in _at_a_terminal(tmp_path)


def _at_a_terminal(folder: Path, *arguments: str) -> str:
    """What a run writes to a terminal on standard error."""
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "smtplint", *arguments, str(folder)]
    done = subprocess.run(
        command, cwd=Path(__file__).parent.parent, stderr=theirs, stdout=subprocess.PIPE, text=True, check=False
    )
    os.close(theirs)
    assert "/" not in done.stdout
    try:
        return os.read(mine, 1 << 16).decode()
    except OSError:  # nothing was written
        return ""
    finally:
        os.close(mine)
