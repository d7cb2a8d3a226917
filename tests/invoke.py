"""The command line, called as a user would call it but in this process."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from smtplint.cli import main


@dataclass(frozen=True)
class Result:
    code: int
    stdout: str
    stderr: str


def smtplint(*arguments: str, folder: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Result:
    """Run in `folder`; nothing of the caller's environment decides about colours."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    given = io.TextIOWrapper(io.BytesIO(stdin))
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch("sys.stdin", given),
        mock.patch.dict(os.environ, clean | dict(environment or {}), clear=True),
    ):
        code = _left_with(arguments)
    return Result(code, _text(out), _text(err))


def _left_with(arguments: tuple[str, ...]) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    code = left.value.code
    assert isinstance(code, int)
    return code


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def put(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, with the folders that they stand in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
