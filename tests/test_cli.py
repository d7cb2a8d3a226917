"""The command line, by cases: each file in `cli/` holds files, arguments, and what comes of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from smtplint import fix
from smtplint.source import Source
from tests.invoke import put, smtplint

ROOT = Path(__file__).parent.parent

CASES = sorted((ROOT / "tests" / "cli").glob("*.toml"))

KEYS = {"summary", "arguments", "stdin", "environment", "files"} | {
    "exit",
    "stdout",  # exactly
    "stderr",  # exactly
    "says",  # parts of standard output
    "silent",  # what standard output must not hold
    "tells",  # parts of standard error
    "after",  # files, and what they hold then
}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    assert set(case) <= KEYS
    assert {"summary", "exit", "arguments"} <= set(case)
    put(tmp_path, case.get("files", {}))
    stdin = case.get("stdin", "").encode()
    result = smtplint(*case["arguments"], folder=tmp_path, stdin=stdin, environment=case.get("environment"))
    assert result.code == case["exit"], result
    for stream in ("stdout", "stderr"):
        if stream in case:
            assert getattr(result, stream) == case[stream]
    assert [part for part in case.get("says", []) if part not in result.stdout] == [], result.stdout
    assert [part for part in case.get("silent", []) if part in result.stdout] == [], result.stdout
    assert [part for part in case.get("tells", []) if part not in result.stderr] == [], result.stderr
    assert {name: (tmp_path / name).read_bytes().decode() for name in case.get("after", {})} == case.get("after", {})


BAD = "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n"


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    put(tmp_path, {f"{i}/.env": BAD for i in range(400)})
    command = f"{sys.executable} -m smtplint --exit-zero | head -n 1"
    run = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.stderr == ""
    assert run.stdout.startswith("error[")


def test_a_terminal_of_another_encoding_is_no_error(tmp_path: Path) -> None:
    put(tmp_path, {".env": BAD.replace("mail", "m\u00e4il")})
    run = subprocess.run(
        [sys.executable, "-m", "smtplint"], cwd=tmp_path, capture_output=True, check=False,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert run.stderr == b""


def test_our_own_bug_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a/.env": BAD, "b/.env": BAD})
    real = fix.mend

    def mend(source: Source, *rest: object, **more: object) -> fix.Mended:
        if source.path.startswith("b"):
            raise RuntimeError("a bug")
        return real(source, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("smtplint.fix.mend", mend)
    result = smtplint("--fix", folder=tmp_path)
    assert result.code == 2
    assert "internal error in b/.env" in result.stderr
    assert "RuntimeError: a bug" in result.stderr
    assert "a/.env:" in result.stdout
    assert (tmp_path / "a/.env").read_text() == BAD


def test_a_fix_that_fails_its_proof_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {".env": BAD})
    monkeypatch.setattr("smtplint.fix._as_promised", lambda *_: False)
    result = smtplint("--fix", folder=tmp_path)
    assert result.code == 1
    assert "skipped .env:3:15: starttls-on-implicit-tls-port: not certain" in result.stderr
    assert "starttls-on-implicit-tls-port" in result.stdout
    assert (tmp_path / ".env").read_text() == BAD


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {".env": BAD})
    real = fix.write

    def write(path: Path, before: bytes, after: bytes) -> None:
        path.write_text("EMAIL_HOST=mine\n")
        real(path, before, after)

    monkeypatch.setattr("smtplint.fix.write", write)
    result = smtplint("--fix", folder=tmp_path)
    assert result.code == 1
    assert result.stderr == "smtplint: .env: not written: changed during the run\n"
    assert (tmp_path / ".env").read_text() == "EMAIL_HOST=mine\n"


def test_standard_input_that_is_too_large_is_passed_on_whole(tmp_path: Path) -> None:
    data = BAD.encode() + b"# \n" * 4_000_000
    result = smtplint("--fix", "--stdin-filename", ".env", "-", folder=tmp_path, stdin=data)
    assert result.stdout.encode() == data
    assert "unreadable-file" in result.stderr
    assert result.code == 1
