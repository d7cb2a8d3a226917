"""What fixing would change, as a unified diff in which no secret can be read."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Iterator

from smtplint.model import Endpoint
from smtplint.report import hidden
from smtplint.source import Source
from smtplint.terminal import Paint, printable, visible


def unified(before: Source, after: Source, old: Iterable[Endpoint], new: Iterable[Endpoint], paint: Paint) -> str:
    """The diff; `old` and `new` are the endpoints of either text, whose passwords are masked in the context."""
    path = printable(before.path)
    lines = difflib.unified_diff(_lines(hidden(before, old).text), _lines(hidden(after, new).text), path, path)
    return "".join(_coloured(line, paint) for line in lines)


def _lines(text: str) -> list[str]:
    """Cut as `Source` cuts, not at every separator that Unicode knows."""
    return list(io.StringIO(text, newline=""))


def _coloured(line: str, paint: Paint) -> str:
    body = line.rstrip("\r\n")
    shown = "".join(_shown(body))
    end = "\n" if line != body else "\n\\ no line end at the end of the file\n"
    if line.startswith(("---", "+++")):
        return paint.bold(shown) + end
    styles = {"-": lambda text: paint.severity("error", text), "+": paint.good, "@": paint.faint}
    return styles.get(line[:1], str)(shown) + end


def _shown(text: str) -> Iterator[str]:
    return (c if c == "\t" else visible(c) for c in text)
