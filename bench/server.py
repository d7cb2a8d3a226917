"""How fast the language server answers: percentiles from a change to its diagnostics, and memory over many changes.

    python -m bench.server [--changes 200] [--memory 10000]

Not part of the tests: the numbers belong to the machine. The goals: 95 % within 100 ms for a file of 1,000 lines, within
20 ms for a .env, and memory that does not grow.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.texts import LINES, MAIL, text
from tests.editor import Editor


def waits(editor: Editor, uri: str, changes: int) -> Iterator[float]:
    """Milliseconds from each change to the diagnostics of its version."""
    whole = editor.texts[uri]
    for number in range(changes):
        begin = time.perf_counter()
        editor.change(uri, f"{whole}# {number}\n")
        editor.diagnostics(uri)
        yield (time.perf_counter() - begin) * 1000


def percentiles(found: Sequence[float]) -> str:
    cuts = statistics.quantiles(found, n=100)
    return "  ".join(f"{p} %: {cuts[p - 1]:7.1f} ms" for p in (50, 90, 95, 99))


def memory() -> int:
    """Kilobytes of the server, our only child."""
    run = subprocess.run(["ps", "-o", "rss=,args=", "-A"], capture_output=True, text=True, check=True)
    return max(int(line.split()[0]) for line in run.stdout.splitlines() if "smtplint server" in line)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--memory", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Editor(Path(folder).resolve()) as editor:
        for name, lines in ((".env", 30), *((name, LINES) for name in MAIL)):
            uri = editor.open(Path(folder).resolve() / name, text(name, lines))
            editor.diagnostics(uri)
            found = list(waits(editor, uri, given.changes))
            sys.stdout.write(f"{name:13} {lines:5} lines  {percentiles(found)}\n")
            editor.close(uri)
        uri = editor.open(Path(folder).resolve() / ".env", text(".env", 30))
        for part in range(11):
            sys.stdout.write(f"after {part * given.memory // 10:6} changes  {memory():8} kB\n")
            if part < 10:
                list(waits(editor, uri, given.memory // 10))
        editor.close(uri)


if __name__ == "__main__":
    main()
