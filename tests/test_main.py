"""How the process of the command line ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smtplint.cli import NAMES, every_command

LEAVES = "import atexit, sys; atexit.register(print, 'end'); {}; from smtplint.__main__ import main; main()"


def test_the_names_are_those_of_the_commands() -> None:
    assert tuple(every_command()) == NAMES


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("argument", "code", "stream"), [("--version", 0, "stdout"), ("--nonsense", 2, "stderr")])
def test_it_leaves_at_once_with_all_that_it_wrote(argument: str, code: int, stream: str) -> None:
    done = run(LEAVES.format("pass"), argument)
    assert done.returncode == code
    assert getattr(done, stream).startswith(("smtplint ", "Usage: "))
    assert "end" not in done.stdout


@pytest.mark.parametrize(
    "watching",
    [
        "sys.setprofile(lambda *_: None)",
        "sys.settrace(lambda *_: None)",
        "import threading, time; threading.Thread(target=time.sleep, args=(1,)).start()",
    ],
)
def test_whoever_watches_is_waited_for(watching: str) -> None:
    done = run(LEAVES.format(watching), "--version")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "end")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("files", [1, 300], ids=["held back to the end", "more than is held back"])
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path, files: int) -> None:
    for number in range(files):
        (tmp_path / f"{number}.env").write_text("EMAIL_HOST=smtp.gmail.com\nEMAIL_PORT=465\nEMAIL_USE_TLS=true\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "smtplint", "."],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "smtplint: standard output: not written: no space left on device\n"
    assert done.returncode == 2
