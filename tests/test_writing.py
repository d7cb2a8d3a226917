"""Writing a mended file: whatever happens in the middle, the file is the old one or the new one, and the other's change stays."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smtplint import fix
from tests.invoke import put, smtplint

OLD, NEW = b"PORT=465\n" * 500, b"PORT=587\n" * 500
STEPS = ("tempfile.mkstemp", "os.fdopen", "os.fsync", "shutil.copystat", "os.chown", "pathlib.Path.read_bytes", "os.utime",
         "pathlib.Path.replace")  # fmt: skip
"""Every call of `fix.write` that touches the disk, in order."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_bytes(OLD)
    return path


def _left(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT], ids=errno.errorcode.get)
def test_a_disk_that_fails_at_any_step(step: str, code: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(step, fails)
    with pytest.raises(OSError, match=re_of(code)):
        fix.write(file, OLD, NEW)
    monkeypatch.undo()
    assert (file.read_bytes(), _left(file)) == (OLD, [".env"])


def re_of(code: int) -> str:
    return os.strerror(code).replace("(", r"\(")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_any_step(step: str, after: bool, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends at once, so that nothing is cleaned up."""
    child = os.fork()
    if not child:
        monkeypatch.setattr(step, _cutting(_at(step), after))
        fix.write(file, OLD, NEW)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert file.read_bytes() == (NEW if (step, after) == ("pathlib.Path.replace", True) else OLD)
    assert [name for name in _left(file) if name != ".env" and not name.endswith(".smtplint")] == []


def _at(step: str) -> Callable[..., object]:
    module, _, name = step.rpartition(".")
    owner: object = Path if module == "pathlib.Path" else sys.modules[module]
    found: Callable[..., object] = getattr(owner, name)
    return found


def _cutting(real: Callable[..., object], after: bool) -> Callable[..., object]:
    def cut(*arguments: object, **named: object) -> None:
        if after:
            real(*arguments, **named)
        os._exit(7)

    return cut


@pytest.mark.parametrize("step", STEPS[:-2])
def test_what_another_wrote_meanwhile_is_kept(step: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = _at(step)

    def writes_first(*arguments: object, **named: object) -> object:
        if step != "pathlib.Path.read_bytes" or arguments[0] == file.resolve():
            with open(file, "r+b", buffering=0) as other:  # noqa: PTH123 - Path.open would call what is replaced
                other.write(b"MINE")
        return real(*arguments, **named)

    monkeypatch.setattr(step, writes_first)
    if step == "os.fdopen":
        monkeypatch.setattr("builtins.open", open)
    with pytest.raises(fix.Changed):
        fix.write(file, OLD, NEW)
    monkeypatch.undo()
    assert (file.read_bytes()[:4], _left(file)) == (b"MINE", [".env"])


def test_mode_times_and_links_stay(file: Path) -> None:
    file.chmod(0o640)
    link = file.parent / "linked.env"
    link.symlink_to(".env")
    fix.write(link, OLD, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_extended_attributes_stay(file: Path) -> None:
    try:
        os.setxattr(file, "user.note", b"kept")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")
    fix.write(file, OLD, NEW)
    assert os.getxattr(file, "user.note") == b"kept"


def test_a_file_with_other_names_is_left_alone(file: Path) -> None:
    other = file.parent / "other.env"
    os.link(file, other)
    with pytest.raises(OSError, match="other names"):
        fix.write(file, OLD, NEW)
    assert (file.read_bytes(), other.read_bytes()) == (OLD, OLD)


BAD = "EMAIL_HOST = 'mail.example.org'\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n"


def test_two_processes_at_once(tmp_path: Path) -> None:
    put(tmp_path, {f"{n}/settings.py": BAD for n in range(40)})
    command = [sys.executable, "-m", "smtplint", "--fix", "--quiet", "."]
    running = [subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate()[1] for process in running]
    assert {process.returncode for process in running} <= {0, 1}, told
    mended = (tmp_path / "0/settings.py").read_text("utf-8")
    assert mended != BAD
    assert {p.read_text("utf-8") for p in tmp_path.rglob("*") if p.is_file()} == {mended}


def test_an_interrupt_in_the_middle(tmp_path: Path) -> None:
    put(tmp_path, {f"{n:03}/settings.py": BAD for n in range(150)})
    process = subprocess.Popen(
        [sys.executable, "-m", "smtplint", "--fix", "."], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    until = time.monotonic() + 60
    while (tmp_path / "000/settings.py").read_text("utf-8") == BAD and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    texts = {p.read_text("utf-8") for p in tmp_path.rglob("settings.py")}
    assert texts <= {BAD, (tmp_path / "000/settings.py").read_text("utf-8")}
    assert b"Traceback" not in said
    assert [p for p in tmp_path.rglob("*") if p.suffix == ".smtplint"] == []
    assert smtplint("--fix", ".", folder=tmp_path).code in (0, 1)
