"""The two streams that people and programs read, and the exit codes: nothing below this module prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from smtplint.terminal import printable

CLEAN, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130

BUG: Final = "this is a bug of smtplint, nothing was written"

COMPLETES: Final = "_SMTPLINT_COMPLETE"
"""The variable that is set when a shell asks for words."""


class ArgumentError(Exception):
    """The caller's mistake, in one line."""


class UnwrittenError(OSError):
    """Standard output takes nothing more."""


def complain(line: str, more: str = "") -> None:
    """One line to standard error, whatever it quotes; `more` follows as it is."""
    sys.stderr.write(f"{printable(line)}\n{more}")


def put(text: str, stream: TextIO | None = None) -> None:
    with _delivery():
        (stream or sys.stdout).write(text)


def flush() -> None:
    """Deliver what is still held back."""
    with _delivery():
        sys.stdout.flush()


@contextmanager
def _delivery() -> Iterator[None]:
    """UnwrittenError for a full disk and the like; a reader that has gone away is nobody's mistake."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwrittenError(*error.args) from error


def put_bytes(data: bytes) -> None:
    """The text itself, and what of standard input was too much to look at: nothing of it may be lost."""
    import shutil

    with _delivery():
        sys.stdout.buffer.write(data)
        shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def write_text(file: Path, text: str, refused: Callable[[Exception], str]) -> None:
    """A file that the caller asked for; ArgumentError, in the words of `refused`, if it cannot be written."""
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise ArgumentError(f"{file}: not written: {refused(error)}") from error
